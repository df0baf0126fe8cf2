//! Format `apple` (WebAuthn L3 §8.8): Apple's anonymous attestation, one certificate per credential.

use keyvet_cbor::Item;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{Certificate, sha256};

use crate::assessment::AttestationType;
use crate::der::{CONTEXT, DerError, OCTET_STRING, Reader, SEQUENCE};
use crate::verification::{Ceremony, Verification};
use crate::{att_stmt, public_key};

/// No nonce in the certificate.
pub static APPLE_NONCE_MISSING: Kind = Kind {
    id: "attestation.apple-nonce-missing",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate lacks Apple's nonce extension, or it cannot be read, so nothing ties it to this registration.",
    next_step: "Register again; a proxy or script may have altered the object.",
    source: "WebAuthn L3 §8.8",
};

/// The nonce is for another registration.
pub static APPLE_NONCE_MISMATCH: Kind = Kind {
    id: "attestation.apple-nonce-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate was made for another registration: its nonce is not the hash of this authenticator data and client data.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.8",
};

/// Checks an apple statement: there is no signature, Apple certified the hash instead.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::AnonCa, |verification| {
        att_stmt::read_x5c(statement, verification)?;
        let leaf = att_stmt::leaf(verification)?;
        let nonce = nonce(leaf, ceremony);
        let same = public_key::from_cose(&ceremony.credential.public_key)
            .and_then(|credential| public_key::same(leaf.public_key(), &credential));
        verification.report_all(nonce);
        verification.note(same);
        Ok(())
    })
}

fn nonce(leaf: &Certificate, ceremony: &Ceremony<'_>) -> Vec<Finding> {
    let Some(extension) = leaf.extension(NONCE) else {
        return vec![Finding::new(&APPLE_NONCE_MISSING, "the extension is absent")];
    };
    match read(extension.value) {
        Ok(nonce) if nonce == sha256(&ceremony.signed_bytes()) => Vec::new(),
        Ok(nonce) => {
            let detail = format!("a nonce of {} bytes", nonce.len());
            vec![Finding::new(&APPLE_NONCE_MISMATCH, detail)]
        }
        Err(error) => vec![Finding::new(&APPLE_NONCE_MISSING, error)],
    }
}

/// `SEQUENCE { [1] EXPLICIT OCTET STRING }`; no more members than that are known.
fn read(value: &[u8]) -> Result<&[u8], DerError> {
    let mut outer = Reader::new(value);
    let mut members = outer.expect(SEQUENCE)?.reader();
    outer.end()?;
    let tagged = members.required()?;
    if (tagged.class, tagged.number) != (CONTEXT, NONCE_TAG) {
        return Err(DerError::Unexpected { expected: NONCE_TAG, got: tagged.number });
    }
    Ok(tagged.reader().expect(OCTET_STRING)?.content)
}

const NONCE: &str = "1.2.840.113635.100.8.2";
const NONCE_TAG: u32 = 1;
