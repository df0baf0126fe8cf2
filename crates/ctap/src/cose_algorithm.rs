//! Signature algorithms as COSE numbers them.

use std::fmt;

/// A COSE algorithm number; one that has no name here survives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CoseAlgorithm(pub i64);

impl CoseAlgorithm {
    /// ECDSA with SHA-256; WebAuthn adds P-256.
    pub const ES256: Self = Self(-7);
    /// EdDSA; WebAuthn adds Ed25519.
    pub const EDDSA: Self = Self(-8);
    /// ECDSA with SHA-256 and P-256, fully specified.
    pub const ESP256: Self = Self(-9);
    /// Ed25519, fully specified.
    pub const ED25519: Self = Self(-19);
    /// The fixed label of a key-agreement key; not a signature algorithm.
    pub const ECDH_ES_HKDF_256: Self = Self(-25);
    /// ECDSA with SHA-384; WebAuthn adds P-384.
    pub const ES384: Self = Self(-35);
    /// ECDSA with SHA-512; WebAuthn adds P-521.
    pub const ES512: Self = Self(-36);
    /// RSASSA-PSS with SHA-256.
    pub const PS256: Self = Self(-37);
    /// RSASSA-PSS with SHA-384.
    pub const PS384: Self = Self(-38);
    /// RSASSA-PSS with SHA-512.
    pub const PS512: Self = Self(-39);
    /// ECDSA with SHA-256 and secp256k1.
    pub const ES256K: Self = Self(-47);
    /// ML-DSA-44.
    pub const ML_DSA_44: Self = Self(-48);
    /// ML-DSA-65.
    pub const ML_DSA_65: Self = Self(-49);
    /// ML-DSA-87.
    pub const ML_DSA_87: Self = Self(-50);
    /// ECDSA with SHA-384 and P-384, fully specified.
    pub const ESP384: Self = Self(-51);
    /// ECDSA with SHA-512 and P-521, fully specified.
    pub const ESP512: Self = Self(-52);
    /// Ed448, fully specified.
    pub const ED448: Self = Self(-53);
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self = Self(-257);
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    pub const RS384: Self = Self(-258);
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    pub const RS512: Self = Self(-259);
    /// RSASSA-PKCS1-v1_5 with SHA-1, for TPM attestation only.
    pub const RS1: Self = Self(-65535);

    /// The registered name.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let (_, name) = NAMES.iter().find(|(algorithm, _)| algorithm == self)?;
        Some(name)
    }
}

impl fmt::Display for CoseAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "algorithm {}", self.0),
        }
    }
}

/// IANA COSE Algorithms registry, the rows a credential can have.
const NAMES: [(CoseAlgorithm, &str); 21] = [
    (CoseAlgorithm::ES256, "ES256"),
    (CoseAlgorithm::EDDSA, "EdDSA"),
    (CoseAlgorithm::ESP256, "ESP256"),
    (CoseAlgorithm::ED25519, "Ed25519"),
    (CoseAlgorithm::ECDH_ES_HKDF_256, "ECDH-ES+HKDF-256"),
    (CoseAlgorithm::ES384, "ES384"),
    (CoseAlgorithm::ES512, "ES512"),
    (CoseAlgorithm::PS256, "PS256"),
    (CoseAlgorithm::PS384, "PS384"),
    (CoseAlgorithm::PS512, "PS512"),
    (CoseAlgorithm::ES256K, "ES256K"),
    (CoseAlgorithm::ML_DSA_44, "ML-DSA-44"),
    (CoseAlgorithm::ML_DSA_65, "ML-DSA-65"),
    (CoseAlgorithm::ML_DSA_87, "ML-DSA-87"),
    (CoseAlgorithm::ESP384, "ESP384"),
    (CoseAlgorithm::ESP512, "ESP512"),
    (CoseAlgorithm::ED448, "Ed448"),
    (CoseAlgorithm::RS256, "RS256"),
    (CoseAlgorithm::RS384, "RS384"),
    (CoseAlgorithm::RS512, "RS512"),
    (CoseAlgorithm::RS1, "RS1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_numbers_are_shown_with_the_number() {
        assert_eq!(CoseAlgorithm::ES256.to_string(), "ES256 (-7)");
        assert_eq!(CoseAlgorithm(-7), CoseAlgorithm::ES256);
        assert_eq!(CoseAlgorithm(-70_000).to_string(), "algorithm -70000");
    }

    #[test]
    fn names_agree_with_the_registry_in_coset() {
        use coset::iana::{Algorithm, EnumI64};
        for (algorithm, name) in NAMES {
            let theirs = Algorithm::from_i64(algorithm.0).map(|known| format!("{known:?}"));
            let Some(theirs) = theirs else { continue };
            let ours = name.replace(['-', '+'], "_").to_uppercase();
            assert_eq!(theirs.to_uppercase(), ours, "{algorithm:?}");
        }
    }
}
