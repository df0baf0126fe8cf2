//! Format `fido-u2f` (WebAuthn L3 §8.6): a U2F registration in WebAuthn dress.

use keyvet_cbor::Item;
use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{EcCurve, PublicKey};

use crate::assessment::AttestationType;
use crate::public_key::CREDENTIAL_KEY_INVALID;
use crate::signature::{self, Sha1};
use crate::verification::{Ceremony, Stop, Verification};
use crate::{att_stmt, public_key};

/// More than one certificate.
pub static U2F_CERTIFICATE_COUNT: Kind = Kind {
    id: "attestation.u2f-certificate-count",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A fido-u2f statement carries exactly one certificate, and this one carries more.",
    next_step: "Register the key again; a proxy or script may have altered the object.",
    source: "WebAuthn L3 §8.6",
};

/// The certificate's key is not on P-256.
pub static U2F_CERTIFICATE_KEY: Kind = Kind {
    id: "attestation.u2f-certificate-key",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate of a fido-u2f statement must hold a key on curve P-256, and it holds another.",
    next_step: "Report the certificate to the vendor.",
    source: "WebAuthn L3 §8.6",
};

/// An AAGUID in a U2F registration.
pub static U2F_AAGUID_NOT_ZERO: Kind = Kind {
    id: "attestation.u2f-aaguid-not-zero",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "U2F keys have no AAGUID, so the client writes zeros. Here it wrote something else, which no signature covers.",
    next_step: "Do not read a model from this AAGUID.",
    source: "CTAP 2.2 §7.1.4",
};

/// Checks a fido-u2f statement.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::Basic, |verification| {
        let signature = att_stmt::bytes(statement, "sig")?;
        att_stmt::read_x5c(statement, verification)?;
        verification.report_all(one_certificate(statement)?);
        let certified = att_stmt::leaf(verification)?.public_key();
        let mut findings = p256_certificate(certified);
        findings.extend(zero_aaguid(ceremony));
        let signed = signed_bytes(ceremony)?;
        let outcome =
            signature::check(CoseAlgorithm::ES256, certified, &signed, signature, Sha1::Refused);
        verification.report_all(findings);
        verification.note(outcome);
        Ok(())
    })
}

fn one_certificate(statement: &Item<'_>) -> Result<Vec<Finding>, Stop> {
    let count = att_stmt::x5c(statement)?.len();
    let more =
        (count != 1).then(|| Finding::new(&U2F_CERTIFICATE_COUNT, format!("{count} certificates")));
    Ok(more.into_iter().collect())
}

fn p256_certificate(key: &PublicKey) -> Vec<Finding> {
    match key {
        PublicKey::Ec { curve: EcCurve::P256, .. } => Vec::new(),
        other => vec![Finding::new(&U2F_CERTIFICATE_KEY, other)],
    }
}

fn zero_aaguid(ceremony: &Ceremony<'_>) -> Option<Finding> {
    let aaguid = ceremony.credential.aaguid;
    (!aaguid.is_zero()).then(|| Finding::new(&U2F_AAGUID_NOT_ZERO, aaguid))
}

/// `00 ‖ rpIdHash ‖ clientDataHash ‖ credential id ‖ 04 ‖ x ‖ y` (FIDO U2F raw message formats §4.3).
fn signed_bytes(ceremony: &Ceremony<'_>) -> Result<Vec<u8>, Stop> {
    let credential = ceremony.credential;
    match public_key::from_cose(&credential.public_key)? {
        PublicKey::Ec { curve: EcCurve::P256, point } => Ok([
            &[0x00],
            ceremony.auth_data.rp_id_hash.as_slice(),
            ceremony.client_data_hash.as_slice(),
            credential.credential_id.as_slice(),
            point.as_slice(),
        ]
        .concat()),
        other => {
            let detail = format!("fido-u2f with a credential key {other}");
            Err(Stop::Invalid(Finding::new(&CREDENTIAL_KEY_INVALID, detail)))
        }
    }
}
