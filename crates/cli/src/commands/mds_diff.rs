//! `keyvet mds diff OLD NEW`: what changed between two BLOBs.
//!
//! Both signatures are checked. An archived BLOB whose signer has expired is judged as of the end of the
//! signer's life, and a note says so; with `--at`, both are judged at that time and expiry is an error.

use crate::{
    args::MdsDiffArgs,
    commands::{Outcome, verify_result},
    context::Context,
    document::{Document, findings, mds_diff as document},
    error::CliError,
    exit::Exit,
    input::{MAX_BLOB_BYTES, shown},
    time_text,
    trust::{self, Metadata},
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_mds::{Entry, EntryChange, MdsError, StatusReport, Trust, diff, verify_blob};
use std::path::Path;
use time::OffsetDateTime;

/// Compares two BLOBs.
///
/// # Errors
/// When one of them cannot be read or verified.
pub fn run(args: &MdsDiffArgs, context: &Context) -> Result<Outcome, CliError> {
    let at = context.at(args.signer.at.as_deref())?;
    let trust = trust::trust(&args.signer, at, context)?;
    let archived = args.signer.at.is_none();
    let mut noticed = Vec::new();
    let old = load(&args.old, &trust, archived, context, &mut noticed)?;
    let new = load(&args.new, &trust, archived, context, &mut noticed)?;
    let found = diff(&old.catalogue, &new.catalogue);
    let document = document::MdsDiffDocument {
        schema: document::SCHEMA,
        exit: Exit::Ok.code(),
        old: verify_result::metadata_used(&old, at),
        new: verify_result::metadata_used(&new, at),
        added: found.added.iter().map(|entry| model(entry, at)).collect(),
        removed: found.removed.iter().map(|entry| model(entry, at)).collect(),
        changed: found.changed.iter().map(|one| change(one, at)).collect(),
        findings: findings(&noticed),
    };
    Ok(Outcome::ok(Document::MdsDiff(Box::new(document))))
}

fn load(
    path: &Path,
    trust: &Trust,
    archived: bool,
    context: &Context,
    noticed: &mut Vec<Finding>,
) -> Result<Metadata, CliError> {
    let blob = context.inputs.read(path, MAX_BLOB_BYTES)?;
    let mut trust = trust.clone();
    if archived && let Some(end) = end_of_life(&blob, &trust) {
        let detail = format!("{}: judged as of {}", shown(path), time_text::show(end));
        noticed.push(Finding::new(&ARCHIVED, detail));
        trust.at = end;
    }
    trust::verified(&blob, shown(path), &trust)
}

/// The last moment at which no certificate of the signer had expired, when one has expired by now.
fn end_of_life(blob: &[u8], trust: &Trust) -> Option<OffsetDateTime> {
    let mut trust = trust.clone();
    let mut end = None;
    for _ in 0..MAX_CHAIN {
        let Err(MdsError::SignerExpired { link, .. }) = verify_blob(blob, &trust) else { break };
        trust.at = link.not_after;
        end = Some(link.not_after);
    }
    end
}

fn model(entry: &Entry, at: OffsetDateTime) -> document::Model {
    let status = verify_result::status(entry, at);
    document::Model {
        id: entry.name(),
        description: entry.description.clone(),
        protocol_family: entry.protocol_family.as_str().to_owned(),
        level: status.level,
        revoked: status.revoked,
    }
}

fn change(change: &EntryChange<'_>, at: OffsetDateTime) -> document::Change {
    let member = |member: &keyvet_mds::MemberChange| document::Member {
        name: member.name,
        old: member.old.clone(),
        new: member.new.clone(),
    };
    document::Change {
        model: model(change.new, at),
        status_added: change.status_added.iter().map(|report| status(report)).collect(),
        status_removed: change.status_removed.iter().map(|report| status(report)).collect(),
        anchors_added: change.anchors_added.len(),
        anchors_removed: change.anchors_removed.len(),
        members: change.members.iter().map(member).collect(),
    }
}

fn status(report: &StatusReport) -> document::Status {
    document::Status {
        status: report.status.clone(),
        effective_date: report.effective_date.clone(),
    }
}

/// Certificates of a signer's chain that may have expired, at most.
const MAX_CHAIN: usize = 8;

/// An archived BLOB was judged at an earlier time.
pub(crate) static ARCHIVED: Kind = Kind {
    id: "cli.archived-blob",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The signer of this BLOB has expired since, so its signature was judged as of the end of the \
              signer's life. For a comparison that is enough; do not judge keys by an archived BLOB.",
    next_step: "Nothing, if the BLOB is meant to be an old one.",
    source: "keyvet",
};
