//! Conditional Access policies.

use super::conditions;
use super::sink::{Reading, Sink, text_of};
use super::words;
use crate::{AuthenticationStrength, ConditionalAccessPolicy, Grant, PolicyState};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::At;

/// Members of `conditionalAccessPolicy` and `whatIfAnalysisResult`, Graph reference v1.0 and beta, 2026.
const KNOWN: [&str; 17] = [
    "id",
    "templateId",
    "displayName",
    "description",
    "createdDateTime",
    "modifiedDateTime",
    "deletedDateTime",
    "state",
    "partialEnablementStrategy",
    "conditions",
    "grantControls",
    "sessionControls",
    "policyApplies",
    "analysisReasons",
    "objectId",
    "odataType",
    "locationDetails",
];

const KNOWN_GRANT: [&str; 6] = [
    "id",
    "operator",
    "builtInControls",
    "customAuthenticationFactors",
    "termsOfUse",
    "authenticationStrength",
];

/// Reads one policy; a strength that stands in it goes to `embedded`.
pub(super) fn read(
    at: &At<'_>,
    sink: &mut Sink,
    embedded: &mut Vec<AuthenticationStrength>,
) -> ConditionalAccessPolicy {
    let id = text_of(at, "id").unwrap_or_default().to_owned();
    let name = text_of(at, "displayName").unwrap_or(&id).to_owned();
    let mut reading = Reading::new(sink, format!("policy '{name}'"));
    if id.is_empty() {
        reading.say(&NO_ID, &at.path);
    }
    reading.unknown(at, &KNOWN, &UNKNOWN_MEMBER);
    let mut policy = conditions::read(at, &mut reading);
    policy.id = id.into();
    policy.name = name.into();
    policy.state = state(at, &mut reading);
    policy.grant = grant(at, &mut reading, embedded);
    if reading.object(at, "partialEnablementStrategy").is_some()
        || text_of(at, "partialEnablementStrategy").is_some_and(|text| !text.is_empty())
    {
        reading.say(&PREVIEW, "partialEnablementStrategy");
        policy.unjudged.push("partialEnablementStrategy".to_owned());
    }
    policy.unjudged.append(&mut reading.unreadable);
    policy.unjudged.sort();
    policy.unjudged.dedup();
    policy
}

fn state(at: &At<'_>, reading: &mut Reading<'_>) -> PolicyState {
    let Some(word) = text_of(at, "state") else {
        reading.say(&UNKNOWN_WORD, "state is absent");
        return PolicyState::Unknown("absent".to_owned());
    };
    match word.to_ascii_lowercase().as_str() {
        "enabled" => PolicyState::Enabled,
        "disabled" => PolicyState::Disabled,
        "enabledforreportingbutnotenforced" => PolicyState::ReportOnly,
        _ => {
            reading.say(&UNKNOWN_WORD, format_args!("state '{word}'"));
            PolicyState::Unknown(word.to_owned())
        }
    }
}

fn grant(
    at: &At<'_>,
    reading: &mut Reading<'_>,
    embedded: &mut Vec<AuthenticationStrength>,
) -> Option<Grant> {
    let grant = reading.object(at, "grantControls")?;
    let mut unjudged = reading.unknown(&grant, &KNOWN_GRANT, &UNKNOWN_DEMAND);
    let controls = reading.strings(&grant, "builtInControls");
    for control in controls.iter().filter(|control| !words::is_control(control)) {
        reading.say(&UNKNOWN_DEMAND, control);
    }
    let strength = reading.object(&grant, "authenticationStrength");
    let strength = strength.and_then(|at| super::strengths::inside(&at, reading, embedded));
    reading.unreadable.append(&mut unjudged);
    Some(Grant {
        all: operator(&grant, reading),
        controls,
        terms_of_use: reading.strings(&grant, "termsOfUse"),
        custom_factors: reading.strings(&grant, "customAuthenticationFactors"),
        strength,
    })
}

/// Whether all controls are demanded; the stricter reading for a word that is not known.
fn operator(grant: &At<'_>, reading: &mut Reading<'_>) -> bool {
    let word = text_of(grant, "operator").unwrap_or("OR");
    let known = ["AND", "OR"].iter().any(|known| known.eq_ignore_ascii_case(word));
    if !known {
        reading.say(&UNKNOWN_WORD, format_args!("grantControls.operator '{word}'"));
    }
    !word.eq_ignore_ascii_case("OR")
}

pub(crate) static NO_ID: Kind = Kind {
    id: "readiness.tenant-no-id",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "An object of the export has no id, so nothing can refer to it.",
    next_step: "Export the object with its id.",
    source: "Microsoft Graph reference, conditionalAccessPolicy",
};

pub(crate) static UNKNOWN_MEMBER: Kind = Kind {
    id: "readiness.tenant-unknown-member",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "An object has a member that keyvet does not know and that holds something; answers do not use it.",
    next_step: "Check what the member means; tell us if it changes who may register.",
    source: "Microsoft Graph reference, conditionalAccessPolicy",
};

pub(crate) static UNKNOWN_DEMAND: Kind = Kind {
    id: "readiness.tenant-unknown-demand",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy demands something that keyvet does not know, so whether it is met cannot be told.",
    next_step: "Check what the control means; answers that depend on this policy are left open.",
    source: "Microsoft Graph reference, conditionalAccessGrantControls",
};

pub(crate) static UNKNOWN_WORD: Kind = Kind {
    id: "readiness.tenant-unknown-word",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A member holds a word that no published reference explains, or lacks the one it must have.",
    next_step: "Check the word for a spelling mistake; answers that depend on it are left open.",
    source: "Microsoft Graph reference, enumerations",
};

pub(crate) static PREVIEW: Kind = Kind {
    id: "readiness.tenant-preview-condition",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy uses a condition that keyvet cannot evaluate: one in preview, in the beta edition only, \
              or withdrawn.",
    next_step: "Evaluate the policy by hand for this person; answers that depend on it are left open.",
    source: "Microsoft Graph reference, conditionalAccessConditionSet",
};
