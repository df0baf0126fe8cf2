//! Who judges the 200 registrations. Each does all of them once and panics when one is refused: speed at the wrong
//! answer is not compared.

use crate::fixtures::{AAGUID, Fixture, Fixtures, ORIGIN, RP_ID};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use keyvet_attestation::{Context, Statement, Trust, assess};
use keyvet_ctap::Aaguid;
use keyvet_evidence::Registration;
use keyvet_mds::{Catalogue, Entry};
use keyvet_x509::LeafMemory;
use std::collections::BTreeMap;
use std::time::Duration;
use webauthn_attestation_ca::{AttestationCaList, AttestationCaListBuilder};
use webauthn_rs_core::WebauthnCore;

use webauthn_rs_core::proto::{RegisterPublicKeyCredential, RegistrationState};
use x509_parser::prelude::{FromDer, X509Certificate};

/// One raw verification a registration: SHA-256 and ECDSA P-256 of aws-lc-rs, key and message ready.
pub struct Raw<'a> {
    set: &'a Fixtures,
    keys: Vec<Vec<u8>>,
}

impl<'a> Raw<'a> {
    /// Takes the keys out of the batch certificates.
    pub fn new(set: &'a Fixtures) -> Self {
        Self { set, keys: set.leaves.iter().map(|der| public_key(&certificate(der))).collect() }
    }

    /// All registrations.
    pub fn all(&self) {
        for one in &self.set.registrations {
            verify(&self.keys[one.leaf], &one.message, &one.signature);
        }
    }
}

/// The floor of the work with a chain: the least parsing there can be and two raw verifications.
pub struct Floor<'a> {
    set: &'a Fixtures,
    root_key: Vec<u8>,
}

impl<'a> Floor<'a> {
    /// Takes the key out of the root.
    pub fn new(set: &'a Fixtures) -> Self {
        Self { set, root_key: public_key(&certificate(&set.root)) }
    }

    /// All registrations: parse, statement, leaf by root.
    pub fn all(&self) {
        for one in &self.set.registrations {
            let (signature, der, auth_data) = parts(&one.attestation_object);
            let leaf = certificate(der);
            let message = message(auth_data, &one.client_data_json);
            verify(&public_key(&leaf), &message, signature);
            verify(&self.root_key, leaf.tbs_certificate.as_ref(), &leaf.signature_value.data);
        }
    }

    /// All registrations: parse, statement.
    pub fn parse_and_one(&self) {
        for one in &self.set.registrations {
            let (signature, der, auth_data) = parts(&one.attestation_object);
            let message = message(auth_data, &one.client_data_json);
            verify(&public_key(&certificate(der)), &message, signature);
        }
    }
}

/// keyvet's whole assessment against a catalogue with this model: statement, profile, AAGUID, chain, metadata status.
pub struct Keyvet {
    catalogue: Catalogue,
    registrations: Vec<Registration>,
}

impl Keyvet {
    /// Makes the catalogue and the registrations as a file would give them.
    pub fn new(set: &Fixtures) -> Self {
        let mut entry = Entry::default();
        entry.aaguid = Some(Aaguid(AAGUID));
        entry.description = Some("bench".into());
        entry.protocol_family = keyvet_mds::ProtocolFamily("fido2".into());
        entry.anchors = vec![set.root.clone()];
        let day = time::Date::from_ordinal_date(2030, 1).expect("a day");
        let catalogue = Catalogue::danger_from_entries(1, day, vec![entry]);
        let registrations = set
            .registrations
            .iter()
            .map(|one| {
                keyvet_evidence::read(one.response_json().to_string().as_bytes())
                    .expect("keyvet reads the response")
            })
            .collect();
        Self { catalogue, registrations }
    }

    /// All registrations, every chain searched.
    pub fn all(&self) {
        for registration in &self.registrations {
            self.one(registration, None);
        }
    }

    /// All registrations with a memory for their leaves, which is empty at the first call only.
    pub fn remembering(&self, memory: &mut LeafMemory) {
        for registration in &self.registrations {
            self.one(registration, Some(memory));
        }
    }

    fn one(&self, registration: &Registration, memory: Option<&mut LeafMemory>) {
        let at = time::OffsetDateTime::from_unix_timestamp(1_767_225_600).expect("2026");
        let mut context = Context::new(Some(&self.catalogue), at);
        context.memory = memory;
        let assessment = assess(registration, &mut context);
        assert_eq!(assessment.statement, Statement::Valid);
        assert_eq!(assessment.trust, Trust::Anchored);
    }
}

/// webauthn-rs-core's whole ceremony with the root in its list.
pub struct WebauthnRs {
    core: WebauthnCore,
    cas: AttestationCaList,
    work: Vec<(RegisterPublicKeyCredential, RegistrationState)>,
}

impl WebauthnRs {
    /// Prepares a ceremony for each registration.
    pub fn new(set: &Fixtures) -> Self {
        let origin = ORIGIN.parse().expect("the origin is a URL");
        let timeout = Duration::from_secs(60);
        let core = WebauthnCore::new_unsafe_experts_only(
            "bench",
            RP_ID,
            vec![origin],
            timeout,
            None,
            None,
        );
        let mut cas = AttestationCaListBuilder::new();
        let model = uuid::Uuid::from_bytes(AAGUID);
        cas.insert_device_der(&set.root, model, "bench".into(), BTreeMap::new())
            .expect("the root is read");
        let work =
            set.registrations.iter().map(|one| (credential(one), state(&core, one))).collect();
        Self { core, cas: cas.build(), work }
    }

    /// All registrations.
    pub fn all(&self) {
        for (credential, state) in &self.work {
            self.core
                .register_credential(credential, state, Some(&self.cas))
                .expect("webauthn-rs accepts the registration");
        }
    }
}

fn credential(one: &Fixture) -> RegisterPublicKeyCredential {
    serde_json::from_value(one.response_json()).expect("webauthn-rs reads the response")
}

/// The state of a ceremony with the registration's own challenge.
fn state(core: &WebauthnCore, one: &Fixture) -> RegistrationState {
    let builder = core.new_challenge_register_builder(b"user", "user", "user").expect("named");
    let (_, state) = core.generate_challenge_register(builder).expect("a challenge");
    let mut json = serde_json::to_value(&state).expect("the state is serialisable");
    json["challenge"] = BASE64URL_NOPAD.encode(&one.challenge).into();
    serde_json::from_value(json).expect("the state is deserialisable")
}

/// `sig`, `x5c[0]` and `authData`, by position: the fixtures are all written alike.
fn parts(object: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mut cbor = minicbor::Decoder::new(object);
    let mut read = || -> Result<_, minicbor::decode::Error> {
        cbor.map()?;
        cbor.str()?; // fmt
        cbor.str()?;
        cbor.str()?; // attStmt
        cbor.map()?;
        cbor.str()?; // alg
        cbor.i32()?;
        cbor.str()?; // sig
        let signature = cbor.bytes()?;
        cbor.str()?; // x5c
        cbor.array()?;
        let leaf = cbor.bytes()?;
        cbor.str()?; // authData
        Ok((signature, leaf, cbor.bytes()?))
    };
    read().expect("the fixtures are written this way")
}

fn certificate(der: &[u8]) -> X509Certificate<'_> {
    let (_, certificate) = X509Certificate::from_der(der).expect("the fixtures are certificates");
    certificate
}

fn public_key(certificate: &X509Certificate<'_>) -> Vec<u8> {
    certificate.public_key().subject_public_key.data.to_vec()
}

fn message(auth_data: &[u8], client_data_json: &[u8]) -> Vec<u8> {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, client_data_json);
    [auth_data, hash.as_ref()].concat()
}

fn verify(key: &[u8], message: &[u8], signature: &[u8]) {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(message, signature)
        .expect("the fixture verifies");
}
