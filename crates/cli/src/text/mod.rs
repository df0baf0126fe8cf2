//! Documents as text for people: the deciding line first, then what it rests on.
//!
//! Text is made from the same document that `--json` prints, so the two cannot disagree.

mod check;
mod doctor;
mod explain;
mod findings;
mod info;
mod key;
mod mds;
mod readiness;
mod readiness_export;
mod readiness_matrix;
mod readiness_plan;
pub(crate) mod readiness_words;
mod sign_in;
mod style;
#[cfg(feature = "hid")]
mod trace;
mod verify;
mod verify_words;

use crate::document::{Document, Error};
use keyvet_finding::Printable;
pub(crate) use readiness::one_policy;
pub(crate) use style::Style;

#[cfg(feature = "hid")]
pub(crate) use key::full_name as key_name;

/// The whole text of a document, ending in a line break.
pub(crate) fn document(document: &Document, style: Style) -> String {
    match document {
        Document::List(document) => key::list(document, style),
        Document::ListEvent(document) => key::event(document, style),
        Document::Identify(document) => key::identify(document, style),
        Document::Check(document) => check::text(document, style),
        Document::Doctor(document) => doctor::text(document, style),
        Document::Printed => String::new(),
        Document::Verify(document) => verify::text(document, style),
        Document::MdsStatus(document) => mds::status(document, style),
        Document::MdsImport(document) => mds::import(document, style),
        Document::MdsShow(document) => mds::show(document, style),
        Document::MdsDiff(document) => mds::diff(document, style),
        Document::Readiness(document) => readiness::text(document, style),
        Document::ReadinessMatrix(document) => readiness_matrix::text(document, style),
        Document::ReadinessPlan(document) => readiness_plan::text(document, style),
        Document::ReadinessExport(document) => readiness_export::text(document, style),
        Document::Page(page) => page.clone(),
        Document::SignIn(document) => sign_in::text(document, style),
        Document::Info(document) => info::text(document, style),
        #[cfg(feature = "hid")]
        Document::Trace(document) => trace::text(document, style),
        Document::Explain(document) => explain::text(document, style),
        Document::Completions(document) => document.script.clone(),
        Document::Man(document) => man(document),
        Document::Error(document) => {
            error(&document.error, style) + &key::candidates(&document.candidates, style)
        }
    }
}

fn man(document: &crate::document::man::ManDocument) -> String {
    let written: String = document.written.iter().map(|file| format!("{file}\n")).collect();
    document.page.clone().unwrap_or(written)
}

/// What happened, whose matter it is, and what to do.
pub(crate) fn error(error: &Error, style: Style) -> String {
    format!(
        "{}: {}\n  {} (concerns: {})\n  hint: {}\n  code: {code} (keyvet explain {code})\n",
        style.bad("error"),
        Printable(&error.detail),
        error.meaning,
        error.culprit,
        error.next_step,
        code = error.code,
    )
}

/// `1 entry`, `2 entries`, `2 keys`: the count and the noun in the number it asks for.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o']) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_in_y_keeps_it_after_a_vowel() {
        let shown =
            [(1, "key"), (2, "key"), (2, "entry"), (0, "file")].map(|(n, noun)| plural(n, noun));
        assert_eq!(shown, ["1 key", "2 keys", "2 entries", "0 files"]);
    }
}
