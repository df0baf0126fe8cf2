//! What one record means, by itself and among the others of the same person.

pub(super) mod access;
pub(super) mod cited;
pub(super) mod in_app;
pub(super) mod other;
pub(super) mod passkey;
pub(super) mod registration;
pub(super) mod strength;
pub(super) mod tap;

use super::{Audit, Code, CodeClass, Record, SignIn, limits::LOOK, words};
use crate::Confidence;
use cited::Rules;
use keyvet_finding::{Finding, Kind};

pub(super) use other::{LOOP, PAUSE};
pub(super) use registration::Activity;

/// How one record ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EventResult {
    /// It succeeded.
    Passed,
    /// The person is asked for something, and the sign-in goes on.
    Interrupted,
    /// It failed.
    Failed,
    /// The record does not say, or says it in a way that no public page explains.
    Unknown,
}

impl EventResult {
    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found about one record.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    pub(super) result: EventResult,
    /// Why it does not pass, the deciding reason first.
    pub(super) why: Vec<Reason>,
    /// What is worth knowing about it.
    pub(super) notes: Vec<Reason>,
    /// What the log does not tell.
    pub(super) open: Vec<Finding>,
    /// Whether it has to do with passkeys, Temporary Access Passes or registration.
    pub(super) on_topic: bool,
}

/// A reason, the rules behind it, how sure it is, and what to do.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    pub(super) finding: Finding,
    pub(super) rules: Rules,
    pub(super) confidence: Confidence,
    /// What to do in this case, where more can be said than the kind does.
    pub(super) next: Option<String>,
}

impl Reason {
    pub(super) fn new(
        kind: &'static Kind,
        rules: Rules,
        confidence: Confidence,
        detail: impl std::fmt::Display,
    ) -> Self {
        let of_rules = rules.iter().map(|rule| rule.kind.confidence());
        let confidence = of_rules.fold(confidence, Confidence::max);
        Self { finding: Finding::new(kind, detail), rules, confidence, next: None }
    }

    fn and_do(self, next: String) -> Self {
        Self { next: Some(next), ..self }
    }
}

/// The records of one person, in order, and the one that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    /// All of the person's records.
    pub(super) all: &'a [&'a Record],
    /// Those of the same attempt.
    pub(super) story: &'a [&'a Record],
    /// Which of `all` is judged.
    pub(super) at: usize,
}

impl<'a> View<'a> {
    /// What the person did before, the latest first, as far as it is looked through.
    pub(super) fn before(self) -> impl Iterator<Item = &'a Record> {
        self.all.get(..self.at).unwrap_or_default().iter().rev().take(LOOK).copied()
    }

    /// What the person did afterwards, as far as it is looked through.
    pub(super) fn after(self) -> impl Iterator<Item = &'a Record> {
        self.all.get(self.at.saturating_add(1)..).unwrap_or_default().iter().take(LOOK).copied()
    }
}

/// Judges one record.
pub(super) fn judge(record: &Record, view: View<'_>) -> Judgement {
    match record {
        Record::SignIn(sign_in) => self::sign_in(sign_in, view),
        Record::Audit(audit) => registration::audit(audit, view),
    }
}

fn sign_in(sign_in: &SignIn, view: View<'_>) -> Judgement {
    let result = result(sign_in);
    let mut judgement =
        Judgement { result, why: Vec::new(), notes: Vec::new(), open: Vec::new(), on_topic: false };
    if result == EventResult::Passed {
        passkey::used(sign_in, &mut judgement);
        tap::accepted(sign_in, &mut judgement);
    } else {
        in_app::judge(sign_in, view, &mut judgement);
        strength::judge(sign_in, &mut judgement);
        by_code(sign_in, view, &mut judgement);
    }
    strength::skipped(sign_in, &mut judgement);
    judgement
}

/// What the code says, where nothing more exact has been found.
fn by_code(sign_in: &SignIn, view: View<'_>, judgement: &mut Judgement) {
    let Some(number) = sign_in.code else { return other::no_code(sign_in, judgement) };
    let Some(code) = Code::find(number) else { return other::unknown(sign_in, number, judgement) };
    let found = tap::judge(code, view)
        .or_else(|| passkey::judge(code))
        .or_else(|| registration::by_code(code))
        .map(|reason| (reason, true))
        .or_else(|| access::judge(code, sign_in).map(|reason| (reason, false)));
    match found {
        Some((reason, on_topic)) => {
            judgement.on_topic |= on_topic;
            // access codes say that a policy refused; a strength or the in-app step says why
            if on_topic || judgement.why.is_empty() {
                judgement.why.push(reason);
            }
        }
        None if judgement.why.is_empty() => judgement.why.push(other::everyday(code)),
        None => {}
    }
}

fn result(sign_in: &SignIn) -> EventResult {
    match sign_in.code {
        Some(0) => EventResult::Passed,
        Some(number) => match Code::find(number).map(|code| code.class) {
            Some(CodeClass::Interrupt) => EventResult::Interrupted,
            Some(CodeClass::Failure) => EventResult::Failed,
            None => EventResult::Unknown,
        },
        None if in_app::is_refusal(sign_in) => EventResult::Failed,
        None => EventResult::Unknown,
    }
}

/// How an entry of the audit log ends.
pub(super) fn result_of(audit: &Audit) -> EventResult {
    match audit.result.as_deref().map(words::succeeded) {
        Some(Some(true)) => EventResult::Passed,
        Some(Some(false)) => EventResult::Failed,
        Some(None) | None => EventResult::Unknown,
    }
}

/// Names of policies that refused, for a sentence: `"A", "B"`.
fn refusing(sign_in: &SignIn) -> String {
    let refused = sign_in.policies.iter().filter(|policy| {
        policy.result.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("failure"))
    });
    let names: Vec<String> = refused
        .filter_map(|policy| policy.policy.call())
        .map(|name| format!("\"{name}\""))
        .collect();
    names.join(", ")
}

/// `A (id)`, or what of it is known.
fn described(named: &super::Named) -> String {
    match (&named.name, &named.id) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => "a resource that the log does not name".to_owned(),
    }
}
