//! Where one document says two things: the deprecated fields beside `passkeyProfiles`.

use super::locate::Config;
use crate::error::PolicyError;
use crate::model::{Attestation, ListMode, Policy, Profile, Provider};
use crate::text::finding;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::collections::BTreeSet;

/// Findings about deprecated fields that disagree with the default profile, which counts.
pub(crate) fn findings(config: &Config<'_>, policy: &Policy) -> Result<Vec<Finding>, PolicyError> {
    if policy.provider != Provider::EntraProfiles {
        return Ok(Vec::new());
    }
    let named = config.member("defaultPasskeyProfile").map(|m| m.text()).transpose()?;
    let Some(profile) = default_profile(policy, named) else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    if let Some(at) = config.member("isAttestationEnforced") {
        let enforced = at.boolean()?;
        findings.extend(attestation(enforced, profile));
        findings.extend(types(enforced, profile));
    }
    if let Some(at) = config.member("keyRestrictions") {
        findings.extend(restrictions(at.object()?, profile)?);
    }
    Ok(findings)
}

/// The profile that mirrors the deprecated fields.
pub(crate) fn default_profile<'a>(policy: &'a Policy, named: Option<&str>) -> Option<&'a Profile> {
    let by_id = |id: &str| policy.profiles.iter().find(|p| p.id.eq_ignore_ascii_case(id));
    by_id(named.unwrap_or(DEFAULT_PROFILE_ID)).or_else(|| by_id(DEFAULT_PROFILE_ID))
}

fn attestation(enforced: bool, profile: &Profile) -> Option<Finding> {
    let in_profile = *profile.requirements.attestation.value()? == Attestation::Chain;
    let word = if in_profile { "registrationOnly" } else { "disabled" };
    (enforced != in_profile).then(|| {
        let name = &profile.name;
        finding(
            &LEGACY_DISAGREES,
            format_args!(
                "isAttestationEnforced is {enforced}, profile '{name}' attestationEnforcement is \
                 {word}; the profile was used"
            ),
        )
    })
}

/// Enforced attestation kept synced passkeys out; a default profile that lets them in lets in more.
fn types(enforced: bool, profile: &Profile) -> Option<Finding> {
    let synced = profile.requirements.types.value()?.synced;
    (enforced && synced).then(|| {
        let name = &profile.name;
        finding(
            &TYPES_GREW,
            format_args!(
                "isAttestationEnforced is true, profile '{name}' passkeyTypes holds synced"
            ),
        )
    })
}

fn restrictions(
    at: keyvet_json::At<'_>,
    profile: &Profile,
) -> Result<Option<Finding>, PolicyError> {
    let Some(rule) = profile.requirements.aaguids.value() else { return Ok(None) };
    let on = at.member("isEnforced").map(|m| m.boolean()).transpose()?.unwrap_or(false);
    let kind = at.member("enforcementType").map(|m| m.text()).transpose()?.unwrap_or_default();
    let mode = match on {
        false => ListMode::Any,
        true if kind.eq_ignore_ascii_case("block") => ListMode::Block,
        true => ListMode::Allow,
    };
    let mut legacy = BTreeSet::new();
    for item in at.member("aaGuids").map(|m| m.array()).transpose()?.unwrap_or_default() {
        legacy.extend(item.text()?.parse::<Aaguid>().ok());
    }
    let ours: BTreeSet<Aaguid> = rule.list.iter().filter_map(crate::ListedModel::aaguid).collect();
    let same = mode == rule.mode && (mode == ListMode::Any || legacy == ours);
    Ok((!same).then(|| disagreement(profile, mode, legacy.len(), rule.mode, ours.len())))
}

fn disagreement(
    profile: &Profile,
    legacy: ListMode,
    legacy_rows: usize,
    ours: ListMode,
    rows: usize,
) -> Finding {
    let (name, legacy, ours) = (&profile.name, word(legacy), word(ours));
    finding(
        &LEGACY_DISAGREES,
        format_args!(
            "keyRestrictions is {legacy} with {legacy_rows} AAGUIDs, profile '{name}' \
             keyRestrictions is {ours} with {rows} AAGUIDs; the profile was used"
        ),
    )
}

fn word(mode: ListMode) -> &'static str {
    match mode {
        ListMode::Any => "off",
        ListMode::Allow => "allow",
        ListMode::Block => "block",
    }
}

/// Id of the profile that every tenant has.
pub(crate) const DEFAULT_PROFILE_ID: &str = "00000000-0000-0000-0000-000000000001";

pub(crate) static LEGACY_DISAGREES: Kind = Kind {
    id: "entra.legacy-disagrees",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The deprecated fields and the default passkey profile say different things. They are \
              meant to mirror each other until the fields go away in October 2027; the profiles were \
              used.",
    next_step: "Set both to the same value, or leave the deprecated fields out of change requests.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration; that profiles win is \
             keyvet's reading",
};

pub(crate) static TYPES_GREW: Kind = Kind {
    id: "entra.types-grew",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The deprecated fields enforce attestation, which keeps synced passkeys out, and the \
              default profile lets synced passkeys in: the policy allows more than it did.",
    next_step: "Decide whether synced passkeys are wanted; if not, set passkeyTypes to deviceBound.",
    source: "Microsoft 365 message MC1221452 (migration to passkey profiles, March to May 2026)",
};
