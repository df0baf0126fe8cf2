//! `keyvet explain [ID]`: what the id of a finding, a reason or an error means.
//!
//! The id of a rule of `keyvet readiness` (`R18`) is explained as well. Without an id, every id is listed. An unknown id is a usage error that names the nearest ones.

use crate::{
    args::ExplainArgs,
    commands::Outcome,
    document::{
        Document,
        explain::{ExplainDocument, Explanation, SCHEMA},
        readiness::RuleText,
    },
    error::CliError,
    kinds::every_kind,
};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_readiness::RULES;

/// Explains `args.id`, or lists all ids.
///
/// # Errors
/// When no kind has the id.
pub fn run(args: &ExplainArgs) -> Result<Outcome, CliError> {
    if let Some(rule) = args.id.as_deref().and_then(rule) {
        let document = ExplainDocument {
            schema: SCHEMA,
            explanations: Vec::new(),
            rules: vec![rule],
            single: true,
        };
        return Ok(Outcome::ok(Document::Explain(Box::new(document))));
    }
    let mut kinds = every_kind();
    if let Some(id) = &args.id {
        let wanted = id.trim().to_ascii_lowercase();
        kinds = match kinds.iter().find(|kind| kind.id == wanted) {
            Some(kind) => vec![kind],
            None => return Err(unknown(id, &wanted, &kinds)),
        };
    }
    let explanations = kinds.into_iter().map(Explanation::from).collect();
    let document = ExplainDocument {
        schema: SCHEMA,
        explanations,
        rules: Vec::new(),
        single: args.id.is_some(),
    };
    Ok(Outcome::ok(Document::Explain(Box::new(document))))
}

/// A rule that `keyvet readiness` answers by, `R18`.
fn rule(id: &str) -> Option<RuleText> {
    let rule = RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(id.trim()))?;
    Some(RuleText::from(*rule))
}

fn unknown(given: &str, wanted: &str, kinds: &[&'static Kind]) -> CliError {
    let near = nearest(wanted, kinds);
    let hint = if near.is_empty() {
        String::from("`keyvet explain` lists all ids")
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    CliError::usage(&UNKNOWN_ID, format_args!("no id `{given}`; {hint}"))
}

/// Up to three ids that are near enough to be meant, nearest first.
fn nearest(wanted: &str, kinds: &[&'static Kind]) -> Vec<&'static str> {
    let wanted: String = wanted.chars().take(MAX_ID_LEN).collect();
    let mut rated: Vec<_> =
        kinds.iter().map(|kind| (distance(&wanted, kind.id), kind.id)).collect();
    rated.sort_unstable();
    rated.into_iter().filter(|(far, _)| *far <= MAX_DISTANCE).take(3).map(|(_, id)| id).collect()
}

/// How unlike two ids are: the better of the whole ids and of the parts after the dot.
fn distance(wanted: &str, id: &str) -> usize {
    let tail =
        |text: &str| text.split_once('.').map_or_else(|| text.to_owned(), |(_, t)| t.to_owned());
    let contained = wanted.len() >= 4 && id.contains(wanted);
    let parts = edits(&tail(wanted), &tail(id)).saturating_add(1);
    if contained { 1 } else { edits(wanted, id).min(parts) }
}

/// Levenshtein distance, in characters.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i.saturating_add(1);
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            diagonal = *cell;
            left = replaced.min(left.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Beyond this many edits an id is not a misspelling of another.
const MAX_DISTANCE: usize = 6;
/// Longest id compared, characters; what is longer is no id.
const MAX_ID_LEN: usize = 80;

/// No kind has this id.
pub(crate) static UNKNOWN_ID: Kind = Kind {
    id: "cli.unknown-id",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "keyvet has no finding, reason or error with this id.",
    next_step: "Run `keyvet explain` for the list of all ids.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn a_misspelt_id_finds_the_one_meant() {
        let kinds = every_kind();
        assert_eq!(nearest("cli.file-mising", &kinds).first(), Some(&"cli.file-missing"));
        assert_eq!(nearest("file-missing", &kinds).first(), Some(&"cli.file-missing"));
        assert!(nearest("nothing.like-this-at-all-anywhere", &kinds).is_empty());
    }
}
