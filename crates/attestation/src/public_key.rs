//! COSE keys as key material that can verify.

use keyvet_ctap::{CosePublicKey, KeyMaterial};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{EcCurve, MlDsaLevel, PublicKey, VerifyError};

use crate::signature::ALGORITHM_UNSUPPORTED;
use crate::verification::Stop;

/// The credential key cannot be a key.
pub static CREDENTIAL_KEY_INVALID: Kind = Kind {
    id: "attestation.credential-key-invalid",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The credential's public key is not a key of the kind it claims to be: wrong curve, wrong length, or not what this format requires.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §6.5.1.1",
};

/// The certificate is for another key than the credential's.
pub static CREDENTIAL_KEY_MISMATCH: Kind = Kind {
    id: "attestation.credential-key-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "In this format the attestation certificate must certify the credential key itself, and it certifies another.",
    next_step: "Register again; if it repeats, report it to the vendor of the device.",
    source: "WebAuthn L3 §8.4, §8.8",
};

/// The credential key as key material.
pub(crate) fn from_cose(key: &CosePublicKey) -> Result<PublicKey, Stop> {
    let built = match &key.material {
        KeyMaterial::Ec2 { crv, x, y } => {
            let curve = ec_curve(*crv).ok_or_else(|| unsupported(format!("EC2 curve {crv}")))?;
            PublicKey::ec_coordinates(curve, x, y)
        }
        KeyMaterial::Okp { crv: OKP_ED25519, x } => PublicKey::ed25519(x),
        KeyMaterial::Okp { crv: OKP_ED448, x } => PublicKey::ed448(x),
        KeyMaterial::Okp { crv, .. } => return Err(unsupported(format!("OKP curve {crv}"))),
        KeyMaterial::Rsa { n, e } => Ok(PublicKey::rsa(n, e)),
        KeyMaterial::Akp { public_key } => ml_dsa(public_key),
        KeyMaterial::Other { kty: Some(kty) } => {
            return Err(unsupported(format!("key type {kty}")));
        }
        KeyMaterial::Other { kty: None } => {
            return Err(unsupported("a key type given as text".to_owned()));
        }
        _ => return Err(unsupported("key type".into())),
    };
    built.map_err(|error| Stop::Invalid(Finding::new(&CREDENTIAL_KEY_INVALID, error)))
}

/// Refuses a certificate that is not for the credential key.
pub(crate) fn same(certified: &PublicKey, credential: &PublicKey) -> Result<(), Stop> {
    if certified == credential {
        return Ok(());
    }
    let detail = format!("certificate {certified}, credential {credential}");
    Err(Stop::Invalid(Finding::new(&CREDENTIAL_KEY_MISMATCH, detail)))
}

/// The length tells the parameter set; the algorithm is checked against the key when it verifies.
fn ml_dsa(key: &[u8]) -> Result<PublicKey, VerifyError> {
    let levels = [MlDsaLevel::MlDsa44, MlDsaLevel::MlDsa65, MlDsaLevel::MlDsa87];
    let level = levels.into_iter().find(|level| level.key_len() == key.len());
    PublicKey::ml_dsa(level.ok_or(VerifyError::InvalidKey)?, key)
}

fn ec_curve(crv: i64) -> Option<EcCurve> {
    match crv {
        1 => Some(EcCurve::P256),
        2 => Some(EcCurve::P384),
        3 => Some(EcCurve::P521),
        8 => Some(EcCurve::Secp256k1),
        _ => None,
    }
}

fn unsupported(what: String) -> Stop {
    Stop::Unsupported(Finding::new(&ALGORITHM_UNSUPPORTED, what))
}

/// COSE elliptic curves of key type OKP.
const OKP_ED25519: i64 = 6;
const OKP_ED448: i64 = 7;
