//! What an attestation certificate must look like (WebAuthn L3 §8.2.1, §8.3.1).
//!
//! Real keys break these rules and their signatures hold all the same, so each deviation is a warning of its
//! own and never touches the statement.

use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::Certificate;

/// Not version 3.
pub static LEAF_VERSION: Kind = Kind {
    id: "attestation.leaf-version",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The attestation certificate is not of X.509 version 3.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// Subject not as required of packed.
pub static LEAF_SUBJECT: Kind = Kind {
    id: "attestation.leaf-subject",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The subject of the attestation certificate must have a country, an organisation, a name, \
     and the unit `Authenticator Attestation`. This one differs.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// A CA certificate used as leaf.
pub static LEAF_IS_CA: Kind = Kind {
    id: "attestation.leaf-is-ca",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The attestation certificate is marked as a certification authority, which it must not be.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// No basic constraints.
pub static LEAF_BASIC_CONSTRAINTS_MISSING: Kind = Kind {
    id: "attestation.leaf-basic-constraints-missing",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The attestation certificate lacks the basic constraints extension that says it is no certification authority.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// A subject in an AIK certificate.
pub static AIK_SUBJECT: Kind = Kind {
    id: "attestation.aik-subject",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The subject of a TPM attestation certificate must be empty, and it is not.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.3.1",
};

/// No TPM attributes in the alternative name.
pub static AIK_ALTERNATIVE_NAME: Kind = Kind {
    id: "attestation.aik-alternative-name",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The TPM attestation certificate does not name manufacturer, model and version of the TPM in its alternative name.",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.3.1",
};

/// No key purpose tcg-kp-AIKCertificate.
pub static AIK_KEY_PURPOSE: Kind = Kind {
    id: "attestation.aik-key-purpose",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The TPM attestation certificate lacks the key purpose 2.23.133.8.3 (attestation identity key).",
    next_step: "Nothing to do here; stricter verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.3.1",
};

/// Deviations of a packed leaf.
pub(crate) fn packed(leaf: &Certificate) -> Vec<Finding> {
    let mut findings = common(leaf);
    let wrong: Vec<&str> = SUBJECT
        .iter()
        .filter(|(_, oid)| leaf.subject_attribute(oid).is_none())
        .map(|(name, _)| *name)
        .collect();
    let unit = leaf.subject_attribute(ORGANIZATIONAL_UNIT);
    if unit.as_deref() != Some(ATTESTATION_UNIT) {
        let unit = unit.map_or_else(|| "absent".to_owned(), |unit| format!("`{unit}`"));
        findings.push(Finding::new(&LEAF_SUBJECT, format!("OU is {unit}")));
    }
    if !wrong.is_empty() {
        findings.push(Finding::new(&LEAF_SUBJECT, format!("missing: {}", wrong.join(", "))));
    }
    findings
}

/// Deviations of a TPM attestation certificate.
pub(crate) fn aik(leaf: &Certificate) -> Vec<Finding> {
    let mut findings = common(leaf);
    if leaf.subject_raw() != EMPTY_NAME {
        findings.push(Finding::new(&AIK_SUBJECT, leaf.subject_text()));
    }
    let named = leaf.subject_alt_directory_attributes();
    let is_missing = |oid: &&&str| !named.iter().any(|attribute| attribute.oid == **oid);
    let missing: Vec<&str> = TPM_ATTRIBUTES.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        findings
            .push(Finding::new(&AIK_ALTERNATIVE_NAME, format!("missing: {}", missing.join(", "))));
    }
    if !leaf.extended_key_usage_oids().iter().any(|oid| oid == AIK_CERTIFICATE) {
        findings.push(Finding::new(&AIK_KEY_PURPOSE, "2.23.133.8.3 is absent"));
    }
    findings
}

/// What both profiles ask.
fn common(leaf: &Certificate) -> Vec<Finding> {
    let mut findings = Vec::new();
    if leaf.version() != 3 {
        findings.push(Finding::new(&LEAF_VERSION, format!("version {}", leaf.version())));
    }
    match leaf.basic_constraints() {
        Some(constraints) if constraints.ca => {
            findings.push(Finding::new(&LEAF_IS_CA, "CA is true"));
        }
        Some(_) => {}
        None => {
            findings.push(Finding::new(&LEAF_BASIC_CONSTRAINTS_MISSING, "no extension 2.5.29.19"))
        }
    }
    findings
}

const ATTESTATION_UNIT: &str = "Authenticator Attestation";
const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";
const SUBJECT: [(&str, &str); 3] = [("C", "2.5.4.6"), ("O", "2.5.4.10"), ("CN", "2.5.4.3")];
/// DER of a name without attributes.
const EMPTY_NAME: &[u8] = &[0x30, 0x00];
const AIK_CERTIFICATE: &str = "2.23.133.8.3";
/// tcg-at-tpmManufacturer, -tpmModel, -tpmVersion.
const TPM_ATTRIBUTES: [&str; 3] = ["2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"];
