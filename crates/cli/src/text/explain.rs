//! `keyvet explain` as text.

use super::Style;
use crate::document::{
    Severity,
    explain::{ExplainDocument, Explanation},
    readiness::{Confidence, RuleText},
};

/// One explanation in full, or one line per id.
pub(super) fn text(document: &ExplainDocument, style: Style) -> String {
    if document.single {
        let rules = document.rules.iter().map(|rule| whole_rule(rule, style));
        return document.explanations.iter().map(|one| full(one, style)).chain(rules).collect();
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

fn whole_rule(rule: &RuleText, style: Style) -> String {
    format!(
        "{}\n  {}\n\n  Known by   {}\n  Source     {}\n  Edition    {}\n",
        style.strong(rule.id),
        rule.statement,
        match rule.kind {
            Confidence::Documented => "documented: the vendor states it",
            Confidence::Observed => "observed: a named practitioner saw it",
            Confidence::Inferred =>
                "inferred: it follows, in keyvet's reading, from what is documented",
        },
        rule.source,
        rule.edition,
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
