//! Outside text in details and places: escaped, and no longer than a person reads.

use keyvet_finding::{Finding, Kind, Printable};
use std::fmt;

/// `text`, escaped for a terminal, cut after [`MAX_CHARS`] characters.
pub(crate) fn shown(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let mut shown: String = text.chars().take(MAX_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Printable(&shown).to_string()
}

/// A finding whose detail is cut likewise.
pub(crate) fn finding(kind: &'static Kind, detail: impl fmt::Display) -> Finding {
    Finding::new(kind, shown(detail))
}

/// A policy is at most 20 KB; a name or a list of names in it is far below this.
const MAX_CHARS: usize = 1000;
