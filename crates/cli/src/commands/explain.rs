//! `keyvet explain [ID]`: what the id of a finding, a reason or an error means.
//!
//! The id of a rule of `keyvet readiness` (`R18`) is explained as well. Without an id, every id is listed. An
//! unknown id is a usage error that names those it may be a misspelling of, or from where to where rules go.

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
    let shown = Shown(given);
    if wanted.is_empty() {
        CliError::usage(&UNKNOWN_ID, "the id is empty")
    } else if let (true, Some((first, last))) = (is_rule(wanted), ends()) {
        let rules = format_args!("no rule `{shown}`; rules go from {first} to {last}");
        CliError::usage(&UNKNOWN_ID, rules)
    } else if near.is_empty() {
        CliError::usage(&UNKNOWN_ID, format_args!("no id `{shown}`"))
    } else {
        let near = near.join(", ");
        CliError::usage(&UNKNOWN_ID, format_args!("no id `{shown}`; did you mean {near}?"))
    }
}

/// Whether it is written as the id of a rule, `r99`.
fn is_rule(wanted: &str) -> bool {
    let number = wanted.strip_prefix('r').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// The ids of the first and the last rule.
fn ends() -> Option<(&'static str, &'static str)> {
    Some((RULES.first()?.id, RULES.last()?.id))
}

/// What was given, and of what is too long to be an id its beginning.
struct Shown<'a>(&'a str);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let given = self.0.trim();
        match given.char_indices().nth(MAX_ID_LEN) {
            Some((end, _)) => write!(f, "{}…", given.get(..end).unwrap_or_default()),
            None => f.write_str(given),
        }
    }
}

/// Up to three ids that are near enough to be meant, nearest first.
fn nearest(wanted: &str, kinds: &[&'static Kind]) -> Vec<&'static str> {
    let wanted: String = wanted.chars().take(MAX_ID_LEN).collect();
    let rated = kinds.iter().filter_map(|kind| Some((distance(&wanted, kind.id)?, kind.id)));
    let mut rated: Vec<_> = rated.collect();
    rated.sort_unstable();
    rated.into_iter().take(3).map(|(_, id)| id).collect()
}

/// How unlike two ids are: the better of the whole ids and of the parts after the dot; none when too unlike.
fn distance(wanted: &str, id: &str) -> Option<usize> {
    let tail = |text: &str| text.split_once('.').map_or(text, |(_, tail)| tail).to_owned();
    let contained = wanted.len() >= LEAST_PART && id.contains(wanted);
    let parts = misspelt(&tail(wanted), &tail(id)).map(|edits| edits.saturating_add(1));
    if contained { Some(1) } else { misspelt(wanted, id).into_iter().chain(parts).min() }
}

/// The edits between two words, when the one may be the other misspelt: one in three of its characters.
fn misspelt(wanted: &str, word: &str) -> Option<usize> {
    let most = wanted.chars().count().checked_div(3)?.min(MAX_DISTANCE);
    Some(edits(wanted, word)).filter(|edits| *edits <= most)
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
/// A part of an id that is shorter is in too many of them, characters.
const LEAST_PART: usize = 4;
/// Longest id compared, characters; what is longer is no id.
const MAX_ID_LEN: usize = 80;

/// No kind has this id.
pub(crate) static UNKNOWN_ID: Kind = Kind {
    id: "cli.unknown-id",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "keyvet has no finding, reason, error or rule with this id.",
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
        assert_eq!(nearest("no-metdata", &kinds).first(), Some(&"attestation.no-metadata"));
        assert_eq!(nearest("cli.usge", &kinds), ["cli.usage"]);
    }

    #[test]
    fn what_is_near_to_nothing_is_taken_for_no_misspelling() {
        let kinds = every_kind();
        let far =
            ["nothing.like-this-at-all-anywhere", "", ".", "r99", "x", "pin", "zzzzzzzzzz.id"];
        for wanted in far.into_iter().chain(["\u{1b}[31m\u{202e}", "鍵鍵鍵鍵"]) {
            assert!(nearest(wanted, &kinds).is_empty(), "{wanted:?}");
        }
    }

    #[test]
    fn a_rule_that_is_not_there_is_told_with_those_that_are() {
        let said = |id: &str| {
            let id = Some(id.to_owned());
            run(&ExplainArgs { id }).err().unwrap().finding().detail().to_owned()
        };
        let (first, last) = (RULES[0].id, RULES[RULES.len() - 1].id);
        for id in ["r99", "R0", " R018 ", "R99999999999999999999999"] {
            let (id, said) = (id.trim(), said(id));
            assert_eq!(said, format!("no rule `{id}`; rules go from {first} to {last}"));
        }
        assert_eq!(said("R"), "no id `R`");
        assert_eq!(said("R1x"), "no id `R1x`");
        assert_eq!(said(" "), "the id is empty");
        assert_eq!(said("\u{1b}[2Ja"), "no id `\\u{1b}[2Ja`");
        assert_eq!(said(&"y".repeat(500)), format!("no id `{}…`", "y".repeat(MAX_ID_LEN)));
    }
}
