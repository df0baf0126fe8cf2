//! Changes that could help somebody who is stuck. Generous on purpose: each is tried, and only what works is kept.

use super::change::{APP_RESOURCES, Change, NamedObject};
use crate::matrix::{is_pass, usual_pass};
use crate::resources::CREDENTIAL_REGISTRATION;
use crate::{
    Answer, Applies, Attempt, AuthenticationStrength, ConditionalAccessPolicy, Context, MethodMode,
    Step, StrengthResult, Surface, TapKind, Tenant,
};
use keyvet_ctap::Aaguid;
use keyvet_policy::entra::{AUTHENTICATOR_ANDROID, AUTHENTICATOR_IOS};
use keyvet_policy::{Attestation, ListMode, Policy, Stated};

/// What could be tried for an attempt that ends as `answer` says.
pub(super) fn candidates(tenant: &Tenant, attempt: &Attempt, answer: &Answer) -> Vec<Change> {
    let mut all = passes(tenant, attempt);
    if let Some(step) = answer.stopped_at.and_then(|index| answer.steps.get(index)) {
        for policy in in_the_way(tenant, step) {
            all.extend(exclusions(policy, step));
            all.extend(strengths(tenant, policy, attempt, answer));
        }
    }
    tenant.passkeys.iter().for_each(|policy| all.extend(passkeys(policy, attempt)));
    all
}

/// The policies in force in this step; its results stand in the tenant's order.
fn in_the_way<'a>(
    tenant: &'a Tenant,
    step: &'a Step,
) -> impl Iterator<Item = &'a ConditionalAccessPolicy> {
    let pairs = tenant.policies.iter().zip(&step.policies);
    pairs.filter(|(_, result)| result.applies == Applies::Yes).map(|(policy, _)| policy)
}

fn passes(tenant: &Tenant, attempt: &Attempt) -> Vec<Change> {
    if attempt.surface == Surface::GraphOnBehalf {
        return Vec::new();
    }
    let kind = usual_pass(tenant);
    let uses = |kind: TapKind| attempt.signed_in_with.contains(&kind.mode());
    let method = tenant.methods.iter().find(|method| is_pass(&method.id));
    let is_off = method.is_some_and(|method| {
        method.enabled == Some(false)
            || !method.exclude.is_empty()
            || !method.include.iter().any(|id| id.eq_ignore_ascii_case("all_users"))
    });
    let changes = [
        (!uses(kind), Change::IssuePass(kind.into())),
        (is_off, Change::EnablePass),
        (uses(TapKind::MultiUse) && kind == TapKind::OneTime, Change::MultiUsePass),
    ];
    changes.into_iter().filter(|(fits, _)| *fits).map(|(_, change)| change).collect()
}

/// Resources that the app asks for, out of a policy on All resources.
fn exclusions(policy: &ConditionalAccessPolicy, step: &Step) -> Vec<Change> {
    let Context::Resource(Some(id)) = &step.context else { return Vec::new() };
    let two = APP_RESOURCES.contains(&id.as_str());
    let third = id == CREDENTIAL_REGISTRATION;
    let exclude = |resources: &[&'static str]| Change::ExcludeResources {
        policy: NamedObject::policy(policy),
        resources: resources.to_vec(),
    };
    match (two, third) {
        (true, _) => vec![exclude(&APP_RESOURCES)],
        (_, true) => vec![exclude(&[CREDENTIAL_REGISTRATION])],
        _ => Vec::new(),
    }
}

/// A policy's strength, made to take what the person has signed in with or is about to make.
fn strengths(
    tenant: &Tenant,
    policy: &ConditionalAccessPolicy,
    attempt: &Attempt,
    answer: &Answer,
) -> Vec<Change> {
    let id = policy.grant.as_ref().and_then(|grant| grant.strength.as_deref());
    let Some(strength) = id.and_then(|id| tenant.strength(id)) else { return Vec::new() };
    let wanted = combinations(tenant, attempt, answer);
    let missing: Vec<_> = wanted.into_iter().filter(|modes| !takes(strength, modes)).collect();
    let mut changes = Vec::new();
    if !missing.is_empty() {
        changes.push(take(policy, strength, missing));
    }
    if let Some(known) = &strength.aaguids {
        let models: Vec<_> = models(attempt).into_iter().filter(|id| !known.contains(id)).collect();
        let strength = NamedObject::strength(strength);
        changes.extend((!models.is_empty()).then_some(Change::AllowModels { strength, models }));
    }
    changes
}

fn take(
    policy: &ConditionalAccessPolicy,
    strength: &AuthenticationStrength,
    combinations: Vec<Vec<MethodMode>>,
) -> Change {
    let named = NamedObject::strength(strength);
    match crate::strength::is_built_in(&strength.id) {
        true => Change::ReplaceBuiltIn {
            policy: NamedObject::policy(policy),
            strength: named,
            combinations,
        },
        false => Change::AllowMethods { strength: named, combinations },
    }
}

fn takes(strength: &AuthenticationStrength, modes: &[MethodMode]) -> bool {
    strength.combinations.iter().any(|set| set.iter().all(|mode| modes.contains(mode)))
}

/// What a strength would have to take: both kinds of pass; or what satisfied the strength on registering security
/// info, which the grant for phones has to match (R12); or the two factors that were used.
fn combinations(tenant: &Tenant, attempt: &Attempt, answer: &Answer) -> Vec<Vec<MethodMode>> {
    let used = &attempt.signed_in_with;
    let passes = TapKind::ALL.map(TapKind::mode);
    if used.iter().any(|mode| passes.contains(mode)) {
        return passes.into_iter().map(|mode| vec![mode]).collect();
    }
    let of_the_action = satisfied(tenant, answer);
    let mut sets: Vec<_> =
        of_the_action.filter(|set| set.iter().all(|m| used.contains(m))).collect();
    if sets.is_empty() && used.len() > 1 {
        sets.push(used.clone());
    }
    sets.sort();
    sets.dedup();
    sets
}

/// Combinations of the strengths that were satisfied at the user action.
fn satisfied<'a>(
    tenant: &'a Tenant,
    answer: &'a Answer,
) -> impl Iterator<Item = Vec<MethodMode>> + 'a {
    let actions = answer.steps.iter().filter(|step| step.context == Context::UserAction);
    let policies = actions.flat_map(|step| tenant.policies.iter().zip(&step.policies));
    let met = policies.filter(|(_, result)| result.strength == Some(StrengthResult::Satisfied));
    let strengths =
        met.filter_map(|(policy, _)| tenant.strength(policy.grant.as_ref()?.strength.as_deref()?));
    strengths.flat_map(|strength| strength.combinations.clone())
}

/// The model of the candidate; Authenticator's where it is left open.
fn models(attempt: &Attempt) -> Vec<Aaguid> {
    match attempt.candidate.aaguid {
        Some(aaguid) => vec![aaguid],
        None => vec![AUTHENTICATOR_IOS, AUTHENTICATOR_ANDROID],
    }
}

fn passkeys(policy: &Policy, attempt: &Attempt) -> Vec<Change> {
    let mut all = Vec::new();
    all.extend((policy.enabled == Stated::Value(false)).then_some(Change::EnablePasskeys));
    all.extend((policy.self_service == Stated::Value(false)).then_some(Change::EnableSelfService));
    for profile in &policy.profiles {
        let named = NamedObject { id: profile.id.clone(), name: profile.name.clone() };
        if let Stated::Value(rule) = &profile.requirements.aaguids {
            let kept_out = |id: &Aaguid| match rule.mode {
                ListMode::Any => false,
                ListMode::Allow => !rule.names(*id),
                ListMode::Block => rule.names(*id),
            };
            let models: Vec<_> = models(attempt).into_iter().filter(kept_out).collect();
            let profile = named.clone();
            all.extend((!models.is_empty()).then_some(Change::LetModelsIn { profile, models }));
        }
        let demands = matches!(
            profile.requirements.attestation,
            Stated::Value(attestation) if attestation != Attestation::NotDemanded
        );
        all.extend(demands.then_some(Change::AttestationOff { profile: named }));
    }
    all
}
