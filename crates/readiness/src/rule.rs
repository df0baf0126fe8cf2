//! What a rule is: a statement with its source, and how sure it is.

use crate::{Confidence, RULES};
use std::ptr;

/// One rule that the walk follows, `R1` to `R25`.
#[derive(Debug, Eq, PartialEq)]
pub struct Rule {
    /// Stable name, `R18`.
    pub id: &'static str,
    /// What it says, in one or two sentences.
    pub statement: &'static str,
    /// How it is known.
    pub kind: RuleKind,
    /// Where it stands.
    pub source: &'static str,
    /// Date of that source's edition, ISO 8601, as exactly as it is known: `2026-05-07`, `2025-09`,
    /// `undated`.
    pub edition: &'static str,
}

/// How a rule is known.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RuleKind {
    /// The vendor states it.
    Documented,
    /// A named practitioner saw it.
    Observed,
    /// It follows, in our reading, from what is documented.
    Inferred,
}

impl RuleKind {
    /// How sure an answer can be that needs a rule of this kind.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Documented => Confidence::Documented,
            Self::Observed => Confidence::Observed,
            Self::Inferred => Confidence::Inferred,
        }
    }
}

/// Rules, each once, in the order of their numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct RuleSet(u32);

impl RuleSet {
    pub(crate) fn push(&mut self, rule: &Rule) {
        // each rule is one static, so its address tells it
        let place = (0..).zip(RULES).find(|(_, known)| ptr::eq(**known, rule));
        self.0 |= place.map_or(0, |(place, _)| bit(place));
    }

    pub(crate) fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }

    pub(crate) fn to_vec(self) -> Vec<&'static Rule> {
        let named = (0..).zip(RULES).filter(|(place, _)| self.0 & bit(*place) != 0);
        named.map(|(_, rule)| *rule).collect()
    }
}

/// There are fewer rules than bits.
fn bit(place: u32) -> u32 {
    1_u32.checked_shl(place).unwrap_or_default()
}

impl Extend<&'static Rule> for RuleSet {
    fn extend<T: IntoIterator<Item = &'static Rule>>(&mut self, rules: T) {
        rules.into_iter().for_each(|rule| self.push(rule));
    }
}

impl FromIterator<&'static Rule> for RuleSet {
    fn from_iter<T: IntoIterator<Item = &'static Rule>>(rules: T) -> Self {
        let mut all = Self::default();
        all.extend(rules);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_every_rule_once_in_order() {
        let all: RuleSet = RULES.iter().rev().chain(RULES).copied().collect();
        assert_eq!(all.to_vec(), RULES);
        let mut two = RuleSet::default();
        two.push(&crate::rules::R25);
        two.add(std::iter::once(&crate::rules::R1).collect());
        assert_eq!(two.to_vec(), [&crate::rules::R1, &crate::rules::R25]);
    }
}
