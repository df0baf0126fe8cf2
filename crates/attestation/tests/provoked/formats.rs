//! What only one format can get wrong.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use keyvet_attestation::Statement;
use keyvet_cbor::Out;
use keyvet_evidence::Registration;
use keyvet_x509::sha256;
use rcgen::SigningKey;

use crate::altered::{Object, altered};
use crate::authenticator::{Authenticator, p384};
use crate::cases::{Case, record};

pub(crate) fn cases() -> Vec<Case> {
    [packed(), u2f(), tpm(), android_key(), safetynet(), apple(), none(), compound()].concat()
}

fn packed() -> Vec<Case> {
    let authenticator = Authenticator::new();
    let alone = authenticator.registration("packed", authenticator.self_statement(-7));
    let other = authenticator.registration("packed", authenticator.self_statement(-257));
    let ecdaa = altered("packed-003", |object| object.set("ecdaaKeyId", Out::Bytes(vec![1])));
    let named = |fmt: &str| authenticator.registration(fmt, Out::Map(Vec::new()));
    let unsupported = |id, registration| Case::new(id, Statement::Unsupported, registration);
    vec![
        Case::valid("attestation.self-attestation", alone),
        Case::valid("attestation.self-attestation", record("packed-003")),
        Case::invalid("attestation.self-algorithm-mismatch", other),
        unsupported("attestation.ecdaa-unsupported", ecdaa),
        unsupported("attestation.format-unsupported", named("apple-appattest")),
        unsupported("attestation.format-unsupported", named("\u{1b}[31m")),
    ]
}

fn u2f() -> Vec<Case> {
    let certified = Authenticator { attestation: p384(), ..Authenticator::new() };
    let mut credential = Authenticator { credential: p384(), ..Authenticator::new() };
    credential.credential_algorithm = -35;
    vec![
        Case::valid("attestation.u2f-aaguid-not-zero", Authenticator::new().u2f()),
        Case::valid("attestation.u2f-aaguid-not-zero", record("fido-u2f-013")),
        Case::invalid("attestation.u2f-certificate-count", record("negative-008")),
        Case::invalid("attestation.u2f-certificate-key", certified.u2f()),
        Case::invalid("attestation.credential-key-invalid", credential.u2f()),
    ]
}

fn tpm() -> Vec<Case> {
    let change = |change: fn(&mut Object)| altered("tpm-002", change);
    let leaf = Authenticator::new().leaf_der();
    let other_leaf = altered("tpm-002", |object| object.x5c()[0] = Out::Bytes(leaf));
    let structure = "attestation.tpm-structure";
    vec![
        Case::invalid("attestation.tpm-version", change(|object| object.set("ver", "1.2".into()))),
        Case::invalid(structure, change(|object| object.bytes("certInfo").push(0))),
        Case::invalid(structure, change(|object| object.bytes("pubArea").truncate(20))),
        Case::invalid(
            "attestation.tpm-not-certify",
            change(|object| object.bytes("certInfo")[0] ^= 1),
        ),
        Case::invalid("attestation.tpm-extra-data", record("negative-012")),
        Case::invalid(
            "attestation.tpm-name-mismatch",
            change(|object| object.bytes("pubArea")[7] ^= 1),
        ),
        Case::invalid("attestation.credential-key-mismatch", change(other_credential)),
        Case::valid("attestation.tpm-clock-safe", record("tpm-009")),
        Case::invalid("attestation.aik-subject", other_leaf.clone()),
        Case::invalid("attestation.aik-alternative-name", other_leaf.clone()),
        Case::invalid("attestation.aik-key-purpose", other_leaf),
    ]
}

/// Changes a byte of the public key that the TPM describes.
fn other_credential(object: &mut Object) {
    let last = object.bytes("pubArea").last_mut().unwrap();
    *last ^= 1;
}

fn android_key() -> Vec<Case> {
    let tee = |purpose: u8, origin: u8| {
        vec![0xa1, 5, 0x31, 3, 2, 1, purpose, 0xbf, 0x85, 0x3e, 3, 2, 1, origin]
    };
    let open = [tee(2, 0), vec![0xbf, 0x84, 0x58, 2, 5, 0]].concat();
    let other_key = Authenticator { attestation: p384(), ..Authenticator::new() };
    let without = Authenticator::new();
    let no_description = without.registration("android-key", without.packed_statement());
    let (id, valid) = ("attestation.android-software-key", Case::valid);
    vec![
        Case::invalid("attestation.key-description", no_description),
        Case::invalid("attestation.android-challenge", android(1, &tee(2, 0), b"other")),
        Case::invalid("attestation.android-all-applications", android(1, &open, b"")),
        Case::invalid("attestation.android-origin", android(1, &tee(2, 2), b"")),
        Case::invalid("attestation.android-purpose", android(1, &tee(3, 0), b"")),
        valid("attestation.android-unstated", android(1, &[], b"")),
        valid("attestation.android-unstated", record("android-key-005")),
        valid(id, android(0, &tee(2, 0), b"")),
        Case::invalid(
            "attestation.credential-key-mismatch",
            other_key.registration("android-key", other_key.packed_statement()),
        ),
    ]
}

/// An android-key registration whose key description has this hardware list; `challenge` empty means the right one.
fn android(level: u8, hardware: &[u8], challenge: &[u8]) -> Registration {
    let mut authenticator = Authenticator::new();
    let hash = sha256(authenticator.client_data.as_bytes());
    let challenge = if challenge.is_empty() { hash.as_slice() } else { challenge };
    let members = [
        [2, 1, 4, 10, 1, level, 2, 1, 41, 10, 1, level].to_vec(),
        element(0x04, challenge),
        element(0x04, &[]),
        element(0x30, &[]),
        element(0x30, hardware),
    ];
    let description = element(0x30, &members.concat());
    authenticator.extend(&[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17], &description, false);
    // the certificate is for the credential key itself
    std::mem::swap(&mut authenticator.attestation, &mut authenticator.credential);
    let key = rcgen::KeyPair::try_from(authenticator.attestation.serialize_der()).unwrap();
    authenticator.credential = key;
    authenticator.registration("android-key", authenticator.packed_statement())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}

fn safetynet() -> Vec<Case> {
    let response = "attestation.safetynet-response";
    let malformed = |bytes: &[u8]| {
        let registration =
            altered("android-safetynet-003", |object| object.set("response", bytes.into()));
        Case::new(response, Statement::Malformed, registration)
    };
    vec![
        Case::valid("attestation.safetynet-retired", record("android-safetynet-003")),
        malformed(b"a.b"),
        malformed(b"\xff.\xff.\xff"),
        malformed(b"e30.e30.AAAA"),
        Case::invalid("attestation.safetynet-nonce", record("android-safetynet-004")),
        Case::invalid("attestation.safetynet-profile", record("android-safetynet-005")),
        Case::invalid("attestation.safetynet-host", foreign_safetynet()),
    ]
}

/// A genuine answer under a certificate for somebody else.
fn foreign_safetynet() -> Registration {
    altered("android-safetynet-003", |object| {
        let text = String::from_utf8(object.bytes("response").clone()).unwrap();
        let (_, rest) = text.split_once('.').unwrap();
        let leaf = BASE64.encode(&Authenticator::new().leaf_der());
        let header =
            BASE64URL_NOPAD.encode(format!(r#"{{"alg":"RS256","x5c":["{leaf}"]}}"#).as_bytes());
        object.set("response", format!("{header}.{rest}").as_bytes().into());
    })
}

fn apple() -> Vec<Case> {
    let leaf = Authenticator::new().leaf_der();
    let without = altered("apple-001", |object| object.x5c()[0] = Out::Bytes(leaf));
    vec![
        Case::invalid("attestation.apple-nonce-missing", without),
        Case::invalid("attestation.apple-nonce-mismatch", record("apple-002")),
        Case::invalid("attestation.apple-nonce-mismatch", record("negative-020")),
        Case::valid("attestation.ceremony-time-unknown", record("apple-001")),
    ]
}

fn none() -> Vec<Case> {
    vec![
        Case::valid("attestation.no-attestation", record("none-001")),
        Case::invalid("attestation.none-not-empty", record("negative-015")),
    ]
}

fn compound() -> Vec<Case> {
    let authenticator = Authenticator::new();
    let part = |fmt: &str, statement: Out| {
        Out::Map(vec![("fmt".into(), fmt.into()), ("attStmt".into(), statement)])
    };
    let packed = || part("packed", authenticator.packed_statement());
    let alone = || part("packed", authenticator.self_statement(-7));
    let of = |parts: Vec<Out>| authenticator.registration("compound", Out::Array(parts));
    let unsigned = |mut statement: Out| {
        if let Out::Map(pairs) = &mut statement {
            pairs[1].1 = Out::Bytes(authenticator.credential.sign(b"other").unwrap());
        }
        statement
    };
    let nested = part("compound", Out::Array(vec![packed(), alone()]));
    let structure = "attestation.compound-structure";
    vec![
        Case::valid("attestation.compound-part", of(vec![packed(), alone()])),
        Case::invalid(
            "attestation.compound-part",
            of(vec![packed(), part("packed", unsigned(authenticator.self_statement(-7)))]),
        ),
        Case::new(
            "attestation.compound-part",
            Statement::Unsupported,
            of(vec![packed(), part("x", Out::Null)]),
        ),
        Case::invalid("attestation.compound-too-few", of(vec![packed()])),
        Case::invalid(structure, of(vec![packed(), nested])),
        Case::invalid(structure, of(vec![alone(); 9])),
    ]
}
