//! One root, four batch certificates and 200 packed ES256 registrations, the same bytes on every run.
//!
//! Every key is SHA-256 of a label, every signature is deterministic (RFC 6979), every date is fixed.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType,
    IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData, SerialNumber, date_time_ymd,
};
use sha2::{Digest, Sha256};

/// Everything is derived from this.
pub const SEED: &str = "keyvet-benches/1";
/// The relying party of every registration.
pub const RP_ID: &str = "bench.keyvet.example";
/// Its origin.
pub const ORIGIN: &str = "https://bench.keyvet.example";
/// The model all batch certificates name.
pub const AAGUID: [u8; 16] = *b"keyvet-bench-key";
/// How many batch certificates there are.
pub const BATCHES: usize = 4;
/// How many registrations there are.
pub const REGISTRATIONS: usize = 200;

/// The whole set.
pub struct Fixtures {
    /// DER of the root.
    pub root: Vec<u8>,
    /// DER of each batch certificate.
    pub leaves: Vec<Vec<u8>>,
    /// The registrations, batches taking turns.
    pub registrations: Vec<Fixture>,
}

/// One registration and the parts a raw verification needs.
pub struct Fixture {
    /// Index into [`Fixtures::leaves`].
    pub leaf: usize,
    /// What the relying party sent.
    pub challenge: [u8; 32],
    /// Credential id.
    pub credential_id: [u8; 32],
    /// As the browser would send it.
    pub client_data_json: Vec<u8>,
    /// As the browser would send it.
    pub attestation_object: Vec<u8>,
    /// Signed bytes: `authData || SHA-256(clientDataJSON)`.
    pub message: Vec<u8>,
    /// DER signature over them.
    pub signature: Vec<u8>,
    /// Authenticator data.
    pub auth_data: Vec<u8>,
}

struct Key {
    signing: SigningKey,
    point: Vec<u8>,
}

impl Fixtures {
    /// Makes the set; takes about a second.
    pub fn generate() -> Self {
        let root_key = Key::derive("root");
        let root_params = root_params();
        let root = root_params.self_signed(&root_key).expect("fixed parameters are accepted");
        let issuer = Issuer::new(root_params, root_key);
        let keys: Vec<Key> = (0..BATCHES).map(|n| Key::derive(&format!("batch/{n}"))).collect();
        let leaves: Vec<Vec<u8>> =
            (0..BATCHES).map(|n| leaf(n, &keys[n], &issuer).der().to_vec()).collect();
        let registrations = (0..REGISTRATIONS)
            .map(|n| registration(n, n % BATCHES, &keys[n % BATCHES], &leaves[n % BATCHES]))
            .collect();
        Self { root: root.der().to_vec(), leaves, registrations }
    }
}

impl Fixture {
    /// `RegistrationResponseJSON`, as a browser makes it.
    pub fn response_json(&self) -> serde_json::Value {
        serde_json::json!({
            "id": BASE64URL_NOPAD.encode(&self.credential_id),
            "rawId": BASE64URL_NOPAD.encode(&self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "attestationObject": BASE64URL_NOPAD.encode(&self.attestation_object),
                "clientDataJSON": BASE64URL_NOPAD.encode(&self.client_data_json),
                "transports": ["usb"],
            },
        })
    }
}

impl Key {
    fn derive(label: &str) -> Self {
        let signing = SigningKey::from_slice(&derive(label)).expect("a hash is a scalar below n");
        let point = VerifyingKey::from(&signing).to_encoded_point(false).as_bytes().to_vec();
        Self { signing, point }
    }

    fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        let signature: DerSignature = self.signing.sign(message);
        signature.as_bytes().to_vec()
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.sign_der(message))
    }
}

fn derive(label: &str) -> [u8; 32] {
    Sha256::digest(format!("{SEED}/{label}")).into()
}

fn root_params() -> CertificateParams {
    let mut params = params("Bench Root", "root", None);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn leaf(n: usize, key: &Key, issuer: &Issuer<'_, Key>) -> Certificate {
    let name = format!("Bench Key Batch {n}");
    let mut params = params(&name, &format!("batch/{n}"), Some("Authenticator Attestation"));
    params.is_ca = IsCa::ExplicitNoCa;
    let mut aaguid = vec![0x04, 0x10];
    aaguid.extend_from_slice(&AAGUID);
    params
        .custom_extensions
        .push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], aaguid));
    params.signed_by(key, issuer).expect("fixed parameters are accepted")
}

fn params(name: &str, label: &str, unit: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params.serial_number = Some(SerialNumber::from_slice(&derive(label)[..8]));
    params.key_identifier_method = KeyIdMethod::PreSpecified(derive(label)[..20].to_vec());
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "SE");
    params.distinguished_name.push(DnType::OrganizationName, "keyvet benches");
    if let Some(unit) = unit {
        params.distinguished_name.push(DnType::OrganizationalUnitName, unit);
    }
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn registration(n: usize, leaf: usize, batch: &Key, certificate: &[u8]) -> Fixture {
    let challenge = derive(&format!("challenge/{n}"));
    let credential_id = derive(&format!("credential-id/{n}"));
    let credential = Key::derive(&format!("credential/{n}"));
    let client_data_json = format!(
        r#"{{"type":"webauthn.create","challenge":"{}","origin":"{ORIGIN}","crossOrigin":false}}"#,
        BASE64URL_NOPAD.encode(&challenge)
    )
    .into_bytes();
    let auth_data = auth_data(&credential_id, &credential.point);
    let mut message = auth_data.clone();
    message.extend_from_slice(&Sha256::digest(&client_data_json));
    let signature = batch.sign_der(&message);
    let attestation_object = attestation_object(&signature, certificate, &auth_data);
    Fixture {
        leaf,
        challenge,
        credential_id,
        client_data_json,
        attestation_object,
        message,
        signature,
        auth_data,
    }
}

fn auth_data(credential_id: &[u8; 32], point: &[u8]) -> Vec<u8> {
    let mut out = Sha256::digest(RP_ID).to_vec();
    out.push(0x45); // UP, UV, AT
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend_from_slice(&AAGUID);
    out.extend_from_slice(&[0, 32]);
    out.extend_from_slice(credential_id);
    out.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
    out.extend_from_slice(&point[1..33]);
    out.extend_from_slice(&[0x22, 0x58, 0x20]);
    out.extend_from_slice(&point[33..65]);
    out
}

/// Canonical CBOR by hand: the fixture must not depend on the encoder it is used to judge.
fn attestation_object(signature: &[u8], certificate: &[u8], auth_data: &[u8]) -> Vec<u8> {
    let mut out = vec![0xa3];
    out.extend_from_slice(b"\x63fmt\x66packed\x67attStmt\xa3\x63alg\x26\x63sig");
    bytes(&mut out, signature);
    out.extend_from_slice(b"\x63x5c\x81");
    bytes(&mut out, certificate);
    out.extend_from_slice(b"\x68authData");
    bytes(&mut out, auth_data);
    out
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    match u8::try_from(value.len()) {
        Ok(len @ 0..24) => out.push(0x40 | len),
        Ok(len) => out.extend_from_slice(&[0x58, len]),
        Err(_) => {
            out.push(0x59);
            let len = u16::try_from(value.len()).expect("fixtures are small");
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    out.extend_from_slice(value);
}
