//! `keyvet mds import FILE` and `keyvet mds fetch`: verify a BLOB and keep it for later commands.
//!
//! A BLOB with a smaller number than the one kept, or with the same number and other content, is
//! refused (exit class 12): an old BLOB hides revocations. `--danger-allow-rollback` overrules that.

use crate::{
    args::{MdsImportArgs, SignerArgs},
    cache,
    commands::{Outcome, mds_status},
    context::Context,
    document::{
        Document, Finding,
        mds_import::{ImportOutcome, MdsImportDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    input::{MAX_BLOB_BYTES, shown},
    trust::{self, Metadata},
};
use keyvet_finding::Finding as Alarm;
use keyvet_mds::{Change, MdsError, Source, decode_cache, encode_cache};
use std::path::Path;
use time::OffsetDateTime;

/// Imports a file.
///
/// # Errors
/// When it cannot be read, verified or stored, or would be a step back.
pub fn run(args: &MdsImportArgs, context: &Context) -> Result<Outcome, CliError> {
    let blob = context.inputs.read(&args.file, MAX_BLOB_BYTES)?;
    let origin = shown(&args.file);
    keep(&blob, origin, &args.signer, args.replace.danger_allow_rollback, context)
}

/// Downloads the BLOB and imports it.
///
/// # Errors
/// As [`run`], and exit class 13 for the network.
#[cfg(feature = "fetch")]
pub fn fetch(args: &crate::args::MdsFetchArgs, context: &Context) -> Result<Outcome, CliError> {
    let download = crate::fetch::Download {
        progress: context.shows_progress(),
        danger_http_loopback: args.danger_http_loopback,
    };
    let blob = download.get(&args.url)?;
    let origin = keyvet_finding::Printable(&args.url).to_string();
    keep(&blob, origin, &args.signer, args.replace.danger_allow_rollback, context)
}

fn keep(
    blob: &[u8],
    origin: String,
    signer: &SignerArgs,
    danger_allow_rollback: bool,
    context: &Context,
) -> Result<Outcome, CliError> {
    let at = context.at(signer.at.as_deref())?;
    let path = cache::path()?;
    let metadata = trust::verified(blob, origin, &trust::trust(signer, at, context)?)?;
    let known = known(&path)?;
    let (outcome, alarm) = judge(&metadata, known.as_ref(), danger_allow_rollback)?;
    store(&path, &metadata)?;
    let document = document(&metadata, at, outcome, known.as_ref(), &path, alarm.as_ref());
    Ok(Outcome::ok(Document::MdsImport(Box::new(document))))
}

/// What is stored now; a damaged cache, or one of another version, counts as none.
fn known(path: &Path) -> Result<Option<Source>, CliError> {
    let stored = cache::load(path)?;
    Ok(stored.and_then(|bytes| decode_cache(&bytes).ok()).map(|cached| cached.source))
}

/// Whether `metadata` may replace `known`; the alarm when it may only because that was demanded.
fn judge(
    metadata: &Metadata,
    known: Option<&Source>,
    danger_allow_rollback: bool,
) -> Result<(ImportOutcome, Option<Alarm>), CliError> {
    let refuse = |error: CliError| {
        if danger_allow_rollback {
            Ok((ImportOutcome::RolledBack, Some(error.finding().clone())))
        } else {
            Err(error)
        }
    };
    match metadata.source.compare(known) {
        Ok(Change::First) => Ok((ImportOutcome::Stored, None)),
        Ok(Change::Unchanged) => Ok((ImportOutcome::Unchanged, None)),
        Ok(Change::SameNumberOtherContent(alarm)) => {
            refuse(CliError::new(alarm.kind(), alarm.detail(), Exit::TrustData))
        }
        Ok(_) => Ok((ImportOutcome::Updated, None)),
        Err(error) => refuse(CliError::about(&metadata.origin, &error, Exit::TrustData)),
    }
}

fn store(path: &Path, metadata: &Metadata) -> Result<(), CliError> {
    let Metadata { catalogue, report, source, .. } = metadata;
    let bytes = encode_cache(catalogue, report, source);
    let failed = |error: MdsError| CliError::about(shown(path), &error, Exit::Internal);
    cache::store(path, &bytes.map_err(failed)?)
}

fn document(
    metadata: &Metadata,
    at: OffsetDateTime,
    outcome: ImportOutcome,
    known: Option<&Source>,
    path: &Path,
    alarm: Option<&Alarm>,
) -> MdsImportDocument {
    let mut status = mds_status::document(metadata, at);
    status.findings.splice(0..0, alarm.map(Finding::from));
    MdsImportDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        outcome,
        previous_no: known.map(|known| known.no),
        stored: shown(path),
        status,
    }
}
