//! Format `tpm` (WebAuthn L3 §8.3): a TPM certifies the credential key with an attestation identity key.

use keyvet_cbor::Item;
use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{EcCurve, PublicKey, sha1, sha256, sha384, sha512};

use crate::assessment::AttestationType;
use crate::public_key::CREDENTIAL_KEY_MISMATCH;
use crate::signature::{self, ALGORITHM_UNSUPPORTED, SHA1_SIGNATURE, Sha1};
use crate::tpm_structures::{Attest, Public, PublicArea, TpmStructureError, alg, curve};
use crate::verification::{Ceremony, Stop, Verification};
use crate::{aaguid_extension, att_stmt, leaf_profile, public_key};

/// Not TPM 2.0.
pub static TPM_VERSION: Kind = Kind {
    id: "attestation.tpm-version",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The statement is not for a TPM of version 2.0, the only one WebAuthn defines.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.3",
};

/// `certInfo` or `pubArea` cannot be read.
pub static TPM_STRUCTURE: Kind = Kind {
    id: "attestation.tpm-structure",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "certInfo or pubArea is not the TPM structure it must be.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.3",
};

/// `certInfo` is not an attestation of a key made by the TPM.
pub static TPM_NOT_CERTIFY: Kind = Kind {
    id: "attestation.tpm-not-certify",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "certInfo does not say that the TPM itself certified a key: its magic or its type is another.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.3",
};

/// `certInfo` is about other data.
pub static TPM_EXTRA_DATA: Kind = Kind {
    id: "attestation.tpm-extra-data",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "certInfo is not about this registration: its extraData is not the hash of authenticator data and client data.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.3",
};

/// `certInfo` names another key.
pub static TPM_NAME_MISMATCH: Kind = Kind {
    id: "attestation.tpm-name-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "certInfo certifies another key than the one described by pubArea.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.3",
};

/// `clockInfo.safe` is neither 0 nor 1.
pub static TPM_CLOCK_SAFE: Kind = Kind {
    id: "attestation.tpm-clock-safe",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The `safe` byte of the TPM clock is neither 0 nor 1. It plays no part in the attestation.",
    next_step: "Nothing to do here; stricter verifiers may refuse this statement.",
    source: "TPM 2.0 Library, Part 2 §10.11.1",
};

/// Checks a tpm statement.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::AttCa, |verification| {
        let members = Members::read(statement)?;
        att_stmt::read_x5c(statement, verification)?;
        verification.report_all(version(members.version));
        verification.note(public_area(&members, ceremony));
        verification.note(certified(&members, ceremony));
        verification.report_all(clock(members.cert_info));
        if members.algorithm == CoseAlgorithm::RS1 {
            verification.report(Finding::new(&SHA1_SIGNATURE, members.algorithm));
        }
        let leaf = att_stmt::leaf(verification)?;
        let signed = members.cert_info;
        let key = leaf.public_key();
        let outcome =
            signature::check(members.algorithm, key, signed, members.signature, Sha1::Allowed);
        let mut profile = leaf_profile::aik(leaf);
        profile.extend(aaguid_extension::check(leaf, ceremony.credential.aaguid));
        verification.note(outcome);
        verification.report_all(profile);
        Ok(())
    })
}

struct Members<'a> {
    version: &'a str,
    algorithm: CoseAlgorithm,
    signature: &'a [u8],
    cert_info: &'a [u8],
    pub_area: &'a [u8],
}

impl<'a> Members<'a> {
    fn read(statement: &Item<'a>) -> Result<Self, Stop> {
        Ok(Self {
            version: att_stmt::text(statement, "ver")?,
            algorithm: att_stmt::algorithm(statement)?,
            signature: att_stmt::bytes(statement, "sig")?,
            cert_info: att_stmt::bytes(statement, "certInfo")?,
            pub_area: att_stmt::bytes(statement, "pubArea")?,
        })
    }
}

fn version(version: &str) -> Vec<Finding> {
    match version {
        "2.0" => Vec::new(),
        other => vec![Finding::new(&TPM_VERSION, format!("ver is `{other}`"))],
    }
}

/// `pubArea` must describe the credential key.
fn public_area(members: &Members<'_>, ceremony: &Ceremony<'_>) -> Result<(), Stop> {
    let public = Public::parse(members.pub_area).map_err(|error| structure("pubArea", &error))?;
    let key = key_of(&public.key)?;
    let credential = public_key::from_cose(&ceremony.credential.public_key)?;
    if key == credential {
        return Ok(());
    }
    let detail = format!("pubArea {key}, credential {credential}");
    Err(Stop::Invalid(Finding::new(&CREDENTIAL_KEY_MISMATCH, detail)))
}

/// `certInfo` must be the TPM's word about that key and this registration.
fn certified(members: &Members<'_>, ceremony: &Ceremony<'_>) -> Result<(), Stop> {
    let attest = Attest::parse(members.cert_info).map_err(|error| structure("certInfo", &error))?;
    if (attest.magic, attest.kind) != (Attest::MAGIC, Attest::CERTIFY) {
        let detail = format!("magic {:#010x}, type {:#06x}", attest.magic, attest.kind);
        return Err(Stop::Invalid(Finding::new(&TPM_NOT_CERTIFY, detail)));
    }
    let expected = message_digest(members.algorithm, &ceremony.signed_bytes())?;
    if attest.extra_data != expected {
        let detail = format!("{} bytes of extraData", attest.extra_data.len());
        return Err(Stop::Invalid(Finding::new(&TPM_EXTRA_DATA, detail)));
    }
    if attest.attested_name != name_of(members.pub_area)? {
        let detail = format!("{} bytes of name", attest.attested_name.len());
        return Err(Stop::Invalid(Finding::new(&TPM_NAME_MISMATCH, detail)));
    }
    Ok(())
}

fn clock(cert_info: &[u8]) -> Vec<Finding> {
    match Attest::parse(cert_info) {
        Ok(attest) if attest.clock_safe > 1 => {
            vec![Finding::new(&TPM_CLOCK_SAFE, format!("{:#04x}", attest.clock_safe))]
        }
        _ => Vec::new(),
    }
}

/// Name of a public area: its name algorithm, then that hash of it (TPM 2.0 Library, Part 1 §16).
fn name_of(pub_area: &[u8]) -> Result<Vec<u8>, Stop> {
    let public = Public::parse(pub_area).map_err(|error| structure("pubArea", &error))?;
    let digest = match public.name_alg {
        alg::SHA1 => sha1(pub_area).to_vec(),
        alg::SHA256 => sha256(pub_area).to_vec(),
        alg::SHA384 => sha384(pub_area).to_vec(),
        alg::SHA512 => sha512(pub_area).to_vec(),
        other => return Err(unsupported(format!("nameAlg {other:#06x}"))),
    };
    Ok([public.name_alg.to_be_bytes().as_slice(), &digest].concat())
}

/// The hash that belongs to the signature algorithm.
fn message_digest(algorithm: CoseAlgorithm, message: &[u8]) -> Result<Vec<u8>, Stop> {
    match algorithm {
        CoseAlgorithm::RS1 => Ok(sha1(message).to_vec()),
        CoseAlgorithm::ES256
        | CoseAlgorithm::ESP256
        | CoseAlgorithm::RS256
        | CoseAlgorithm::PS256 => Ok(sha256(message).to_vec()),
        CoseAlgorithm::ES384
        | CoseAlgorithm::ESP384
        | CoseAlgorithm::RS384
        | CoseAlgorithm::PS384 => Ok(sha384(message).to_vec()),
        CoseAlgorithm::ES512
        | CoseAlgorithm::ESP512
        | CoseAlgorithm::RS512
        | CoseAlgorithm::PS512 => Ok(sha512(message).to_vec()),
        other => Err(unsupported(format!("{other} in a tpm statement"))),
    }
}

fn key_of(area: &PublicArea) -> Result<PublicKey, Stop> {
    match area {
        PublicArea::Rsa { exponent: 0, modulus } => Ok(PublicKey::rsa(modulus, &DEFAULT_EXPONENT)),
        PublicArea::Rsa { exponent, modulus } => {
            Ok(PublicKey::rsa(modulus, &exponent.to_be_bytes()))
        }
        PublicArea::Ecc { curve, x, y } => {
            let curve = ec_curve(*curve)?;
            let (x, y) = (padded(x, curve), padded(y, curve));
            let key = PublicKey::ec_coordinates(curve, &x, &y);
            key.map_err(|error| Stop::Invalid(Finding::new(&TPM_STRUCTURE, error)))
        }
    }
}

fn ec_curve(id: u16) -> Result<EcCurve, Stop> {
    match id {
        curve::NIST_P256 => Ok(EcCurve::P256),
        curve::NIST_P384 => Ok(EcCurve::P384),
        curve::NIST_P521 => Ok(EcCurve::P521),
        other => Err(unsupported(format!("TPM curve {other:#06x}"))),
    }
}

/// TPMs may leave out leading zeros of a coordinate.
fn padded(coordinate: &[u8], curve: EcCurve) -> Vec<u8> {
    let missing = curve.coordinate_len().saturating_sub(coordinate.len());
    [&vec![0; missing], coordinate].concat()
}

fn structure(name: &str, error: &TpmStructureError) -> Stop {
    Stop::Invalid(Finding::new(&TPM_STRUCTURE, format!("{name}: {error}")))
}

fn unsupported(detail: String) -> Stop {
    Stop::Unsupported(Finding::new(&ALGORITHM_UNSUPPORTED, detail))
}

/// 65537, which pubArea writes as 0.
const DEFAULT_EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];
