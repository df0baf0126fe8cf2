//! Step 2: the user action "register security information".

use super::outcome::Outcome;
use super::policies::{self, Asked, is_on_the_action};
use super::{Draft, Mode, Place, Walk, strengths, words};
use crate::rules::{R1, R2, R11, R25};
use crate::session::is_pass;
use crate::{
    ConditionalAccessPolicy, Context, Device, Platform, StepResult, StrengthResult, Target,
    UserAction,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::ops::ControlFlow;

pub(super) fn in_a_browser(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let attempt = walk.attempt;
    let title = match walk.mode {
        Mode::Interrupt => "Is led into the registration wizard",
        Mode::Manage => "Opens \"My security info\"",
    };
    let client = attempt.device.client_app.as_deref().unwrap_or("browser");
    let draft = Draft::new(Context::UserAction, title);
    step(walk, draft, attempt.platform, client, (&attempt.device, "device"), false)
}

/// Signing in to Authenticator is the same user action (R11).
pub(super) fn in_the_app(walk: &mut Walk<'_>, draft: Draft, on: Platform) -> ControlFlow<()> {
    let device = walk.app_device();
    step(walk, draft.by(&[&R11]), on, super::in_app::CLIENT_APP, device, true)
}

fn step(
    walk: &mut Walk<'_>,
    mut draft: Draft,
    platform: Platform,
    client_app: &str,
    (device, device_name): (&Device, &str),
    in_app: bool,
) -> ControlFlow<()> {
    let target = Target::UserAction(UserAction::RegisterSecurityInfo);
    let place = Place::UserAction { in_app };
    draft = walk.without_policies(draft);
    let asked = Asked { target, platform, client_app, device, device_name, place };
    let mut heard = policies::ask(walk, &asked);
    for (policy, demand) in &mut heard.demands {
        // nothing can be registered on the way to registering
        if is_on_the_action(policy) && demand.outcome == Outcome::Register {
            demand.outcome = Outcome::Stop;
            let detail = format!(
                "policy '{}' guards the registration with what the person would have to register first; signed \
                 in with {}",
                policy.name,
                words::methods(&walk.methods.used)
            );
            demand.findings = vec![Finding::new(&REFUSES, detail)];
        }
    }
    let outcome = heard.outcome();
    draft.rules.add(heard.all_rules());
    draft.rules.extend(preference(walk, &heard, in_app));
    draft.findings.extend(heard.findings(outcome));
    heard.notes.iter().for_each(|note| walk.note_finding(note.clone()));
    if outcome != Outcome::Stop {
        heard.findings(Outcome::Ask).into_iter().for_each(|f| walk.require_finding(f));
        let prompts: Vec<_> = heard.demands.iter().flat_map(|(_, d)| d.prompts.clone()).collect();
        walk.methods.use_also(&prompts);
    }
    draft.result = draft.result.max(match outcome {
        Outcome::Met => StepResult::Passed,
        Outcome::Ask => StepResult::Conditional,
        Outcome::Register | Outcome::Open => StepResult::Unknown,
        Outcome::Stop => StepResult::Blocked,
    });
    if outcome == Outcome::Open {
        draft.findings.iter().for_each(|finding| walk.leave_open_finding(finding.clone()));
    }
    if draft.result != StepResult::Blocked {
        warn_of_weak_methods(walk);
    }
    draft.policies = heard.into_results(walk);
    walk.push(draft)
}

/// The rules by which strengths of the user action and of All resources stand side by side.
fn preference(
    walk: &Walk<'_>,
    heard: &policies::Heard<'_>,
    in_app: bool,
) -> Vec<&'static crate::Rule> {
    let in_force = |policy: &ConditionalAccessPolicy| {
        let place = walk.tenant.policies.iter().position(|other| other.id == policy.id);
        place.is_some_and(|place| heard.is_in_force(place))
    };
    let mut own = 0_usize;
    let (mut set_aside, mut others) = (false, false);
    for (policy, demand) in heard.demands.iter().filter(|(policy, _)| in_force(policy)) {
        if is_on_the_action(policy) {
            own = own.saturating_add(usize::from(demand.strength.is_some()));
            continue;
        }
        set_aside |= demand.strength == Some(StrengthResult::SkippedForProofUp);
        others |= demand.outcome != Outcome::Met;
    }
    let preferred = own > 0 && (set_aside || others) && (in_app || walk.mode == Mode::Interrupt);
    let rules = [(preferred, &R1), (own > 1, &R2), (others, &R25)];
    let mut rules: Vec<_> = rules.into_iter().filter(|(on, _)| *on).map(|(_, rule)| rule).collect();
    if others && !preferred {
        rules.push(&R1);
    }
    rules
}

/// F14: what is weak can mint what is strong.
fn warn_of_weak_methods(walk: &mut Walk<'_>) {
    let used = &walk.methods.used;
    let password = used.iter().any(|mode| mode.as_str() == "password");
    let strong = |mode: &crate::MethodMode| {
        is_pass(mode) || ["fido2", "windowsHelloForBusiness"].contains(&mode.as_str())
    };
    let multifactor = walk.methods.judge(strengths::multifactor()) == StrengthResult::Satisfied;
    if password && multifactor && !used.iter().any(strong) {
        let detail = format!("{} is enough to register a passkey here", words::methods(used));
        walk.note(&WEAK_MINTS_STRONG, detail);
    }
}

pub(crate) static REFUSES: Kind = Kind {
    id: "readiness.user-action-refuses",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy on the user action \"Register security info\" demands a method that the person does not \
              have yet and could only register here.",
    next_step: "Give the person a Temporary Access Pass and let the policy's strength take it, or exclude the \
                person while they register.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works",
};

pub(crate) static WEAK_MINTS_STRONG: Kind = Kind {
    id: "readiness.weak-method-mints-strong",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A method that can be phished is enough to register one that cannot: whoever phishes the person can \
              register a passkey of their own.",
    next_step: "Demand a Temporary Access Pass, a compliant device or a trusted place for the user action \
                \"Register security info\".",
    source: "practitioners: agderinthe.cloud, 2026-02-26; alttabtowork.com, 2026-02-17",
};
