//! Signature algorithms, and which `AlgorithmIdentifier` means which.
//!
//! The mapping is ours because libraries leave out what shipped certificates use: ECDSA with SHA-1 and
//! SHA-512, RSA with SHA-1, ML-DSA.

use crate::der::{self, Reader};
use crate::oid::Oid;
use std::fmt;

/// How a signature was made; the curve or key length comes from the key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-1, seen in two old catalogue anchors.
    EcdsaSha1,
    /// ECDSA with SHA-256 (COSE ES256, ES256K).
    EcdsaSha256,
    /// ECDSA with SHA-384 (COSE ES384).
    EcdsaSha384,
    /// ECDSA with SHA-512 (COSE ES512).
    EcdsaSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-1 (COSE RS1), TPM statements and old roots only.
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (COSE RS256).
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (COSE RS384).
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (COSE RS512).
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256 for hash and mask, salt of 32 bytes (COSE PS256).
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 for hash and mask, salt of 48 bytes (COSE PS384).
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 for hash and mask, salt of 64 bytes (COSE PS512).
    RsaPssSha512,
    /// Ed25519, pure.
    Ed25519,
    /// Ed448, pure; verified with the feature `ed448`, which is on by default.
    Ed448,
    /// ML-DSA-44 (FIPS 204), pure, empty context.
    MlDsa44,
    /// ML-DSA-65 (FIPS 204), pure, empty context.
    MlDsa65,
    /// ML-DSA-87 (FIPS 204), pure, empty context.
    MlDsa87,
}

impl SignatureAlgorithm {
    /// The algorithm a DER `AlgorithmIdentifier` stands for; `None` for one that is not listed here,
    /// for RSASSA-PSS whose hash, mask hash and salt do not belong together included.
    #[must_use]
    pub fn from_algorithm_identifier(der: &[u8]) -> Option<Self> {
        let mut members = Reader::new(Reader::new(der).expect(der::SEQUENCE)?.value);
        let oid = Oid(members.expect(der::OID)?.value);
        if oid.is(RSASSA_PSS) {
            return pss(members.expect(der::SEQUENCE)?.value);
        }
        by_oid(oid)
    }

    /// The name used in text, such as `ECDSA with SHA-256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaSha1 => "ECDSA with SHA-1",
            Self::EcdsaSha256 => "ECDSA with SHA-256",
            Self::EcdsaSha384 => "ECDSA with SHA-384",
            Self::EcdsaSha512 => "ECDSA with SHA-512",
            Self::RsaPkcs1Sha1 => "RSA PKCS#1 with SHA-1",
            Self::RsaPkcs1Sha256 => "RSA PKCS#1 with SHA-256",
            Self::RsaPkcs1Sha384 => "RSA PKCS#1 with SHA-384",
            Self::RsaPkcs1Sha512 => "RSA PKCS#1 with SHA-512",
            Self::RsaPssSha256 => "RSA-PSS with SHA-256",
            Self::RsaPssSha384 => "RSA-PSS with SHA-384",
            Self::RsaPssSha512 => "RSA-PSS with SHA-512",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn by_oid(oid: Oid<'_>) -> Option<SignatureAlgorithm> {
    BY_OID.iter().find(|(dotted, _)| oid.is(dotted)).map(|(_, algorithm)| *algorithm)
}

/// `RSASSA-PSS-params` (RFC 4055 §3.1). The defaults are SHA-1, which no listed algorithm uses, so
/// hash `[0]`, mask `[1]` and salt `[2]` must all be there; trailer `[3]` may only be 1.
fn pss(params: &[u8]) -> Option<SignatureAlgorithm> {
    let mut members = Reader::new(params);
    let hash = algorithm_oid(members.expect(0xa0)?.value)?;
    let mut mask =
        Reader::new(Reader::new(members.expect(0xa1)?.value).expect(der::SEQUENCE)?.value);
    let mask_is_mgf1 = Oid(mask.expect(der::OID)?.value).is(MGF1);
    let mask_hash = algorithm_oid(mask.rest())?;
    let salt = Reader::new(members.expect(0xa2)?.value).expect(der::INTEGER)?.value;
    let trailer_is_one = match members.next() {
        None => true,
        Some(trailer) => trailer.tag == 0xa3 && trailer.value == [0x02, 0x01, 0x01],
    };
    let (_, salt_len, algorithm) = PSS_HASHES.iter().find(|(dotted, ..)| hash.is(dotted))?;
    let fits = mask_is_mgf1 && mask_hash == hash && salt == [*salt_len] && trailer_is_one;
    fits.then_some(*algorithm)
}

fn algorithm_oid(der: &[u8]) -> Option<Oid<'_>> {
    let mut members = Reader::new(Reader::new(der).expect(der::SEQUENCE)?.value);
    Some(Oid(members.expect(der::OID)?.value))
}

const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
const MGF1: &str = "1.2.840.113549.1.1.8";

/// RFC 5758, RFC 8017, RFC 8410, RFC 9881; `1.3.14.3.2.29` is the older name of RSA with SHA-1.
const BY_OID: [(&str, SignatureAlgorithm); 14] = [
    ("1.2.840.10045.4.3.2", SignatureAlgorithm::EcdsaSha256),
    ("1.2.840.113549.1.1.11", SignatureAlgorithm::RsaPkcs1Sha256),
    ("1.2.840.10045.4.3.3", SignatureAlgorithm::EcdsaSha384),
    ("1.2.840.10045.4.3.4", SignatureAlgorithm::EcdsaSha512),
    ("1.2.840.10045.4.1", SignatureAlgorithm::EcdsaSha1),
    ("1.2.840.113549.1.1.12", SignatureAlgorithm::RsaPkcs1Sha384),
    ("1.2.840.113549.1.1.13", SignatureAlgorithm::RsaPkcs1Sha512),
    ("1.2.840.113549.1.1.5", SignatureAlgorithm::RsaPkcs1Sha1),
    ("1.3.14.3.2.29", SignatureAlgorithm::RsaPkcs1Sha1),
    ("1.3.101.112", SignatureAlgorithm::Ed25519),
    ("1.3.101.113", SignatureAlgorithm::Ed448),
    ("2.16.840.1.101.3.4.3.17", SignatureAlgorithm::MlDsa44),
    ("2.16.840.1.101.3.4.3.18", SignatureAlgorithm::MlDsa65),
    ("2.16.840.1.101.3.4.3.19", SignatureAlgorithm::MlDsa87),
];

/// Hash, its length (the only salt length accepted), algorithm.
const PSS_HASHES: [(&str, u8, SignatureAlgorithm); 3] = [
    ("2.16.840.1.101.3.4.2.1", 32, SignatureAlgorithm::RsaPssSha256),
    ("2.16.840.1.101.3.4.2.2", 48, SignatureAlgorithm::RsaPssSha384),
    ("2.16.840.1.101.3.4.2.3", 64, SignatureAlgorithm::RsaPssSha512),
];
