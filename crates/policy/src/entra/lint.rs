//! What is odd about an Entra policy, whatever the credential: dead or unsaveable combinations,
//! lists that cannot do what they seem to, limits.

use super::decision::place;
use super::key_table::KeyTable;
use super::restrictions::LIST_EMPTY;
use super::{known, size};
use crate::model::{Attestation, ListMode, ListedModel, Policy, Profile, Provider, Stated};
use crate::text::finding;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::collections::HashSet;

/// Findings about the policy as a whole and about each profile.
pub(crate) fn findings(policy: &Policy, table: &KeyTable) -> Vec<Finding> {
    let mut findings = targets(policy);
    findings.extend(too_many_profiles(policy));
    findings.extend(size::finding(policy));
    for profile in &policy.profiles {
        findings.extend(of_profile(policy.provider, profile, table));
    }
    findings
}

fn targets(policy: &Policy) -> Vec<Finding> {
    let include = policy.include.value().map_or(&[][..], Vec::as_slice);
    let exclude = policy.exclude.value().map_or(&[][..], Vec::as_slice);
    let excluded: HashSet<String> = exclude.iter().map(|t| t.id.to_ascii_lowercase()).collect();
    let known: HashSet<String> =
        policy.profiles.iter().map(|p| p.id.to_ascii_lowercase()).collect();
    let mut given = HashSet::new();
    let mut findings = Vec::new();
    for target in include {
        if excluded.contains(&target.id.to_ascii_lowercase()) {
            findings.push(finding(&INCLUDED_AND_EXCLUDED, &target.id));
        }
        for id in target.profiles.iter().flatten().map(|id| id.to_ascii_lowercase()) {
            if !known.contains(&id) && findings.len() < MAX_ROWS_NAMED {
                let detail = format!("includeTargets '{}': {id}", target.id);
                findings.push(finding(&UNKNOWN_PROFILE, detail));
            }
            given.insert(id);
        }
    }
    let stated = policy.include.value().is_some()
        && include.iter().all(|target| target.profiles.is_some())
        && policy.provider == Provider::EntraProfiles;
    let unassigned = |p: &&Profile| stated && !given.contains(&p.id.to_ascii_lowercase());
    let place = |p| finding(&UNASSIGNED, place(policy.provider, p));
    findings.extend(policy.profiles.iter().filter(unassigned).map(place));
    findings
}

fn too_many_profiles(policy: &Policy) -> Option<Finding> {
    let count = policy.profiles.len();
    (count > MAX_PROFILES).then(|| {
        finding(&TOO_MANY_PROFILES, format_args!("{count} profiles, limit {MAX_PROFILES}"))
    })
}

fn of_profile(provider: Provider, profile: &Profile, table: &KeyTable) -> Vec<Finding> {
    let place = place(provider, profile);
    let requirements = &profile.requirements;
    let attested = requirements.attestation == Stated::Value(Attestation::Chain);
    let mut findings = Vec::new();
    if let Stated::Value(types) = &requirements.types {
        if attested && types.synced {
            findings.push(finding(&SYNCED_WITH_ATTESTATION, &place));
        }
        if !types.synced && !types.device_bound && types.other.is_empty() {
            findings.push(finding(&NO_TYPES, &place));
        }
    }
    if let Stated::Value(rule) = &requirements.aaguids {
        findings.extend(of_mode(rule.mode, rule.list.len(), &place));
        findings.extend(of_list(&rule.list, &place));
        if attested && rule.mode == ListMode::Allow {
            findings.extend(never_attested(&rule.list, &place, table));
        }
    }
    findings
}

fn of_mode(mode: ListMode, rows: usize, place: &str) -> Option<Finding> {
    match (mode, rows) {
        (ListMode::Any, 0) => None,
        (ListMode::Any, rows) => {
            let detail = format!("{place} keyRestrictions: {rows} AAGUIDs, isEnforced is false");
            Some(finding(&LIST_IGNORED, detail))
        }
        (_, 0) => Some(finding(&LIST_EMPTY, format_args!("{place} keyRestrictions.aaGuids"))),
        _ => None,
    }
}

fn of_list(list: &[ListedModel], place: &str) -> Vec<Finding> {
    let mut seen = HashSet::new();
    list.iter().filter_map(|row| of_row(row, place, &mut seen)).take(MAX_ROWS_NAMED).collect()
}

fn of_row(row: &ListedModel, place: &str, seen: &mut HashSet<Aaguid>) -> Option<Finding> {
    let (kind, written) = match row {
        ListedModel::Other(written) => (&MALFORMED_AAGUID, written),
        ListedModel::Aaguid { aaguid, written } if aaguid.is_zero() => (&ZERO_IN_LIST, written),
        ListedModel::Aaguid { aaguid, written } if !seen.insert(*aaguid) => {
            (&DUPLICATE_AAGUID, written)
        }
        ListedModel::Aaguid { aaguid, written } if aaguid.to_string() != *written => {
            (&AAGUID_SPELLING, written)
        }
        ListedModel::Aaguid { .. } => return None,
    };
    let shown: String = written.chars().take(80).collect();
    Some(finding(kind, format_args!("{place} keyRestrictions.aaGuids: '{shown}'")))
}

fn never_attested(list: &[ListedModel], place: &str, table: &KeyTable) -> Option<Finding> {
    let absent = |aaguid: &Aaguid| {
        !aaguid.is_zero() && table.row(*aaguid).is_none() && !known::is_authenticator_app(*aaguid)
    };
    let absent: Vec<String> = list
        .iter()
        .filter_map(ListedModel::aaguid)
        .filter(absent)
        .map(|aaguid| aaguid.to_string())
        .take(MAX_ROWS_NAMED)
        .collect();
    let detail = format!("{place}: {} ({})", absent.join(", "), table.edition());
    (!absent.is_empty()).then(|| finding(&ALLOWED_NOT_ATTESTABLE, detail))
}

/// Three profiles, the default one included.
const MAX_PROFILES: usize = 3;
/// Rows named per list; more say nothing new.
const MAX_ROWS_NAMED: usize = 20;

pub(crate) static SYNCED_WITH_ATTESTATION: Kind = Kind {
    id: "entra.synced-with-attestation",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile enforces attestation and lets synced passkeys in. Synced passkeys have no \
              attestation, so none can be registered: that half of the profile is dead.",
    next_step: "Put synced passkeys into a profile of their own that does not enforce attestation.",
    source: "Microsoft Entra documentation, how-to-synced-passkeys",
};

pub(crate) static NO_TYPES: Kind = Kind {
    id: "entra.no-types",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile names no kind of passkey, so it lets none in.",
    next_step: "Name deviceBound, synced or both in passkeyTypes.",
    source: "Microsoft Graph reference, passkeyProfile",
};

pub(crate) static UNASSIGNED: Kind = Kind {
    id: "entra.profile-unassigned",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "No include target is given this profile, so it does nothing.",
    next_step: "Name it in allowedPasskeyProfiles of a target, or delete it.",
    source: "Microsoft Graph reference, passkeyAuthenticationMethodTarget",
};

pub(crate) static UNKNOWN_PROFILE: Kind = Kind {
    id: "entra.unknown-profile-assigned",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A target is given a profile that the document does not hold.",
    next_step: "Correct allowedPasskeyProfiles, or export the whole policy.",
    source: "Microsoft Graph reference, passkeyAuthenticationMethodTarget",
};

pub(crate) static INCLUDED_AND_EXCLUDED: Kind = Kind {
    id: "entra.included-and-excluded",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The same target is included and excluded. Exclusion wins, so the inclusion is dead.",
    next_step: "Take the target out of one of the two lists.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static TOO_MANY_PROFILES: Kind = Kind {
    id: "entra.too-many-profiles",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The document has more profiles than Entra keeps: three, the default one included.",
    next_step: "Merge profiles before saving.",
    source: "Microsoft Entra documentation, how-to-authentication-passkey-profiles",
};

pub(crate) static LIST_IGNORED: Kind = Kind {
    id: "entra.list-ignored",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "There is a list of models, but key restrictions are off: the list does nothing, and Graph \
              is reported to drop it when saving.",
    next_step: "Set isEnforced to true if the list is meant to count, and keep a copy of the list.",
    source: "Microsoft Graph reference, fido2KeyRestrictions; observed: KelvinTegelaar/CIPP-API",
};

pub(crate) static DUPLICATE_AAGUID: Kind = Kind {
    id: "entra.duplicate-aaguid",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The list names this model more than once.",
    next_step: "Remove the repetition; each AAGUID takes room in a policy limited to 20 KB.",
    source: "keyvet",
};

pub(crate) static MALFORMED_AAGUID: Kind = Kind {
    id: "entra.malformed-aaguid",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A row of the list is not an AAGUID, so it matches no key.",
    next_step: "Correct the row: 32 hexadecimal digits, dashed as in a UUID.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static ZERO_IN_LIST: Kind = Kind {
    id: "entra.zero-aaguid-in-list",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The list holds the all-zero AAGUID, which names no model: it is never a match.",
    next_step: "Remove the row; it does nothing.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static AAGUID_SPELLING: Kind = Kind {
    id: "entra.aaguid-spelling",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "A row is not written in lower case with dashes. keyvet compares the values; no document \
              says whether Entra does.",
    next_step: "Write the AAGUID in lower case with dashes.",
    source: "keyvet: looked for and not found in Microsoft's pages",
};

pub(crate) static ALLOWED_NOT_ATTESTABLE: Kind = Kind {
    id: "entra.allowed-not-attestable",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile enforces attestation, and its allow list names models that Microsoft's \
              published table does not: they cannot be registered.",
    next_step: "Remove the rows, or put the models into a profile that does not enforce attestation. \
                Keys registered before keep signing in while they are listed.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor (Microsoft, CC BY 4.0)",
};
