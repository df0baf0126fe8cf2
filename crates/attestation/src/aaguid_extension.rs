//! The AAGUID in an attestation certificate: id-fido-gen-ce-aaguid, 1.3.6.1.4.1.45724.1.1.4.

use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::Certificate;

use crate::der::{OCTET_STRING, Reader};

/// The certificate is for another model.
pub static AAGUID_MISMATCH: Kind = Kind {
    id: "attestation.aaguid-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation certificate is for another model than the authenticator data names. The model is not what it says.",
    next_step: "Do not accept this registration as that model. If the key is genuine, report it to the vendor.",
    source: "WebAuthn L3 §8.2",
};

/// The extension cannot be read.
pub static AAGUID_EXTENSION_MALFORMED: Kind = Kind {
    id: "attestation.aaguid-extension-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation certificate has the AAGUID extension, and its value is not an OCTET STRING of 16 bytes.",
    next_step: "Report the certificate to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// The extension holds the AAGUID without its inner OCTET STRING.
pub static AAGUID_EXTENSION_UNWRAPPED: Kind = Kind {
    id: "attestation.aaguid-extension-unwrapped",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The AAGUID extension holds the right 16 bytes without the OCTET STRING that must wrap them.",
    next_step: "Nothing to do here; other verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// The extension is marked critical.
pub static AAGUID_EXTENSION_CRITICAL: Kind = Kind {
    id: "attestation.aaguid-extension-critical",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The AAGUID extension of the attestation certificate is marked critical, which it must not be.",
    next_step: "Nothing to do here; other verifiers may refuse this key. Report it to the vendor.",
    source: "WebAuthn L3 §8.2.1",
};

/// Compares the extension, when there is one, with the AAGUID of the authenticator data.
pub(crate) fn check(leaf: &Certificate, aaguid: Aaguid) -> Vec<Finding> {
    let Some(extension) = leaf.extension(ID_FIDO_GEN_CE_AAGUID) else { return Vec::new() };
    let mut findings = Vec::new();
    if extension.critical {
        findings.push(Finding::new(&AAGUID_EXTENSION_CRITICAL, "critical"));
    }
    findings.extend(compare(extension.value, aaguid));
    findings
}

/// Whether the certificate names this AAGUID.
pub(crate) fn names(leaf: &Certificate, aaguid: Aaguid) -> bool {
    let extension = leaf.extension(ID_FIDO_GEN_CE_AAGUID);
    extension.is_some_and(|extension| read(extension.value) == Some(aaguid))
}

fn compare(value: &[u8], aaguid: Aaguid) -> Option<Finding> {
    match read(value) {
        Some(certified) if certified != aaguid => {
            let detail = format!("certificate {certified}, authenticator data {aaguid}");
            Some(Finding::new(&AAGUID_MISMATCH, detail))
        }
        Some(_) if value.len() == 16 => Some(Finding::new(&AAGUID_EXTENSION_UNWRAPPED, aaguid)),
        Some(_) => None,
        None => {
            let detail = format!("{} bytes", value.len());
            Some(Finding::new(&AAGUID_EXTENSION_MALFORMED, detail))
        }
    }
}

/// `OCTET STRING (16 bytes)`, or the bare 16 bytes that some vendors wrote.
fn read(value: &[u8]) -> Option<Aaguid> {
    if let Ok(bare) = <[u8; 16]>::try_from(value) {
        return Some(Aaguid(bare));
    }
    let mut reader = Reader::new(value);
    let wrapped = reader.expect(OCTET_STRING).ok()?;
    reader.end().ok()?;
    wrapped.content.try_into().ok().map(Aaguid)
}

const ID_FIDO_GEN_CE_AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";
