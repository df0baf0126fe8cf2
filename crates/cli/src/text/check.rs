//! `keyvet check` as text: the verdict as `keyvet verify` tells it, then how the registration was made.

use super::{Style, findings, key, verify};
use crate::document::check::{CheckDocument, LeftOnTheKey, RegistrationMade};
use keyvet_finding::Printable;
use std::fmt::Write;

/// The verdict, how it came about, what was noticed before.
pub(super) fn text(document: &CheckDocument, style: Style) -> String {
    let mut text = String::new();
    let name = document.key.as_ref().map_or_else(|| String::from("the key"), key::full_name);
    for result in &document.results {
        text.push_str(&verify::one(result, &name, document.metadata.as_ref(), style));
    }
    before(&mut text, document, &name, style);
    if let Some(registration) = &document.registration {
        text.push_str(&made(registration));
        text.push_str(&indented(&findings::text("Noticed", &registration.findings, style)));
    }
    text.push_str(&findings::text("About this run", &document.findings, style));
    text
}

/// What the key's own word was enough for; left out where the verdict says it again.
fn before(text: &mut String, document: &CheckDocument, name: &str, style: Style) {
    let before = &document.before;
    if document.results.is_empty() && document.key.is_some() {
        let said = match before.refused {
            _ if document.error.is_some() => {
                style.doubt("NOT JUDGED.") + " No registration was made."
            }
            true => {
                style.bad("WOULD BE REFUSED.")
                    + " What the key claims of itself is enough for that."
            }
            false if document.policy.is_some() => {
                style.doubt("NOT DECIDED.") + " Nothing that the key claims speaks against it."
            }
            false => style.doubt("NOT DECIDED.") + " No policy was given and no registration made.",
        };
        let _ = writeln!(text, "{name}: {said}");
        if let Some(key) = &document.key {
            let _ = writeln!(text, "  {}", key::claim(key));
        }
        for reason in &before.reasons {
            let _ = writeln!(
                text,
                "    {} {} [{}]",
                style.bad("no:"),
                verify::about(reason),
                reason.id
            );
            let _ = writeln!(text, "      {}\n      next: {}", reason.meaning, reason.next_step);
        }
    }
    // what became the error is told as the error
    let error = document.error.as_ref().map(|error| error.code.as_str());
    let noticed = before.findings.iter().filter(|finding| Some(finding.id.as_str()) != error);
    let noticed: Vec<_> = noticed.cloned().collect();
    text.push_str(&findings::text("Noticed before the registration", &noticed, style));
}

fn made(registration: &RegistrationMade) -> String {
    let mut text = String::from("Registration\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:8} {value}");
    };
    let rp_id = registration.rp_id.as_deref().unwrap_or("a throw-away relying party");
    line("for", &Printable(rp_id).to_string());
    line(
        "on key",
        match registration.left_on_the_key {
            LeftOnTheKey::Nothing => "nothing is left on the key",
            LeftOnTheKey::Removed => "the credential was discoverable and was removed again",
            LeftOnTheKey::Credential => "THE CREDENTIAL IS STILL ON THE KEY",
        },
    );
    if let Some(given) = registration.enterprise_attestation {
        let said = if given { "the key says that it gave it" } else { "asked for, not given" };
        line("enterprise", said);
    }
    if let Some(evidence) = &registration.evidence {
        line("evidence", &Printable(evidence).to_string());
    }
    if let Some(command) = &registration.verify_command {
        line("again by", &Printable(command).to_string());
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
