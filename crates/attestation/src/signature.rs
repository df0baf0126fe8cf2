//! COSE algorithms as signature algorithms, and the one place where a statement's signature is checked.

use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{EcCurve, PublicKey, SignatureAlgorithm, VerifyError, verify};

use crate::verification::Stop;

/// The signature does not verify.
pub static SIGNATURE_INVALID: Kind = Kind {
    id: "attestation.signature-invalid",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation signature does not verify over this authenticator data and client data. \
              Something was altered after signing, or the parts belong to different registrations.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8",
};

/// `alg` and the key do not go together.
pub static ALGORITHM_KEY_MISMATCH: Kind = Kind {
    id: "attestation.algorithm-key-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The statement names a signature algorithm that the signing key cannot have made.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §5.8.5",
};

/// `alg` is not implemented.
pub static ALGORITHM_UNSUPPORTED: Kind = Kind {
    id: "attestation.algorithm-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The signature algorithm or key type is not implemented in keyvet, so nothing is known about the signature.",
    next_step: "Use another verifier for this registration, or ask for the algorithm to be added.",
    source: "keyvet",
};

/// SHA-1 outside a TPM.
pub static ALGORITHM_NOT_ALLOWED: Kind = Kind {
    id: "attestation.algorithm-not-allowed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The statement is signed with RSA and SHA-1, which is accepted from TPMs only.",
    next_step: "Register with another algorithm; report it to the vendor.",
    source: "keyvet",
};

/// SHA-1 in a TPM statement.
pub static SHA1_SIGNATURE: Kind = Kind {
    id: "attestation.sha1-signature",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The TPM signed with RSA and SHA-1. Many Windows computers do; it is weak and still accepted.",
    next_step: "Nothing to do; a newer TPM or firmware signs with SHA-256.",
    source: "WebAuthn L3 §8.3",
};

/// Whether RS1 may be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sha1 {
    /// In a tpm statement.
    Allowed,
    /// Everywhere else.
    Refused,
}

/// Checks `signature` over `message` with `key`, as the COSE algorithm says.
pub(crate) fn check(
    algorithm: CoseAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
    sha1: Sha1,
) -> Result<(), Stop> {
    if algorithm == CoseAlgorithm::RS1 && sha1 == Sha1::Refused {
        return Err(Stop::Invalid(Finding::new(&ALGORITHM_NOT_ALLOWED, algorithm)));
    }
    let signing = signature_algorithm(algorithm, key)
        .ok_or_else(|| Stop::Unsupported(Finding::new(&ALGORITHM_UNSUPPORTED, algorithm)))?;
    fits_curve(algorithm, key)?;
    verify(signing, key, message, signature).map_err(|error| refusal(algorithm, key, &error))
}

/// What `algorithm` means with `key`; `None` when it is not implemented.
fn signature_algorithm(algorithm: CoseAlgorithm, key: &PublicKey) -> Option<SignatureAlgorithm> {
    Some(match algorithm {
        CoseAlgorithm::ES256 | CoseAlgorithm::ESP256 | CoseAlgorithm::ES256K => {
            SignatureAlgorithm::EcdsaSha256
        }
        CoseAlgorithm::ES384 | CoseAlgorithm::ESP384 => SignatureAlgorithm::EcdsaSha384,
        CoseAlgorithm::ES512 | CoseAlgorithm::ESP512 => SignatureAlgorithm::EcdsaSha512,
        // RFC 8152 §8.2: EdDSA means the curve of the key
        CoseAlgorithm::EDDSA if matches!(key, PublicKey::Ed448(_)) => SignatureAlgorithm::Ed448,
        CoseAlgorithm::EDDSA | CoseAlgorithm::ED25519 => SignatureAlgorithm::Ed25519,
        CoseAlgorithm::ED448 => SignatureAlgorithm::Ed448,
        CoseAlgorithm::RS1 => SignatureAlgorithm::RsaPkcs1Sha1,
        CoseAlgorithm::RS256 => SignatureAlgorithm::RsaPkcs1Sha256,
        CoseAlgorithm::RS384 => SignatureAlgorithm::RsaPkcs1Sha384,
        CoseAlgorithm::RS512 => SignatureAlgorithm::RsaPkcs1Sha512,
        CoseAlgorithm::PS256 => SignatureAlgorithm::RsaPssSha256,
        CoseAlgorithm::PS384 => SignatureAlgorithm::RsaPssSha384,
        CoseAlgorithm::PS512 => SignatureAlgorithm::RsaPssSha512,
        CoseAlgorithm::ML_DSA_44 => SignatureAlgorithm::MlDsa44,
        CoseAlgorithm::ML_DSA_65 => SignatureAlgorithm::MlDsa65,
        CoseAlgorithm::ML_DSA_87 => SignatureAlgorithm::MlDsa87,
        _ => return None,
    })
}

/// WebAuthn ties each ECDSA algorithm to one curve; `verify` takes the curve from the key.
fn fits_curve(algorithm: CoseAlgorithm, key: &PublicKey) -> Result<(), Stop> {
    let PublicKey::Ec { curve, .. } = key else { return Ok(()) };
    let expected = match algorithm {
        CoseAlgorithm::ES256 | CoseAlgorithm::ESP256 => EcCurve::P256,
        CoseAlgorithm::ES384 | CoseAlgorithm::ESP384 => EcCurve::P384,
        CoseAlgorithm::ES512 | CoseAlgorithm::ESP512 => EcCurve::P521,
        CoseAlgorithm::ES256K => EcCurve::Secp256k1,
        _ => return Ok(()),
    };
    if *curve == expected {
        return Ok(());
    }
    Err(Stop::Invalid(Finding::new(&ALGORITHM_KEY_MISMATCH, format!("{algorithm} with {key}"))))
}

fn refusal(algorithm: CoseAlgorithm, key: &PublicKey, error: &VerifyError) -> Stop {
    let with = |kind| Finding::new(kind, format!("{algorithm} with {key}: {error}"));
    match error {
        VerifyError::AlgorithmKeyMismatch => Stop::Invalid(with(&ALGORITHM_KEY_MISMATCH)),
        VerifyError::UnsupportedAlgorithm | VerifyError::UnsupportedKey => {
            Stop::Unsupported(with(&ALGORITHM_UNSUPPORTED))
        }
        _ => Stop::Invalid(with(&SIGNATURE_INVALID)),
    }
}
