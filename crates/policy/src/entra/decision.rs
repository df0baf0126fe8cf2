//! The decision for Entra: P1 to P7, once for registration and once for sign-in.
//!
//! | | check | registration | sign-in | file |
//! |---|---|---|---|---|
//! | P1 | the method is on | yes | yes | `scope.rs` |
//! | P2 | the person is not excluded | yes | yes | `scope.rs` |
//! | P3 | some profile is given | yes | yes | `scope.rs` |
//! | P4 | self-service set-up is on | yes | | `scope.rs` |
//! | P5 | the kind of passkey is let in | yes | yes | `types.rs` |
//! | P6 | the model is let in | yes | yes | `restrictions.rs` |
//! | P7 | the attestation is as demanded | yes | | `demand.rs`, `chain.rs`, `models.rs` |
//!
//! P5 to P7 must hold in one and the same profile. A gate that refuses decides whatever the profiles
//! say. What no document decides is undecided, never guessed.

use super::key_table::KeyTable;
use super::{demand, notes, restrictions, scope, types};
use crate::facts::Facts;
use crate::model::{Moment, Policy, Profile, Provider};
use crate::text;
use crate::verdict::{Answer, Decision, Effect, Reason, Scope, decision_of};
use keyvet_finding::{Culprit, Kind, Severity};

/// One profile, judged.
pub(crate) struct Judged<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) reasons: Vec<Reason>,
}

impl Judged<'_> {
    pub(crate) fn decision(&self) -> Decision {
        decision_of(&self.reasons)
    }

    /// Smaller is nearer to acceptance: refusals count before open questions.
    pub(crate) fn distance(&self) -> (usize, usize) {
        let count = |effect| self.reasons.iter().filter(|r| r.effect == effect).count();
        (count(Effect::Refuses), count(Effect::LeavesOpen))
    }
}

/// The answer for one moment.
pub(crate) fn answer(
    policy: &Policy,
    facts: &Facts,
    table: &KeyTable,
    scope: &Scope,
    moment: Moment,
) -> Answer {
    let judge = |profile| judge(policy.provider, profile, facts, table, moment);
    let mut answer = answer_by(policy, scope, moment, judge);
    answer.reasons.extend(notes::about_the_moment(facts, moment, answer.decision));
    answer
}

/// The gates, then the profile that comes nearest by `judge`.
pub(crate) fn answer_by<'a>(
    policy: &'a Policy,
    scope: &Scope,
    moment: Moment,
    judge: impl Fn(&'a Profile) -> Judged<'a>,
) -> Answer {
    let in_scope = scope::resolve(policy, scope, moment);
    let judged: Vec<Judged<'_>> = in_scope.profiles.iter().copied().map(&judge).collect();
    let nearest = judged.iter().min_by_key(|candidate| candidate.distance());
    let mut reasons = in_scope.reasons;
    let locked = decision_of(&reasons) == Decision::Refused && !scope::is_about_profiles(&reasons);
    reasons.extend(nearest.map(accepting).into_iter().flatten());
    reasons.extend(nearest.iter().flat_map(|nearest| nearest.reasons.iter().cloned()));
    let decision = decision_of(&reasons);
    reasons.extend(notes::others(&judged, nearest, decision));
    if decision != Decision::Accepted && !locked {
        reasons.extend(notes::elsewhere(policy, &in_scope.profiles, judge));
    }
    Answer {
        decision,
        profile: nearest.filter(|_| !locked).map(|nearest| text::shown(&nearest.profile.name)),
        reasons: ordered(decision, reasons),
    }
}

fn judge<'a>(
    provider: Provider,
    profile: &'a Profile,
    facts: &Facts,
    table: &KeyTable,
    moment: Moment,
) -> Judged<'a> {
    let place = place(provider, profile);
    let attestation = match provider {
        Provider::EntraLegacy => "isAttestationEnforced".to_owned(),
        _ => format!("{place} attestationEnforcement"),
    };
    let mut reasons = vec![types::judge(provider, profile, facts, &place)];
    reasons.extend(restrictions::judge(profile, facts, &place));
    reasons.extend(demand::judge(profile, facts, table, &attestation, moment));
    reasons.extend(crate::unjudged::judge(profile, &place));
    Judged { profile, reasons }
}

/// How reasons name the profile.
pub(crate) fn place(provider: Provider, profile: &Profile) -> String {
    match provider {
        Provider::EntraLegacy => super::graph::LEGACY_NAME.to_owned(),
        _ => format!("profile '{}'", profile.name),
    }
}

fn accepting(nearest: &Judged<'_>) -> Option<Reason> {
    let name = &nearest.profile.name;
    let accepts = nearest.decision() == Decision::Accepted;
    accepts.then(|| Reason::passes(&PROFILE_ACCEPTS, format_args!("profile '{name}'"), name))
}

/// The deciding reasons first; in a refusal, what did pass is left out.
fn ordered(decision: Decision, mut reasons: Vec<Reason>) -> Vec<Reason> {
    if decision == Decision::Refused {
        reasons.retain(|reason| reason.effect != Effect::Passes);
    }
    // stable: within one effect the order of the checks stays, but the profile that accepts leads
    reasons.sort_by_key(|reason| (reason.effect, reason.id() != PROFILE_ACCEPTS.id));
    reasons
}

pub(crate) static PROFILE_ACCEPTS: Kind = Kind {
    id: "entra.profile-accepts",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The credential meets every demand of this profile. One profile is enough.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};
