//! Which metadata entries a registration names.

use keyvet_ctap::AttestationFormat;
use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};
use keyvet_mds::{Catalogue, Entry};
use keyvet_x509::Certificate;

use crate::assessment::AttestationType;
use crate::verification::{Ceremony, Verification};

/// No metadata was given.
pub static NO_METADATA: Kind = Kind {
    id: "attestation.no-metadata",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "No metadata was given, so no model is known and no chain can reach an anchor of one.",
    next_step: "Import the FIDO metadata with `keyvet mds import` or `keyvet mds fetch`.",
    source: "keyvet",
};

/// The AAGUID is all zero.
pub static AAGUID_ZERO: Kind = Kind {
    id: "attestation.aaguid-zero",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The AAGUID is all zero: the registration names no model. Browsers write zeros when no attestation is asked for; U2F keys have no AAGUID.",
    next_step: "If the model matters, register with attestation `direct`, or use a FIDO2 key.",
    source: "WebAuthn L3 §6.5.1",
};

/// The model is not in the metadata.
pub static MODEL_UNKNOWN: Kind = Kind {
    id: "attestation.model-unknown",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The metadata has no entry for this model, so nobody vouches for what it is.",
    next_step: "Check that the metadata is current; ask the vendor whether the model is registered with the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

/// Several entries list the attestation key.
pub static MODEL_AMBIGUOUS: Kind = Kind {
    id: "attestation.model-ambiguous",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "Several metadata entries list this attestation key. The key is one of these models.",
    next_step: "Read the status of every model named.",
    source: "MDS 3.0 §3.1.1",
};

/// The entry does not list this kind of attestation.
pub static TYPE_NOT_LISTED: Kind = Kind {
    id: "attestation.type-not-listed",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The metadata entry of this model does not list the kind of attestation that was made. A genuine key of the model would attest otherwise.",
    next_step: "Do not read the model from this registration; ask the vendor if the key is genuine.",
    source: "FIDO Metadata Statement 3.0 §4",
};

/// The entries a registration names, and what is to be said about finding them.
pub(crate) struct Model<'c> {
    /// Matching entries; several only for U2F keys.
    pub(crate) entries: Vec<&'c Entry>,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
}

impl<'c> Model<'c> {
    /// Looks the registration up: U2F by the leaf's key, everything else by AAGUID.
    pub(crate) fn look_up(
        catalogue: Option<&'c Catalogue>,
        format: &AttestationFormat,
        ceremony: &Ceremony<'_>,
        verification: &Verification,
    ) -> Self {
        let aaguid = ceremony.credential.aaguid;
        let mut model = Self { entries: Vec::new(), findings: Vec::new() };
        if aaguid.is_zero() {
            model.findings.push(Finding::new(&AAGUID_ZERO, aaguid));
        }
        let Some(catalogue) = catalogue else {
            model.findings.push(Finding::new(&NO_METADATA, "no catalogue"));
            return model;
        };
        let leaf = verification.certificates.first();
        match leaf.filter(|_| *format == AttestationFormat::FIDO_U2F) {
            Some(leaf) => model.by_key_identifier(catalogue, leaf),
            None if aaguid.is_zero() => {}
            None => model.by_aaguid(catalogue, ceremony),
        }
        model
    }

    fn by_aaguid(&mut self, catalogue: &'c Catalogue, ceremony: &Ceremony<'_>) {
        let aaguid = ceremony.credential.aaguid;
        match catalogue.by_aaguid(&aaguid) {
            Some(entry) => self.entries.push(entry),
            None => self.findings.push(Finding::new(&MODEL_UNKNOWN, format!("AAGUID {aaguid}"))),
        }
    }

    fn by_key_identifier(&mut self, catalogue: &'c Catalogue, leaf: &Certificate) {
        let identifier = leaf.key_identifier_sha1();
        self.entries = catalogue.by_key_identifier(&identifier);
        let detail = data_encoding::HEXLOWER.encode(&identifier);
        match self.entries.len() {
            0 => {
                let detail = format!("certificate key identifier {detail}");
                self.findings.push(Finding::new(&MODEL_UNKNOWN, detail));
            }
            1 => {}
            _ => {
                let names = self.names().unwrap_or_default();
                self.findings.push(Finding::new(&MODEL_AMBIGUOUS, names));
            }
        }
    }

    /// Descriptions of the entries, without repetition, printable.
    pub(crate) fn names(&self) -> Option<String> {
        let mut names: Vec<String> = self.entries.iter().copied().map(name).collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(" / "))
    }

    /// Says when no entry lists the kind of attestation. Clients may replace any statement by `none`.
    pub(crate) fn check_type(&mut self, attestation_type: AttestationType) {
        let Some(word) = metadata_word(attestation_type) else { return };
        let lists = |entry: &&Entry| {
            entry.attestation_types.is_empty()
                || entry.attestation_types.iter().any(|listed| listed == word)
        };
        if !self.entries.is_empty() && !self.entries.iter().any(lists) {
            let listed: Vec<String> =
                self.entries.iter().flat_map(|entry| entry.attestation_types.clone()).collect();
            let detail = format!("{word}; the entry lists {}", listed.join(", "));
            self.findings.push(Finding::new(&TYPE_NOT_LISTED, detail));
        }
    }
}

/// Description of an entry, printable.
pub(crate) fn name(entry: &Entry) -> String {
    match &entry.description {
        Some(description) => Printable(description).to_string(),
        None => entry.name(),
    }
}

/// FIDO Registry of Predefined Values §3.6.
fn metadata_word(attestation_type: AttestationType) -> Option<&'static str> {
    match attestation_type {
        AttestationType::Basic => Some("basic_full"),
        AttestationType::SelfAttestation => Some("basic_surrogate"),
        AttestationType::AttCa => Some("attca"),
        AttestationType::AnonCa => Some("anonca"),
        AttestationType::None => None,
    }
}
