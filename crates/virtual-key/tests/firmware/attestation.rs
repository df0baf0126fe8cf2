//! What signs the attestation statement.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use ciborium::Value;
use keyvet_ctap::{Aaguid, AuthenticatorData, MakeCredentialResponse};
use keyvet_virtual_key::fixtures::{Authority, LeafOptions, TestKey};
use keyvet_virtual_key::{Attestation, Firmware, KeyOptions, StartError, VirtualKey};

use crate::BOTH;
use crate::host::{CLIENT_DATA_HASH, Host, make_credential, number};

const MODEL: [u8; 16] = [0xaa; 16];

#[test]
fn a_batch_certificate_comes_back_and_its_key_signs() {
    for firmware in BOTH {
        let leaf = Leaf::new(MODEL, 0);
        let mut host = Host::start(options(firmware, leaf.batch()));
        assert_eq!(host.get_info().aaguid, Some(Aaguid(MODEL)), "{firmware}");
        let made = Made::by(&mut host, &[]);
        assert_eq!(made.x5c, Some(vec![leaf.certificate.clone()]), "{firmware}");
        assert_eq!(made.aaguid(), Aaguid(MODEL), "{firmware}");
        assert!(made.is_signed_by(&leaf.public), "{firmware}");
    }
}

#[test]
fn without_a_certificate_the_attestation_is_the_credentials_own() {
    for firmware in BOTH {
        let made = Made::by(&mut Host::start(KeyOptions::new(firmware.clone())), &[]);
        assert_eq!(made.x5c, None, "{firmware}");
        let public = made.credential_key();
        assert!(made.is_signed_by(&public), "{firmware}");
    }
}

#[test]
fn opensk_takes_an_aaguid_that_the_certificate_does_not_have() {
    let leaf = Leaf::new([0xbb; 16], 0);
    let mut options = options(&Firmware::OpenSk, leaf.batch());
    options.aaguid = Some(Aaguid(MODEL));
    let made = Made::by(&mut Host::start(options), &[]);
    assert_eq!(made.aaguid(), Aaguid(MODEL));
    assert!(made.is_signed_by(&leaf.public));
}

#[test]
fn fido_authenticator_refuses_an_aaguid_that_the_certificate_does_not_have() {
    let mut options = options(&Firmware::FidoAuthenticator, Leaf::new([0xbb; 16], 0).batch());
    options.aaguid = Some(Aaguid(MODEL));
    let refused = VirtualKey::start(options).unwrap_err();
    assert!(matches!(refused, StartError::Unsupported { .. }), "{refused}");
}

#[test]
fn fido_authenticator_cuts_a_certificate_after_1024_bytes() {
    let leaf = Leaf::new(MODEL, 1100);
    assert!(leaf.certificate.len() > 1024);
    let made = Made::by(&mut Host::start(options(&Firmware::FidoAuthenticator, leaf.batch())), &[]);
    assert_eq!(made.x5c, Some(vec![leaf.certificate[..1024].to_vec()]));
}

#[test]
fn opensk_sends_a_long_certificate_whole() {
    let leaf = Leaf::new(MODEL, 3000);
    let made = Made::by(&mut Host::start(options(&Firmware::OpenSk, leaf.batch())), &[]);
    assert_eq!(made.x5c, Some(vec![leaf.certificate]));
}

#[test]
fn opensk_gives_enterprise_attestation_when_it_is_asked_for() {
    let leaf = Leaf::new(MODEL, 0);
    let mut host = Host::start(options(&Firmware::OpenSk, leaf.enterprise()));
    let made = Made::by(&mut host, &[(10, number(2))]);
    assert_eq!(made.x5c, Some(vec![leaf.certificate.clone()]));
    assert_eq!(made.response.ep_att, Some(true));
    assert!(made.is_signed_by(&leaf.public));
    let made = Made::by(&mut host, &[]);
    assert_eq!((made.x5c, made.response.ep_att), (None, None));
}

#[test]
fn opensk_refuses_enterprise_attestation_while_it_is_off() {
    let mut options = options(&Firmware::OpenSk, Leaf::new(MODEL, 0).enterprise());
    options.enterprise_enabled = false;
    let mut host = Host::start(options);
    assert_eq!(host.cbor(&make_credential(&[(10, number(2))])), Err(0x02));
}

#[test]
fn fido_authenticator_has_no_enterprise_attestation() {
    let refused =
        VirtualKey::start(options(&Firmware::FidoAuthenticator, Leaf::new(MODEL, 0).enterprise()));
    assert!(matches!(refused, Err(StartError::Unsupported { .. })));
    let mut host = Host::start(KeyOptions::new(Firmware::FidoAuthenticator));
    assert_eq!(host.cbor(&make_credential(&[(10, number(1))])), Err(0x02));
}

#[test]
fn the_same_seed_makes_the_same_credentials_and_another_seed_others() {
    for firmware in BOTH {
        let credential = |seed| {
            let options = KeyOptions { seed, ..KeyOptions::new(firmware.clone()) };
            Made::by(&mut Host::start(options), &[]).response.auth_data
        };
        assert_eq!(credential(7), credential(7), "{firmware}");
        assert_ne!(credential(7), credential(8), "{firmware}");
    }
}

fn options(firmware: &Firmware, attestation: Attestation) -> KeyOptions {
    KeyOptions { attestation, ..KeyOptions::new(firmware.clone()) }
}

/// A certificate of at least `min_len` bytes and its key.
struct Leaf {
    certificate: Vec<u8>,
    key: [u8; 32],
    public: Vec<u8>,
}

impl Leaf {
    fn new(aaguid: [u8; 16], min_len: usize) -> Self {
        let options = LeafOptions { min_len, ..LeafOptions::of(Aaguid(aaguid)) };
        let leaf = Authority::new("firmware").leaf(&options);
        let public = TestKey::from_scalar(&leaf.key).unwrap().point().to_vec();
        Self { certificate: leaf.certificate, key: leaf.key, public }
    }

    fn batch(&self) -> Attestation {
        Attestation::Batch { certificate: self.certificate.clone(), key: self.key }
    }

    fn enterprise(&self) -> Attestation {
        Attestation::Enterprise { certificate: self.certificate.clone(), key: self.key }
    }
}

/// What a key made.
struct Made {
    response: MakeCredentialResponse,
    x5c: Option<Vec<Vec<u8>>>,
    signature: Vec<u8>,
}

impl Made {
    fn by(host: &mut Host, more: &[(i64, Value)]) -> Self {
        let answer = host.cbor(&make_credential(more)).unwrap();
        let response = MakeCredentialResponse::parse(&answer).unwrap();
        assert_eq!(response.fmt.to_string(), "packed");
        let statement: Value = ciborium::from_reader(response.att_stmt.as_slice()).unwrap();
        let member = |name: &str| {
            let members = statement.as_map().unwrap();
            members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
        };
        let x5c = member("x5c").map(|chain| {
            chain.as_array().unwrap().iter().map(|der| der.as_bytes().unwrap().clone()).collect()
        });
        let signature = member("sig").unwrap().as_bytes().unwrap().clone();
        Self { response, x5c, signature }
    }

    fn data(&self) -> AuthenticatorData {
        AuthenticatorData::parse(&self.response.auth_data).unwrap()
    }

    fn aaguid(&self) -> Aaguid {
        self.data().attested.unwrap().aaguid
    }

    /// The public point of the credential, uncompressed.
    fn credential_key(&self) -> Vec<u8> {
        let data = self.data().attested.unwrap();
        let key: Value = ciborium::from_reader(data.public_key_bytes.as_slice()).unwrap();
        let coordinate = |label| {
            let members = key.as_map().unwrap();
            let found = members.iter().find(|(key, _)| *key == number(label)).unwrap();
            found.1.as_bytes().unwrap().clone()
        };
        [vec![4], coordinate(-2), coordinate(-3)].concat()
    }

    fn is_signed_by(&self, public: &[u8]) -> bool {
        let signed = [self.response.auth_data.as_slice(), &CLIENT_DATA_HASH].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
        public.verify(&signed, &self.signature).is_ok()
    }
}
