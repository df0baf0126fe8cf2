//! `keyvet mds …` as text.

use super::{Style, findings, plural, verify_words};
use crate::document::{
    mds_diff::{Change, MdsDiffDocument, Model, Status},
    mds_import::{ImportOutcome, MdsImportDocument},
    mds_show::{Entry, MdsShowDocument},
    mds_status::{Check, MdsStatusDocument},
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// Which metadata, whether it may be used, and what is in it.
pub(super) fn status(document: &MdsStatusDocument, style: Style) -> String {
    let mut text = format!("{}\n", headline(document, style));
    row(&mut text, "source", &document.source);
    if let Some(verified_at) = &document.verified_at {
        row(&mut text, "verified", &format!("as of {verified_at}"));
    }
    if let Some(next_update) = &document.next_update {
        row(&mut text, "next update", next_update);
    }
    if let (Some(entries), Some(kept)) = (document.entries, document.kept) {
        let defects = document.with_defects.unwrap_or_default();
        let said = format!("{entries}; {kept} kept, {defects} of them with defects");
        row(&mut text, "entries", &said);
    }
    if let Some(count) = document.by_protocol {
        let mut said = format!("fido2 {}, u2f {}, uaf {}", count.fido2, count.u2f, count.uaf);
        if count.other > 0 {
            let _ = write!(said, ", other {}", count.other);
        }
        row(&mut text, "protocols", &said);
    }
    signer(&mut text, document);
    text.push_str(&findings::text("Noticed", &document.findings, style));
    text
}

fn headline(document: &MdsStatusDocument, style: Style) -> String {
    let name =
        document.no.map_or_else(|| String::from("Metadata"), |no| format!("Metadata no {no}"));
    let not_trusted = |what: &str| {
        let rest = "what follows is only what the file says.";
        format!("{name}: {} {what}; {rest}", style.bad("NOT TRUSTED."))
    };
    match (document.signature, document.chain) {
        (Check::Valid, Check::Valid) if document.stale == Some(true) => {
            format!(
                "{name}: {} Its signature holds, but a newer one is due.",
                style.doubt("STALE.")
            )
        }
        (Check::Valid, Check::Valid) => {
            format!("{name}: {} Its signature holds.", style.good("GOOD."))
        }
        (Check::Missing, _) | (_, Check::Missing) => {
            format!("{name}: {} There is none to use.", style.bad("MISSING."))
        }
        (Check::Valid, Check::Invalid) => {
            not_trusted("Its signer's certificate cannot be trusted at this time")
        }
        (Check::Invalid, Check::Valid) => not_trusted("Its signature does not hold"),
        (Check::Invalid, Check::Invalid) => not_trusted("Neither signature nor signer holds"),
    }
}

fn signer(text: &mut String, document: &MdsStatusDocument) {
    if let Some(algorithm) = &document.algorithm {
        let by = if document.signature == Check::Valid { "by" } else { "said to be by" };
        row(text, "signature", &format!("{algorithm}, {by}"));
    }
    for link in &document.certificates {
        let _ =
            writeln!(text, "    {} (until {})", common_name(&link.subject), day(&link.not_after));
    }
    if let Some(root) = &document.root {
        let _ = writeln!(text, "    {} (trusted root)", Printable(root));
    }
    if let Some(revocation) = document.revocation {
        row(text, "revocation", &revocation.replace('-', " "));
    }
}

/// What became of the stored metadata, then its status.
pub(super) fn import(document: &MdsImportDocument, style: Style) -> String {
    let no = document.status.no.map_or_else(|| String::from("?"), |no| no.to_string());
    let before = document.previous_no.map_or_else(|| String::from("none"), |no| format!("no {no}"));
    let done = match document.outcome {
        ImportOutcome::Stored => format!("Metadata no {no} is now in use."),
        ImportOutcome::Updated => format!("Metadata no {no} is now in use; before: {before}."),
        ImportOutcome::Unchanged => {
            format!("Metadata no {no} was already in use; nothing changed.")
        }
        ImportOutcome::RolledBack => format!("Metadata no {no} replaces {before}, as demanded."),
    };
    let mut text = format!("{done}\n");
    row(&mut text, "stored in", &document.stored);
    text.push_str(&status(&document.status, style));
    text
}

/// One block per entry.
pub(super) fn show(document: &MdsShowDocument, style: Style) -> String {
    let blocks: Vec<_> = document.entries.iter().map(|one| entry(one, style)).collect();
    let mut text = blocks.join("\n");
    let used = &document.metadata;
    let _ = writeln!(text, "From metadata no {} of {}.", used.no, Printable(&used.source));
    text.push_str(&findings::text("Noticed", &document.findings, style));
    text
}

fn entry(entry: &Entry, style: Style) -> String {
    let name = entry.description.as_deref().unwrap_or("(no description)");
    let status = verify_words::status(&entry.status, style);
    let mut text = format!("{}: {status}\n", style.strong(Printable(name)));
    let version = entry.authenticator_version.map(|version| version.to_string());
    let rows = [
        ("AAGUID", entry.aaguid.clone().unwrap_or_default()),
        ("AAID", entry.aaid.clone().unwrap_or_default()),
        ("key ids", entry.key_identifiers.join(", ")),
        ("protocol", entry.protocol_family.clone()),
        ("firmware", version.unwrap_or_default()),
        ("speaks", entry.versions.join(", ")),
        ("extensions", entry.extensions.join(", ")),
        ("transports", entry.transports.join(", ")),
        ("attached", entry.attachment_hint.join(", ")),
        ("user check", entry.user_verification.join(", ")),
        ("keys in", entry.key_protection.join(", ")),
        ("attests", entry.attestation_types.join(", ")),
    ];
    rows.iter()
        .filter(|(_, value)| !value.is_empty())
        .for_each(|(name, value)| row(&mut text, name, value));
    for report in &entry.status_reports {
        let day = report.effective_date.as_deref().unwrap_or("no date");
        row(&mut text, "status", &format!("{day}  {}", report.status));
    }
    for anchor in &entry.anchors {
        let until = day(&anchor.not_after);
        row(&mut text, "anchor", &format!("{} (until {until})", common_name(&anchor.subject)));
    }
    text.push_str(&findings::text("Defects of the entry", &entry.defects, style));
    text
}

/// What came, what went, what changed.
pub(super) fn diff(document: &MdsDiffDocument, style: Style) -> String {
    let (old, new) = (&document.old, &document.new);
    let counts = format!(
        "{} added, {} removed, {} changed",
        document.added.len(),
        document.removed.len(),
        document.changed.len()
    );
    let mut text = format!("{} from no {} to no {}\n", style.strong(counts), old.no, new.no);
    models(&mut text, "Added", &document.added, style);
    models(&mut text, "Removed", &document.removed, style);
    if !document.changed.is_empty() {
        text.push_str("Changed\n");
    }
    document.changed.iter().for_each(|one| change(&mut text, one));
    text.push_str(&findings::text("Noticed", &document.findings, style));
    text
}

fn models(text: &mut String, heading: &str, models: &[Model], style: Style) {
    if !models.is_empty() {
        let _ = writeln!(text, "{heading}");
    }
    for one in models {
        let level = one.level.as_deref().unwrap_or("no level");
        let revoked = if one.revoked { style.bad("REVOKED, ") } else { String::new() };
        let _ = writeln!(text, "  {} ({revoked}{level})", model(one));
    }
}

fn model(model: &Model) -> String {
    let name = model.description.as_deref().unwrap_or("(no description)");
    format!("{}  {}", Printable(&model.id), Printable(name))
}

fn change(text: &mut String, change: &Change) {
    let _ = writeln!(text, "  {}", model(&change.model));
    for (sign, reports) in [("+", &change.status_added), ("-", &change.status_removed)] {
        for report in reports {
            let _ = writeln!(text, "    {sign} {}", status_line(report));
        }
    }
    for (sign, count) in [("+", change.anchors_added), ("-", change.anchors_removed)] {
        if count > 0 {
            let _ = writeln!(text, "    {sign} {}", plural(count, "anchor"));
        }
    }
    for member in &change.members {
        let (old, new) = (short(&member.old), short(&member.new));
        let _ = writeln!(text, "    {}: {old} -> {new}", member.name);
    }
}

fn status_line(status: &Status) -> String {
    let day = status.effective_date.as_deref().unwrap_or("no date");
    format!("{} {}", Printable(day), Printable(&status.status))
}

/// A value that fits a line; the whole is in the JSON.
fn short(value: &str) -> String {
    if value.is_empty() {
        return String::from("(absent)");
    }
    let shown = Printable(value).to_string();
    let kept: String = shown.chars().take(MAX_VALUE_CHARS).collect();
    if kept.len() < shown.len() { kept + "..." } else { kept }
}

/// The common name of a subject, or the whole subject where there is none; the whole is in the JSON.
fn common_name(subject: &str) -> String {
    let subject = Printable(subject).to_string();
    let rest = subject.split_once("CN=").map_or("", |(_, rest)| rest);
    let mut name = String::new();
    let mut escaped = false;
    for c in rest.chars() {
        if c == ',' && !escaped {
            break;
        }
        name.push(c);
        escaped = c == '\\';
    }
    if name.is_empty() { subject } else { name }
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

fn row(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {name:11} {}", Printable(value));
}

/// Characters of a changed value that are shown.
const MAX_VALUE_CHARS: usize = 60;
