//! A home-made authenticator: real keys, real signatures, certificates with whatever is asked for.

use keyvet_cbor::Out;
use keyvet_evidence::Registration;
use keyvet_x509::{Anchor, Certificate, sha256};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SigningKey,
};

use crate::altered::{Object, encode};

/// Makes registrations; every member may be changed before.
pub(crate) struct Authenticator {
    pub(crate) aaguid: [u8; 16],
    pub(crate) flags: u8,
    pub(crate) client_data: String,
    pub(crate) credential: KeyPair,
    pub(crate) credential_algorithm: i64,
    pub(crate) attestation: KeyPair,
    pub(crate) leaf: CertificateParams,
    pub(crate) root: Root,
}

/// A root with its key.
pub(crate) struct Root {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
}

impl Root {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(&[(DnType::CommonName, "home-made root")]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { params, key: p256() }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        let signed = self.params.self_signed(&self.key).unwrap();
        Certificate::parse(signed.der()).unwrap()
    }

    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::from_certificate(&self.certificate(), "given")
    }
}

impl Authenticator {
    /// One whose packed registration has nothing to complain about but an unknown model.
    pub(crate) fn new() -> Self {
        Self {
            aaguid: AAGUID,
            flags: 0x45,
            client_data: client_data("webauthn.create", "https://example.org"),
            credential: p256(),
            credential_algorithm: -7,
            attestation: p256(),
            leaf: packed_leaf(),
            root: Root::new(),
        }
    }

    pub(crate) fn auth_data(&self) -> Vec<u8> {
        [self.head().as_slice(), &self.aaguid, &[0, 16], &CREDENTIAL_ID, &self.cose_key()].concat()
    }

    /// Authenticator data without a credential.
    pub(crate) fn head(&self) -> Vec<u8> {
        [sha256(b"example.org").as_slice(), &[self.flags], &[0, 0, 0, 7]].concat()
    }

    fn cose_key(&self) -> Vec<u8> {
        let point = &self.credential.public_key_raw()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let curve = if x.len() == 32 { 1 } else { 2 };
        encode(&Out::Map(vec![
            (Out::from(1), Out::from(2)),
            (Out::from(3), Out::from(self.credential_algorithm)),
            (Out::from(-1), Out::from(curve)),
            (Out::from(-2), x.into()),
            (Out::from(-3), y.into()),
        ]))
    }

    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        [self.auth_data().as_slice(), &sha256(self.client_data.as_bytes())].concat()
    }

    pub(crate) fn leaf_der(&self) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.root.params, &self.root.key);
        self.leaf.signed_by(&self.attestation, &issuer).unwrap().der().to_vec()
    }

    /// Adds an extension to the leaf.
    pub(crate) fn extend(&mut self, oid: &[u64], value: &[u8], critical: bool) {
        let mut extension = CustomExtension::from_oid_content(oid, value.to_vec());
        extension.set_criticality(critical);
        self.leaf.custom_extensions.push(extension);
    }

    /// The AAGUID extension as it should be.
    pub(crate) fn certify_aaguid(&mut self) {
        let value = [&[0x04, 0x10], self.aaguid.as_slice()].concat();
        self.extend(&AAGUID_OID, &value, false);
    }

    pub(crate) fn packed_statement(&self) -> Out {
        let signature = self.attestation.sign(&self.signed_bytes()).unwrap();
        Out::Map(vec![
            ("alg".into(), Out::from(-7)),
            ("sig".into(), Out::Bytes(signature)),
            ("x5c".into(), Out::Array(vec![Out::Bytes(self.leaf_der())])),
        ])
    }

    pub(crate) fn packed(&self) -> Registration {
        self.registration("packed", self.packed_statement())
    }

    pub(crate) fn self_statement(&self, algorithm: i64) -> Out {
        let signature = self.credential.sign(&self.signed_bytes()).unwrap();
        Out::Map(vec![("alg".into(), Out::from(algorithm)), ("sig".into(), Out::Bytes(signature))])
    }

    pub(crate) fn none(&self) -> Registration {
        self.registration("none", Out::Map(Vec::new()))
    }

    pub(crate) fn u2f(&self) -> Registration {
        let client_data_hash = sha256(self.client_data.as_bytes());
        let rp_id_hash = sha256(b"example.org");
        let key = self.credential.public_key_raw();
        let signed = [&[0], rp_id_hash.as_slice(), &client_data_hash, &CREDENTIAL_ID, key].concat();
        let signature = self.attestation.sign(&signed).unwrap();
        let statement = Out::Map(vec![
            ("sig".into(), Out::Bytes(signature)),
            ("x5c".into(), Out::Array(vec![Out::Bytes(self.leaf_der())])),
        ]);
        self.registration("fido-u2f", statement)
    }

    pub(crate) fn registration(&self, fmt: &str, statement: Out) -> Registration {
        self.with_auth_data(fmt, statement, self.auth_data())
    }

    pub(crate) fn with_auth_data(
        &self,
        fmt: &str,
        statement: Out,
        auth_data: Vec<u8>,
    ) -> Registration {
        let object = Object { fmt: fmt.to_owned(), auth_data, statement };
        let mut registration = Registration::new(object.encode());
        registration.client_data_json = Some(self.client_data.clone().into_bytes());
        registration
    }
}

pub(crate) fn client_data(ceremony: &str, origin: &str) -> String {
    format!(r#"{{"type":"{ceremony}","challenge":"AAAA","origin":"{origin}"}}"#)
}

pub(crate) fn name(attributes: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    attributes.iter().for_each(|(kind, value)| name.push(kind.clone(), *value));
    name
}

pub(crate) fn p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

pub(crate) fn p384() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()
}

fn packed_leaf() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(&[
        (DnType::CountryName, "AA"),
        (DnType::OrganizationName, "home-made"),
        (DnType::OrganizationalUnitName, "Authenticator Attestation"),
        (DnType::CommonName, "home-made key"),
    ]);
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

pub(crate) const AAGUID: [u8; 16] = [0xa5; 16];
pub(crate) const AAGUID_OID: [u64; 10] = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
pub(crate) const CREDENTIAL_ID: [u8; 16] = [0x1d; 16];
