//! Step 5: inside Microsoft Authenticator. Signing in to the app is the user action again (R11); then the app asks for
//! resources of its own, which the policies on All resources guard as they guard any other.

use super::outcome::Outcome;
use super::policies::{self, Asked, Heard};
use super::{
    Draft, Place, Walk, candidate, either_phone, finish, first_factor, freshness, route,
    user_action, words,
};
use crate::resources::{AZURE_AD, CREDENTIAL_CONFIGURATION, CREDENTIAL_REGISTRATION};
use crate::rules::{R10, R12, R13, R15, R16};
use crate::session::is_pass;
use crate::{
    ConditionalAccessPolicy, Confidence, Context, Platform, Rule, StepResult, TapKind, Target,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::ops::ControlFlow;

/// `clientAppType` of the app.
pub(super) const CLIENT_APP: &str = "mobileAppsAndDesktopClients";

/// The attempt begins in the app.
pub(super) fn from_the_start(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let platform = walk.attempt.platform;
    walk.in_app = true;
    let of_the_app =
        candidate::thing(walk.attempt, &walk.candidate) == candidate::Thing::Authenticator;
    if !platform.is_mobile() || !of_the_app {
        let detail = format!(
            "Microsoft Authenticator on {}, with the passkey that is asked for",
            words::platform(platform)
        );
        walk.leave_open(&route::MISFIT, &detail);
        let draft = Draft::new(Context::Ceremony, "Opens Microsoft Authenticator");
        walk.push(draft.ends(StepResult::Unknown, &route::MISFIT, detail))?;
        return ControlFlow::Break(());
    }
    let title = format!(
        "Signs in to Microsoft Authenticator on {} with {}",
        words::platform(platform),
        words::methods(&walk.methods.used)
    );
    let draft = first_factor::sign_in(walk, Draft::new(Context::UserAction, title));
    if draft.result == StepResult::Blocked || walk.methods.used.is_empty() {
        walk.push(draft)?;
        return ControlFlow::Break(());
    }
    user_action::in_the_app(walk, draft, platform)?;
    freshness::step(walk)?;
    let mut draft = Draft::new(Context::Ceremony, "Creates the passkey in the app");
    draft.rules.extend(route::attested_in_app(walk));
    walk.push(draft)?;
    resources(walk, platform)?;
    finish(walk)
}

/// The wizard on another device has led into the app.
pub(super) fn on_the_phone(walk: &mut Walk<'_>) -> ControlFlow<()> {
    either_phone::walk(walk, on_this_phone)
}

fn on_this_phone(walk: &mut Walk<'_>, phone: Platform) -> ControlFlow<()> {
    walk.candidate.aaguid.get_or_insert(candidate::authenticator(phone));
    let title = format!(
        "Signs in to Microsoft Authenticator on {} with {}",
        words::platform(phone),
        words::methods(&walk.methods.used)
    );
    let draft = second_sign_in(walk, Draft::new(Context::UserAction, title));
    user_action::in_the_app(walk, draft, phone)?;
    resources(walk, phone)?;
    finish(walk)
}

/// The phone asks again, and a one-time pass has been used up on the first device.
fn second_sign_in(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    if !walk.methods.used.iter().any(is_pass) {
        return draft;
    }
    if first_factor::has_another_use(walk) {
        return draft.by(&[&R10]);
    }
    let detail = "have a second Temporary Access Pass issued for the sign-in on the phone: the one-time pass was used \
                  up by the first sign-in, and a second one with it ends with error 130505";
    walk.require(&SECOND_PASS, detail);
    draft.by(&[&R10]).ends(StepResult::Conditional, &SECOND_PASS, detail)
}

/// What the app asks for.
fn resources(walk: &mut Walk<'_>, phone: Platform) -> ControlFlow<()> {
    resource(
        walk,
        phone,
        CREDENTIAL_CONFIGURATION,
        "Azure Credential Configuration Endpoint Service",
    )?;
    resource(walk, phone, AZURE_AD, "Windows Azure Active Directory")?;
    app_protection(walk, phone)
}

fn resource(walk: &mut Walk<'_>, phone: Platform, id: &'static str, name: &str) -> ControlFlow<()> {
    let context = Context::Resource(Some(id.to_owned()));
    let mut draft = Draft::new(context, format!("The app asks for {name}")).by(&[&R12]);
    draft = walk.without_policies(draft);
    let heard = hear(walk, phone, id, Place::AppResource);
    let outcome = heard.outcome();
    draft.rules.add(heard.all_rules());
    draft.rules.extend(exclusions(&heard, id));
    if !heard.excluded.iter().all(|(_, demand)| demand.outcome == Outcome::Met) {
        walk.confidence = walk.confidence.max(Confidence::Observed);
    }
    heard.notes.iter().for_each(|note| walk.note_finding(note.clone()));
    draft.findings.extend(heard.findings(outcome));
    match outcome {
        Outcome::Met => {}
        Outcome::Ask => {
            draft.result = StepResult::Conditional;
            draft.findings.iter().for_each(|finding| walk.require_finding(finding.clone()));
            let prompts: Vec<_> =
                heard.demands.iter().flat_map(|(_, d)| d.prompts.clone()).collect();
            walk.methods.use_also(&prompts);
        }
        Outcome::Open => {
            draft.result = StepResult::Unknown;
            draft.findings.iter().for_each(|finding| walk.leave_open_finding(finding.clone()));
        }
        Outcome::Register | Outcome::Stop => {
            draft.result = StepResult::Blocked;
            if heard.lacks_authentication() {
                stopped(walk, &mut draft, &heard);
            }
        }
    }
    draft.policies = heard.into_results(walk);
    walk.push(draft)
}

fn hear<'a>(walk: &Walk<'a>, phone: Platform, id: &str, place: Place) -> Heard<'a> {
    let (device, device_name) = walk.app_device();
    let target = Target::Resource(Some(id));
    let asked =
        Asked { target, platform: phone, client_app: CLIENT_APP, device, device_name, place };
    policies::ask(walk, &asked)
}

/// Authentication that satisfied the user action is not enough for the resource. That strengths of All resources come
/// back here is a reading: R1 says nothing of the app, R12 says that the grants must match, R15 saw it.
fn stopped(walk: &mut Walk<'_>, draft: &mut Draft, heard: &Heard<'_>) {
    let passkey = heard.deciding().any(|demand| demand.offers_passkey);
    let used = words::methods(&walk.methods.used);
    let names: Vec<String> = deciding_names(heard);
    let names = names.join(", ");
    let finding = if passkey && walk.methods.used.iter().all(is_pass) {
        let again = match walk.tap.map(|tap| tap.kind) {
            Some(TapKind::OneTime) => "; each round uses up a one-time pass",
            _ => "",
        };
        let detail = format!(
            "policy {names} demands a passkey to register one: {used} is not enough, the app starts over, and the \
             person goes round in a loop{again}"
        );
        Finding::new(&LOOP, detail)
    } else {
        let detail =
            format!("policy {names} does not take {used}, which was enough for the user action");
        Finding::new(&GRANT_MISMATCH, detail)
    };
    draft.findings.insert(0, finding);
    draft.rules.push(&R15);
    walk.infer();
    walk.note(&APP_READING, "that this resource is guarded by the policies on All resources");
}

fn deciding_names(heard: &Heard<'_>) -> Vec<String> {
    let outcome = heard.outcome();
    let decides = heard.demands.iter().filter(|(_, demand)| demand.outcome == outcome);
    decides.map(|(policy, _)| format!("'{}'", policy.name)).collect()
}

/// R15 and R16: exclusions that let the person through, or that stop half-way.
fn exclusions(heard: &Heard<'_>, id: &str) -> Vec<&'static Rule> {
    let unmet = |demand: &super::outcome::Demand| demand.outcome != Outcome::Met;
    let through = heard.excluded.iter().any(|(_, demand)| unmet(demand));
    let has_exclusions =
        |policy: &ConditionalAccessPolicy| !policy.applications.resources.exclude.is_empty();
    let half_way = id == AZURE_AD
        && heard.demands.iter().any(|(policy, demand)| unmet(demand) && has_exclusions(policy));
    let picked = id == AZURE_AD && through;
    let rules = [(through, &R15), (half_way || picked, &R16)];
    rules.into_iter().filter(|(on, _)| *on).map(|(_, rule)| rule).collect()
}

/// The third resource, at which app protection stops the app (R13). Whether anything else is judged there is not
/// documented, which is said where it would make a difference.
fn app_protection(walk: &mut Walk<'_>, phone: Platform) -> ControlFlow<()> {
    let mut heard = hear(walk, phone, CREDENTIAL_REGISTRATION, Place::AppProtection);
    let spared = heard.excluded.iter().any(|(policy, demand)| {
        super::controls::wants_app_protection(policy) && demand.outcome != Outcome::Met
    });
    let (protection, others): (Vec<_>, Vec<_>) = std::mem::take(&mut heard.demands)
        .into_iter()
        .partition(|(policy, _)| super::controls::wants_app_protection(policy));
    undocumented(walk, &others);
    heard.demands = protection;
    if heard.demands.is_empty() && !spared {
        return ControlFlow::Continue(());
    }
    let context = Context::Resource(Some(CREDENTIAL_REGISTRATION.to_owned()));
    let title = "The app asks for Microsoft Authenticator Credential registration";
    let mut draft = Draft::new(context, title);
    let outcome = heard.outcome();
    draft.rules.add(heard.all_rules());
    draft.rules.extend((spared || outcome != Outcome::Met).then_some(&R13));
    draft.findings = heard.findings(outcome);
    draft.result = match outcome {
        Outcome::Met => StepResult::Passed,
        Outcome::Ask => StepResult::Conditional,
        Outcome::Open => StepResult::Unknown,
        Outcome::Register | Outcome::Stop => StepResult::Blocked,
    };
    for finding in draft.findings.clone() {
        match outcome {
            Outcome::Ask => walk.require_finding(finding),
            Outcome::Open => walk.leave_open_finding(finding),
            _ => {}
        }
    }
    draft.policies = heard.into_results(walk);
    walk.push(draft)
}

/// Policies that let the two resources through and not the third.
fn undocumented(
    walk: &mut Walk<'_>,
    others: &[(&ConditionalAccessPolicy, super::outcome::Demand)],
) {
    let unmet = others.iter().filter(|(_, demand)| {
        demand.authentication && matches!(demand.outcome, Outcome::Register | Outcome::Stop)
    });
    for (policy, _) in unmet {
        let detail = format!(
            "whether policy '{}' is asked about Microsoft Authenticator Credential registration \
             ({CREDENTIAL_REGISTRATION}): Microsoft names it for app protection only, and it was not asked about \
             where the two other resources were seen",
            policy.name
        );
        walk.leave_open(&THIRD_RESOURCE, detail);
    }
}

pub(crate) static SECOND_PASS: Kind = Kind {
    id: "readiness.second-pass",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The app on the phone signs in by itself. A one-time Temporary Access Pass has been used up by then: the \
              sign-in ends with error 130505, and the person is back where they began.",
    next_step: "Issue a multi-use pass in the first place, or a second one for the phone; better, begin in the app.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; f-bader/EntraID-ErrorCodes",
};

pub(crate) static LOOP: Kind = Kind {
    id: "readiness.registration-loop",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy on All resources demands a passkey of the very app that is about to make the first one. The \
              app cannot get the resource, starts over, and asks again.",
    next_step: "Make one policy for computers and one for phones whose strength takes a Temporary Access Pass as well, \
                or exclude the two resources that the app asks for.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static GRANT_MISMATCH: Kind = Kind {
    id: "readiness.mobile-grant-differs",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "What the person signed in with satisfies the policy on registering security info and not the policy on \
              All resources for phones, which the app meets next.",
    next_step: "Exclude Azure Credential Configuration Endpoint Service (ea890292-c8c8-4433-b5ea-b09d0668e1a6) and \
                Windows Azure Active Directory (00000002-0000-0000-c000-000000000000) from that policy, or let both \
                policies take the same methods.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey; Jan Bakker, You shall not pass(key)! \
             (updated), 2025-09-09",
};

pub(crate) static APP_READING: Kind = Kind {
    id: "readiness.app-step-inferred",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "R1 sets strengths on All resources aside during registration, and says nothing of the app. That they come \
              back when the app asks for other resources is our reading of R1, R12 and R15 together.",
    next_step: "Try it with one person before relying on it.",
    source: "keyvet: inferred from R1, R12 and R15",
};

pub(crate) static THIRD_RESOURCE: Kind = Kind {
    id: "readiness.third-resource-undocumented",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The way through rests on an observation of two resources in 2025. Microsoft documents a third one, for \
              app protection; whether other grants count there is not documented.",
    next_step: "Look at the sign-in log of the first person who registers in the app.",
    source: "keyvet: looked for and not found in Microsoft's pages",
};
