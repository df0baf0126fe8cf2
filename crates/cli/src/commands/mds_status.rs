//! `keyvet mds status`: which metadata is in use, who signed it, how old it is, and what is in it.
//!
//! When signature or chain does not hold, what the file *says* is still shown, with `invalid` at the one that
//! fails, the reason, and exit class 12.

use crate::{
    args::MdsStatusArgs,
    commands::Outcome,
    context::Context,
    document::{
        Document, Severity, findings,
        mds_status::{ByProtocol, ChainCertificate, Check, MdsStatusDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    input::shown,
    time_text,
    trust::{self, Metadata},
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use keyvet_mds::{
    Catalogue, ChainLink, ProtocolFamily, Revocation, Trust, danger_read_unsigned_payload,
    examine_blob,
};
use time::OffsetDateTime;

/// Describes the metadata that the arguments name.
///
/// # Errors
/// When a root or revocation list cannot be used. Metadata that cannot be trusted is an outcome.
pub fn run(args: &MdsStatusArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.trust.signer.at.as_deref())?;
    let mut document = match &args.trust.mds {
        Some(path) => {
            let trust = trust::trust(&args.trust.signer, at, context)?;
            let origin = shown(path);
            match trust::blob(path, context) {
                Err(error) => refused(&origin, at, &error, None),
                Ok(blob) => match trust::verified(&blob, origin.clone(), &trust) {
                    Ok(metadata) => document(&metadata, at),
                    Err(error) => {
                        examined(&blob, &trust, refused(&origin, at, &error, Some(&blob)))
                    }
                },
            }
        }
        None => match trust::imported(&args.trust.signer).and_then(trust::required) {
            Ok(metadata) => document(&metadata, at),
            Err(error) if error.exit() == Exit::TrustData => refused("cache", at, &error, None),
            Err(error) => return Err(error),
        },
    };
    let exit = exit(&document, args.strict);
    document.exit = exit.code();
    Ok(Outcome { document: Document::MdsStatus(Box::new(document)), exit })
}

fn exit(document: &MdsStatusDocument, strict: bool) -> Exit {
    match (&document.error, document.stale) {
        (Some(_), _) => Exit::TrustData,
        (None, Some(true)) if strict => Exit::TrustData,
        _ => Exit::Ok,
    }
}

/// Everything that is known about verified metadata.
pub(crate) fn document(metadata: &Metadata, at: OffsetDateTime) -> MdsStatusDocument {
    let report = &metadata.report;
    let mut document = MdsStatusDocument {
        signature: Check::Valid,
        chain: Check::Valid,
        algorithm: Some(report.algorithm.clone()),
        certificates: report.chain.iter().map(certificate).collect(),
        root: Some(report.root.clone()),
        host: report.host.clone(),
        revocation: Some(revocation(report.revocation)),
        verified_at: Some(time_text::show(report.checked_at)),
        sha256: Some(HEXLOWER.encode(&metadata.source.file_sha256)),
        findings: findings(&report.findings),
        ..blank(&metadata.origin, at)
    };
    describe(&mut document, &metadata.catalogue, at);
    document
}

/// What is known of metadata that must not be used: what its payload says, if that can be read at all.
fn refused(
    origin: &str,
    at: OffsetDateTime,
    error: &CliError,
    blob: Option<&[u8]>,
) -> MdsStatusDocument {
    let check = if blob.is_some() { Check::Invalid } else { Check::Missing };
    let error = Some(error.finding().into());
    let mut document =
        MdsStatusDocument { signature: check, chain: check, error, ..blank(origin, at) };
    if let Some((catalogue, noticed)) = blob.and_then(payload) {
        document.findings = findings(&noticed);
        describe(&mut document, &catalogue, at);
    }
    document
}

/// Adds which of signature and chain it is that fails.
fn examined(blob: &[u8], trust: &Trust, mut document: MdsStatusDocument) -> MdsStatusDocument {
    if let Ok(examination) = examine_blob(blob, trust) {
        let check = |holds: bool| if holds { Check::Valid } else { Check::Invalid };
        document.signature = check(examination.signature.is_ok());
        document.chain = check(examination.chain.is_ok());
        document.certificates = examination.certificates.iter().map(certificate).collect();
        document.algorithm = Some(examination.algorithm);
    }
    document
}

/// The payload of a BLOB nobody vouches for.
fn payload(blob: &[u8]) -> Option<(Catalogue, Vec<keyvet_finding::Finding>)> {
    let part = blob.split(|byte| *byte == b'.').nth(1)?;
    let json = BASE64URL_NOPAD.decode(part).ok()?;
    danger_read_unsigned_payload(&json).ok()
}

fn describe(document: &mut MdsStatusDocument, catalogue: &Catalogue, at: OffsetDateTime) {
    let staleness = catalogue.staleness(at);
    document.no = Some(catalogue.no);
    document.next_update = Some(catalogue.next_update.to_string());
    document.stale = Some(staleness.is_some());
    document.entries = Some(catalogue.len());
    document.kept = Some(catalogue.len());
    document.with_defects = Some(catalogue.entries().filter(|entry| entry.has_defects()).count());
    document.by_protocol = Some(by_protocol(catalogue));
    document.findings.extend(staleness.iter().map(Into::into));
    document.findings.sort_by_key(|finding| std::cmp::Reverse::<Severity>(finding.severity));
}

fn by_protocol(catalogue: &Catalogue) -> ByProtocol {
    let mut counts = ByProtocol::default();
    for entry in catalogue.entries() {
        let count = match entry.protocol_family.as_str() {
            ProtocolFamily::FIDO2 => &mut counts.fido2,
            ProtocolFamily::U2F => &mut counts.u2f,
            ProtocolFamily::UAF => &mut counts.uaf,
            _ => &mut counts.other,
        };
        *count = count.saturating_add(1);
    }
    counts
}

fn blank(origin: &str, at: OffsetDateTime) -> MdsStatusDocument {
    MdsStatusDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        source: origin.to_owned(),
        at: time_text::show(at),
        no: None,
        next_update: None,
        stale: None,
        entries: None,
        kept: None,
        with_defects: None,
        by_protocol: None,
        signature: Check::Missing,
        chain: Check::Missing,
        algorithm: None,
        certificates: Vec::new(),
        root: None,
        host: None,
        revocation: None,
        verified_at: None,
        sha256: None,
        findings: Vec::new(),
        error: None,
    }
}

fn certificate(link: &ChainLink) -> ChainCertificate {
    ChainCertificate {
        subject: link.subject.clone(),
        issuer: link.issuer.clone(),
        serial: link.serial.clone(),
        not_before: time_text::show(link.not_before),
        not_after: time_text::show(link.not_after),
        sha256: HEXLOWER.encode(&link.sha256),
    }
}

fn revocation(state: Revocation) -> &'static str {
    match state {
        Revocation::Checked => "checked",
        Revocation::PartlyChecked => "partly-checked",
        _ => "not-checked",
    }
}
