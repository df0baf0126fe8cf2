//! Signature verification: a thin layer over aws-lc-rs, so that the backend can change in one file.
//!
//! | key | digests |
//! |---|---|
//! | P-256 | SHA-1, SHA-256, SHA-384, SHA-512 |
//! | P-384 | SHA-256, SHA-384, SHA-512 |
//! | P-521 | SHA-1, SHA-256, SHA-384, SHA-512 |
//! | secp256k1 | SHA-256 |
//! | RSA PKCS#1, 1024 to 8192 bits | SHA-1, SHA-256, SHA-512; SHA-384 from 2048 bits |
//! | RSA-PSS, 2048 to 8192 bits | SHA-256, SHA-384, SHA-512, salt as long as the digest |
//! | Ed25519, ML-DSA-44/65/87 | their own |
//! | Ed448 | its own; not aws-lc-rs but ed448-goldilocks-plus, feature `ed448` |
//!
//! Everything else is [`VerifyError::UnsupportedAlgorithm`], which is never the same as a bad signature.

use crate::der::{self, Reader};
use crate::ed448;
use crate::public_key::{EcCurve, MlDsaLevel, PublicKey, bit_len};
use crate::signature_algorithm::SignatureAlgorithm;
use aws_lc_rs::signature::{self as backend, RsaParameters, RsaPublicKeyComponents};
use aws_lc_rs::signature::{EcdsaVerificationAlgorithm, ParsedPublicKey, UnparsedPublicKey};
use aws_lc_rs::signature::{PqdsaVerificationAlgorithm, VerificationAlgorithm};
use keyvet_finding::{Coded, Culprit, Kind, Severity};

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Key and signature are well formed and do not belong to this message.
    #[error("the signature does not verify")]
    BadSignature,
    /// The algorithm is not one for this kind of key.
    #[error("the algorithm does not fit the kind of key")]
    AlgorithmKeyMismatch,
    /// keyvet has no implementation of this combination of algorithm and key.
    #[error("the signature algorithm is not supported")]
    UnsupportedAlgorithm,
    /// A key of a kind or size keyvet does not verify with.
    #[error("the kind or size of the key is not supported")]
    UnsupportedKey,
    /// The bytes are no key: a point off the curve, a wrong length, an impossible number.
    #[error("the public key is not a valid key")]
    InvalidKey,
    /// The bytes do not have the form of a signature of this algorithm.
    #[error("the signature is malformed")]
    MalformedSignature,
}

/// Checks that `signature` was made over `message` by the holder of `key`. ECDSA signatures are DER.
///
/// # Errors
/// [`VerifyError`]; only [`VerifyError::BadSignature`] says that a well-formed signature is wrong.
pub fn verify(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let verified = match Check::choose(algorithm, key)? {
        Check::Raw(raw, bytes) => UnparsedPublicKey::new(raw, bytes).verify(message, signature),
        Check::Rsa(parameters, components) => components.verify(parameters, message, signature),
        Check::Ed448(key) => return ed448::verify(key, message, signature),
    };
    // the backend does not say why; ask only once it has said no
    verified.map_err(|_| explain(algorithm, key, signature))
}

/// See [`PublicKey::validate`].
pub(crate) fn validate_key(key: &PublicKey) -> Result<(), VerifyError> {
    let invalid = |_| VerifyError::InvalidKey;
    match key {
        PublicKey::Ec { curve, point } => {
            point_shape(*curve, point)?;
            ParsedPublicKey::new(ecdsa_for_validation(*curve), point).map(drop).map_err(invalid)
        }
        PublicKey::Rsa { n, e } => {
            rsa_size(n, RSA_BITS)?;
            let components = RsaPublicKeyComponents { n, e };
            components.to_parsed_public_key(RSA_PROBE).map(drop).map_err(invalid)?;
            rsa_exponent(e)
        }
        PublicKey::Ed25519(bytes) => {
            ParsedPublicKey::new(&backend::ED25519, bytes).map(drop).map_err(invalid)
        }
        PublicKey::MlDsa { level, key } => {
            ParsedPublicKey::new(ml_dsa(*level), key).map(drop).map_err(invalid)
        }
        PublicKey::Ed448(key) => ed448::validate(key),
        PublicKey::Other { .. } => Err(VerifyError::UnsupportedKey),
    }
}

/// What the backend is asked to do.
enum Check<'a> {
    Raw(&'static dyn VerificationAlgorithm, &'a [u8]),
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<&'a [u8]>),
    Ed448(&'a [u8; 57]),
}

impl<'a> Check<'a> {
    fn choose(algorithm: SignatureAlgorithm, key: &'a PublicKey) -> Result<Self, VerifyError> {
        match (Family::of(algorithm), key) {
            (Family::Ecdsa(digest), PublicKey::Ec { curve, point }) => {
                point_shape(*curve, point)?;
                let raw = ecdsa(*curve, digest).ok_or(VerifyError::UnsupportedAlgorithm)?;
                Ok(Self::Raw(raw, point))
            }
            (Family::Pkcs1(digest), PublicKey::Rsa { n, e }) => {
                let parameters = pkcs1(digest, rsa_size(n, RSA_BITS)?)?;
                Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n, e }))
            }
            (Family::Pss(parameters), PublicKey::Rsa { n, e }) => {
                rsa_size(n, RSA_PSS_BITS)?;
                Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n, e }))
            }
            (Family::Ed25519, PublicKey::Ed25519(key)) => Ok(Self::Raw(&backend::ED25519, key)),
            (Family::MlDsa(wanted), PublicKey::MlDsa { level, key }) if wanted == *level => {
                Ok(Self::Raw(ml_dsa(*level), key))
            }
            (Family::Ed448, PublicKey::Ed448(key)) => Ok(Self::Ed448(key)),
            (_, PublicKey::Other { .. }) => Err(VerifyError::UnsupportedKey),
            _ => Err(VerifyError::AlgorithmKeyMismatch),
        }
    }
}

/// An algorithm by what it needs.
enum Family {
    Ecdsa(Digest),
    Pkcs1(Digest),
    Pss(&'static RsaParameters),
    Ed25519,
    Ed448,
    MlDsa(MlDsaLevel),
}

#[derive(Clone, Copy)]
enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Family {
    fn of(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaSha1 => Self::Ecdsa(Digest::Sha1),
            SignatureAlgorithm::EcdsaSha256 => Self::Ecdsa(Digest::Sha256),
            SignatureAlgorithm::EcdsaSha384 => Self::Ecdsa(Digest::Sha384),
            SignatureAlgorithm::EcdsaSha512 => Self::Ecdsa(Digest::Sha512),
            SignatureAlgorithm::RsaPkcs1Sha1 => Self::Pkcs1(Digest::Sha1),
            SignatureAlgorithm::RsaPkcs1Sha256 => Self::Pkcs1(Digest::Sha256),
            SignatureAlgorithm::RsaPkcs1Sha384 => Self::Pkcs1(Digest::Sha384),
            SignatureAlgorithm::RsaPkcs1Sha512 => Self::Pkcs1(Digest::Sha512),
            SignatureAlgorithm::RsaPssSha256 => Self::Pss(&backend::RSA_PSS_2048_8192_SHA256),
            SignatureAlgorithm::RsaPssSha384 => Self::Pss(&backend::RSA_PSS_2048_8192_SHA384),
            SignatureAlgorithm::RsaPssSha512 => Self::Pss(&backend::RSA_PSS_2048_8192_SHA512),
            SignatureAlgorithm::Ed25519 => Self::Ed25519,
            SignatureAlgorithm::Ed448 => Self::Ed448,
            SignatureAlgorithm::MlDsa44 => Self::MlDsa(MlDsaLevel::MlDsa44),
            SignatureAlgorithm::MlDsa65 => Self::MlDsa(MlDsaLevel::MlDsa65),
            SignatureAlgorithm::MlDsa87 => Self::MlDsa(MlDsaLevel::MlDsa87),
        }
    }
}

/// What the backend has; a pair that is missing here is missing there.
fn ecdsa(curve: EcCurve, digest: Digest) -> Option<&'static EcdsaVerificationAlgorithm> {
    match (curve, digest) {
        (EcCurve::P256, Digest::Sha1) => Some(&backend::ECDSA_P256_SHA1_ASN1),
        (EcCurve::P256, Digest::Sha256) => Some(&backend::ECDSA_P256_SHA256_ASN1),
        (EcCurve::P256, Digest::Sha384) => Some(&backend::ECDSA_P256_SHA384_ASN1),
        (EcCurve::P256, Digest::Sha512) => Some(&backend::ECDSA_P256_SHA512_ASN1),
        (EcCurve::P384, Digest::Sha256) => Some(&backend::ECDSA_P384_SHA256_ASN1),
        (EcCurve::P384, Digest::Sha384) => Some(&backend::ECDSA_P384_SHA384_ASN1),
        (EcCurve::P384, Digest::Sha512) => Some(&backend::ECDSA_P384_SHA512_ASN1),
        (EcCurve::P521, Digest::Sha1) => Some(&backend::ECDSA_P521_SHA1_ASN1),
        (EcCurve::P521, Digest::Sha256) => Some(&backend::ECDSA_P521_SHA256_ASN1),
        (EcCurve::P521, Digest::Sha384) => Some(&backend::ECDSA_P521_SHA384_ASN1),
        (EcCurve::P521, Digest::Sha512) => Some(&backend::ECDSA_P521_SHA512_ASN1),
        (EcCurve::Secp256k1, Digest::Sha256) => Some(&backend::ECDSA_P256K1_SHA256_ASN1),
        (EcCurve::P384, Digest::Sha1) | (EcCurve::Secp256k1, _) => None,
    }
}

/// Any algorithm of the curve: only its key parser is used.
fn ecdsa_for_validation(curve: EcCurve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        EcCurve::P256 => &backend::ECDSA_P256_SHA256_ASN1,
        EcCurve::P384 => &backend::ECDSA_P384_SHA384_ASN1,
        EcCurve::P521 => &backend::ECDSA_P521_SHA512_ASN1,
        EcCurve::Secp256k1 => &backend::ECDSA_P256K1_SHA256_ASN1,
    }
}

fn ml_dsa(level: MlDsaLevel) -> &'static PqdsaVerificationAlgorithm {
    match level {
        MlDsaLevel::MlDsa44 => &backend::ML_DSA_44,
        MlDsaLevel::MlDsa65 => &backend::ML_DSA_65,
        MlDsaLevel::MlDsa87 => &backend::ML_DSA_87,
    }
}

fn pkcs1(digest: Digest, bits: usize) -> Result<&'static RsaParameters, VerifyError> {
    match digest {
        Digest::Sha1 => Ok(&backend::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Digest::Sha256 => Ok(&backend::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        Digest::Sha512 => Ok(&backend::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        // the backend has no SHA-384 below 2048 bits
        Digest::Sha384 if bits >= 2048 => Ok(&backend::RSA_PKCS1_2048_8192_SHA384),
        Digest::Sha384 => Err(VerifyError::UnsupportedAlgorithm),
    }
}

/// Bits of the modulus, when within `range`.
fn rsa_size(n: &[u8], range: std::ops::RangeInclusive<usize>) -> Result<usize, VerifyError> {
    let bits = bit_len(n);
    range.contains(&bits).then_some(bits).ok_or(VerifyError::UnsupportedKey)
}

/// An exponent is odd and above 1; the backend's limit of 33 bits keeps verification cheap.
fn rsa_exponent(e: &[u8]) -> Result<(), VerifyError> {
    let odd = e.last().is_some_and(|last| last & 1 == 1);
    (odd && e != [1] && bit_len(e) <= 33).then_some(()).ok_or(VerifyError::InvalidKey)
}

/// The backend's key parser also takes other encodings; only a SEC 1 point of this curve goes in.
fn point_shape(curve: EcCurve, point: &[u8]) -> Result<(), VerifyError> {
    let len = curve.coordinate_len();
    let fits = match point.split_first() {
        Some((0x04, coordinates)) => coordinates.len() == len.saturating_mul(2),
        Some((0x02 | 0x03, x)) => x.len() == len,
        _ => false,
    };
    fits.then_some(()).ok_or(VerifyError::InvalidKey)
}

/// Why the backend may have refused: the key first, then the form of the signature.
fn explain(algorithm: SignatureAlgorithm, key: &PublicKey, signature: &[u8]) -> VerifyError {
    if let Err(error) = key.validate() {
        return error;
    }
    let well_formed = match (Family::of(algorithm), key) {
        (Family::Ecdsa(_), _) => is_two_integers(signature),
        (Family::Ed25519, _) => signature.len() == 64,
        (_, PublicKey::Rsa { n, .. }) => signature.len() == n.len(),
        (Family::MlDsa(MlDsaLevel::MlDsa44), _) => signature.len() == 2420,
        (Family::MlDsa(MlDsaLevel::MlDsa65), _) => signature.len() == 3309,
        (Family::MlDsa(MlDsaLevel::MlDsa87), _) => signature.len() == 4627,
        _ => true,
    };
    if well_formed { VerifyError::BadSignature } else { VerifyError::MalformedSignature }
}

fn is_two_integers(signature: &[u8]) -> bool {
    let mut outer = Reader::new(signature);
    let Some(sequence) = outer.expect(der::SEQUENCE) else { return false };
    let mut members = Reader::new(sequence.value);
    let two = members.expect(der::INTEGER).is_some() && members.expect(der::INTEGER).is_some();
    two && members.rest().is_empty() && outer.rest().is_empty()
}

const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
const RSA_PSS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
static RSA_PROBE: &RsaParameters = &backend::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;

impl Coded for VerifyError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::BadSignature => &SIGNATURE_BAD,
            Self::AlgorithmKeyMismatch => &SIGNATURE_ALGORITHM_MISMATCH,
            Self::UnsupportedAlgorithm | Self::UnsupportedKey => &SIGNATURE_UNSUPPORTED,
            Self::InvalidKey => &PUBLIC_KEY_INVALID,
            Self::MalformedSignature => &SIGNATURE_MALFORMED,
        }
    }
}

/// A signature that was checked and is wrong.
pub static SIGNATURE_BAD: Kind = Kind {
    id: "x509.signature-bad",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A signature was checked with the key that should have made it, and it does not verify.",
    next_step: "Make the registration again; if it repeats with a genuine key, report it to the vendor.",
    source: "RFC 5280 §6.1.3",
};

/// An algorithm of another family than the key.
pub static SIGNATURE_ALGORITHM_MISMATCH: Kind = Kind {
    id: "x509.signature-algorithm-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The signature names an algorithm that the key it is checked with cannot be used for.",
    next_step: "Treat the signature as bad and report it to the vendor.",
    source: "RFC 5280 §4.1.1.2",
};

/// A combination keyvet cannot check.
pub static SIGNATURE_UNSUPPORTED: Kind = Kind {
    id: "x509.signature-unsupported",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The signature uses an algorithm, curve or key size that keyvet cannot check. It is neither \
              right nor wrong.",
    next_step: "Ask for the algorithm to be added, or have the registration checked by other means.",
    source: "keyvet",
};

/// Bytes that are no public key.
pub static PUBLIC_KEY_INVALID: Kind = Kind {
    id: "x509.public-key-invalid",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A public key is not one: its point is not on the curve, or its numbers or length are \
              impossible.",
    next_step: "Treat the registration as forged or damaged, and report the key model to its vendor.",
    source: "SEC 1 §3.2.2; RFC 8017 §3.1",
};

/// Bytes that do not have the form of a signature.
pub static SIGNATURE_MALFORMED: Kind = Kind {
    id: "x509.signature-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A signature does not have the encoding its algorithm requires.",
    next_step: "Make the registration again; if it repeats, report it to the vendor.",
    source: "RFC 3279 §2.2.3; RFC 8017 §8",
};
