//! Credential public keys (COSE_Key, RFC 9052 §7; WebAuthn L3 §5.8.5, §6.5.1.1).

use coset::{CborSerializable, CoseKey, Label, cbor::value::Value};
use keyvet_cbor::{DecodeError, Decoded, Item, Mode, decode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::CoseAlgorithm;

/// A credential public key: what it is for and what it is made of.
///
/// Lengths are checked for the curves and parameter sets known here. Whether a point is on its curve
/// is for whoever verifies with it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CosePublicKey {
    /// Label 3 `alg`.
    pub alg: Option<CoseAlgorithm>,
    /// The key itself.
    pub material: KeyMaterial,
}

/// The numbers a public key is made of, by key type (label 1 `kty`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// `kty` 2, two coordinates.
    Ec2 {
        /// Label -1: 1 P-256, 2 P-384, 3 P-521, 8 secp256k1.
        crv: i64,
        /// Label -2, big-endian, as long as the field.
        x: Vec<u8>,
        /// Label -3, likewise.
        y: Vec<u8>,
    },
    /// `kty` 1, octet key pair.
    Okp {
        /// Label -1: 6 Ed25519, 7 Ed448.
        crv: i64,
        /// Label -2.
        x: Vec<u8>,
    },
    /// `kty` 3.
    Rsa {
        /// Label -1, modulus, big-endian.
        n: Vec<u8>,
        /// Label -2, public exponent, big-endian.
        e: Vec<u8>,
    },
    /// `kty` 7, algorithm key pair: ML-DSA.
    Akp {
        /// Label -1.
        public_key: Vec<u8>,
    },
    /// A key type or algorithm that is not supported here; its members are in the bytes.
    Other {
        /// Label 1; `None` when it is a text, which RFC 9052 §7.1 allows and nobody has registered.
        kty: Option<i64>,
    },
}

/// Why bytes are not a credential public key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseKeyError {
    /// Not one item of CBOR.
    #[error("public key: {0}")]
    Cbor(#[from] DecodeError),
    /// Not a map.
    #[error("public key is not a map")]
    NotAMap,
    /// Label 1 or 3 is missing or not an integer.
    #[error("public key label {label} is missing or not an integer")]
    NotAnInteger {
        /// The label.
        label: i64,
    },
    /// A part of the key is missing or not a byte string.
    #[error("public key label {label} is missing or of the wrong type")]
    MissingPart {
        /// The label.
        label: i64,
    },
    /// A part of the key has a length its curve or parameter set does not allow.
    #[error("public key label {label} has {len} bytes, expected {expected}")]
    WrongLength {
        /// The label.
        label: i64,
        /// Bytes found.
        len: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// An RSA part is empty or larger than 16384 bits.
    #[error("RSA public key label {label} has {len} bytes, expected 1 to 2048")]
    RsaLength {
        /// The label.
        label: i64,
        /// Bytes found.
        len: usize,
    },
}

/// The public key of a credential cannot be read.
pub static COSE_KEY_MALFORMED: Kind = Kind {
    id: "ctap.cose-key-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The public key inside the authenticator data is not a COSE key, or one of its parts is missing or has an impossible length.",
    next_step: "Register again; if it repeats with this model, report it to the vendor.",
    source: "WebAuthn L3 §6.5.1.1, RFC 9052 §7",
};

/// The key's algorithm needs another type or curve.
pub static COSE_KEY_ALGORITHM_MISMATCH: Kind = Kind {
    id: "ctap.cose-key-algorithm-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The algorithm that the credential's public key names needs another key type or curve than the key has.",
    next_step: "Treat the credential as unusable and report it to the vendor.",
    source: "WebAuthn L3 §5.8.5",
};

/// The key names no algorithm.
pub static COSE_KEY_WITHOUT_ALGORITHM: Kind = Kind {
    id: "ctap.cose-key-without-algorithm",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The credential's public key does not say which algorithm it is for.",
    next_step: "Report it to the vendor; a relying party may refuse the credential.",
    source: "WebAuthn L3 §6.5.1",
};

impl Coded for CoseKeyError {
    fn kind(&self) -> &'static Kind {
        &COSE_KEY_MALFORMED
    }
}

impl CosePublicKey {
    /// Reads a COSE key that takes all of `bytes`; unsorted and non-minimal forms are let pass.
    ///
    /// # Errors
    /// [`CoseKeyError`] when the bytes are not a key. An unsupported type is not an error but
    /// [`KeyMaterial::Other`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseKeyError> {
        Self::from_decoded(&decode(bytes, Mode::Tolerant)?)
    }

    /// As [`CosePublicKey::parse`], from the item the key was cut out as.
    pub(crate) fn from_decoded(decoded: &Decoded<'_>) -> Result<Self, CoseKeyError> {
        let item = &decoded.item;
        item.as_map().ok_or(CoseKeyError::NotAMap)?;
        let kty = key_type(item)?;
        let alg = integer(item, ALG)?.map(CoseAlgorithm);
        // coset refuses an algorithm number that nobody has registered: not corrupt, only unknown.
        let material = match (kty, CoseKey::from_slice(item.raw())) {
            (Some(kty), Ok(key)) => material(kty, &key)?,
            _ => KeyMaterial::Other { kty },
        };
        check_lengths(&material, alg)?;
        Ok(Self { alg, material })
    }

    /// What the key says of itself that does not fit together.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        match self.alg {
            None => vec![Finding::new(&COSE_KEY_WITHOUT_ALGORITHM, "label 3 is absent")],
            Some(alg) if !self.fits(alg) => {
                let detail = format!("{alg} with {}", self.material.describe());
                vec![Finding::new(&COSE_KEY_ALGORITHM_MISMATCH, detail)]
            }
            Some(_) => Vec::new(),
        }
    }

    /// Whether key type and curve are those of `alg`; true for an algorithm not known here.
    fn fits(&self, alg: CoseAlgorithm) -> bool {
        use CoseAlgorithm as A;
        use KeyMaterial::{Akp, Ec2, Okp, Other, Rsa};
        match alg {
            _ if matches!(self.material, Other { .. }) => true,
            A::ES256 | A::ESP256 => matches!(self.material, Ec2 { crv: P_256, .. }),
            A::ES384 | A::ESP384 => matches!(self.material, Ec2 { crv: P_384, .. }),
            A::ES512 | A::ESP512 => matches!(self.material, Ec2 { crv: P_521, .. }),
            A::ES256K => matches!(self.material, Ec2 { crv: SECP256K1, .. }),
            A::EDDSA => matches!(self.material, Okp { crv: ED25519 | ED448, .. }),
            A::ED25519 => matches!(self.material, Okp { crv: ED25519, .. }),
            A::ED448 => matches!(self.material, Okp { crv: ED448, .. }),
            A::ML_DSA_44 | A::ML_DSA_65 | A::ML_DSA_87 => matches!(self.material, Akp { .. }),
            A::RS1 | A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512 => {
                matches!(self.material, Rsa { .. })
            }
            _ => true,
        }
    }
}

impl KeyMaterial {
    fn describe(&self) -> String {
        match self {
            Self::Ec2 { crv, .. } => format!("an EC2 key on curve {crv}"),
            Self::Okp { crv, .. } => format!("an OKP key on curve {crv}"),
            Self::Rsa { .. } => "an RSA key".into(),
            Self::Akp { .. } => "an AKP key".into(),
            Self::Other { kty: Some(kty) } => format!("key type {kty}"),
            Self::Other { kty: None } => "a key type given as text".into(),
        }
    }
}

fn key_type(item: &Item<'_>) -> Result<Option<i64>, CoseKeyError> {
    match item.get_int(KTY) {
        Some(value) if value.as_text().is_some() => Ok(None),
        _ => integer(item, KTY)?.map(Some).ok_or(CoseKeyError::NotAnInteger { label: KTY }),
    }
}

fn integer(item: &Item<'_>, label: i64) -> Result<Option<i64>, CoseKeyError> {
    let not_an_integer = CoseKeyError::NotAnInteger { label };
    item.get_int(label).map(|value| value.as_i64().ok_or(not_an_integer)).transpose()
}

fn material(kty: i64, key: &CoseKey) -> Result<KeyMaterial, CoseKeyError> {
    Ok(match kty {
        KTY_OKP => KeyMaterial::Okp { crv: curve(key)?, x: bytes(key, -2)? },
        KTY_EC2 => KeyMaterial::Ec2 { crv: curve(key)?, x: bytes(key, -2)?, y: bytes(key, -3)? },
        KTY_RSA => KeyMaterial::Rsa { n: bytes(key, -1)?, e: bytes(key, -2)? },
        KTY_AKP => KeyMaterial::Akp { public_key: bytes(key, -1)? },
        kty => KeyMaterial::Other { kty: Some(kty) },
    })
}

fn parameter(key: &CoseKey, label: i64) -> Option<&Value> {
    let (_, value) = key.params.iter().find(|(found, _)| *found == Label::Int(label))?;
    Some(value)
}

fn curve(key: &CoseKey) -> Result<i64, CoseKeyError> {
    parameter(key, -1)
        .and_then(Value::as_integer)
        .and_then(|integer| i64::try_from(integer).ok())
        .ok_or(CoseKeyError::MissingPart { label: -1 })
}

fn bytes(key: &CoseKey, label: i64) -> Result<Vec<u8>, CoseKeyError> {
    let value = parameter(key, label).and_then(Value::as_bytes);
    value.cloned().ok_or(CoseKeyError::MissingPart { label })
}

fn check_lengths(material: &KeyMaterial, alg: Option<CoseAlgorithm>) -> Result<(), CoseKeyError> {
    match material {
        KeyMaterial::Ec2 { crv, x, y } => {
            check_len(-2, x, ec2_len(*crv))?;
            check_len(-3, y, ec2_len(*crv))
        }
        KeyMaterial::Okp { crv, x } => check_len(-2, x, okp_len(*crv)),
        KeyMaterial::Rsa { n, e } => {
            check_rsa(-1, n)?;
            check_rsa(-2, e)
        }
        KeyMaterial::Akp { public_key } => check_len(-1, public_key, alg.and_then(akp_len)),
        KeyMaterial::Other { .. } => Ok(()),
    }
}

fn check_len(label: i64, part: &[u8], expected: Option<usize>) -> Result<(), CoseKeyError> {
    match expected {
        Some(expected) if expected != part.len() => {
            Err(CoseKeyError::WrongLength { label, len: part.len(), expected })
        }
        _ => Ok(()),
    }
}

fn check_rsa(label: i64, part: &[u8]) -> Result<(), CoseKeyError> {
    match part.len() {
        1..=2048 => Ok(()),
        len => Err(CoseKeyError::RsaLength { label, len }),
    }
}

fn ec2_len(crv: i64) -> Option<usize> {
    match crv {
        P_256 | SECP256K1 => Some(32),
        P_384 => Some(48),
        P_521 => Some(66),
        _ => None,
    }
}

fn okp_len(crv: i64) -> Option<usize> {
    match crv {
        ED25519 => Some(32),
        ED448 => Some(57),
        _ => None,
    }
}

/// FIPS 204 table 2.
fn akp_len(alg: CoseAlgorithm) -> Option<usize> {
    match alg {
        CoseAlgorithm::ML_DSA_44 => Some(1312),
        CoseAlgorithm::ML_DSA_65 => Some(1952),
        CoseAlgorithm::ML_DSA_87 => Some(2592),
        _ => None,
    }
}

const KTY: i64 = 1;
const ALG: i64 = 3;
const KTY_OKP: i64 = 1;
const KTY_EC2: i64 = 2;
const KTY_RSA: i64 = 3;
const KTY_AKP: i64 = 7;
const P_256: i64 = 1;
const P_384: i64 = 2;
const P_521: i64 = 3;
const ED25519: i64 = 6;
const ED448: i64 = 7;
const SECP256K1: i64 = 8;
