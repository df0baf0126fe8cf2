//! `keyvet info` as text.

use super::{Style, findings, key, plural};
use crate::document::info::InfoDocument;
use keyvet_finding::Printable;
use serde_json::Value;
use std::fmt::Write;

/// One line per member, then what is odd.
pub(super) fn text(document: &InfoDocument, style: Style) -> String {
    let mut text = about(document, style);
    let _ = writeln!(text, "{}", style.strong(headline(document)));
    let width = document.members.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in &document.members {
        line(&mut text, width, name, value);
    }
    if !document.unknown_members.is_empty() {
        text.push_str("Members the specification does not name\n");
    }
    for (key, value) in &document.unknown_members {
        line(&mut text, width, key, value);
    }
    let heading = if document.key.is_some() { "Noticed" } else { "Oddities" };
    text.push_str(&findings::text(heading, &document.findings, style));
    text
}

/// Which key was asked, what it claims to be, and how many mistakes it still takes.
fn about(document: &InfoDocument, style: Style) -> String {
    let mut text = String::new();
    match (&document.key, &document.model) {
        (Some(key), _) => text.push_str(&key::described(key, style)),
        (None, Some(model)) => {
            let _ = writeln!(text, "claims to be {}", Printable(model));
        }
        (None, None) => {}
    }
    if let Some(left) = document.pin_retries {
        let _ = writeln!(
            text,
            "  PIN     set; it takes {} before it blocks",
            wrong(left, "more wrong PIN")
        );
    }
    if let Some(left) = document.uv_retries {
        let _ = writeln!(text, "  reader  set up; it takes {}", wrong(left, "more wrong try"));
    }
    text
}

/// `8 more wrong PINs`.
fn wrong(left: u64, what: &str) -> String {
    plural(usize::try_from(left).unwrap_or(usize::MAX), what)
}

fn headline(document: &InfoDocument) -> String {
    let text_of = |name: &str| document.members.get(name).map(shown);
    let aaguid = text_of("aaguid").map(|aaguid| format!("AAGUID {aaguid}"));
    let aaguid = aaguid.unwrap_or_else(|| String::from("no AAGUID"));
    let versions = text_of("versions").unwrap_or_else(|| String::from("no versions"));
    format!("A key that claims {aaguid} and speaks {versions}")
}

fn line(text: &mut String, width: usize, name: &str, value: &Value) {
    let name = Printable(name).to_string();
    let _ = writeln!(text, "  {name:width$}  {}", shown(value));
}

/// A JSON value as a person writes it: lists with commas, options with their state.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => Printable(text).to_string(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let pairs =
                map.iter().map(|(key, value)| format!("{}={}", Printable(key), shown(value)));
            pairs.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
