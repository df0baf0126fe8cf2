//! Second half of enforced attestation: whether the model is one that Entra takes.

use super::attestable::{self, Attestable, RuleTerm};
use super::key_table::{KeyRow, KeyTable};
use super::known;
use crate::facts::{Entry, Facts, Metadata};
use crate::verdict::Reason;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Kind, Severity};

/// Models that Microsoft's pages take out of the ordinary procedure.
pub(crate) fn special(aaguid: Aaguid, place: &str) -> Option<Reason> {
    let name = known::name(aaguid)?;
    let detail = format!("AAGUID {aaguid} ({name})");
    if known::is_authenticator_app(aaguid) {
        return Some(Reason::refuses(&AUTHENTICATOR_APP, place, detail));
    }
    (aaguid == known::MACOS_PLATFORM_CREDENTIAL)
        .then(|| Reason::leaves_open(&PLATFORM_CREDENTIAL, place, detail))
}

/// The table, then the rule, then the alarms of the metadata entry.
pub(crate) fn judge(facts: &Facts, table: &KeyTable) -> Vec<Reason> {
    let Some(aaguid) = facts.aaguid else { return Vec::new() };
    let standing = attestable::standing(aaguid, table, facts.metadata.as_ref());
    let mut reasons = vec![reason(&standing, facts, table)];
    reasons.extend(facts.metadata.as_ref().and_then(alarm));
    reasons
}

fn reason(standing: &Attestable, facts: &Facts, table: &KeyTable) -> Reason {
    let (source, who) = (table.edition(), facts.identity());
    let asked = |mds_no: &u64| format!("{source}; FIDO metadata no {mds_no}");
    match standing {
        Attestable::Listed(row) => listed(row, facts, table),
        Attestable::Unidentified => Reason::refuses(&UNIDENTIFIED, source, who),
        Attestable::InAppOnly => Reason::refuses(&AUTHENTICATOR_APP, source, who),
        Attestable::NotListed => Reason::leaves_open(&NOT_LISTED, source, who),
        Attestable::NotInMetadata { mds_no } => {
            Reason::refuses(&NOT_IN_METADATA, asked(mds_no), who)
        }
        Attestable::PredictedNotListed { mds_no } => {
            let detail = format!("{who}; {}", status_text(facts));
            Reason::leaves_open(&NOT_YET_LISTED, asked(mds_no), detail)
        }
        Attestable::RuleFails { mds_no, terms } => {
            let kind = if *terms == [RuleTerm::Certified] { &NOT_CERTIFIED } else { &RULE_FAILS };
            let terms: Vec<String> = terms.iter().map(RuleTerm::to_string).collect();
            let detail = format!("{who}: {}; {}", terms.join(", "), status_text(facts));
            Reason::refuses(kind, asked(mds_no), detail)
        }
    }
}

fn listed(row: &KeyRow, facts: &Facts, table: &KeyTable) -> Reason {
    let detail = format!("listed as '{}'; {}", row.description, facts.identity());
    Reason::passes(&LISTED, table.edition(), detail)
}

/// Every status the metadata reports, with its date.
fn status_text(facts: &Facts) -> String {
    let entry = facts.metadata.as_ref().and_then(|metadata| metadata.entry.as_ref());
    let statuses: Vec<String> = entry
        .iter()
        .flat_map(|entry| entry.statuses.iter().take(MAX_STATUSES))
        .map(|(status, date)| format!("{status} {}", date.as_deref().unwrap_or("undated")))
        .collect();
    format!("metadata status {}", statuses.join(", "))
}

/// No page says whether Entra heeds these; the table may be older than the report.
fn alarm(metadata: &Metadata) -> Option<Reason> {
    let alarms = metadata.entry.as_ref().map(Entry::alarms)?;
    let detail = alarms.join(", ");
    (!alarms.is_empty()).then(|| Reason::leaves_open(&STATUS_ALARM, metadata, detail))
}

/// Statuses shown in one detail.
const MAX_STATUSES: usize = 10;

pub(crate) static AUTHENTICATOR_APP: Kind = Kind {
    id: "entra.authenticator-in-app-only",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "This is Microsoft Authenticator's AAGUID. While attestation is enforced its passkeys are \
              made in the app only, attested by App Attest or Play Integrity; no other route and no \
              security key registers it.",
    next_step: "Register in the Authenticator app on the phone itself.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static PLATFORM_CREDENTIAL: Kind = Kind {
    id: "entra.platform-credential",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "This is the Platform Credential for macOS. No document says what enforced attestation \
              does with it.",
    next_step: "Try it with one person before relying on it.",
    source: "Microsoft Entra documentation, concept-authentication-platform-credential-for-macos",
};

pub(crate) static LISTED: Kind = Kind {
    id: "entra.in-key-table",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Microsoft's published table lists this model as eligible while attestation is enforced.",
    next_step: "Nothing to do; look at the table's date.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor (Microsoft, CC BY 4.0)",
};

pub(crate) static NOT_LISTED: Kind = Kind {
    id: "entra.not-in-key-table",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Microsoft's published table does not list this model. The table has a date, and without \
              FIDO metadata it cannot be told whether the model has come since.",
    next_step: "Import FIDO metadata and judge again.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor (Microsoft, CC BY 4.0)",
};

pub(crate) static NOT_YET_LISTED: Kind = Kind {
    id: "entra.in-metadata-not-listed",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "In metadata, not yet in Entra: the documented rule holds, and the published table does \
              not list the model. Entra takes metadata in monthly and may lag by up to four weeks, so \
              this is a prediction and not an answer.",
    next_step: "Look at the current page, or try one key; wait up to four weeks after the date of the \
                metadata status.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; the rule is keyvet's \
             prediction",
};

pub(crate) static NOT_CERTIFIED: Kind = Kind {
    id: "entra.not-certified",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The model is in metadata but not FIDO certified, and the published table does not list \
              it. Only a profile that does not enforce attestation takes it.",
    next_step: "Ask the vendor for certification, or use a profile that does not enforce attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static RULE_FAILS: Kind = Kind {
    id: "entra.metadata-rule-fails",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The model is in metadata, the published table does not list it, and its metadata lacks \
              what the documented rule asks for.",
    next_step: "Ask the vendor to complete the metadata, or use a profile that does not enforce \
                attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; the rule is keyvet's \
             prediction",
};

pub(crate) static NOT_IN_METADATA: Kind = Kind {
    id: "entra.not-in-metadata",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The model is neither in the published table nor in FIDO metadata, so enforced \
              attestation does not take it.",
    next_step: "Use a listed model, or a profile that does not enforce attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static UNIDENTIFIED: Kind = Kind {
    id: "entra.zero-aaguid-not-attestable",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The AAGUID is all zero: the model cannot be identified, so it cannot be in the table.",
    next_step: "Register again over FIDO2 with attestation direct; a key that sends no AAGUID needs a \
                profile that does not enforce attestation.",
    source: "WebAuthn L3 §6.5.1; Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static STATUS_ALARM: Kind = Kind {
    id: "entra.metadata-alarm",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "FIDO metadata reports this model as revoked or compromised. No page says whether Entra \
              heeds such reports, and the published table may be older than this one.",
    next_step: "Do not rely on the model; ask the vendor what the report means for your firmware.",
    source: "MDS 3.0 §3.1.4; keyvet: looked for and not found in Microsoft's pages",
};
