//! Format `packed` (WebAuthn L3 §8.2): with certificates, or signed by the credential key itself.

use keyvet_cbor::Item;
use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::assessment::AttestationType;
use crate::signature::{self, Sha1};
use crate::verification::{Ceremony, Stop, Verification};
use crate::{aaguid_extension, att_stmt, leaf_profile, public_key};

/// Self attestation.
pub static SELF_ATTESTATION: Kind = Kind {
    id: "attestation.self-attestation",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The credential key signed for itself. Nothing proves which model holds it.",
    next_step: "If a proven model is needed, use a key that attests with a certificate.",
    source: "WebAuthn L3 §6.5.4",
};

/// Self attestation under another algorithm than the credential's.
pub static SELF_ALGORITHM_MISMATCH: Kind = Kind {
    id: "attestation.self-algorithm-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "In self attestation the statement must be signed with the credential's own algorithm, and it names another.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §8.2",
};

/// ECDAA.
pub static ECDAA_UNSUPPORTED: Kind = Kind {
    id: "attestation.ecdaa-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The statement uses ECDAA, which was taken out of WebAuthn. No key on the market makes it.",
    next_step: "Register with another key, or ask the vendor for firmware that attests with a certificate.",
    source: "WebAuthn L1 §8.2",
};

/// Checks a packed statement.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    if statement.get_text("x5c").is_some() {
        Verification::run(AttestationType::Basic, |v| verify_certified(statement, ceremony, v))
    } else {
        Verification::run(AttestationType::SelfAttestation, |v| verify_self(statement, ceremony, v))
    }
}

fn verify_certified(
    statement: &Item<'_>,
    ceremony: &Ceremony<'_>,
    verification: &mut Verification,
) -> Result<(), Stop> {
    let algorithm = att_stmt::algorithm(statement)?;
    let signature = att_stmt::bytes(statement, "sig")?;
    att_stmt::read_x5c(statement, verification)?;
    let leaf = att_stmt::leaf(verification)?;
    let signed = ceremony.signed_bytes();
    let outcome = signature::check(algorithm, leaf.public_key(), &signed, signature, Sha1::Refused);
    let profile = leaf_profile::packed(leaf);
    let binding = aaguid_extension::check(leaf, ceremony.credential.aaguid);
    verification.note(outcome);
    verification.report_all(profile);
    verification.report_all(binding);
    Ok(())
}

fn verify_self(
    statement: &Item<'_>,
    ceremony: &Ceremony<'_>,
    verification: &mut Verification,
) -> Result<(), Stop> {
    let algorithm = att_stmt::algorithm(statement)?;
    let signature = att_stmt::bytes(statement, "sig")?;
    if statement.get_text("ecdaaKeyId").is_some() {
        return Err(Stop::Unsupported(Finding::new(&ECDAA_UNSUPPORTED, "ecdaaKeyId is present")));
    }
    verification.report(Finding::new(&SELF_ATTESTATION, "packed without x5c"));
    verification.report_all(algorithm_of_credential(algorithm, ceremony));
    let key = public_key::from_cose(&ceremony.credential.public_key)?;
    let signed = ceremony.signed_bytes();
    signature::check(algorithm, &key, &signed, signature, Sha1::Refused)
}

fn algorithm_of_credential(algorithm: CoseAlgorithm, ceremony: &Ceremony<'_>) -> Vec<Finding> {
    match ceremony.credential.public_key.alg {
        Some(own) if own == algorithm => Vec::new(),
        Some(own) => {
            let detail = format!("statement {algorithm}, credential {own}");
            vec![Finding::new(&SELF_ALGORITHM_MISMATCH, detail)]
        }
        None => {
            let detail = format!("statement {algorithm}, the credential names none");
            vec![Finding::new(&SELF_ALGORITHM_MISMATCH, detail)]
        }
    }
}
