//! `keyvet verify` as text: per file the deciding line, what is known of the key, what was checked in
//! order, why the policy answers as it does, and what was noticed.

use super::{Style, findings, plural, verify_words as words};
use crate::document::verify::{
    AaguidStanding, Answer, Effect, FileResult, MetadataUsed, Reason, Status, VerifyDocument,
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// All files, then what concerns the run as a whole.
pub(super) fn text(document: &VerifyDocument, style: Style) -> String {
    let files: Vec<_> = document
        .results
        .iter()
        .map(|result| file(result, document.metadata.as_ref(), style))
        .collect();
    let mut text = files.join("\n");
    let about = findings::text("About this run", &document.findings, style);
    if !about.is_empty() && !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&about);
    if document.results.len() > 1 {
        let _ = writeln!(text, "\n{}", summary(document));
    }
    text
}

fn file(result: &FileResult, metadata: Option<&MetadataUsed>, style: Style) -> String {
    one(result, &Printable(&result.file).to_string(), metadata, style)
}

/// One result; `name` is what it is called, printable.
pub(super) fn one(
    result: &FileResult,
    name: &str,
    metadata: Option<&MetadataUsed>,
    style: Style,
) -> String {
    let mut text = format!("{name}: {}\n", words::headline(result, style));
    if let Some(error) = &result.error {
        let _ = writeln!(text, "  {}", error.detail);
        let _ = writeln!(text, "  {} [{}]", error.meaning, error.code);
        let _ = writeln!(text, "  hint: {}", error.next_step);
        return text;
    }
    key(&mut text, result);
    checks(&mut text, result, metadata, style);
    verdict(&mut text, result, style);
    text.push_str(&indented(&findings::text("Noticed", &result.findings, style)));
    text
}

/// What the key is, in words that do not claim more than is proven.
fn key(text: &mut String, result: &FileResult) {
    let proven = result.aaguid_standing == Some(AaguidStanding::Proven);
    let model = match (&result.model, proven) {
        (Some(model), true) => format!("{}, proven by its attestation", Printable(model)),
        (Some(model), false) => format!("claims to be {}", Printable(model)),
        (None, _) if result.aaguid_standing == Some(AaguidStanding::Absent) => {
            String::from("none named")
        }
        (None, _) => String::from("not known: no metadata entry was found"),
    };
    line(text, "model", &model);
    match (&result.aaguid, result.aaguid_standing) {
        (Some(aaguid), Some(AaguidStanding::Proven)) => {
            line(text, "AAGUID", &format!("is {aaguid}"))
        }
        (Some(aaguid), Some(AaguidStanding::Claimed)) => {
            line(text, "AAGUID", &format!("claims {aaguid}"));
        }
        (Some(aaguid), _) => line(text, "AAGUID", &format!("{aaguid}, which names no model")),
        (None, _) => line(text, "AAGUID", "none"),
    }
}

fn checks(text: &mut String, result: &FileResult, metadata: Option<&MetadataUsed>, style: Style) {
    text.push_str("  Checked, in this order\n");
    let mut number = 0_u8;
    let mut step = |name: &str, said: &str| {
        number = number.saturating_add(1);
        let _ = writeln!(text, "    {number}. {name:12} {said}");
    };
    step("format", &format(result));
    if let Some(statement) = result.statement {
        step("statement", &words::statement(statement, result.unchecked, style));
    }
    if let Some(trust) = result.trust {
        step("certificates", &words::trust(trust, style));
    }
    step("metadata", &metadata_line(result.status.as_ref(), metadata, style));
    if let Some(verdict) = &result.verdict {
        step("registration", &answer(&verdict.registration, style));
        step("sign-in", &answer(&verdict.sign_in, style));
    }
}

fn format(result: &FileResult) -> String {
    let format = result.format.as_deref().unwrap_or("not readable");
    let kind = result.attestation_type.map(|kind| format!(", {}", words::attestation_type(kind)));
    let algorithm = result.algorithm.as_ref().map(|name| format!(", key {name}"));
    let flags = (!result.flags.is_empty()).then(|| format!(", flags {}", result.flags.join(" ")));
    let parts = [kind, algorithm, flags].into_iter().flatten().collect::<String>();
    format!("{}{}", Printable(format), Printable(&parts))
}

fn metadata_line(status: Option<&Status>, used: Option<&MetadataUsed>, style: Style) -> String {
    let Some(used) = used else { return style.doubt("none: no model can be looked up") };
    let stale = if used.stale { style.doubt(" (stale)") } else { String::new() };
    let said =
        status.map_or_else(|| style.doubt("model not listed"), |one| words::status(one, style));
    format!("{said}, in metadata no {} of {}{stale}", used.no, used.source)
}

fn answer(answer: &Answer, style: Style) -> String {
    let profile = answer.profile.as_ref().map(|name| format!(" by profile '{}'", Printable(name)));
    format!("{}{}", words::decision(answer.decision, style), profile.unwrap_or_default())
}

/// Why the policy answers as it does; under sign-in only what registration has not said already.
fn verdict(text: &mut String, result: &FileResult, style: Style) {
    let Some(verdict) = &result.verdict else { return };
    let (registration, sign_in) = (&verdict.registration, &verdict.sign_in);
    let all: Vec<_> = registration.reasons.iter().collect();
    reasons(text, "Why registration is", registration, &all, style);
    let said = |reason: &&Reason| !registration.reasons.iter().any(|other| same(reason, other));
    let new: Vec<_> = sign_in.reasons.iter().filter(said).collect();
    if !new.is_empty() || sign_in.decision != registration.decision {
        let shown: Vec<_> = if new.is_empty() { sign_in.reasons.iter().collect() } else { new };
        reasons(text, "For sign-in, which is", sign_in, &shown, style);
    }
}

fn same(one: &Reason, other: &Reason) -> bool {
    (&one.id, &one.source, &one.detail) == (&other.id, &other.source, &other.detail)
}

fn reasons(text: &mut String, heading: &str, answer: &Answer, reasons: &[&Reason], style: Style) {
    let _ = writeln!(text, "  {heading} {}", words::decision(answer.decision, style));
    for reason in reasons {
        let _ = writeln!(text, "    {} {} [{}]", mark(reason, style), about(reason), reason.id);
        if matches!(reason.effect, Effect::Refuses | Effect::LeavesOpen) {
            let _ = writeln!(text, "      {}", reason.meaning);
            let _ = writeln!(text, "      next: {}", reason.next_step);
        }
    }
}

/// Where it is said, and the values of this case.
pub(super) fn about(reason: &Reason) -> String {
    match reason.detail.as_str() {
        "" => reason.source.clone(),
        detail => format!("{}: {detail}", reason.source),
    }
}

fn mark(reason: &Reason, style: Style) -> String {
    match reason.effect {
        Effect::Refuses => style.bad("no:"),
        Effect::LeavesOpen => style.doubt("open:"),
        Effect::Passes => style.good("yes:"),
        Effect::Note => style.dim("note:"),
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {name:7} {value}");
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// `3 files: 1 accepted, 1 refused, 1 could not be judged`.
fn summary(document: &VerifyDocument) -> String {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for result in &document.results {
        let word = words::summary_word(result);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => counts.push((word, 1)),
        }
    }
    let parts: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{}: {}", plural(document.results.len(), "file"), parts.join(", "))
}
