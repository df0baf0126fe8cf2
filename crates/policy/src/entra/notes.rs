//! What is worth knowing beside a decision and changes nothing about it.

use super::decision::Judged;
use crate::facts::Facts;
use crate::model::{Moment, Policy, Profile};
use crate::verdict::{Decision, Effect, Reason};
use keyvet_finding::{Culprit, Kind, Severity};

/// What the other profiles in scope said, when none accepted.
pub(crate) fn others(
    judged: &[Judged<'_>],
    nearest: Option<&Judged<'_>>,
    decision: Decision,
) -> Vec<Reason> {
    let is_nearest = |other: &Judged<'_>| nearest.is_some_and(|n| std::ptr::eq(n, other));
    if decision == Decision::Accepted {
        return Vec::new();
    }
    judged.iter().filter(|other| !is_nearest(other)).take(MAX_OTHERS).map(other).collect()
}

fn other(judged: &Judged<'_>) -> Reason {
    let decides = |reason: &&Reason| matches!(reason.effect, Effect::Refuses | Effect::LeavesOpen);
    let ids: Vec<&str> = judged.reasons.iter().filter(decides).map(Reason::id).collect();
    let detail = match ids.as_slice() {
        [] => judged.decision().as_str().to_owned(),
        ids => format!("{}: {}", judged.decision().as_str(), ids.join(", ")),
    };
    Reason::note(&OTHER_PROFILE, format_args!("profile '{}'", judged.profile.name), detail)
}

/// Profiles outside the scope that would accept.
pub(crate) fn elsewhere<'a>(
    policy: &'a Policy,
    in_scope: &[&Profile],
    judge: impl Fn(&'a Profile) -> Judged<'a>,
) -> Vec<Reason> {
    let outside = |p: &&Profile| !in_scope.iter().any(|known| std::ptr::eq(*known, *p));
    let judged = policy.profiles.iter().filter(outside).map(judge);
    let accepting = judged.filter(|judged| judged.decision() == Decision::Accepted);
    accepting.take(MAX_OTHERS).map(|judged| accepts_elsewhere(policy, judged.profile)).collect()
}

fn accepts_elsewhere(policy: &Policy, profile: &Profile) -> Reason {
    let gives = |ids: &Vec<String>| ids.iter().any(|id| id.eq_ignore_ascii_case(&profile.id));
    let targets = policy.include.value().into_iter().flatten();
    let given = targets.filter(|target| target.profiles.as_ref().is_some_and(gives));
    let ids: Vec<&str> = given.map(|target| target.id.as_str()).take(MAX_OTHERS).collect();
    let detail = match ids.as_slice() {
        [] => "given to nobody".to_owned(),
        ids => format!("given to {}", ids.join(", ")),
    };
    let place = format!("profile '{}'", profile.name);
    Reason::note(&ACCEPTED_ELSEWHERE, place, detail)
}

/// What the registration or the moment leaves out.
pub(crate) fn about_the_moment(facts: &Facts, moment: Moment, decision: Decision) -> Vec<Reason> {
    match (moment, decision) {
        (_, Decision::Refused) => Vec::new(),
        (Moment::SignIn, _) => vec![Reason::note(
            &CONDITIONAL_ACCESS,
            "Conditional Access",
            "authentication strengths are not part of this policy",
        )],
        (Moment::Registration, _) => {
            [user_verification(facts), algorithm(facts)].into_iter().flatten().collect()
        }
    }
}

fn user_verification(facts: &Facts) -> Option<Reason> {
    let unverified = facts.user_verified == Some(false);
    unverified.then(|| Reason::note(&NOT_VERIFIED, "authenticator data", "UV flag clear"))
}

fn algorithm(facts: &Facts) -> Option<Reason> {
    let algorithm = facts.algorithm.filter(|alg| !OFFERED_ALGORITHMS.contains(alg))?;
    Some(Reason::note(&ALGORITHM, "credential public key", format_args!("COSE {algorithm}")))
}

/// ES256 and RS256.
const OFFERED_ALGORITHMS: [i64; 2] = [-7, -257];
/// Profiles or targets named beside the answer.
const MAX_OTHERS: usize = 10;

pub(crate) static OTHER_PROFILE: Kind = Kind {
    id: "entra.other-profile",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Another profile the person has was tried too, and came less near.",
    next_step: "Nothing to do, unless this is the profile you meant to use: ask again with --profile.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static ACCEPTED_ELSEWHERE: Kind = Kind {
    id: "entra.accepted-elsewhere",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "A profile that was not part of the question would accept this credential.",
    next_step: "Ask again with --group and one of the ids named, or give the profile to the person.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static CONDITIONAL_ACCESS: Kind = Kind {
    id: "entra.conditional-access-not-judged",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Signing in also has to satisfy Conditional Access. An authentication strength may list \
              AAGUIDs of its own; that was not judged here.",
    next_step: "Look at the authentication strengths that list AAGUIDs.",
    source: "Microsoft Entra documentation, concept-authentication-strength-advanced-options",
};

pub(crate) static NOT_VERIFIED: Kind = Kind {
    id: "entra.user-not-verified",
    severity: Severity::Note,
    culprit: Culprit::Client,
    meaning: "This registration was made without verifying the user. Entra requires verification, so \
              a registration there will ask for the PIN or a biometric.",
    next_step: "Check that the key has a PIN or biometric; register with user verification required.",
    source: "Microsoft Entra documentation, reference-credential-management-api (creation options)",
};

pub(crate) static ALGORITHM: Kind = Kind {
    id: "entra.algorithm-not-offered",
    severity: Severity::Note,
    culprit: Culprit::Client,
    meaning: "This registration uses an algorithm that Entra does not offer. Entra asks for ES256 or \
              RS256; the key must support one of them.",
    next_step: "Check in getInfo that the key supports ES256.",
    source: "Microsoft Entra documentation, reference-credential-management-api (creation options)",
};
