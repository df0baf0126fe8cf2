//! P5: whether the profile lets this kind of passkey in. Looked at again at every sign-in, so that
//! switching synced passkeys off also stops those already registered.

use super::scope;
use crate::facts::Facts;
use crate::model::{Profile, Provider, Stated, Types};
use crate::verdict::Reason;
use keyvet_finding::{Culprit, Kind, Severity};

/// P5 for one profile. `place` names the profile.
pub(crate) fn judge(provider: Provider, profile: &Profile, facts: &Facts, place: &str) -> Reason {
    let place = format!("{place} passkeyTypes");
    let Some(synced) = facts.backup_eligible else {
        return Reason::leaves_open(&TYPE_UNREAD, place, "no authenticator data could be read");
    };
    let found = if synced { "synced (BE flag set)" } else { "deviceBound (BE flag clear)" };
    if provider == Provider::EntraLegacy {
        return legacy(synced, &place, found);
    }
    match &profile.requirements.types {
        Stated::Value(types) => stated(types, synced, place, found),
        Stated::Missing => scope::missing(&place, "which types are let in"),
        Stated::Unknown(text) => scope::unknown(&place, text),
    }
}

fn stated(types: &Types, synced: bool, place: String, found: &str) -> Reason {
    let allowed = if synced { types.synced } else { types.device_bound };
    match allowed {
        true => Reason::passes(&TYPE_ALLOWED, place, found),
        false if !types.other.is_empty() => scope::unknown(&place, &types.other.join(",")),
        false => Reason::refuses(&TYPE_NOT_ALLOWED, place, found),
    }
}

/// The deprecated form does not speak of types. Keys that stay in place are what it was made for;
/// about synced passkeys no document says anything.
fn legacy(synced: bool, place: &str, found: &str) -> Reason {
    match synced {
        false => Reason::passes(&TYPE_ALLOWED, place, format_args!("{found}; no types are stated")),
        true => Reason::leaves_open(&SYNCED_UNDER_LEGACY, place, found),
    }
}

pub(crate) static TYPE_ALLOWED: Kind = Kind {
    id: "entra.type-allowed",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The profile lets this kind of passkey in. That Entra tells synced from device-bound by \
              the BE flag is an assumption; no page says how it does.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, how-to-synced-passkeys; WebAuthn L3 §6.1 (BE)",
};

pub(crate) static TYPE_NOT_ALLOWED: Kind = Kind {
    id: "entra.type-not-allowed",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile does not let this kind of passkey in, at registration and at every sign-in. \
              That Entra tells synced from device-bound by the BE flag is an assumption.",
    next_step: "Add the type to passkeyTypes of a profile the person has, or use another passkey.",
    source: "Microsoft Entra documentation, how-to-synced-passkeys; WebAuthn L3 §6.1 (BE)",
};

pub(crate) static TYPE_UNREAD: Kind = Kind {
    id: "entra.type-unread",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Whether the passkey is synced or device-bound cannot be told without its flags.",
    next_step: "Give a registration whose authenticator data can be read.",
    source: "WebAuthn L3 §6.1 (BE)",
};

pub(crate) static SYNCED_UNDER_LEGACY: Kind = Kind {
    id: "entra.synced-under-legacy",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy is in the deprecated form, which does not say whether synced passkeys are let \
              in. The migration to profiles of March to May 2026 let them in where attestation was off \
              and kept them out where it was on.",
    next_step: "Export the policy again: migrated tenants have passkeyProfiles, which say it.",
    source: "Microsoft 365 message MC1221452, as reported by practitioners",
};
