//! The document of `keyvet readiness --matrix`.

use super::readiness::{AttemptResult, RuleText, TenantRead, Verdict};
use serde::Serialize;

/// What `keyvet readiness --matrix --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixDocument {
    /// `keyvet.readiness-matrix/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: 0, because people who are stuck are the answer.
    pub exit: u8,
    /// The dated version of the rules that answered.
    pub ruleset: &'static str,
    /// What the tenant was read from.
    pub tenant: TenantRead,
    /// Number of people asked about.
    pub people: usize,
    /// Whether the export holds no people, so that people made up for the purpose were asked about.
    pub made_up: bool,
    /// Number of answers by verdict, one for each person in each context.
    pub totals: Totals,
    /// The columns: where people are, what they sign in with, by which route.
    pub contexts: Vec<MatrixContext>,
    /// The rows: people whose answers are the same in every context.
    pub rows: Vec<MatrixRow>,
    /// Every different way an attempt goes; cells point here.
    pub paths: Vec<AttemptResult>,
    /// Every rule that a path names.
    pub rulebook: Vec<RuleText>,
}

/// One column.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixContext {
    /// `windows`, `macOS`, `linux`, `iOS` or `android`.
    pub platform: &'static str,
    /// `browser:edge`, …, `authenticatorApp` or `graphOnBehalf`.
    pub surface: String,
    /// `local`, `crossDevice`, `inApp` or `any`.
    pub route: &'static str,
    /// `own`: the strongest of what the person has; else the Temporary Access Pass just issued, by Graph's name.
    #[serde(rename = "signIn")]
    pub sign_in: String,
}

/// Numbers of answers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// The passkey is made, and signs in.
    pub ready: usize,
    /// The same after doing something.
    pub conditional: usize,
    /// Cannot be told.
    pub unknown: usize,
    /// Stuck.
    pub blocked: usize,
}

/// People whose answers are the same in every context.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixRow {
    /// Their names or ids, in the order of the export.
    pub people: Vec<String>,
    /// One answer per context, in the order of the contexts.
    pub cells: Vec<MatrixCell>,
}

/// One answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixCell {
    /// The outcome.
    pub verdict: Verdict,
    /// Context of the step that decides a verdict other than ready.
    pub stopped_at: Option<String>,
    /// Index in `paths`.
    pub path: usize,
}

impl Totals {
    /// Counts an answer that `people` have.
    pub fn count(&mut self, verdict: Verdict, people: usize) {
        let counter = match verdict {
            Verdict::Ready => &mut self.ready,
            Verdict::Conditional => &mut self.conditional,
            Verdict::Unknown => &mut self.unknown,
            Verdict::Blocked => &mut self.blocked,
        };
        *counter = counter.saturating_add(people);
    }

    /// The number of one verdict.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Ready => self.ready,
            Verdict::Conditional => self.conditional,
            Verdict::Unknown => self.unknown,
            Verdict::Blocked => self.blocked,
        }
    }
}

impl FromIterator<Verdict> for Totals {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut totals = Self::default();
        verdicts.into_iter().for_each(|verdict| totals.count(verdict, 1));
        totals
    }
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.readiness-matrix/1";
