//! What is told of a log.

use super::{AppliedPolicy, AuthStep, EventResult, Named, Who};
use crate::{Confidence, Rule};
use keyvet_finding::Finding;

/// A log, explained.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Explanation {
    /// The stories told, by person and then in order of time.
    pub stories: Vec<Story>,
    /// Changes of policies in the audit log, in order of time.
    pub changes: Vec<Change>,
    /// What was noticed about the log as a whole.
    pub findings: Vec<Finding>,
    /// Attempts not told, because they passed and have nothing to do with passkeys.
    pub not_told: usize,
    /// Records read, without those that came twice.
    pub records: usize,
}

/// One attempt of one person: records that belong together by correlation or request id.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Story {
    /// Whom it is about.
    pub person: String,
    /// What its records share.
    pub correlation_ids: Vec<String>,
    /// How it ends.
    pub outcome: Outcome,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why it did not go further, the deciding reason first; empty when it did.
    pub why: Vec<Finding>,
    /// What is worth knowing and decides nothing.
    pub notes: Vec<Finding>,
    /// What the log does not tell.
    pub unresolved: Vec<Finding>,
    /// What an administrator does next.
    pub next: Vec<String>,
    /// The rules that explain it, in the order of their numbers.
    pub rules: Vec<&'static Rule>,
    /// How sure the explanation is: as sure as its least sure reason.
    pub confidence: Confidence,
    pub(super) who: Hidden,
}

/// Who it is, for filters; never shown, so that a story without names has none.
#[derive(Clone)]
pub(super) struct Hidden(pub(super) Who);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

impl Story {
    /// Whether the person's user name, display name or object id has `text` in it, in any case; also where names
    /// are replaced.
    #[must_use]
    pub fn is_about(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let Hidden(who) = &self.who;
        let mut names = [&who.user, &who.name, &who.id].into_iter().flatten();
        self.person.to_lowercase().contains(&text)
            || names.any(|name| name.to_lowercase().contains(&text))
    }
}

/// How a story ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// Everything in it passed in the end.
    Done,
    /// The person was asked for something and did not go on, as far as the log tells.
    Interrupted,
    /// Something in it was refused for good.
    Stopped,
    /// No public page explains how it ends.
    Unknown,
}

impl Outcome {
    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Interrupted => "interrupted",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

/// One record of a story.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// When, as written.
    pub time: String,
    /// Which log it is from.
    pub source: Source,
    /// Its id; for a sign-in the request id.
    pub id: Option<String>,
    /// What happened, in a few words.
    pub title: String,
    /// How it ends.
    pub result: EventResult,
    /// Whether a later record shows that the person got past it.
    pub passed_later: bool,
    /// The code of a sign-in.
    pub code: Option<u32>,
    /// The application of a sign-in.
    pub app: Named,
    /// The resource of a sign-in.
    pub resource: Named,
    /// The platform, as written.
    pub platform: Option<String>,
    /// What the log says about the failure, as written.
    pub reason: Option<String>,
    /// The methods used or tried.
    pub steps: Vec<AuthStep>,
    /// The policies that had a say.
    pub policies: Vec<AppliedPolicy>,
    /// What was found about this record: why it does not pass, then notes.
    pub findings: Vec<Finding>,
}

/// Which log a record is from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// The sign-in log.
    SignIn,
    /// The audit log.
    Audit,
}

impl Source {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "signIn",
            Self::Audit => "audit",
        }
    }
}

/// A change of a policy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// When, as written.
    pub time: String,
    /// What was done, as written.
    pub activity: String,
    /// The policy's name, as written.
    pub object: Option<String>,
    /// Who did it.
    pub by: String,
    /// Whether it succeeded.
    pub result: EventResult,
}
