//! Made-up certificates: names and keys as a test wants them.

use keyvet_x509::{Anchor, Certificate, PathRules};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use time::OffsetDateTime;

/// Somebody with a name, a key and what a certificate would say of it.
pub struct Party {
    pub params: CertificateParams,
    pub key: KeyPair,
}

/// A leaf named `name`, valid 2020 to 2040.
pub fn leaf(name: &str) -> Party {
    Party { params: params(name), key: KeyPair::generate().unwrap() }
}

/// A certification authority named `name` with that path length.
pub fn ca(name: &str, path_len: Option<u8>) -> Party {
    let limit = path_len.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained);
    let mut party = leaf(name);
    party.params.is_ca = IsCa::Ca(limit);
    party.params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    party
}

impl Party {
    /// A certificate of this party, signed by `issuer`.
    pub fn issued_by(&self, issuer: &Self) -> Certificate {
        let signer = Issuer::from_params(&issuer.params, &issuer.key);
        let made = self.params.signed_by(&self.key, &signer).unwrap();
        Certificate::parse(made.der()).unwrap()
    }

    /// A certificate of this party, signed by itself.
    pub fn self_signed(&self) -> Certificate {
        self.issued_by(self)
    }

    /// This party as an anchor.
    pub fn anchor(&self) -> Anchor {
        Anchor::from_certificate(&self.self_signed(), "made up")
    }

    /// The same name with another key.
    pub fn with_other_key(&self) -> Self {
        Self { params: self.params.clone(), key: KeyPair::generate().unwrap() }
    }

    /// The same party as a change of its parameters makes it.
    pub fn with(mut self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        change(&mut self.params);
        self
    }
}

/// Attestation rules at [`now`], lenient about validity.
pub fn lenient() -> PathRules {
    PathRules::attestation(Some(now()), false)
}

/// Attestation rules at [`now`] with strict validity.
pub fn strict() -> PathRules {
    PathRules::attestation(Some(now()), true)
}

/// The moment made-up certificates are judged at.
pub fn now() -> OffsetDateTime {
    date_time_ymd(2026, 11, 22)
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params.is_ca = IsCa::ExplicitNoCa;
    params
}
