//! The document of `keyvet readiness --plan`.

use super::readiness::{AttemptAsked, Confidence, RuleText, TenantRead, Verdict};
use serde::Serialize;

/// What `keyvet readiness --plan --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanDocument {
    /// `keyvet.readiness-plan/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: 0, because what to change is the answer.
    pub exit: u8,
    /// The dated version of the rules that answered.
    pub ruleset: &'static str,
    /// What the tenant was read from.
    pub tenant: TenantRead,
    /// Number of attempts looked at, one for each person.
    pub attempts: usize,
    /// Those that are blocked, those of people whom the tenant cannot tell apart once; proposals point here.
    pub stuck: Vec<StuckAttempt>,
    /// What to change: what changes no policy first, then fewer changes, then more people helped; what gives up a
    /// protection of every passkey comes last.
    pub proposals: Vec<Proposal>,
    /// Every rule that a proposal rests on.
    pub rulebook: Vec<RuleText>,
}

/// An attempt that is blocked.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StuckAttempt {
    /// What was asked.
    pub attempt: AttemptAsked,
    /// Number of people whose attempt this is.
    pub people: usize,
    /// Context of the step that blocks.
    pub stopped_at: Option<String>,
}

/// A set of changes, none of which can be left out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    /// What to do, in one line.
    pub title: String,
    /// The changes.
    pub changes: Vec<Change>,
    /// Attempts that are no longer stuck, evaluated again under the changed policies.
    pub unblocks: Vec<Unblocked>,
    /// Indices in `stuck` of attempts that are stuck all the same.
    pub still_stuck: Vec<usize>,
    /// Whether it gives up a protection of every passkey.
    pub is_weaker: bool,
    /// Ids of the rules that the changes rest on.
    pub rules: Vec<&'static str>,
    /// That of the weakest of these rules.
    pub confidence: Confidence,
}

/// One change.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// What to do.
    pub title: String,
    /// Where it is made, in Graph's terms. keyvet makes no change itself.
    pub how: String,
    /// What it gives up.
    pub loosens: String,
}

/// An attempt that is no longer stuck.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unblocked {
    /// Index in `stuck`.
    pub attempt: usize,
    /// How it ends now.
    pub verdict: Verdict,
}

impl PlanDocument {
    /// Number of attempts that are blocked: those of people whom the tenant cannot tell apart stand in `stuck` once.
    #[must_use]
    pub fn blocked(&self) -> usize {
        self.stuck.iter().map(|stuck| stuck.people).sum()
    }
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.readiness-plan/1";
