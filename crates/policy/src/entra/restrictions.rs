//! P6: whether the profile lets this model in. Looked at again at every sign-in: taking an AAGUID off
//! an allow list stops the keys already registered.

use super::scope;
use crate::facts::Facts;
use crate::model::{AaguidRule, ListMode, Profile, Stated};
use crate::verdict::Reason;
use keyvet_attestation::AaguidStanding;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Kind, Severity};

/// P6 for one profile. `place` names the profile.
pub(crate) fn judge(profile: &Profile, facts: &Facts, place: &str) -> Vec<Reason> {
    let rule = match &profile.requirements.aaguids {
        Stated::Value(rule) => rule,
        Stated::Missing => {
            let place = format!("{place} keyRestrictions");
            return vec![scope::missing(&place, "which models are let in")];
        }
        Stated::Unknown(text) => {
            return vec![scope::unknown(&format!("{place} keyRestrictions.enforcementType"), text)];
        }
    };
    if rule.mode == ListMode::Any {
        let place = format!("{place} keyRestrictions.isEnforced");
        return vec![Reason::passes(&RESTRICTIONS_OFF, place, "false")];
    }
    let place = format!("{place} keyRestrictions.aaGuids");
    if rule.list.is_empty() {
        return vec![Reason::leaves_open(&LIST_EMPTY, place, word(rule.mode))];
    }
    match facts.aaguid {
        None => vec![Reason::leaves_open(&AAGUID_UNREAD, place, facts.identity())],
        Some(aaguid) if aaguid.is_zero() => vec![zero(rule.mode, place)],
        Some(aaguid) => listed(rule, aaguid, facts, place),
    }
}

fn listed(rule: &AaguidRule, aaguid: Aaguid, facts: &Facts, place: String) -> Vec<Reason> {
    let identity = facts.identity();
    let reason = match (rule.mode, rule.names(aaguid)) {
        (ListMode::Allow, false) => Reason::refuses(&NOT_ALLOWED, &place, identity),
        (ListMode::Block, true) => Reason::refuses(&BLOCKED, &place, identity),
        (ListMode::Block, false) => Reason::passes(&NOT_BLOCKED, &place, identity),
        _ => Reason::passes(&ALLOWED, &place, identity),
    };
    let claimed = facts.standing != AaguidStanding::Proven;
    let note = claimed.then(|| Reason::note(&CLAIMED, place, facts.identity()));
    std::iter::once(reason).chain(note).collect()
}

fn zero(mode: ListMode, place: String) -> Reason {
    let detail = format!("all-zero AAGUID, {} list", word(mode));
    match mode {
        ListMode::Block => Reason::leaves_open(&ZERO_UNDER_BLOCK, place, detail),
        _ => Reason::refuses(&ZERO_NOT_LISTABLE, place, detail),
    }
}

fn word(mode: ListMode) -> &'static str {
    if mode == ListMode::Block { "block" } else { "allow" }
}

pub(crate) static RESTRICTIONS_OFF: Kind = Kind {
    id: "entra.restrictions-off",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The profile restricts no models.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Graph reference, fido2KeyRestrictions",
};

pub(crate) static ALLOWED: Kind = Kind {
    id: "entra.aaguid-allowed",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The profile's allow list names this model.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static NOT_ALLOWED: Kind = Kind {
    id: "entra.aaguid-not-allowed",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile's allow list does not name this model. People are told that this particular \
              key type has been blocked by their organisation; registered keys cannot sign in.",
    next_step: "Add the AAGUID to the allow list, or use a listed model. Models sold under one name may \
                have several AAGUIDs.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static BLOCKED: Kind = Kind {
    id: "entra.aaguid-blocked",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The profile's block list names this model. Registered keys of it cannot sign in.",
    next_step: "Take the AAGUID off the block list, or use another model.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static NOT_BLOCKED: Kind = Kind {
    id: "entra.aaguid-not-blocked",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The profile's block list does not name this model.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static CLAIMED: Kind = Kind {
    id: "entra.aaguid-claimed",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The registration claims this AAGUID and does not prove it. Without enforced attestation \
              a list of models is guidance only: software can send any value.",
    next_step: "Enforce attestation if the list is meant to keep other models out.",
    source: "Microsoft Entra documentation, how-to-authentication-passkeys-fido2",
};

pub(crate) static LIST_EMPTY: Kind = Kind {
    id: "entra.restrictions-without-list",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "Key restrictions are on and the list is empty. No document says what Entra does then.",
    next_step: "Add at least one AAGUID, or switch the restrictions off.",
    source: "keyvet: looked for and not found in Microsoft's pages",
};

pub(crate) static AAGUID_UNREAD: Kind = Kind {
    id: "entra.aaguid-unread",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Models are restricted, and no AAGUID could be read from the registration.",
    next_step: "Give a registration whose authenticator data can be read.",
    source: "WebAuthn L3 §6.5.1",
};

pub(crate) static ZERO_NOT_LISTABLE: Kind = Kind {
    id: "entra.zero-aaguid-not-listable",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The AAGUID is all zero: the model cannot be identified, so no allow list can name it.",
    next_step: "Register with attestation so that the key sends its AAGUID, or use a profile without \
                key restrictions.",
    source: "WebAuthn L3 §6.5.1; keyvet: the zero AAGUID never matches a list",
};

pub(crate) static ZERO_UNDER_BLOCK: Kind = Kind {
    id: "entra.zero-aaguid-under-block",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The AAGUID is all zero: the model cannot be identified. No document says what Entra does \
              with it under a block list.",
    next_step: "Register with attestation so that the key sends its AAGUID.",
    source: "keyvet: looked for and not found in Microsoft's pages",
};
