//! Which metadata a command judges by: a BLOB named on the command line, or the imported one.

use crate::{
    args::{SignerArgs, TrustArgs},
    cache,
    context::Context,
    error::CliError,
    exit::Exit,
    input::{MAX_BLOB_BYTES, MAX_CRL_BYTES, MAX_PEM_BYTES, shown},
};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_mds::{BlobReport, Catalogue, Source, Trust, decode_cache, verify_blob};
use keyvet_x509::{Anchor, Certificate, read_pem};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// Verified metadata and where it came from.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) catalogue: Catalogue,
    pub(crate) report: BlobReport,
    pub(crate) source: Source,
    /// The file named, or `cache`.
    pub(crate) origin: String,
}

/// The metadata that `args` name: that of `--mds`, else the imported one, else none.
///
/// # Errors
/// Exit class 12 when it is there and cannot be trusted; 2 for an unusable root or revocation list.
pub(crate) fn metadata(
    args: &TrustArgs,
    at: OffsetDateTime,
    context: &Context,
) -> Result<Option<Metadata>, CliError> {
    match &args.mds {
        Some(path) => {
            let trust = trust(&args.signer, at, context)?;
            verified(&blob(path, context)?, shown(path), &trust).map(Some)
        }
        None => imported(&args.signer),
    }
}

/// The content of the file given with `--mds`; a file that cannot be read is missing trust data.
pub(crate) fn blob(path: &Path, context: &Context) -> Result<Vec<u8>, CliError> {
    context.inputs.read(path, MAX_BLOB_BYTES).map_err(|error| error.with_exit(Exit::TrustData))
}

/// `bytes` verified under `trust`.
pub(crate) fn verified(bytes: &[u8], origin: String, trust: &Trust) -> Result<Metadata, CliError> {
    let refused = |error| CliError::about(&origin, &error, Exit::TrustData);
    let (catalogue, report) = verify_blob(bytes, trust).map_err(refused)?;
    let source = Source::of(catalogue.no, bytes).map_err(refused)?;
    Ok(Metadata { catalogue, report, source, origin })
}

/// The imported metadata, when there is any.
pub(crate) fn imported(signer: &SignerArgs) -> Result<Option<Metadata>, CliError> {
    if !signer.mds_root.is_empty() || !signer.crl.is_empty() || signer.mds_host.is_some() {
        let what = "--mds-root, --mds-host and --crl judge a BLOB, and none is given with --mds";
        return Err(CliError::usage(&SIGNER_WITHOUT_BLOB, what));
    }
    // without a cache folder nothing was imported
    let Ok(path) = cache::path() else { return Ok(None) };
    let Some(bytes) = cache::load(&path)? else { return Ok(None) };
    let cached = decode_cache(&bytes)
        .map_err(|error| CliError::about(shown(&path), &error, Exit::TrustData))?;
    let (catalogue, report, source) = (cached.catalogue, cached.report, cached.source);
    Ok(Some(Metadata { catalogue, report, source, origin: String::from("cache") }))
}

/// The imported metadata, or the error that says how to get some.
pub(crate) fn required(found: Option<Metadata>) -> Result<Metadata, CliError> {
    found.ok_or_else(|| {
        let what = "no metadata was imported, and none is given with --mds";
        CliError::new(&NO_METADATA, what, Exit::TrustData)
    })
}

/// Roots, host, time and revocation lists as given, or the built-in ones.
pub(crate) fn trust(
    args: &SignerArgs,
    at: OffsetDateTime,
    context: &Context,
) -> Result<Trust, CliError> {
    let mut trust = if args.mds_root.is_empty() {
        Trust::fido(at)
    } else {
        Trust::with_roots(anchors(&args.mds_root, context)?, at)
    };
    trust.host.clone_from(&args.mds_host);
    let lists = args.crl.iter().map(|path| context.inputs.read(path, MAX_CRL_BYTES));
    trust.crls = lists.collect::<Result<_, _>>()?;
    Ok(trust)
}

/// Every certificate in `files` as an anchor that bears its file's name.
pub(crate) fn anchors(files: &[PathBuf], context: &Context) -> Result<Vec<Anchor>, CliError> {
    let mut anchors = Vec::new();
    for path in files {
        let name = shown(path);
        let found = certificates(&context.inputs.read(path, MAX_PEM_BYTES)?, &name)?;
        anchors
            .extend(found.iter().map(|certificate| Anchor::from_certificate(certificate, &name)));
    }
    Ok(anchors)
}

/// The certificates of a PEM file, or the one of a DER file.
fn certificates(bytes: &[u8], name: &str) -> Result<Vec<Certificate>, CliError> {
    if bytes.first() == Some(&DER_SEQUENCE) {
        let parsed = Certificate::parse(bytes);
        return match parsed {
            Ok(certificate) => Ok(vec![certificate]),
            Err(error) => Err(CliError::about(name, &error, Exit::Usage)),
        };
    }
    read_pem(bytes).map_err(|error| CliError::about(name, &error, Exit::Usage))
}

/// First byte of every DER certificate; PEM never begins with it, but for a leading `0` in free text.
const DER_SEQUENCE: u8 = 0x30;

/// There is no metadata.
pub(crate) static NO_METADATA: Kind = Kind {
    id: "cli.no-metadata",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "There is no FIDO metadata to judge by: no model is known, and no certificate can lead to its \
              maker.",
    next_step: "Run `keyvet mds fetch`; without a network, `keyvet mds import FILE` with a BLOB downloaded \
                elsewhere, or give --mds FILE.",
    source: "keyvet",
};

/// Options about a BLOB without a BLOB.
pub(crate) static SIGNER_WITHOUT_BLOB: Kind = Kind {
    id: "cli.signer-without-blob",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "Roots, host name and revocation lists say whom to believe about a signed BLOB. The imported \
              metadata was verified when it was imported.",
    next_step: "Give the BLOB with --mds FILE, or import it under these roots with `keyvet mds import`.",
    source: "keyvet",
};
