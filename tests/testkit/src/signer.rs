//! A home-made signer of metadata: one root, one leaf, ES256.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::OffsetDateTime;

/// The host name in the leaf of the genuine metadata signer.
pub const MDS_HOST: &str = "mds.fidoalliance.org";

/// Wraps `payload` into a JWS by a new root and leaf that live from `not_before` to `not_after`; the leaf's DNS name is
/// [`MDS_HOST`]. Returns the JWS in compact form and the root as PEM.
///
/// # Panics
/// When the certificates cannot be made.
#[must_use]
pub fn wrap_payload(
    payload: &[u8],
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> (String, String) {
    let signer = Signer::new(MDS_HOST, not_before, not_after);
    (signer.wrap(payload), signer.root_pem())
}

/// A root and a leaf with their keys; signs as many payloads as a test needs.
pub struct Signer {
    root: rcgen::Certificate,
    leaf: rcgen::Certificate,
    leaf_key: EcdsaKeyPair,
}

impl Signer {
    /// A new root and a leaf for `host`, both living from `not_before` to `not_after`.
    ///
    /// # Panics
    /// When the certificates cannot be made.
    #[must_use]
    pub fn new(host: &str, not_before: OffsetDateTime, not_after: OffsetDateTime) -> Self {
        let root_params = root_params(not_before, not_after);
        let root_key = KeyPair::generate().expect("a P-256 key can be made");
        let root = root_params.self_signed(&root_key).expect("the root's parameters are complete");
        let issuer = Issuer::from_params(&root_params, &root_key);
        let key = KeyPair::generate().expect("a P-256 key can be made");
        let leaf = leaf_params(host, not_before, not_after)
            .signed_by(&key, &issuer)
            .expect("the leaf's parameters are complete");
        let leaf_key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der())
                .expect("the key was made for this algorithm");
        Self { root, leaf, leaf_key }
    }

    /// The root as PEM.
    #[must_use]
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// The root as DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        self.root.der()
    }

    /// The leaf as DER.
    #[must_use]
    pub fn leaf_der(&self) -> &[u8] {
        self.leaf.der()
    }

    /// `payload` as a compact JWS with the usual header: ES256 and the leaf in `x5c`.
    #[must_use]
    pub fn wrap(&self, payload: &[u8]) -> String {
        self.wrap_with_header(&self.header(&[self.leaf_der()]), payload)
    }

    /// The JSON of a header with `alg` ES256 and these certificates in `x5c`.
    #[must_use]
    pub fn header(&self, x5c: &[&[u8]]) -> String {
        let x5c: Vec<_> = x5c.iter().map(|der| BASE64.encode(der)).collect();
        serde_json::json!({ "alg": "ES256", "typ": "JWT", "x5c": x5c }).to_string()
    }

    /// `payload` as a compact JWS under `header_json`, whatever that says; the signature is ES256 by the leaf.
    ///
    /// # Panics
    /// When the system gives no randomness.
    #[must_use]
    pub fn wrap_with_header(&self, header_json: &str, payload: &[u8]) -> String {
        let header = BASE64URL_NOPAD.encode(header_json.as_bytes());
        let signed = format!("{header}.{}", BASE64URL_NOPAD.encode(payload));
        let signature = self
            .leaf_key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("signing needs only randomness");
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

fn root_params(not_before: OffsetDateTime, not_after: OffsetDateTime) -> CertificateParams {
    let mut params = named("keyvet test root", not_before, not_after);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(
    host: &str,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> CertificateParams {
    let mut params = named(host, not_before, not_after);
    let name = host.try_into().expect("the host is ASCII");
    params.subject_alt_names = vec![rcgen::SanType::DnsName(name)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn named(
    common_name: &str,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "keyvet tests");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = not_before;
    params.not_after = not_after;
    params
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use time::Duration;

    #[test]
    fn the_signature_verifies_over_header_and_payload_and_not_over_another() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let signer = Signer::new(MDS_HOST, now, now + Duration::days(1));
        let jws = signer.wrap(b"{}");
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let point = aws_lc_rs::signature::KeyPair::public_key(&signer.leaf_key);
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_ref());
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
        assert!(key.verify(b"other", &signature).is_err());
    }

    #[test]
    fn root_is_pem_and_header_names_the_leaf() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let signer = Signer::new(MDS_HOST, now, now + Duration::days(1));
        assert!(signer.root_pem().starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(signer.header(&[signer.leaf_der()]).contains(&BASE64.encode(signer.leaf_der())));
    }
}
