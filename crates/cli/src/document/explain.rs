//! The document of `keyvet explain`.

use super::{Severity, readiness::RuleText};
use keyvet_finding::Kind;
use serde::Serialize;

/// What `keyvet explain --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainDocument {
    /// `keyvet.explain/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// One explanation, or all of them in the order of their ids when none was asked for.
    pub explanations: Vec<Explanation>,
    /// The rule of `keyvet readiness` that was asked for by its id, `R18`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleText>,
    /// Whether one id was asked for.
    #[serde(skip)]
    pub single: bool,
}

/// What one id means.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The stable id.
    pub id: &'static str,
    /// How much a finding of this id weighs.
    pub severity: Severity,
    /// Who can do something about it.
    pub culprit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do next.
    pub next_step: &'static str,
    /// The rule behind it.
    pub source: &'static str,
}

impl From<&'static Kind> for Explanation {
    fn from(kind: &'static Kind) -> Self {
        Self {
            id: kind.id,
            severity: kind.severity.into(),
            culprit: kind.culprit.as_str(),
            meaning: kind.meaning,
            next_step: kind.next_step,
            source: kind.source,
        }
    }
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.explain/1";
