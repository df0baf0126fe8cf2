//! Where the platform of the phone is not known, both are walked: an answer that is the same for both needs no more.
//! Where nothing that is asked from there on tells the phones apart, one is walked for both.

use super::strengths::INPUT_MISSING;
use super::{Draft, Walk, candidate, words};
use crate::matching::Prepared;
use crate::read_attempt::ASSUMED;
use crate::{AuthenticationStrength, Context, Platform, StepResult, Verdict};
use keyvet_ctap::Aaguid;
use keyvet_policy::Decision;
use std::ops::ControlFlow;

/// The rest of the walk, with Authenticator on this phone.
type Rest = fn(&mut Walk<'_>, Platform) -> ControlFlow<()>;

pub(super) fn walk(walk: &mut Walk<'_>, rest: Rest) -> ControlFlow<()> {
    match candidate::phones(walk.attempt).as_slice() {
        [phone] => rest(walk, *phone),
        phones => both(walk, phones, rest),
    }
}

fn both(walk: &mut Walk<'_>, phones: &[Platform], rest: Rest) -> ControlFlow<()> {
    let Some((first, others)) = phones.split_first() else { return ControlFlow::Continue(()) };
    let before =
        others.iter().any(|other| are_told_apart(walk, *first, *other)).then(|| walk.clone());
    let ended = rest(walk, *first);
    if let Some(before) = before {
        let mut verdicts = vec![walk.verdict()];
        verdicts.extend(others.iter().map(|phone| verdict(&before, *phone, rest)));
        if verdicts.windows(2).any(|pair| pair.first() != pair.last()) {
            *walk = before;
            return differs(walk, phones, &verdicts);
        }
    }
    let names: Vec<&str> = phones.iter().map(|phone| words::platform(*phone)).collect();
    walk.note(&ASSUMED, format!("attempt.phone: {}; both end alike", names.join(" or ")));
    ended
}

/// Whether anything asked from here on tells these phones apart: a condition on platforms, a strength's list of
/// models, the passkey policy. Whoever makes the rest of the walk ask about more of a phone says it here.
fn are_told_apart(walk: &Walk<'_>, one: Platform, other: Platform) -> bool {
    let models = [one, other].map(candidate::authenticator);
    let by_policy = |policy: &Prepared<'_>| policy.is_for(one) != policy.is_for(other);
    let by_strength = |strength: &AuthenticationStrength| {
        let [first, second] = models
            .map(|model| strength.aaguids.as_ref().is_some_and(|listed| listed.contains(&model)));
        first != second
    };
    let by_passkey_policy = || {
        let [first, second] = models.map(|model| registered(walk, model));
        first != second
    };
    walk.standing.policies.iter().any(by_policy)
        || walk.tenant.strengths.iter().any(by_strength)
        || by_passkey_policy()
}

/// What the passkey policy decides about Authenticator's passkey of that model.
fn registered(walk: &Walk<'_>, model: Aaguid) -> Option<Decision> {
    let mut candidate = walk.candidate.clone();
    candidate.aaguid.get_or_insert(model);
    let prospect = candidate::prospect(&candidate, candidate.attestation, walk.in_app);
    walk.standing.predicted(&prospect).map(|prediction| prediction.registration.decision)
}

/// How it would end with this phone, of which nothing else is said.
fn verdict(walk: &Walk<'_>, phone: Platform, rest: Rest) -> Verdict {
    let mut other = Walk { in_brief: true, ..walk.clone() };
    // the steps say how it ended
    let _ended = rest(&mut other, phone);
    other.verdict()
}

fn differs(walk: &mut Walk<'_>, phones: &[Platform], verdicts: &[Verdict]) -> ControlFlow<()> {
    let words: Vec<String> = phones
        .iter()
        .zip(verdicts)
        .map(|(phone, verdict)| format!("{}: {}", words::platform(*phone), verdict.as_str()))
        .collect();
    let detail = format!("attempt.phone: the platform of the phone decides ({})", words.join(", "));
    walk.leave_open(&INPUT_MISSING, &detail);
    let draft = Draft::new(Context::Ceremony, "Takes the phone to hand");
    walk.push(draft.ends(StepResult::Unknown, &INPUT_MISSING, detail))
}
