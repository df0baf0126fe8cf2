//! First half of enforced attestation: format packed, a statement that holds, and a full chain to an
//! anchor that FIDO metadata gives this model.

use super::demand::not_checked;
use super::key_table::KeyTable;
use crate::facts::{Facts, Metadata};
use crate::verdict::Reason;
use keyvet_attestation::{Statement, Trust};
use keyvet_finding::{Culprit, Kind, Severity};

/// Format, statement and chain; a failure of one says nothing about the later ones, which are left out.
pub(crate) fn judge(facts: &Facts, table: &KeyTable, place: &str) -> Option<Reason> {
    format(facts, place).or_else(|| statement(facts, place)).or_else(|| anchor(facts, table, place))
}

fn format(facts: &Facts, place: &str) -> Option<Reason> {
    let format = facts.format.as_deref();
    let kind = match format {
        Some("packed") => return None,
        None => &STATEMENT_BROKEN,
        Some("none") => &FORMAT_NONE,
        Some("fido-u2f") => &FORMAT_U2F,
        Some("tpm") => &FORMAT_TPM,
        Some(_) => &FORMAT_OTHER,
    };
    let shown: String = format.unwrap_or("unreadable").chars().take(80).collect();
    Some(Reason::refuses(kind, place, format_args!("format {shown}; {}", facts.identity())))
}

fn statement(facts: &Facts, place: &str) -> Option<Reason> {
    match facts.statement {
        Statement::Valid if facts.self_attestation => {
            Some(Reason::refuses(&SELF_ATTESTATION, place, facts.identity()))
        }
        Statement::Valid => None,
        Statement::Invalid | Statement::Malformed => {
            let detail = format!("statement {}", facts.statement.as_str());
            Some(Reason::refuses(&STATEMENT_BROKEN, place, detail))
        }
        _ => Some(not_checked(facts, place)),
    }
}

/// The anchors are those of the metadata at hand. When it is older than what the table was made from
/// and the table lists the model, a missing anchor proves nothing: roots are added over the years.
fn anchor(facts: &Facts, table: &KeyTable, place: &str) -> Option<Reason> {
    let trust = facts.trust.as_str();
    let Some(metadata) = &facts.metadata else {
        return Some(Reason::leaves_open(&NO_METADATA, place, format_args!("trust {trust}")));
    };
    if facts.trust == Trust::Anchored && metadata.entry.is_some() {
        return Some(Reason::passes(&CHAIN_ANCHORED, place, metadata));
    }
    let kind = match facts.trust {
        Trust::AnchoredElsewhere => &ANCHORED_ELSEWHERE,
        Trust::Anchored => &ANCHOR_NOT_FROM_METADATA,
        _ => &NOT_ANCHORED,
    };
    let detail = format!("trust {trust}; {metadata}");
    Some(match is_outdated(facts, table, metadata) {
        true => Reason::leaves_open(&METADATA_OLDER, place, detail),
        false => Reason::refuses(kind, place, detail),
    })
}

fn is_outdated(facts: &Facts, table: &KeyTable, metadata: &Metadata) -> bool {
    let listed = facts.aaguid.is_some_and(|aaguid| table.row(aaguid).is_some());
    listed && metadata.no < table.edition().mds_no
}

pub(crate) static FORMAT_NONE: Kind = Kind {
    id: "entra.format-none",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "Attestation is enforced, and the registration carries none. Synced passkeys have none; \
              for a security key the browser or the person may have withheld it.",
    next_step: "Register again with attestation direct; a passkey that has no attestation needs a \
                profile that does not enforce it.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; how-to-synced-passkeys",
};

pub(crate) static FORMAT_U2F: Kind = Kind {
    id: "entra.format-fido-u2f",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, which takes format packed only; this registration was made by \
              the U2F protocol.",
    next_step: "Register again over FIDO2 with user verification; a key that speaks U2F alone is not \
                taken.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static FORMAT_TPM: Kind = Kind {
    id: "entra.format-tpm",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, which takes format packed only; this registration was attested \
              by a TPM, as Windows Hello does.",
    next_step: "Use a security key of the Entra key table, or a profile that does not enforce \
                attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static FORMAT_OTHER: Kind = Kind {
    id: "entra.format-not-packed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, which takes format packed only.",
    next_step: "Use a security key of the Entra key table, or a profile that does not enforce \
                attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static SELF_ATTESTATION: Kind = Kind {
    id: "entra.self-attestation",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, and the statement has no certificate: the key vouches for \
              itself.",
    next_step: "Use a model with an attestation certificate, or a profile that does not enforce \
                attestation.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; WebAuthn L3 §8.2",
};

pub(crate) static STATEMENT_BROKEN: Kind = Kind {
    id: "entra.statement-broken",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, and the attestation statement does not hold or cannot be read.",
    next_step: "See the findings of the statement; register again, and suspect the key if it repeats.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; WebAuthn L3 §7.1",
};

pub(crate) static CHAIN_ANCHORED: Kind = Kind {
    id: "entra.chain-anchored",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The statement holds, and its certificate chain ends at an anchor of this model's \
              metadata entry.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static NOT_ANCHORED: Kind = Kind {
    id: "entra.chain-not-anchored",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, and the certificate chain ends at no anchor in FIDO metadata.",
    next_step: "Ask the vendor whether all roots of the model are published in FIDO metadata; until \
                then only a profile that does not enforce attestation takes it.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static ANCHORED_ELSEWHERE: Kind = Kind {
    id: "entra.chain-anchored-elsewhere",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Attestation is enforced, and the certificate chain ends at an anchor of another model: \
              the key is not the model it says it is.",
    next_step: "Do not hand the key out; ask the vendor.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor; WebAuthn L3 §7.1",
};

pub(crate) static ANCHOR_NOT_FROM_METADATA: Kind = Kind {
    id: "entra.anchor-not-from-metadata",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The chain ends at an anchor given for this run. Entra takes roots from FIDO metadata \
              only, and the metadata has no entry for this model.",
    next_step: "Use a profile that does not enforce attestation for this model.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static NO_METADATA: Kind = Kind {
    id: "entra.no-metadata",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Attestation is enforced, and there is no FIDO metadata to check the chain against.",
    next_step: "Import FIDO metadata: keyvet mds fetch, or keyvet mds import FILE.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static METADATA_OLDER: Kind = Kind {
    id: "entra.metadata-older-than-table",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The key table lists this model, and the chain ends at no anchor of it in the metadata at \
              hand, which is older than the metadata the table was made from. Newer metadata may hold \
              the anchor.",
    next_step: "Import current FIDO metadata and judge again.",
    source: "keyvet; Microsoft Entra documentation, concept-fido2-hardware-vendor",
};
