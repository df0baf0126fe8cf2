//! Importer for `fido2AuthenticationMethodConfiguration` as Microsoft Graph returns or accepts it.
//!
//! Two shapes exist, often in one object: the deprecated fields `isAttestationEnforced` and
//! `keyRestrictions` (until October 2027), and `passkeyProfiles`. When there are profiles they count,
//! and a contradiction is a finding. A change request (PATCH body) states only what it changes: what
//! it leaves out is [`Stated::Missing`], because the tenant keeps its value. In a whole object the
//! product's default is taken and said.

use super::contradiction;
use super::locate::{Config, fido2_configuration};
use crate::error::PolicyError;
use crate::model::{
    AaguidRule, Attestation, ListMode, ListedModel, Policy, Profile, Provider, Requirements,
    Stated, Target, Types,
};
use crate::text::finding;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_json::{At, Json};

/// Reads one Graph document that holds a passkey policy somewhere.
pub(crate) fn read(json: &Json) -> Result<Policy, PolicyError> {
    let config = fido2_configuration(json)?;
    let mut reader = Reader { whole: config.is_whole(), findings: Vec::new() };
    let mut policy = reader.policy(&config)?;
    policy.findings = reader.findings;
    policy.findings.extend(contradiction::findings(&config, &policy)?);
    Ok(policy)
}

/// Reads members and remembers what was odd about them.
struct Reader {
    /// Whether the document is a whole object, so that a default can be taken for what it leaves out.
    whole: bool,
    findings: Vec<Finding>,
}

impl Reader {
    fn policy(&mut self, config: &Config<'_>) -> Result<Policy, PolicyError> {
        self.note_unknown("", config.names(), TOP_MEMBERS);
        let profiles = self.profiles(config)?;
        if profiles.is_empty() && names_profiles(config) && !has_legacy_fields(config) {
            // an extract: the profiles that targets name were left out, so no default may be taken
            self.whole = false;
        }
        let provider =
            if profiles.is_empty() { Provider::EntraLegacy } else { Provider::EntraProfiles };
        Ok(Policy {
            provider,
            enabled: self.state(config)?,
            self_service: self.self_service(config)?,
            include: self.include(config, provider)?,
            exclude: self.exclude(config)?,
            profiles: match provider {
                Provider::EntraLegacy => vec![self.legacy(config)?],
                _ => profiles,
            },
            findings: Vec::new(),
        })
    }

    fn state(&mut self, config: &Config<'_>) -> Result<Stated<bool>, PolicyError> {
        let Some(at) = config.member("state") else { return Ok(self.missing("state")) };
        Ok(match at.text()? {
            text if text.eq_ignore_ascii_case("enabled") => Stated::Value(true),
            text if text.eq_ignore_ascii_case("disabled") => Stated::Value(false),
            text => self.unknown("state", text),
        })
    }

    fn self_service(&mut self, config: &Config<'_>) -> Result<Stated<bool>, PolicyError> {
        let name = "isSelfServiceRegistrationAllowed";
        match config.member(name) {
            Some(at) => Ok(Stated::Value(at.boolean()?)),
            None => Ok(self.default(name, "true", true)),
        }
    }

    fn include(
        &mut self,
        config: &Config<'_>,
        provider: Provider,
    ) -> Result<Stated<Vec<Target>>, PolicyError> {
        let Some(at) = config.member("includeTargets") else {
            return Ok(self.missing("includeTargets"));
        };
        let mut targets = self.targets(&at)?;
        if provider == Provider::EntraLegacy {
            // the deprecated form has one set of rules, and every target is given it
            targets.iter_mut().for_each(|t| t.profiles = Some(vec![LEGACY_ID.to_owned()]));
        }
        Ok(Stated::Value(targets))
    }

    fn exclude(&mut self, config: &Config<'_>) -> Result<Stated<Vec<Target>>, PolicyError> {
        match config.member("excludeTargets") {
            Some(at) => self.targets(&at).map(Stated::Value),
            None => Ok(self.default("excludeTargets", "nobody", Vec::new())),
        }
    }

    fn targets(&mut self, at: &At<'_>) -> Result<Vec<Target>, PolicyError> {
        at.array()?.into_iter().map(|item| self.target(item)).collect()
    }

    fn target(&mut self, at: At<'_>) -> Result<Target, PolicyError> {
        let at = at.object()?;
        self.note_unknown(&at.path, at.names(), TARGET_MEMBERS);
        let id = at.required("id")?.text()?.to_owned();
        let profiles = at.member("allowedPasskeyProfiles").map(|list| texts(&list)).transpose()?;
        Ok(Target { id, profiles })
    }

    fn legacy(&mut self, config: &Config<'_>) -> Result<Profile, PolicyError> {
        let attestation = match config.member("isAttestationEnforced") {
            Some(at) => Stated::Value(enforced(at.boolean()?)),
            None => self.default("isAttestationEnforced", "true", Attestation::Chain),
        };
        let aaguids = match config.member("keyRestrictions") {
            Some(at) => self.restrictions(at)?,
            None => self.default("keyRestrictions", "off", AaguidRule::any()),
        };
        // the deprecated form knows no passkeyTypes; the check for types knows that
        Ok(Profile {
            id: LEGACY_ID.to_owned(),
            name: LEGACY_NAME.to_owned(),
            requirements: Requirements::judged(attestation, aaguids, Stated::Missing),
        })
    }

    fn profiles(&mut self, config: &Config<'_>) -> Result<Vec<Profile>, PolicyError> {
        let Some(at) = config.member("passkeyProfiles") else { return Ok(Vec::new()) };
        at.array()?.into_iter().map(|item| self.profile(item)).collect()
    }

    fn profile(&mut self, at: At<'_>) -> Result<Profile, PolicyError> {
        let at = at.object()?;
        self.note_unknown(&at.path, at.names(), PROFILE_MEMBERS);
        let id = at.required("id")?.text()?.to_owned();
        let name = at.member("name").map(|name| name.text()).transpose()?.unwrap_or(&id).to_owned();
        let attestation = self.profile_attestation(&at)?;
        let aaguids = match at.member("keyRestrictions") {
            Some(restrictions) => self.restrictions(restrictions)?,
            None => self.missing(&format!("{}.keyRestrictions", at.path)),
        };
        let types = self.types(&at)?;
        Ok(Profile { id, name, requirements: Requirements::judged(attestation, aaguids, types) })
    }

    fn profile_attestation(&mut self, at: &At<'_>) -> Result<Stated<Attestation>, PolicyError> {
        let path = format!("{}.attestationEnforcement", at.path);
        let Some(member) = at.member("attestationEnforcement") else {
            return Ok(self.missing(&path));
        };
        Ok(match member.text()? {
            text if text.eq_ignore_ascii_case("disabled") => Stated::Value(enforced(false)),
            text if text.eq_ignore_ascii_case("registrationOnly") => Stated::Value(enforced(true)),
            text => self.unknown(&path, text),
        })
    }

    fn restrictions(&mut self, at: At<'_>) -> Result<Stated<AaguidRule>, PolicyError> {
        let at = at.object()?;
        self.note_unknown(&at.path, at.names(), RESTRICTION_MEMBERS);
        let list = at.member("aaGuids").map(|list| texts(&list)).transpose()?.unwrap_or_default();
        let list = list.iter().map(|text| ListedModel::read(text)).collect();
        let mode = self.list_mode(&at)?;
        Ok(match mode {
            Stated::Value(mode) => Stated::Value(AaguidRule { mode, list }),
            Stated::Missing => Stated::Missing,
            Stated::Unknown(text) => Stated::Unknown(text),
        })
    }

    fn list_mode(&mut self, at: &At<'_>) -> Result<Stated<ListMode>, PolicyError> {
        let Some(on) = at.member("isEnforced") else {
            return Ok(self.missing(&format!("{}.isEnforced", at.path)));
        };
        if !on.boolean()? {
            return Ok(Stated::Value(ListMode::Any));
        }
        let path = format!("{}.enforcementType", at.path);
        let Some(kind) = at.member("enforcementType") else { return Ok(self.missing(&path)) };
        Ok(match kind.text()? {
            text if text.eq_ignore_ascii_case("allow") => Stated::Value(ListMode::Allow),
            text if text.eq_ignore_ascii_case("block") => Stated::Value(ListMode::Block),
            text => self.unknown(&path, text),
        })
    }

    fn types(&mut self, at: &At<'_>) -> Result<Stated<Types>, PolicyError> {
        let path = format!("{}.passkeyTypes", at.path);
        let Some(member) = at.member("passkeyTypes") else { return Ok(self.missing(&path)) };
        let words = match member.json {
            Json::Array(_) => texts(&member)?,
            _ => member.text()?.split(',').map(|word| word.trim().to_owned()).collect(),
        };
        let types = types_of(words);
        for word in &types.other {
            self.note(finding(&UNKNOWN_VALUE, format_args!("{path}: '{word}'")));
        }
        Ok(Stated::Value(types))
    }

    fn note(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn missing<T>(&mut self, path: &str) -> Stated<T> {
        self.note(finding(&MEMBER_MISSING, path));
        Stated::Missing
    }

    fn default<T>(&mut self, path: &str, text: &str, value: T) -> Stated<T> {
        if !self.whole {
            return self.missing(path);
        }
        self.note(finding(&DEFAULT_ASSUMED, format_args!("{path}: {text}")));
        Stated::Value(value)
    }

    fn unknown<T>(&mut self, path: &str, text: &str) -> Stated<T> {
        self.note(finding(&UNKNOWN_VALUE, format_args!("{path}: '{text}'")));
        Stated::Unknown(text.to_owned())
    }

    fn note_unknown<'a>(
        &mut self,
        path: &str,
        names: impl Iterator<Item = &'a str>,
        known: &[&str],
    ) {
        let is_known = |name: &str| {
            name.contains("@odata.") || known.iter().any(|k| k.eq_ignore_ascii_case(name))
        };
        let dot = if path.is_empty() { "" } else { "." };
        for name in names.filter(|name| !is_known(name)).take(MAX_NOTED) {
            self.note(finding(&UNKNOWN_MEMBER, format_args!("{path}{dot}{name}")));
        }
    }
}

fn names_profiles(config: &Config<'_>) -> bool {
    let targets = config.member("includeTargets").and_then(|at| at.array().ok());
    let names = |target: &At<'_>| {
        let list = target.member("allowedPasskeyProfiles").and_then(|at| at.array().ok());
        list.is_some_and(|list| !list.is_empty())
    };
    targets.iter().flatten().any(names)
}

fn has_legacy_fields(config: &Config<'_>) -> bool {
    ["isAttestationEnforced", "keyRestrictions"].iter().any(|name| config.member(name).is_some())
}

fn enforced(on: bool) -> Attestation {
    if on { Attestation::Chain } else { Attestation::NotDemanded }
}

fn types_of(words: Vec<String>) -> Types {
    let has = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    let (device_bound, synced) = (has("deviceBound"), has("synced"));
    let known = |word: &String| {
        word.is_empty() || ["deviceBound", "synced"].iter().any(|k| word.eq_ignore_ascii_case(k))
    };
    let other = words.into_iter().filter(|word| !known(word)).take(MAX_NOTED).collect();
    Types { device_bound, synced, other }
}

fn texts(at: &At<'_>) -> Result<Vec<String>, PolicyError> {
    at.array()?.iter().map(|item| Ok(item.text()?.to_owned())).collect()
}

/// Id of the profile made of the deprecated fields.
pub(crate) const LEGACY_ID: &str = "legacy";
/// Its name in reasons.
pub(crate) const LEGACY_NAME: &str = "legacy settings";
/// Unknown members noted per object; more say nothing new.
const MAX_NOTED: usize = 20;

/// Findings of one document; more say nothing new.
const MAX_FINDINGS: usize = 200;

const TOP_MEMBERS: &[&str] = &[
    "id",
    "state",
    "isSelfServiceRegistrationAllowed",
    "isAttestationEnforced",
    "keyRestrictions",
    "includeTargets",
    "excludeTargets",
    "defaultPasskeyProfile",
    "passkeyProfiles",
    "AdditionalProperties",
];
const TARGET_MEMBERS: &[&str] =
    &["id", "targetType", "isRegistrationRequired", "allowedPasskeyProfiles"];
const PROFILE_MEMBERS: &[&str] =
    &["id", "name", "passkeyTypes", "attestationEnforcement", "keyRestrictions"];
const RESTRICTION_MEMBERS: &[&str] = &["isEnforced", "enforcementType", "aaGuids"];

pub(crate) static MEMBER_MISSING: Kind = Kind {
    id: "entra.member-missing",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The document does not state this member. It looks like a change request, which leaves \
              the tenant's value as it is, so what depends on it is undecided.",
    next_step: "Give the whole object: the answer of GET \
                /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration: update",
};

pub(crate) static DEFAULT_ASSUMED: Kind = Kind {
    id: "entra.default-assumed",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The object does not state this member, so the product's default was taken.",
    next_step: "Export the policy again if the value matters; both Graph versions return this member.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration; defaults as published \
             by the Maester project (EIDSCA.AF02 to AF04) and message MC690185",
};

pub(crate) static UNKNOWN_VALUE: Kind = Kind {
    id: "entra.unknown-value",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "A member holds a word that the reference this program was built from does not list. \
              What depends on it is undecided.",
    next_step: "Check the spelling; if Microsoft has added the word, use a newer keyvet.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration and passkeyProfile",
};

pub(crate) static UNKNOWN_MEMBER: Kind = Kind {
    id: "entra.unknown-member",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The object has a member that the reference this program was built from does not list. \
              It was not judged.",
    next_step: "Check whether it restricts passkeys; if so, use a newer keyvet.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration",
};
