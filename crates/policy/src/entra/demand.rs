//! P7: whether the attestation is what the profile demands. Looked at when a passkey is registered and
//! never again, so that a change of this setting stops no registered key.

use super::chain;
use super::key_table::KeyTable;
use super::models;
use super::scope;
use crate::facts::Facts;
use crate::model::{Attestation, Moment, Profile, Stated};
use crate::verdict::Reason;
use keyvet_attestation::Statement;
use keyvet_finding::{Culprit, Kind, Severity};

/// P7 for one profile. `place` names the member that makes the demand.
pub(crate) fn judge(
    profile: &Profile,
    facts: &Facts,
    table: &KeyTable,
    place: &str,
    moment: Moment,
) -> Vec<Reason> {
    let demand = &profile.requirements.attestation;
    if !profile.requirements.applies.attestation.include(moment) {
        let enforced = demand.value().is_some_and(|demand| *demand != Attestation::NotDemanded);
        return enforced.then(|| at_registration_only(place)).into_iter().collect();
    }
    match demand {
        Stated::Value(Attestation::NotDemanded) => not_enforced(facts, place),
        Stated::Value(_) => enforced(facts, table, place),
        Stated::Missing => vec![scope::missing(place, "whether attestation is enforced")],
        Stated::Unknown(text) => vec![scope::unknown(place, text)],
    }
}

fn at_registration_only(place: &str) -> Reason {
    Reason::note(&REGISTRATION_ONLY, place, "not looked at when signing in")
}

fn enforced(facts: &Facts, table: &KeyTable, place: &str) -> Vec<Reason> {
    if let Some(reason) = facts.aaguid.and_then(|aaguid| models::special(aaguid, place)) {
        return vec![reason];
    }
    let mut reasons: Vec<Reason> = chain::judge(facts, table, place).into_iter().collect();
    reasons.extend(models::judge(facts, table));
    reasons
}

/// Microsoft's page asks for a valid statement of a known shape even then; public tests show that an
/// invented certificate passes. So a broken statement is left open rather than refused.
fn not_enforced(facts: &Facts, place: &str) -> Vec<Reason> {
    let format = facts.format.as_deref().unwrap_or_default();
    if facts.aaguid.is_none() {
        return vec![Reason::refuses(&NO_CREDENTIAL, place, facts.identity())];
    }
    if format.len() > MAX_FORMAT_LEN_BYTES {
        let detail = format!("{} bytes", format.len());
        return vec![Reason::refuses(&FORMAT_NAME_TOO_LONG, place, detail)];
    }
    if format == "fido-u2f" {
        return vec![Reason::leaves_open(&U2F_REGISTRATION, place, facts.identity())];
    }
    vec![match facts.statement {
        Statement::Valid => Reason::passes(
            &NOT_ENFORCED,
            place,
            format_args!("format {format}; {}", facts.identity()),
        ),
        Statement::Invalid | Statement::Malformed => Reason::leaves_open(
            &BROKEN_BUT_NOT_ENFORCED,
            place,
            format_args!("format {format}, statement {}", facts.statement.as_str()),
        ),
        _ => not_checked(facts, place),
    }]
}

pub(crate) fn not_checked(facts: &Facts, place: &str) -> Reason {
    let format = facts.format.as_deref().unwrap_or("unknown");
    let detail = format!("format {format}, statement {}", facts.statement.as_str());
    Reason::leaves_open(&STATEMENT_NOT_CHECKED, place, detail)
}

/// The page's limit on the name of a format, in its words "characters"; counted here in bytes.
const MAX_FORMAT_LEN_BYTES: usize = 32;

pub(crate) static REGISTRATION_ONLY: Kind = Kind {
    id: "entra.attestation-at-registration-only",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Attestation is enforced when a passkey is registered. Switching it on or off stops no \
              passkey that is already registered.",
    next_step: "Nothing: sign-in does not look at the attestation.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static NOT_ENFORCED: Kind = Kind {
    id: "entra.attestation-not-enforced",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The profile does not enforce attestation, and the statement is one that is taken then. \
              Entra proves neither the chain nor the AAGUID in this case.",
    next_step: "Enforce attestation if the model has to be proven.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static BROKEN_BUT_NOT_ENFORCED: Kind = Kind {
    id: "entra.broken-statement-not-enforced",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "Attestation is not enforced, and the statement does not hold. Documented: a valid \
              statement is asked for even then. Observed in public tests: self-made certificates are \
              registered. Both readings are open.",
    next_step: "Find out why the statement does not hold before handing the key out.",
    source: "documented: Microsoft Entra documentation, concept-fido2-hardware-vendor; observed: \
             MichaelGrafnetter/webauthn-interop, EntraID.Tests.ps1",
};

pub(crate) static STATEMENT_NOT_CHECKED: Kind = Kind {
    id: "entra.statement-not-checked",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Whether the attestation statement holds is not known: its format or algorithm is not \
              supported here, or the client data that it signs was not given.",
    next_step: "Give the registration with its client data; for an unsupported format, see the \
                findings of the statement.",
    source: "WebAuthn L3 §7.1",
};

pub(crate) static FORMAT_NAME_TOO_LONG: Kind = Kind {
    id: "entra.format-name-too-long",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation format has a name of more than 32 characters, which Entra does not take.",
    next_step: "Report it to the vendor.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static U2F_REGISTRATION: Kind = Kind {
    id: "entra.u2f-registration",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "The registration was made by the U2F protocol. Entra asks for user verification and a \
              resident key, which U2F cannot do, so this registration says nothing about the key.",
    next_step: "Register again with user verification and a resident key required; if the key cannot, \
                Entra will not take it.",
    source: "Microsoft Entra documentation, reference-credential-management-api (creation options); \
             CTAP 2.2 §10",
};

pub(crate) static NO_CREDENTIAL: Kind = Kind {
    id: "entra.no-credential",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "No credential could be read from the registration, so there is nothing to register.",
    next_step: "See the findings of the attestation object, and make the registration again.",
    source: "WebAuthn L3 §6.5",
};
