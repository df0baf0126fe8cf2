//! The answer: a decision for registration and one for sign-in, each with every reason.

use crate::text;
use keyvet_finding::{Finding, Kind};
use std::fmt;

/// What a policy says about one credential.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it could be registered today.
    pub registration: Answer,
    /// Whether it could be used today, had it been registered.
    pub sign_in: Answer,
    /// What is odd about the policy itself, whatever the credential.
    pub findings: Vec<Finding>,
}

/// A decision and why.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The decision.
    pub decision: Decision,
    /// Name of the profile that decided, printable: the one that accepts, or the one that came
    /// nearest. `None` when the answer is the same whatever the profiles say.
    pub profile: Option<String>,
    /// Why, the deciding reason first. Never empty.
    pub reasons: Vec<Reason>,
}

/// Accepted, refused, or not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Every demand of some profile is met, as far as documents and evidence say.
    Accepted,
    /// A documented demand is not met, in every profile that applies.
    Refused,
    /// Documents or evidence do not decide it; the reasons say what is missing.
    Undecided,
}

impl Decision {
    /// The word used in JSON and text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
        }
    }
}

/// One reason of an [`Answer`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reason {
    /// What it is: id, meaning, next step, rule, and the values of this case.
    pub finding: Finding,
    /// The place in the policy, key table or metadata that says so; printable.
    pub source: String,
    /// Which way it points.
    pub effect: Effect,
}

/// Which way a reason points.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// A demand is not met.
    Refuses,
    /// Whether a demand is met is not known.
    LeavesOpen,
    /// A demand is met.
    Passes,
    /// Worth knowing; decides nothing.
    Note,
}

impl Reason {
    pub(crate) fn new(
        effect: Effect,
        kind: &'static Kind,
        source: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self { finding: text::finding(kind, detail), source: text::shown(source), effect }
    }

    pub(crate) fn refuses(
        kind: &'static Kind,
        source: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self::new(Effect::Refuses, kind, source, detail)
    }

    pub(crate) fn leaves_open(
        kind: &'static Kind,
        source: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self::new(Effect::LeavesOpen, kind, source, detail)
    }

    pub(crate) fn passes(
        kind: &'static Kind,
        source: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self::new(Effect::Passes, kind, source, detail)
    }

    pub(crate) fn note(
        kind: &'static Kind,
        source: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self::new(Effect::Note, kind, source, detail)
    }

    /// The stable id, `entra.not-in-metadata`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.finding.id()
    }

    /// The values of this case: printable.
    #[must_use]
    pub fn detail(&self) -> &str {
        self.finding.detail()
    }

    /// What to do next, as an instruction.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        self.finding.kind().next_step
    }
}

/// Which profiles the question is about.
///
/// With neither a profile nor a group, the question is about somebody who is in no group: the
/// profiles given to all users. Where a policy gives profiles to groups only, every profile is
/// tried, and the answer is *refused* when each of them refuses and *undecided* otherwise.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scope {
    /// Judge this profile alone, by id or name, whoever is given it.
    pub profile: Option<String>,
    /// Judge for a member of all of these groups (and of all users).
    pub groups: Vec<String>,
}

/// `Refuses` outweighs `LeavesOpen`, which outweighs the rest.
pub(crate) fn decision_of(reasons: &[Reason]) -> Decision {
    match reasons.iter().map(|reason| reason.effect).min() {
        Some(Effect::Refuses) => Decision::Refused,
        Some(Effect::LeavesOpen) => Decision::Undecided,
        Some(Effect::Passes | Effect::Note) | None => Decision::Accepted,
    }
}
