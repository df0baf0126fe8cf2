//! Authentication strengths: those of the export, those inside policies, and the built-in ones.

use super::policies::{NO_ID, UNKNOWN_MEMBER, UNKNOWN_WORD};
use super::sink::{Reading, Sink, member, text_of};
use crate::strength::{built_in, modes};
use crate::{AuthenticationStrength, ConditionalAccessPolicy};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::At;

/// Members of `authenticationStrengthPolicy`, Graph reference v1.0 and beta, 2026.
const KNOWN: [&str; 9] = [
    "id",
    "createdDateTime",
    "modifiedDateTime",
    "displayName",
    "description",
    "policyType",
    "requirementsSatisfied",
    "allowedCombinations",
    "combinationConfigurations",
];

/// One strength as its own object.
pub(super) fn read(at: &At<'_>, sink: &mut Sink) -> AuthenticationStrength {
    let id = text_of(at, "id").unwrap_or_default().to_owned();
    let name = text_of(at, "displayName").unwrap_or(&id).to_owned();
    let mut reading = Reading::new(sink, format!("strength '{name}'"));
    if id.is_empty() {
        reading.say(&NO_ID, &at.path);
    }
    reading.unknown(at, &KNOWN, &UNKNOWN_MEMBER);
    let combinations: Vec<_> = combinations(at, &mut reading);
    for mode in combinations.iter().flatten().filter(|mode| !mode.is_known()) {
        reading.say(&UNKNOWN_WORD, format_args!("allowedCombinations: '{}'", mode.as_str()));
    }
    let mut strength =
        AuthenticationStrength { id, name, combinations, aaguids: None, unjudged: Vec::new() };
    configurations(at, &mut strength, &mut reading);
    strength
}

/// A comma is part of a combination here, so strings are not cut at it.
fn combinations(at: &At<'_>, reading: &mut Reading<'_>) -> Vec<Vec<crate::MethodMode>> {
    let items = reading.items_or_text(at, "allowedCombinations");
    items.iter().map(|text| modes(text)).collect()
}

/// The strength of a policy's grant: its id, and its definition into `embedded` where that is there.
pub(super) fn inside(
    at: &At<'_>,
    reading: &mut Reading<'_>,
    embedded: &mut Vec<AuthenticationStrength>,
) -> Option<String> {
    let id = reading.text(at, "id").filter(|id| !id.is_empty());
    if member(at, "allowedCombinations").is_some() {
        embedded.push(read(at, reading.sink));
    }
    if id.is_none() {
        reading.say(&NO_ID, "grantControls.authenticationStrength");
        reading.unreadable.push("authenticationStrength.id".to_owned());
    }
    id
}

fn configurations(at: &At<'_>, strength: &mut AuthenticationStrength, reading: &mut Reading<'_>) {
    for configuration in reading.items(at, "combinationConfigurations") {
        let kind = text_of(&configuration, "@odata.type").unwrap_or_default();
        let is_fido2 = member(&configuration, "allowedAAGUIDs").is_some();
        if is_fido2 || kind.to_ascii_lowercase().ends_with("fido2combinationconfiguration") {
            let models = aaguids(&configuration, reading);
            strength.aaguids = Some(match strength.aaguids.take() {
                // two limits on one combination: both hold
                Some(before) => before.into_iter().filter(|id| models.contains(id)).collect(),
                None => models,
            });
        } else {
            let name = kind.rsplit(['.', '#']).next().filter(|name| !name.is_empty());
            let name = name.unwrap_or("combinationConfigurations").to_owned();
            reading.say(&UNJUDGED, &name);
            strength.unjudged.push(name);
        }
    }
}

fn aaguids(at: &At<'_>, reading: &mut Reading<'_>) -> Vec<Aaguid> {
    let texts = reading.strings(at, "allowedAAGUIDs");
    let mut aaguids = Vec::new();
    for text in texts {
        match text.trim().parse() {
            Ok(aaguid) => aaguids.push(aaguid),
            Err(_) => reading.say(&BAD_AAGUID, &text),
        }
    }
    aaguids
}

/// One of each id: the export's own before the copy inside a policy, before the built-in.
pub(super) fn merge(
    own: Vec<AuthenticationStrength>,
    mut embedded: Vec<AuthenticationStrength>,
    policies: &[ConditionalAccessPolicy],
    sink: &mut Sink,
) -> Vec<AuthenticationStrength> {
    let mut own = own;
    for strengths in [&mut own, &mut embedded] {
        strengths.sort_by_cached_key(|strength| {
            (strength.id.to_ascii_lowercase(), format!("{strength:?}"))
        });
    }
    let mut merged: Vec<AuthenticationStrength> = Vec::new();
    for strength in own.into_iter().chain(embedded).chain(built_in()) {
        match merged.iter().find(|known| known.id.eq_ignore_ascii_case(&strength.id)) {
            None => merged.push(strength),
            Some(known) if says_the_same(known, &strength) => {}
            Some(_) if built_in().contains(&strength) => {}
            Some(known) => {
                let detail = format!("strength '{}' ({})", known.name, known.id);
                sink.say(&STRENGTH_DIFFERS, detail);
            }
        }
    }
    for policy in policies {
        let id = policy.grant.as_ref().and_then(|grant| grant.strength.as_deref());
        if let Some(id) =
            id.filter(|id| !merged.iter().any(|known| known.id.eq_ignore_ascii_case(id)))
        {
            sink.say(&STRENGTH_GONE, format!("policy '{}': strength {id}", policy.name));
        }
    }
    merged
}

/// A copy inside a policy may lack the settings of combinations.
fn says_the_same(one: &AuthenticationStrength, other: &AuthenticationStrength) -> bool {
    let one = AuthenticationStrength {
        aaguids: one.aaguids.clone().filter(|_| other.aaguids.is_some()),
        ..one.clone()
    };
    let sets = |strength: &AuthenticationStrength| {
        let mut sets: Vec<_> = strength.combinations.clone();
        sets.iter_mut().for_each(|set| set.sort());
        sets.sort();
        let mut aaguids = strength.aaguids.clone();
        aaguids.iter_mut().for_each(|list| list.sort());
        (sets, aaguids)
    };
    sets(&one) == sets(other)
}

pub(crate) static UNJUDGED: Kind = Kind {
    id: "readiness.tenant-combination-not-judged",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A strength limits a method in a way that keyvet cannot evaluate, certificate issuers for one.",
    next_step: "Check by hand whether the person's certificate meets the limit.",
    source: "Microsoft Graph reference, x509CertificateCombinationConfiguration",
};

pub(crate) static BAD_AAGUID: Kind = Kind {
    id: "readiness.tenant-bad-aaguid",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A list of models holds something that is no AAGUID; no key can match it.",
    next_step: "Correct the entry in the authentication strength.",
    source: "Microsoft Graph reference, fido2CombinationConfiguration",
};

pub(crate) static STRENGTH_DIFFERS: Kind = Kind {
    id: "readiness.tenant-strength-differs",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "One strength is described in two ways: the export's own object is used, not the copy in a policy.",
    next_step: "Export policies and strengths at the same time.",
    source: "keyvet",
};

pub(crate) static STRENGTH_GONE: Kind = Kind {
    id: "readiness.tenant-strength-gone",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy demands a strength that the export does not hold: it was deleted, or left out.",
    next_step: "Export the authentication strengths; if it was deleted, choose another one in the policy.",
    source: "Microsoft Graph reference, authenticationStrengthPolicy",
};
