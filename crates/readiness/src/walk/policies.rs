//! Every policy of the tenant asked one question, and what the answers come to.

use super::controls::{self, Setting};
use super::outcome::{Demand, Outcome};
use super::strengths::{INPUT_MISSING, Judgements};
use super::{Place, Walk};
use crate::matching::Prepared;
use crate::rule::RuleSet;
use crate::rules::{R3, R17};
use crate::{
    Applies, ConditionalAccessPolicy, Device, Platform, PolicyResult, PolicyState, Question,
    StrengthResult, Target, UserAction,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::sync::Arc;

/// One question to every policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) target: Target<'a>,
    pub(super) platform: Platform,
    pub(super) client_app: &'a str,
    pub(super) device: &'a Device,
    pub(super) device_name: &'a str,
    pub(super) place: Place,
}

/// What the policies said.
pub(super) struct Heard<'a> {
    /// Whether each policy is in force, and what its strength makes of the methods; in the tenant's order.
    said: Vec<(Applies, Option<StrengthResult>)>,
    /// Those in force, or perhaps in force, and what they demand.
    pub(super) demands: Vec<(&'a ConditionalAccessPolicy, Demand)>,
    /// Those in force but for an exclusion of the resource, and what they would demand.
    pub(super) excluded: Vec<(&'a ConditionalAccessPolicy, Demand)>,
    /// Rules about whether they apply.
    pub(super) rules: RuleSet,
    pub(super) notes: Vec<Finding>,
}

impl Heard<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        self.demands.iter().map(|(_, demand)| demand.outcome).max().unwrap_or(Outcome::Met)
    }

    /// The demands that make the outcome what it is.
    pub(super) fn deciding(&self) -> impl Iterator<Item = &Demand> {
        let outcome = self.outcome();
        let demands = self.demands.iter().map(|(_, demand)| demand);
        demands.filter(move |demand| outcome != Outcome::Met && demand.outcome == outcome)
    }

    pub(super) fn findings(&self, of: Outcome) -> Vec<Finding> {
        let demands = self.demands.iter().filter(|(_, demand)| demand.outcome == of);
        demands.flat_map(|(_, demand)| demand.findings.iter().cloned()).collect()
    }

    /// Rules of what decides, and of whether policies apply.
    pub(super) fn all_rules(&self) -> RuleSet {
        let mut rules = self.rules;
        match self.outcome() {
            // what is met was judged by them as well
            Outcome::Met | Outcome::Ask => {
                self.demands.iter().for_each(|(_, demand)| rules.add(demand.rules));
            }
            _ => self.deciding().for_each(|demand| rules.add(demand.rules)),
        }
        rules
    }

    pub(super) fn lacks_authentication(&self) -> bool {
        self.deciding().any(|demand| demand.authentication)
    }

    /// Whether the policy of that place in the tenant is certainly in force.
    pub(super) fn is_in_force(&self, place: usize) -> bool {
        self.said.get(place).is_some_and(|(applies, _)| *applies == Applies::Yes)
    }

    /// What each policy said, for whoever reads the step; nothing where nobody does.
    pub(super) fn into_results(self, walk: &Walk<'_>) -> Vec<PolicyResult> {
        if walk.in_brief {
            return Vec::new();
        }
        let result = |(policy, (applies, strength)): (&ConditionalAccessPolicy, _)| {
            let (id, name) = (Arc::clone(&policy.id), Arc::clone(&policy.name));
            PolicyResult { id, name, applies, strength }
        };
        walk.tenant.policies.iter().zip(self.said).map(result).collect()
    }
}

/// Asks every policy.
pub(super) fn ask<'a>(walk: &Walk<'a>, asked: &Asked<'_>) -> Heard<'a> {
    let tenant = walk.tenant;
    let question = Question {
        person: &walk.attempt.person,
        target: asked.target,
        platform: asked.platform,
        client_app: asked.client_app,
        device: asked.device,
        locations: &tenant.locations,
    };
    let judged = Judgements::new(tenant, &walk.methods);
    let setting = Setting {
        judged: &judged,
        device: asked.device,
        device_name: asked.device_name,
        place: asked.place,
    };
    let mut heard = Heard {
        said: Vec::with_capacity(tenant.policies.len()),
        demands: Vec::with_capacity(tenant.policies.len()),
        excluded: Vec::new(),
        rules: RuleSet::default(),
        notes: Vec::new(),
    };
    for policy in &walk.standing.policies {
        hear(policy, &question, &setting, &mut heard);
    }
    let in_force = heard.said.iter().filter(|(applies, _)| *applies == Applies::Yes).count();
    if in_force > 1 && asked.place == Place::Resource {
        heard.rules.push(&R3);
    }
    heard
}

fn hear<'a>(
    asked: &Prepared<'a>,
    question: &Question<'_>,
    setting: &Setting<'_, '_>,
    heard: &mut Heard<'a>,
) {
    let policy = asked.policy;
    let answer = asked.applies(question);
    let judge = || controls::grant(policy, &at_its_place(setting, policy));
    let mut strength = None;
    match &answer {
        Applies::Yes => {
            let demand = judge();
            strength = demand.strength;
            if demand.outcome != Outcome::Met && policy.platforms.is_some() {
                note_platform(policy, question.platform, heard);
            }
            heard.demands.push((policy, demand));
        }
        Applies::Undecided(missing) => {
            let demand = perhaps(judge(), policy, missing);
            strength = demand.strength;
            heard.demands.push((policy, demand));
        }
        Applies::No(why) if policy.state == PolicyState::Enabled => {
            if why.starts_with("resource excluded") {
                heard.excluded.push((policy, judge()));
            }
            let by_platform = why.starts_with("platform") && asked.matches_elsewhere(question);
            if by_platform && judge().outcome != Outcome::Met {
                note_platform(policy, question.platform, heard);
            }
        }
        Applies::No(_) | Applies::ReportOnly => {}
    }
    heard.said.push((answer, strength));
}

/// A policy that does not name the user action is asked about it as one of the others.
fn at_its_place<'a, 'j>(
    setting: &Setting<'a, 'j>,
    policy: &ConditionalAccessPolicy,
) -> Setting<'a, 'j> {
    let place = match setting.place {
        Place::UserAction { in_app } if !is_on_the_action(policy) => {
            Place::UserActionByOthers { in_app }
        }
        place => place,
    };
    Setting { place, ..*setting }
}

/// Whether the policy names the user action "register security information".
pub(super) fn is_on_the_action(policy: &ConditionalAccessPolicy) -> bool {
    let urn = UserAction::RegisterSecurityInfo.as_urn();
    policy.applications.user_actions.iter().any(|action| action.eq_ignore_ascii_case(urn))
}

/// A policy of which it is not known whether it applies matters when it would not be met.
fn perhaps(demand: Demand, policy: &ConditionalAccessPolicy, missing: &[String]) -> Demand {
    if matches!(demand.outcome, Outcome::Met | Outcome::Ask) {
        return demand;
    }
    let detail = format!("{}; policy '{}' depends on it", missing.join(", "), policy.name);
    let finding = Finding::new(&INPUT_MISSING, detail);
    Demand { strength: demand.strength, ..Demand::of(Outcome::Open, Some(finding)) }
}

fn note_platform(policy: &ConditionalAccessPolicy, platform: Platform, heard: &mut Heard<'_>) {
    heard.rules.push(&R17);
    let on = super::words::platform(platform);
    let detail = format!("policy '{}' goes by the platform, here {on}", policy.name);
    heard.notes.push(Finding::new(&PLATFORM, detail));
}

pub(crate) static PLATFORM: Kind = Kind {
    id: "readiness.platform-not-verified",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "Whether this policy applies depends on the device platform, which is read from the user agent and \
              not verified: another user agent is another answer.",
    next_step: "Pair a policy by platform with one that verifies the device, such as compliance.",
    source: "Microsoft Entra documentation, conditional-access/howto-policy-unknown-unsupported-device",
};
