//! What a policy grants access for: block, strengths, devices, apps, terms.

use super::Place;
use super::outcome::{Demand, Outcome};
use super::strengths::{INPUT_MISSING, Judgements};
use crate::rules::{R13, R14};
use crate::{ConditionalAccessPolicy, Device, StrengthResult};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::fmt;

/// Where a grant is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a, 'j> {
    pub(super) judged: &'a Judgements<'j>,
    pub(super) device: &'a Device,
    /// How missing facts about the device are named: `device` or `phone`.
    pub(super) device_name: &'a str,
    pub(super) place: Place,
}

/// A policy as findings name it.
#[derive(Clone, Copy)]
struct Who<'a>(&'a str);

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy '{}'", self.0)
    }
}

/// What the grant of one policy comes to, its conditions aside.
pub(super) fn grant(policy: &ConditionalAccessPolicy, setting: &Setting<'_, '_>) -> Demand {
    let Some(grant) = &policy.grant else { return Demand::met() };
    let who = Who(&policy.name);
    let controls = grant.controls.iter().map(|control| built_in(control, who, setting));
    let mut demands = controls
        .chain(grant.strength.iter().map(|id| strength(id, who, setting)))
        .chain(grant.terms_of_use.iter().map(|_| terms(who, setting)))
        .chain(grant.custom_factors.iter().map(|name| custom(name, who, setting)));
    let Some(first) = demands.next() else { return Demand::met() };
    let Some(second) = demands.next() else { return first };
    let demands = [first, second].into_iter().chain(demands).collect();
    if grant.all { Demand::all(demands) } else { Demand::any(demands) }
}

/// Whether the policy asks for a protected or an approved app.
pub(super) fn wants_app_protection(policy: &ConditionalAccessPolicy) -> bool {
    let controls = policy.grant.iter().flat_map(|grant| &grant.controls);
    controls.into_iter().any(|control| is_app_protection(control))
}

fn is_app_protection(control: &str) -> bool {
    ["approvedApplication", "compliantApplication"].iter().any(|c| c.eq_ignore_ascii_case(control))
}

fn built_in(control: &str, who: Who<'_>, setting: &Setting<'_, '_>) -> Demand {
    let is = |name: &str| control.eq_ignore_ascii_case(name);
    if is("block") {
        return Demand::of(Outcome::Stop, Some(Finding::new(&BLOCKS, who)));
    }
    if is("mfa") {
        return authentication(setting, || {
            // the wizard offers passkeys when a strength demands them (R6), and this is none
            Demand { offers_passkey: false, ..setting.judged.multifactor().demand(who) }
        });
    }
    if setting.place == Place::FirstSignIn {
        return Demand::met();
    }
    if is("compliantDevice") {
        let demand = device(setting.device.compliant, "compliant", &NOT_COMPLIANT, who, setting);
        return if setting.place.is_app() { demand.by(&R14) } else { demand };
    }
    if is("domainJoinedDevice") {
        return device(setting.device.hybrid_joined, "hybridJoined", &NOT_JOINED, who, setting);
    }
    if is_app_protection(control) {
        return app_protection(who, setting);
    }
    if is("passwordChange") {
        return Demand::of(Outcome::Ask, Some(Finding::new(&PASSWORD_CHANGE, who)));
    }
    let detail = format!("{who}: {control}");
    Demand::of(Outcome::Open, Some(Finding::new(&NOT_JUDGED, detail)))
}

fn strength(id: &str, who: Who<'_>, setting: &Setting<'_, '_>) -> Demand {
    authentication(setting, || setting.judged.named(id, who))
}

/// Authentication that All resources demands is set aside for the user action (R1): it counts where the resource
/// is asked for.
fn authentication(setting: &Setting<'_, '_>, judge: impl FnOnce() -> Demand) -> Demand {
    match setting.place {
        Place::UserActionByOthers { .. } => {
            Demand { strength: Some(StrengthResult::SkippedForProofUp), ..Demand::met() }
        }
        // nobody registers anything here, so what only a registration would meet is certain to stop
        Place::AppResource | Place::AppProtection | Place::FirstSignIn => {
            let demand = judge();
            let stops = demand.outcome == Outcome::Register;
            Demand { outcome: if stops { Outcome::Stop } else { demand.outcome }, ..demand }
        }
        Place::Resource | Place::UserAction { .. } => judge(),
    }
}

fn device(
    fact: Option<bool>,
    name: &str,
    kind: &'static Kind,
    who: Who<'_>,
    setting: &Setting<'_, '_>,
) -> Demand {
    let place = setting.device_name;
    match fact {
        Some(true) => Demand::met(),
        Some(false) => {
            Demand::of(Outcome::Stop, Some(Finding::new(kind, format!("{who} ({place})"))))
        }
        None => {
            let detail = format!("{who} asks for {place}.{name}, which is not known");
            Demand::of(Outcome::Open, Some(Finding::new(&INPUT_MISSING, detail)))
        }
    }
}

/// Registration in Authenticator is stopped by it at one resource of its own (R13).
fn app_protection(who: Who<'_>, setting: &Setting<'_, '_>) -> Demand {
    match setting.place {
        Place::AppResource => Demand::met(),
        Place::AppProtection => {
            Demand::of(Outcome::Stop, Some(Finding::new(&APP_PROTECTION, who))).by(&R13)
        }
        // where it counts is the resource of R13, which is asked for next
        Place::UserActionByOthers { in_app: true } => Demand::met(),
        _ => device(setting.device.app_protected, "appProtected", &APP_NOT_PROTECTED, who, setting),
    }
}

fn terms(who: Who<'_>, setting: &Setting<'_, '_>) -> Demand {
    if setting.place == Place::FirstSignIn {
        return Demand::met();
    }
    let detail = format!("accept the terms of use that {who} shows, unless that was done before");
    Demand::of(Outcome::Ask, Some(Finding::new(&TERMS, detail)))
}

fn custom(name: &str, who: Who<'_>, setting: &Setting<'_, '_>) -> Demand {
    if setting.place == Place::FirstSignIn {
        return Demand::met();
    }
    let detail = format!("{who}: custom factor {name}");
    Demand::of(Outcome::Open, Some(Finding::new(&NOT_JUDGED, detail)))
}

pub(crate) static BLOCKS: Kind = Kind {
    id: "readiness.policy-blocks",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A Conditional Access policy blocks access here, whatever the person signs in with.",
    next_step: "Exclude the person or the place from the policy, or begin where it does not apply.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls: block",
};

pub(crate) static NOT_COMPLIANT: Kind = Kind {
    id: "readiness.device-not-compliant",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy demands a device that is marked compliant, and this one is not. Such a grant counts for \
              registration as well, and for what Authenticator writes.",
    next_step: "Enrol the device in management, or begin on one that is compliant.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works; \
             how-to-enable-authenticator-passkey",
};

pub(crate) static NOT_JOINED: Kind = Kind {
    id: "readiness.device-not-joined",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy demands a device that is hybrid joined, and this one is not.",
    next_step: "Begin on a device that is joined.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls: domainJoinedDevice",
};

pub(crate) static APP_NOT_PROTECTED: Kind = Kind {
    id: "readiness.app-not-protected",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy demands an approved or protected app, and this is none.",
    next_step: "Begin where the policy does not apply.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls: compliantApplication",
};

pub(crate) static APP_PROTECTION: Kind = Kind {
    id: "readiness.app-protection-stops-authenticator",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy on All resources demands an approved or protected app. That stops registration in \
              Microsoft Authenticator.",
    next_step: "Make the service principal of Microsoft Authenticator Credential registration \
                (6aa00308-ea33-4caa-90d6-ae905d8cb51b) and exclude it from the policy.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static PASSWORD_CHANGE: Kind = Kind {
    id: "readiness.password-change",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy makes the person change their password before they go on.",
    next_step: "Change the password when asked to.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls: passwordChange",
};

pub(crate) static TERMS: Kind = Kind {
    id: "readiness.terms-of-use",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy shows terms of use, which the person has to accept.",
    next_step: "Accept the terms.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls: termsOfUse",
};

pub(crate) static NOT_JUDGED: Kind = Kind {
    id: "readiness.control-not-judged",
    severity: Severity::Warning,
    culprit: Culprit::Us,
    meaning: "The policy has a grant control that keyvet does not know or cannot evaluate.",
    next_step: "Judge the control by hand, or use a newer keyvet.",
    source: "keyvet",
};
