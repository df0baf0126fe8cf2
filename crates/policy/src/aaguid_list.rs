//! A plain list of allowed AAGUIDs: the policy of a relying party that has nothing finer.
//!
//! Semantics: a model on the list is let in, any other is kept out, at registration and at every
//! sign-in. Nothing says what the list's owner does to prove a model, so a match on an AAGUID that is
//! only claimed is undecided: the same key with proof is accepted, and software can claim any value.

use crate::error::PolicyError;
use crate::facts::Facts;
use crate::model::{
    AaguidRule, Attestation, ListMode, ListedModel, Moment, Policy, Profile, Provider,
    Requirements, Stated, Types,
};
use crate::unjudged;
use crate::verdict::{Answer, Decision, Effect, Reason, decision_of};
use keyvet_attestation::{AaguidStanding, Statement};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::{At, Json};

/// Reads one AAGUID per line; `#` starts a comment.
pub(crate) fn read_text(text: &str) -> Result<Policy, PolicyError> {
    let place = |i: usize| format!("line {}", i.saturating_add(1));
    let rows = text.lines().enumerate().filter_map(|(i, line)| {
        let row = line.split('#').next().unwrap_or_default().trim();
        (!row.is_empty()).then(|| (place(i), row))
    });
    policy(rows)
}

/// Reads a JSON array of strings.
pub(crate) fn read_json(json: &Json) -> Result<Policy, PolicyError> {
    let items = At::root(json).array()?;
    let rows = items.iter().map(|item| item.text().map(|text| (item.path.clone(), text)));
    policy(rows.collect::<Result<Vec<_>, _>>()?.into_iter())
}

fn policy<'a>(rows: impl Iterator<Item = (String, &'a str)>) -> Result<Policy, PolicyError> {
    let list = rows.map(|(place, row)| listed(place, row)).collect::<Result<Vec<_>, _>>()?;
    if list.is_empty() {
        return Err(PolicyError::ListEmpty);
    }
    Ok(Policy {
        provider: Provider::AaguidList,
        enabled: Stated::Value(true),
        self_service: Stated::Value(true),
        include: Stated::Value(Vec::new()),
        exclude: Stated::Value(Vec::new()),
        profiles: vec![profile(list)],
        findings: Vec::new(),
    })
}

fn listed(place: String, row: &str) -> Result<ListedModel, PolicyError> {
    match ListedModel::read(row) {
        model @ ListedModel::Aaguid { .. } => Ok(model),
        ListedModel::Other(text) => {
            Err(PolicyError::ListRow { place, text: text.chars().take(80).collect() })
        }
    }
}

fn profile(list: Vec<ListedModel>) -> Profile {
    Profile {
        id: "list".to_owned(),
        name: "AAGUID list".to_owned(),
        requirements: Requirements::judged(
            Stated::Value(Attestation::NotDemanded),
            Stated::Value(AaguidRule { mode: ListMode::Allow, list }),
            Stated::Value(Types { device_bound: true, synced: true, other: Vec::new() }),
        ),
    }
}

/// The answer for one moment.
pub(crate) fn answer(policy: &Policy, facts: &Facts, moment: Moment) -> Answer {
    let mut reasons = Vec::new();
    for profile in &policy.profiles {
        let rule = profile.requirements.aaguids.value();
        reasons.extend(rule.into_iter().flat_map(|rule| match_list(rule, facts, &profile.name)));
        reasons.extend(unjudged::judge(profile, &profile.name));
        if moment == Moment::Registration {
            reasons.extend(broken(facts, &profile.name));
        }
    }
    let decision = decision_of(&reasons);
    if decision == Decision::Refused {
        reasons.retain(|reason| reason.effect != Effect::Passes);
    }
    reasons.sort_by_key(|reason| reason.effect);
    Answer { decision, profile: policy.profiles.first().map(|p| p.name.clone()), reasons }
}

fn match_list(rule: &AaguidRule, facts: &Facts, place: &str) -> Vec<Reason> {
    let identity = facts.identity();
    let Some(aaguid) = facts.aaguid else {
        return vec![Reason::leaves_open(&UNREAD, place, identity)];
    };
    if aaguid.is_zero() {
        return vec![Reason::refuses(&ZERO, place, identity)];
    }
    if !rule.names(aaguid) {
        return vec![Reason::refuses(&NOT_LISTED, place, identity)];
    }
    let claimed = facts.standing != AaguidStanding::Proven;
    let open = claimed.then(|| Reason::leaves_open(&CLAIMED, place, &identity));
    std::iter::once(Reason::passes(&LISTED, place, &identity)).chain(open).collect()
}

/// A list says nothing about statements; one that is wrong makes the AAGUID worth less than a claim.
fn broken(facts: &Facts, place: &str) -> Option<Reason> {
    let broken = matches!(facts.statement, Statement::Invalid | Statement::Malformed);
    let detail = format!("statement {}", facts.statement.as_str());
    broken.then(|| Reason::leaves_open(&BROKEN, place, detail))
}

pub(crate) static LISTED: Kind = Kind {
    id: "policy.aaguid-listed",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The list names this model.",
    next_step: "Nothing: this check passed.",
    source: "keyvet: a plain AAGUID list is an allow list",
};

pub(crate) static NOT_LISTED: Kind = Kind {
    id: "policy.aaguid-not-listed",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The list does not name this model.",
    next_step: "Use a listed model, or add the AAGUID. One product name may stand for several AAGUIDs.",
    source: "keyvet: a plain AAGUID list is an allow list",
};

pub(crate) static ZERO: Kind = Kind {
    id: "policy.zero-aaguid",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The AAGUID is all zero: the model cannot be identified and is never a match.",
    next_step: "Register again with attestation so that the key sends its AAGUID.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static UNREAD: Kind = Kind {
    id: "policy.aaguid-unread",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "No AAGUID could be read from the registration.",
    next_step: "Give a registration whose authenticator data can be read.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static CLAIMED: Kind = Kind {
    id: "policy.aaguid-claimed",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The list names the model that the registration claims to be of, and nothing proves the \
              claim; software can send any value.",
    next_step: "Judge a registration with attestation, and import FIDO metadata, to have it proven.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static BROKEN: Kind = Kind {
    id: "policy.statement-broken",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The list names the model, but the attestation statement does not hold. A list of AAGUIDs \
              does not say what to do then.",
    next_step: "See the findings of the statement before handing the key out.",
    source: "keyvet; WebAuthn L3 §7.1",
};
