//! What a demanded authentication strength made of the methods at hand, in Graph's words.

use super::{
    EventResult, Judgement, Reason,
    cited::{self, Rules},
    passkey, tap,
};
use crate::{
    Confidence,
    sign_in::{AppliedPolicy, SignIn, StrengthUse},
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// Built-in "Phishing-resistant MFA".
const PHISHING_RESISTANT: &str = "00000000-0000-0000-0000-000000000004";

/// Judges the strengths of a sign-in that did not pass, the one that helps least first.
pub(super) fn judge(sign_in: &SignIn, judgement: &mut Judgement) {
    let mut found: Vec<(u8, Reason)> = Vec::new();
    for policy in &sign_in.policies {
        let Some(strength) = &policy.strength else { continue };
        match result(strength) {
            Some((rank, kind, rules)) => {
                let detail = detail(sign_in, policy, strength);
                found.push((rank, Reason::new(kind, rules, Confidence::Documented, detail)));
            }
            None => unknown(strength, judgement),
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    judgement.on_topic |= !found.is_empty();
    judgement.why.extend(found.into_iter().map(|(_, reason)| reason));
}

type Known = (u8, &'static Kind, Rules);

fn result(strength: &StrengthUse) -> Option<Known> {
    let is = |word: &str| strength.result.as_deref().unwrap_or_default().eq_ignore_ascii_case(word);
    if is("cannotSatisfy") {
        Some((0, &IMPOSSIBLE, cited::R5_R4))
    } else if is("cannotSatisfyDueToCombinationConfiguration") {
        Some((1, &MODELS, cited::R20_R4))
    } else if is("singleRegistrationRequired") || is("multipleRegistrationsRequired") {
        Some((2, &REGISTRATION, cited::R5_R6))
    } else if is("singleChallengeRequired") || is("multipleChallengesRequired") {
        Some((3, &CHALLENGE, cited::R3_R4))
    } else {
        None
    }
}

/// A word that no edition of the reference has is shown, not guessed.
fn unknown(strength: &StrengthUse, judgement: &mut Judgement) {
    let silent = ["", "notSet", "satisfied", "skippedForProofUp", "unknownFutureValue"];
    let word = strength.result.as_deref().unwrap_or_default();
    if !silent.iter().any(|known| word.eq_ignore_ascii_case(known)) {
        judgement.open.push(Finding::new(&UNKNOWN, format_args!("'{word}'")));
    }
}

fn detail(sign_in: &SignIn, policy: &AppliedPolicy, strength: &StrengthUse) -> String {
    let name = strength.strength.call().unwrap_or("without a name");
    let policy = policy.policy.call().unwrap_or("without a name");
    let word = strength.result.as_deref().unwrap_or_default();
    let mut detail = format!("policy \"{policy}\" demands strength \"{name}\": {word}");
    if strength.strength.has_id(PHISHING_RESISTANT) && tap::used_in(sign_in) {
        detail.push_str("; a Temporary Access Pass never satisfies the built-in phishing-resistant strength (R8)");
    }
    detail
}

/// Notes that strengths on all resources were left out because those on registration count (R1).
pub(super) fn skipped(sign_in: &SignIn, judgement: &mut Judgement) {
    let strengths = sign_in.policies.iter().filter_map(|policy| policy.strength.as_ref());
    let mut skipped = strengths.filter(|strength| {
        strength
            .result
            .as_deref()
            .is_some_and(|word| word.eq_ignore_ascii_case("skippedForProofUp"))
    });
    if let Some(strength) = skipped.next() {
        judgement.on_topic = true;
        let name = strength.strength.call().unwrap_or("without a name");
        let detail = format_args!("strength \"{name}\": skippedForProofUp");
        judgement.notes.push(Reason::new(&SKIPPED, cited::R1, Confidence::Inferred, detail));
    }
    let demanded = sign_in.policies.iter().any(|policy| policy.strength.is_some());
    judgement.on_topic |=
        demanded && judgement.result == EventResult::Passed && uses_passkey(sign_in);
}

fn uses_passkey(sign_in: &SignIn) -> bool {
    sign_in.steps.iter().filter_map(|step| step.method.as_deref()).any(passkey::is_passkey)
}

/// No method at hand satisfies the strength.
pub(in crate::sign_in) static IMPOSSIBLE: Kind = Kind {
    id: "readiness.sign-in-strength-impossible",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy demands an authentication strength that no method of this person can satisfy: \
              none that is registered, and none that they could register on the way.",
    next_step: "Compare the strength's combinations with the methods that are on for this person; add \
                the method they have, or switch on one that the strength takes. `keyvet readiness` walks \
                the same attempt against the exported policies.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};

/// Only the strength's own settings stand in the way.
pub(in crate::sign_in) static MODELS: Kind = Kind {
    id: "readiness.sign-in-strength-models",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The person's methods would do, but for the strength's list of passkey models (AAGUIDs) \
              or certificate issuers: the passkey is of a model that is not on the list.",
    next_step: "Add the model's AAGUID to the strength, or give the person a passkey of a listed model.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};

/// A method has to be registered first.
pub(in crate::sign_in) static REGISTRATION: Kind = Kind {
    id: "readiness.sign-in-strength-registration",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The strength can be satisfied once the person registers a method it takes; Microsoft \
              sends them to registration.",
    next_step: "Nothing, if the person goes on and registers; otherwise help them through registration.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};

/// Another prompt satisfies the strength.
pub(in crate::sign_in) static CHALLENGE: Kind = Kind {
    id: "readiness.sign-in-strength-challenge",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The person has a method that satisfies the strength and has to use it.",
    next_step: "Nothing, if the person goes on; otherwise have them choose that method under 'Sign-in \
                options'.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};

/// A strength was left out for registration.
pub(in crate::sign_in) static SKIPPED: Kind = Kind {
    id: "readiness.sign-in-strength-skipped",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "While a person registers security info, strengths on that user action count, and those \
              on all resources do not. That skippedForProofUp is the log's word for this is our \
              reading.",
    next_step: "Nothing: this is as it should be.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};

/// The strength's result is unknown.
pub(in crate::sign_in) static UNKNOWN: Kind = Kind {
    id: "readiness.sign-in-strength-unknown",
    severity: Severity::Note,
    culprit: Culprit::Us,
    meaning: "The log has a result of a strength that Graph's reference does not name.",
    next_step: "Look the word up in Graph's reference.",
    source: "Graph reference, authenticationStrengthResult (beta)",
};
