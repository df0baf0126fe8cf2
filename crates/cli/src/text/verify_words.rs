//! The words in which a judgement is told.

use super::Style;
use crate::document::{
    Severity,
    verify::{AttestationType, Decision, Effect, FileResult, Statement, Status, Trust, Verdict},
};
use keyvet_finding::Printable;

/// The deciding line: one word in capitals, and one sentence.
pub(super) fn headline(result: &FileResult, style: Style) -> String {
    if result.error.is_some() {
        return format!("{} This file could not be judged.", style.doubt("NOT JUDGED."));
    }
    match &result.verdict {
        Some(verdict) => by_policy(result, verdict, style),
        None => by_statement(result, style),
    }
}

fn by_policy(result: &FileResult, verdict: &Verdict, style: Style) -> String {
    match (verdict.registration.decision, verdict.sign_in.decision) {
        (Decision::Accepted, Decision::Accepted) => {
            format!("{} This organisation takes this key.", style.good("ACCEPTED."))
        }
        (Decision::Refused, _) => {
            let why = verdict.registration.reasons.iter().find(|one| one.effect == Effect::Refuses);
            let why = why.map_or("", |reason| reason.meaning);
            format!("{} This organisation does not take this key. {why}", style.bad("REFUSED."))
        }
        (_, Decision::Refused) => {
            let what = "The key could be registered, but not used to sign in.";
            format!("{} {what}", style.bad("REFUSED."))
        }
        _ => {
            let invalid = result.statement != Some(Statement::Valid);
            let what = if invalid { "Its attestation could not be relied on." } else { "" };
            let open = "What is known does not decide whether this organisation takes this key.";
            format!("{} {open} {what}", style.doubt("UNDECIDED.")).trim_end().to_owned()
        }
    }
}

fn by_statement(result: &FileResult, style: Style) -> String {
    let (word, sentence) = match (result.statement, result.trust) {
        (Some(Statement::Valid), Some(Trust::Anchored)) => (
            style.good("GENUINE."),
            "The attestation is valid and its certificates lead to the maker's anchor.",
        ),
        (Some(Statement::Valid), Some(Trust::AnchoredElsewhere)) => (
            style.doubt("VALID, NOT TRUSTED."),
            "The attestation is well made, but its certificates lead to another model's anchor.",
        ),
        (Some(Statement::Valid), Some(Trust::NotApplicable)) => (
            style.doubt("VALID, PROVES NO MODEL."),
            "Nothing is wrong, but no certificate says which model this is.",
        ),
        (Some(Statement::Valid), _) => (
            style.doubt("VALID, NOT TRUSTED."),
            "The attestation is well made, but its certificates lead to no known maker.",
        ),
        (Some(Statement::Unsupported) | None, _) if result.unchecked => (
            style.doubt("NOT CHECKED."),
            "The client data is missing, so the signature could not be checked.",
        ),
        (Some(Statement::Unsupported) | None, _) => {
            (style.doubt("NOT CHECKED."), "keyvet cannot check this kind of attestation.")
        }
        (Some(Statement::Malformed), _) => {
            (style.bad("MALFORMED."), "The registration cannot be decoded.")
        }
        (Some(Statement::Invalid), _) => (style.bad("INVALID."), "The attestation does not hold."),
    };
    format!("{word} {sentence}{}", first_error(result))
}

/// What made a statement invalid or malformed.
fn first_error(result: &FileResult) -> String {
    let broken = matches!(result.statement, Some(Statement::Invalid | Statement::Malformed));
    let error = result.findings.iter().find(|finding| finding.severity == Severity::Error);
    error.filter(|_| broken).map_or_else(String::new, |error| format!(" {}", error.kind.meaning))
}

/// How a file is counted when there are several.
pub(super) fn summary_word(result: &FileResult) -> &'static str {
    if result.error.is_some() {
        return "not judged";
    }
    match (&result.verdict, result.statement) {
        (Some(_), _) => match result.class {
            crate::exit::Exit::Ok => "accepted",
            crate::exit::Exit::Refused => "refused",
            _ => "undecided",
        },
        (None, Some(Statement::Valid)) if result.trust == Some(Trust::Anchored) => "genuine",
        (None, Some(Statement::Valid)) => "valid",
        (None, Some(Statement::Invalid)) => "invalid",
        (None, Some(Statement::Malformed)) => "malformed",
        (None, _) => "not checked",
    }
}

/// The state of the statement.
pub(super) fn statement(statement: Statement, unchecked: bool, style: Style) -> String {
    match statement {
        Statement::Valid => style.good("valid"),
        Statement::Invalid => style.bad("invalid"),
        Statement::Malformed => style.bad("malformed"),
        Statement::Unsupported if unchecked => style.doubt("not checked, client data missing"),
        Statement::Unsupported => style.doubt("unsupported"),
    }
}

/// Where the certificates lead.
pub(super) fn trust(trust: Trust, style: Style) -> String {
    match trust {
        Trust::Anchored => {
            format!("{}: they lead to an anchor of this model", style.good("anchored"))
        }
        Trust::AnchoredElsewhere => {
            format!("{}: they lead to another model's anchor", style.bad("anchored-elsewhere"))
        }
        Trust::Unanchored => {
            format!("{}: they lead to no anchor that is known", style.doubt("unanchored"))
        }
        Trust::NotApplicable => String::from("not-applicable: there are none to follow"),
    }
}

/// How the statement attests.
pub(super) fn attestation_type(kind: AttestationType) -> &'static str {
    match kind {
        AttestationType::Basic => "basic attestation",
        AttestationType::AttCa => "attestation by a CA",
        AttestationType::AnonCa => "attestation by an anonymizing CA",
        AttestationType::SelfAttestation => "self attestation",
        AttestationType::None => "no attestation",
    }
}

/// What the metadata's status reports say together.
pub(super) fn status(status: &Status, style: Style) -> String {
    let level = status.level.as_deref().unwrap_or("no certification level");
    let mut parts = vec![Printable(level).to_string()];
    if status.revoked {
        parts.insert(0, style.bad("REVOKED"));
    }
    parts.extend(status.compromised.iter().map(|one| style.bad(Printable(one))));
    parts.extend(status.unknown.iter().map(|one| style.doubt(Printable(one))));
    if status.retired {
        parts.push(style.doubt("retired"));
    }
    parts.extend(status.update_available.map(|firmware| format!("update to firmware {firmware}")));
    parts.join(", ")
}

/// The decision, in its colour.
pub(super) fn decision(decision: Decision, style: Style) -> String {
    match decision {
        Decision::Accepted => style.good("accepted"),
        Decision::Refused => style.bad("refused"),
        Decision::Undecided => style.doubt("undecided"),
    }
}
