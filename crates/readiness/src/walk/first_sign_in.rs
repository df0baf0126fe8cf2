//! Step 7: the first sign-in with the new passkey, under the strengths that name models.

use super::outcome::Outcome;
use super::policies::{self, Asked};
use super::strengths::INPUT_MISSING;
use super::{Draft, Place, Walk, words};
use crate::rules::{R20, R21, R23};
use crate::session::{as_counted, is_pass};
use crate::{
    AuthenticationStrength, ConditionalAccessPolicy, Context, MethodMode, PolicyState,
    RegisteredMethod, StepResult, Surface, Target, UserAction,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::ops::ControlFlow;

pub(super) fn step(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let attempt = walk.attempt;
    let resource = attempt.resource.as_deref();
    let title = format!(
        "Signs in to {} on {} with the new passkey",
        words::resource(resource),
        words::platform(attempt.platform)
    );
    let mut draft = Draft::new(Context::Resource(attempt.resource.clone()), title);
    draft = walk.without_policies(draft);
    let had = std::mem::take(&mut walk.methods.used);
    let passkey = new_passkey(walk);
    walk.methods.used = vec![passkey.mode.clone()];
    // what was used is of the new model, whatever else the person has; and a pass is no way in to count on
    walk.methods
        .registered
        .retain(|method| method.mode.as_str() != "fido2" && !is_pass(&method.mode));
    walk.methods.registered.push(passkey);
    let client = match attempt.surface {
        Surface::AuthenticatorApp => super::in_app::CLIENT_APP,
        _ => "browser",
    };
    let asked = Asked {
        target: Target::Resource(resource),
        platform: attempt.platform,
        client_app: attempt.device.client_app.as_deref().unwrap_or(client),
        device: &attempt.device,
        device_name: "device",
        place: Place::FirstSignIn,
    };
    let heard = policies::ask(walk, &asked);
    walk.methods.used = had;
    let outcome = heard.outcome();
    draft.rules.add(heard.all_rules());
    draft.rules.extend(limits(walk, &heard));
    heard.notes.iter().for_each(|note| walk.note_finding(note.clone()));
    match outcome {
        Outcome::Met => {}
        Outcome::Ask => heard.findings(Outcome::Ask).into_iter().for_each(|finding| {
            walk.note_finding(finding);
        }),
        Outcome::Open => {
            draft.result = StepResult::Unknown;
            draft.findings = match walk.candidate.aaguid {
                Some(_) => heard.findings(Outcome::Open),
                None => vec![Finding::new(&INPUT_MISSING, MODEL)],
            };
            draft.findings.iter().for_each(|finding| walk.leave_open_finding(finding.clone()));
        }
        Outcome::Register | Outcome::Stop => {
            let names: Vec<String> = heard
                .demands
                .iter()
                .filter(|(_, demand)| demand.outcome == outcome)
                .map(|(policy, _)| format!("'{}'", policy.name))
                .collect();
            let detail = format!(
                "the passkey is registered, and policy {} does not take it",
                names.join(", ")
            );
            draft = draft.ends(StepResult::Blocked, &UNUSABLE, detail);
            draft.findings.extend(heard.findings(outcome));
        }
    }
    draft.policies = heard.into_results(walk);
    if draft.result != StepResult::Blocked {
        draft.rules.extend(device_registration(walk));
    }
    walk.push(draft)
}

/// What a strength that lists models asks of a candidate without one.
const MODEL: &str = "candidate.aaguid: an authentication strength at sign-in lists models";

/// How strengths count the candidate (R21).
fn new_passkey(walk: &Walk<'_>) -> RegisteredMethod {
    let mode = MethodMode::new("fido2");
    as_counted(&RegisteredMethod { mode, aaguid: walk.candidate.aaguid })
}

/// Strengths in force that name models, or that the candidate meets as Windows Hello.
fn limits(walk: &Walk<'_>, heard: &policies::Heard<'_>) -> Vec<&'static crate::Rule> {
    let strengths = heard.demands.iter().filter_map(|(policy, _)| strength_of(walk, policy));
    let mut rules = Vec::new();
    for strength in strengths {
        rules.extend(strength.aaguids.is_some().then_some(&R20));
        rules.extend(walk.methods.has_platform_credential().then_some(&R21));
    }
    rules
}

fn strength_of<'a>(
    walk: &Walk<'a>,
    policy: &ConditionalAccessPolicy,
) -> Option<&'a AuthenticationStrength> {
    let id = policy.grant.as_ref()?.strength.as_ref()?;
    walk.tenant.strength(id)
}

/// R23: the passkey opens no grant on registering devices.
fn device_registration(walk: &mut Walk<'_>) -> Option<&'static crate::Rule> {
    let urn = UserAction::RegisterDevice.as_urn();
    let on_devices = |policy: &&ConditionalAccessPolicy| {
        let actions = &policy.applications.user_actions;
        policy.state == PolicyState::Enabled
            && actions.iter().any(|action| action.eq_ignore_ascii_case(urn))
    };
    let policies: Vec<&ConditionalAccessPolicy> =
        walk.tenant.policies.iter().filter(on_devices).collect();
    let needs_passkey = |policy: &&&ConditionalAccessPolicy| {
        let strength = strength_of(walk, policy);
        strength.is_some_and(|strength| {
            strength
                .combinations
                .iter()
                .flatten()
                .all(|mode| ["fido2", "windowsHelloForBusiness"].contains(&mode.as_str()))
        })
    };
    let named = policies.iter().find(needs_passkey)?;
    let detail = format!(
        "policy '{}' demands it for registering or joining devices, where neither passkeys nor Windows Hello count",
        named.name
    );
    walk.note_finding(Finding::new(&DEVICE_REGISTRATION, detail));
    Some(&R23)
}

pub(crate) static UNUSABLE: Kind = Kind {
    id: "readiness.registered-but-unusable",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The passkey would be registered, and then open nothing: a policy at sign-in, mostly an authentication \
              strength that lists other models, does not take it. The person sees \"You can't get there from here\" and is sent to registration again.",
    next_step: "Add the model's AAGUID to the strength, or use a passkey of a model that it lists.",
    source: "Microsoft Entra documentation, concept-authentication-strength-advanced-options",
};

pub(crate) static DEVICE_REGISTRATION: Kind = Kind {
    id: "readiness.device-registration-unsatisfiable",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy on the user action \"Register or join devices\" demands a passkey or Windows Hello, which \
              cannot satisfy a grant there: nobody gets past it that way.",
    next_step: "Let that policy's strength take another method as well.",
    source: "Microsoft Entra documentation, conditional-access/concept-conditional-access-cloud-apps, user actions",
};
