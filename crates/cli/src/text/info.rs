//! `keyvet info` as text.

use super::{Style, findings};
use crate::document::info::InfoDocument;
use keyvet_finding::Printable;
use serde_json::Value;
use std::fmt::Write;

/// One line per member, then what is odd.
pub(super) fn text(document: &InfoDocument, style: Style) -> String {
    let mut text = format!("{}\n", style.strong(headline(document)));
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
    text.push_str(&findings::text("Oddities", &document.findings, style));
    text
}

fn headline(document: &InfoDocument) -> String {
    let text_of = |name: &str| document.members.get(name).map(shown);
    let aaguid = text_of("aaguid").unwrap_or_else(|| String::from("no AAGUID"));
    let versions = text_of("versions").unwrap_or_else(|| String::from("no versions"));
    format!("A key of model {aaguid}, speaking {versions}")
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
