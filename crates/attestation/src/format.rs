//! Which file verifies which statement format.

use keyvet_cbor::Item;
use keyvet_ctap::AttestationFormat;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::assessment::AttestationType;
use crate::verification::{Ceremony, Stop, Verification};
use crate::{android_key, android_safetynet, apple, compound, fido_u2f, none, packed, tpm};

/// A format that is not implemented.
pub static FORMAT_UNSUPPORTED: Kind = Kind {
    id: "attestation.format-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The statement is in a format that keyvet does not verify, so nothing is known about it.",
    next_step: "Use a verifier that knows the format; `apple-appattest` is not a WebAuthn format.",
    source: "WebAuthn L3 §8.1",
};

/// Whether the procedure of `format` looks at the client data; `none` and unknown formats give their answer
/// without.
pub(crate) fn needs_client_data(format: &AttestationFormat) -> bool {
    const SIGNED: [AttestationFormat; 7] = [
        AttestationFormat::PACKED,
        AttestationFormat::TPM,
        AttestationFormat::ANDROID_KEY,
        AttestationFormat::ANDROID_SAFETYNET,
        AttestationFormat::FIDO_U2F,
        AttestationFormat::APPLE,
        AttestationFormat::COMPOUND,
    ];
    SIGNED.contains(format)
}

/// Runs the verification procedure of `format`.
pub(crate) fn verify(
    format: &AttestationFormat,
    statement: &Item<'_>,
    ceremony: &Ceremony<'_>,
) -> Verification {
    match format.as_str() {
        "packed" => packed::verify(statement, ceremony),
        "tpm" => tpm::verify(statement, ceremony),
        "android-key" => android_key::verify(statement, ceremony),
        "android-safetynet" => android_safetynet::verify(statement, ceremony),
        "fido-u2f" => fido_u2f::verify(statement, ceremony),
        "apple" => apple::verify(statement, ceremony),
        "none" => none::verify(statement),
        "compound" => compound::verify(statement, ceremony),
        _ => unsupported(format),
    }
}

fn unsupported(format: &AttestationFormat) -> Verification {
    Verification::run(AttestationType::None, |_| {
        let detail = match format.as_str() {
            "apple-appattest" => {
                "apple-appattest: App Attest of iOS applications, not WebAuthn".into()
            }
            other => format!("format `{other}`"),
        };
        Err(Stop::Unsupported(Finding::new(&FORMAT_UNSUPPORTED, detail)))
    })
}
