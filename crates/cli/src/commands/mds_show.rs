//! `keyvet mds show AAGUID`: what the metadata says about one model.
//!
//! Takes an AAGUID with or without dashes, or the key identifier of a U2F attestation certificate (40
//! hexadecimal digits), which several models may share.

use crate::{
    args::MdsShowArgs,
    commands::{Outcome, verify_result},
    context::Context,
    document::{Document, findings, mds_show as document},
    error::CliError,
    exit::Exit,
    time_text,
    trust::{self, Metadata},
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};
use keyvet_mds::{Catalogue, Entry, StatusReport};
use keyvet_x509::Certificate;
use time::OffsetDateTime;

/// Looks one model up.
///
/// # Errors
/// When there is no metadata, the identifier is none, or the model is not listed.
pub fn run(args: &MdsShowArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.trust.signer.at.as_deref())?;
    let id = Id::parse(&args.id)?;
    let metadata = trust::required(trust::metadata(&args.trust, at, context)?)?;
    let entries = id.look_up(&metadata.catalogue);
    if entries.is_empty() {
        let no = metadata.catalogue.no;
        let what = format_args!("{} is not in metadata no {no}", Printable(&args.id));
        return Err(CliError::new(&NOT_LISTED, what, Exit::Undecided));
    }
    let entries = entries.into_iter().map(|entry| self::entry(entry, at)).collect();
    Ok(Outcome::ok(Document::MdsShow(Box::new(assemble(&args.id, entries, &metadata, at)))))
}

fn assemble(
    id: &str,
    entries: Vec<document::Entry>,
    metadata: &Metadata,
    at: OffsetDateTime,
) -> document::MdsShowDocument {
    let stale: Vec<Finding> = metadata.catalogue.staleness(at).into_iter().collect();
    document::MdsShowDocument {
        schema: document::SCHEMA,
        exit: Exit::Ok.code(),
        at: time_text::show(at),
        id: id.to_owned(),
        metadata: verify_result::metadata_used(metadata, at),
        entries,
        findings: findings(&stale),
    }
}

/// What a model is asked for by.
enum Id {
    Aaguid(Aaguid),
    Key([u8; 20]),
}

impl Id {
    fn parse(text: &str) -> Result<Self, CliError> {
        let key =
            || HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok().map(Self::Key);
        text.parse()
            .ok()
            .map(Self::Aaguid)
            .or_else(key)
            .ok_or_else(|| CliError::usage(&BAD_ID, format_args!("{} is neither", Printable(text))))
    }

    fn look_up<'c>(&self, catalogue: &'c Catalogue) -> Vec<&'c Entry> {
        match self {
            Self::Aaguid(aaguid) => catalogue.by_aaguid(aaguid).into_iter().collect(),
            Self::Key(key) => catalogue.by_key_identifier(key),
        }
    }
}

fn entry(entry: &Entry, at: OffsetDateTime) -> document::Entry {
    let info = entry.get_info.clone().unwrap_or_default();
    document::Entry {
        aaguid: entry.aaguid.map(|aaguid| aaguid.to_string()),
        aaid: entry.aaid.clone(),
        key_identifiers: entry.key_identifiers.iter().map(|key| HEXLOWER.encode(key)).collect(),
        description: entry.description.clone(),
        protocol_family: entry.protocol_family.as_str().to_owned(),
        authenticator_version: entry.authenticator_version,
        status: verify_result::status(entry, at),
        status_reports: entry.status_reports.iter().map(report).collect(),
        time_of_last_status_change: entry.time_of_last_status_change.clone(),
        attestation_types: entry.attestation_types.clone(),
        user_verification: entry.user_verification.clone(),
        key_protection: entry.key_protection.clone(),
        attachment_hint: entry.attachment_hint.clone(),
        versions: info.versions,
        extensions: info.extensions,
        transports: info.transports,
        anchors: entry.anchors.iter().filter_map(|der| anchor(der)).collect(),
        defects: findings(&entry.defects),
    }
}

fn report(report: &StatusReport) -> document::StatusReport {
    document::StatusReport {
        status: report.status.clone(),
        effective_date: report.effective_date.clone(),
        authenticator_version: report.authenticator_version,
        certificate_number: report.certificate_number.clone(),
        url: report.url.clone(),
    }
}

/// An anchor as shown; one that cannot be parsed is among the entry's defects.
fn anchor(der: &[u8]) -> Option<crate::document::verify::Certificate> {
    let certificate = Certificate::parse(der).ok()?;
    Some(crate::document::verify::Certificate {
        subject: certificate.subject_text(),
        issuer: certificate.issuer_text(),
        not_before: time_text::show(certificate.not_before()),
        not_after: time_text::show(certificate.not_after()),
        sha256: HEXLOWER.encode(&certificate.sha256()),
    })
}

/// The identifier is of no known sort.
pub(crate) static BAD_ID: Kind = Kind {
    id: "cli.bad-model-id",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A model is named by its AAGUID (32 hexadecimal digits, with or without dashes), or by the key \
              identifier of its attestation certificate (40 digits).",
    next_step: "Copy the AAGUID from the output of `keyvet verify` or from the maker's page.",
    source: "WebAuthn L3 §6.5.1; RFC 5280 §4.2.1.2",
};

/// The metadata does not list the model.
pub(crate) static NOT_LISTED: Kind = Kind {
    id: "cli.model-not-listed",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The FIDO metadata has no entry for this model: the maker has not published one, or the metadata \
              is older than the model.",
    next_step: "Run `keyvet mds fetch` for the current metadata; if the model is still missing, ask its maker.",
    source: "MDS 3.0 §3.1.1",
};
