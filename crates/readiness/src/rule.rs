//! What a rule is: a statement with its source, and how sure it is.

use crate::Confidence;

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
