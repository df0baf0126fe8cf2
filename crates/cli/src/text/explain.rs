//! `keyvet explain` as text.

use super::Style;
use crate::document::{
    Severity,
    explain::{ExplainDocument, Explanation},
};

/// One explanation in full, or one line per id.
pub(super) fn text(document: &ExplainDocument, style: Style) -> String {
    if document.single {
        return document.explanations.iter().map(|one| full(one, style)).collect();
    }
    let width = document.explanations.iter().map(|one| one.id.len()).max().unwrap_or(0);
    document
        .explanations
        .iter()
        .map(|one| format!("{:width$}  {}\n", one.id, first_sentence(one.meaning)))
        .collect()
}

fn full(one: &Explanation, style: Style) -> String {
    format!(
        "{}\n  {}\n\n  Severity   {}\n  Concerns   {}\n  Next step  {}\n  Source     {}\n",
        style.strong(one.id),
        one.meaning,
        severity(one.severity),
        one.culprit,
        one.next_step,
        one.source,
    )
}

/// The word and what it means.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note: worth knowing, changes nothing",
        Severity::Warning => "warning: deviates from a rule, or weakens what is known",
        Severity::Error => "error: the thing it speaks of fails",
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}
