//! Public keys as key material, whatever they arrived in: a certificate or a COSE key.

use crate::der::{self, Reader};
use crate::oid::Oid;
use crate::verify::{self, VerifyError};
use std::fmt;

/// The material of a public key. Equal means the same key, however it was wrapped; an elliptic-curve
/// point in compressed and in uncompressed form counts as two.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PublicKey {
    /// A point on a named curve, SEC 1 form, unchecked until [`PublicKey::validate`] or a verification.
    Ec {
        /// The curve.
        curve: EcCurve,
        /// SEC 1: `04 ‖ x ‖ y`, or `02`/`03 ‖ x`.
        point: Vec<u8>,
    },
    /// RSA, both numbers big-endian without leading zeros.
    Rsa {
        /// Modulus.
        n: Vec<u8>,
        /// Public exponent.
        e: Vec<u8>,
    },
    /// Ed25519.
    Ed25519([u8; 32]),
    /// Ed448.
    Ed448([u8; 57]),
    /// ML-DSA.
    MlDsa {
        /// Parameter set.
        level: MlDsaLevel,
        /// The encoded key, 1312, 1952 or 2592 bytes.
        key: Vec<u8>,
    },
    /// A key of a kind keyvet does not know, kept for comparison and display.
    Other {
        /// Dotted object identifier.
        algorithm: String,
        /// The whole SubjectPublicKeyInfo.
        spki: Vec<u8>,
    },
}

/// A named elliptic curve.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EcCurve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// secp256k1.
    Secp256k1,
}

/// A parameter set of ML-DSA (FIPS 204).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MlDsaLevel {
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl PublicKey {
    /// A key on `curve` from a SEC 1 point.
    #[must_use]
    pub fn ec(curve: EcCurve, point: &[u8]) -> Self {
        Self::Ec { curve, point: point.to_vec() }
    }

    /// A key on `curve` from its coordinates, big-endian.
    ///
    /// # Errors
    /// [`VerifyError::InvalidKey`] when a coordinate does not have exactly the curve's length.
    pub fn ec_coordinates(curve: EcCurve, x: &[u8], y: &[u8]) -> Result<Self, VerifyError> {
        let len = curve.coordinate_len();
        if x.len() != len || y.len() != len {
            return Err(VerifyError::InvalidKey);
        }
        Ok(Self::Ec { curve, point: [&[0x04], x, y].concat() })
    }

    /// An RSA key from modulus and exponent, big-endian; leading zeros are dropped.
    #[must_use]
    pub fn rsa(n: &[u8], e: &[u8]) -> Self {
        let trimmed = |bytes| der::without_leading_zeros(bytes).to_vec();
        Self::Rsa { n: trimmed(n), e: trimmed(e) }
    }

    /// An Ed25519 key.
    ///
    /// # Errors
    /// [`VerifyError::InvalidKey`] when it is not 32 bytes long.
    pub fn ed25519(key: &[u8]) -> Result<Self, VerifyError> {
        key.try_into().map(Self::Ed25519).map_err(|_| VerifyError::InvalidKey)
    }

    /// An Ed448 key.
    ///
    /// # Errors
    /// [`VerifyError::InvalidKey`] when it is not 57 bytes long.
    pub fn ed448(key: &[u8]) -> Result<Self, VerifyError> {
        key.try_into().map(Self::Ed448).map_err(|_| VerifyError::InvalidKey)
    }

    /// An ML-DSA key.
    ///
    /// # Errors
    /// [`VerifyError::InvalidKey`] when its length is not that of `level`.
    pub fn ml_dsa(level: MlDsaLevel, key: &[u8]) -> Result<Self, VerifyError> {
        if key.len() != level.key_len() {
            return Err(VerifyError::InvalidKey);
        }
        Ok(Self::MlDsa { level, key: key.to_vec() })
    }

    /// The key in a DER `SubjectPublicKeyInfo`. A kind or a shape that is not known is
    /// [`PublicKey::Other`], not an error: whoever has to verify with it finds out.
    #[must_use]
    pub fn from_spki(spki: &[u8]) -> Self {
        parse_spki(spki).unwrap_or_else(|| Self::Other {
            algorithm: spki_parts(spki).map(|parts| parts.oid.to_string()).unwrap_or_default(),
            spki: spki.to_vec(),
        })
    }

    /// Checks that this is a key: the point lies on its curve, the numbers and lengths are possible.
    ///
    /// # Errors
    /// [`VerifyError::InvalidKey`] when it is none, [`VerifyError::UnsupportedKey`] when keyvet cannot
    /// tell (unknown kinds, RSA outside 1024 to 8192 bits, Ed448 without its feature).
    pub fn validate(&self) -> Result<(), VerifyError> {
        verify::validate_key(self)
    }

    /// Bits of the RSA modulus or of the curve's field; `None` where a size says nothing.
    #[must_use]
    pub fn bits(&self) -> Option<usize> {
        match self {
            Self::Ec { curve, .. } => Some(curve.bits()),
            Self::Rsa { n, .. } => Some(bit_len(n)),
            _ => None,
        }
    }
}

impl EcCurve {
    /// Length of one coordinate in bytes.
    #[must_use]
    pub fn coordinate_len(self) -> usize {
        self.bits().div_ceil(8)
    }

    fn bits(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    fn from_oid(oid: Oid<'_>) -> Option<Self> {
        CURVES.iter().find(|(dotted, _)| oid.is(dotted)).map(|(_, curve)| *curve)
    }
}

impl MlDsaLevel {
    /// Length of an encoded public key in bytes (FIPS 204, table 2).
    #[must_use]
    pub fn key_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }
}

/// What kind of key it is: `EC P-256`, `RSA 2048`, `Ed25519`, `ML-DSA-44`, `unknown (1.2.3)`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec { curve, .. } => write!(f, "EC {}", curve.name()),
            Self::Rsa { n, .. } => write!(f, "RSA {}", bit_len(n)),
            Self::Ed25519(_) => f.write_str("Ed25519"),
            Self::Ed448(_) => f.write_str("Ed448"),
            Self::MlDsa { level, .. } => f.write_str(level.name()),
            Self::Other { algorithm, .. } => write!(f, "unknown ({algorithm})"),
        }
    }
}

impl fmt::Display for EcCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bits of a big-endian number without leading zeros.
pub(crate) fn bit_len(number: &[u8]) -> usize {
    let Some(first) = number.first() else { return 0 };
    let unused = usize::try_from(first.leading_zeros()).unwrap_or_default();
    number.len().saturating_mul(8).saturating_sub(unused)
}

/// The parts of a `SubjectPublicKeyInfo`.
struct SpkiParts<'a> {
    oid: Oid<'a>,
    parameters: &'a [u8],
    /// The content of the BIT STRING after its unused-bits byte.
    key: &'a [u8],
}

fn spki_parts(spki: &[u8]) -> Option<SpkiParts<'_>> {
    let mut members = Reader::new(Reader::new(spki).expect(der::SEQUENCE)?.value);
    let mut algorithm = Reader::new(members.expect(der::SEQUENCE)?.value);
    let oid = Oid(algorithm.expect(der::OID)?.value);
    let (_unused_bits, key) = members.expect(der::BIT_STRING)?.value.split_first()?;
    Some(SpkiParts { oid, parameters: algorithm.rest(), key })
}

fn parse_spki(spki: &[u8]) -> Option<PublicKey> {
    let SpkiParts { oid, parameters, key } = spki_parts(spki)?;
    if oid.is("1.2.840.10045.2.1") {
        let curve = EcCurve::from_oid(Oid(Reader::new(parameters).expect(der::OID)?.value))?;
        return Some(PublicKey::ec(curve, key));
    }
    if oid.is("1.2.840.113549.1.1.1") || oid.is("1.2.840.113549.1.1.10") {
        return parse_rsa(key);
    }
    if oid.is("1.3.101.112") {
        return PublicKey::ed25519(key).ok();
    }
    if oid.is("1.3.101.113") {
        return PublicKey::ed448(key).ok();
    }
    let (_, level) = ML_DSA.iter().find(|(dotted, _)| oid.is(dotted))?;
    PublicKey::ml_dsa(*level, key).ok()
}

fn parse_rsa(key: &[u8]) -> Option<PublicKey> {
    let mut members = Reader::new(Reader::new(key).expect(der::SEQUENCE)?.value);
    let n = der::unsigned(members.expect(der::INTEGER)?.value)?;
    let e = der::unsigned(members.expect(der::INTEGER)?.value)?;
    Some(PublicKey::rsa(n, e))
}

const CURVES: [(&str, EcCurve); 4] = [
    ("1.2.840.10045.3.1.7", EcCurve::P256),
    ("1.3.132.0.34", EcCurve::P384),
    ("1.3.132.0.35", EcCurve::P521),
    ("1.3.132.0.10", EcCurve::Secp256k1),
];

const ML_DSA: [(&str, MlDsaLevel); 3] = [
    ("2.16.840.1.101.3.4.3.17", MlDsaLevel::MlDsa44),
    ("2.16.840.1.101.3.4.3.18", MlDsaLevel::MlDsa65),
    ("2.16.840.1.101.3.4.3.19", MlDsaLevel::MlDsa87),
];
