//! Known answers from other implementations (`tests/vectors/pin-uv/answers`), through the public API.
//!
//! The common point and the keys made of it are private; they are compared in `src/shared_secret.rs`.

use crate::support::{array, bytes, point, protocol, text, vectors};
use data_encoding::HEXLOWER;
use keyvet_ctap::{AuthenticatorConfig, CredentialManagement, SetMinPinLength};
use keyvet_pin_uv::{Pin, PlatformKey, SharedSecret, Token};
use serde_json::Value;

#[test]
fn every_answer_is_the_one_that_others_computed() {
    let mut answers = 0;
    for (name, vector) in with_key_pairs() {
        let secret = secret_of(&vector);
        for answer in vector["answers"].as_array().unwrap() {
            let ours = HEXLOWER.encode(&compute(&secret, answer));
            assert_eq!(ours, text(answer, "is"), "{name}: {answer}");
            answers += 1;
        }
    }
    assert_eq!(answers, 30, "a vector was lost or one is new");
}

#[test]
fn public_keys_and_both_sides_secrets_agree() {
    let mut both_sides = 0;
    for (name, vector) in with_key_pairs() {
        assert_eq!(ours(&vector).public(), point(&vector["oursPublic"]), "{name}");
        let Some(theirs) = vector.get("theirsPrivate") else { continue };
        let scalar = HEXLOWER.decode(theirs.as_str().unwrap().as_bytes()).unwrap();
        let theirs = PlatformKey::from_bytes(scalar.try_into().unwrap()).unwrap();
        assert_eq!(theirs.public(), point(&vector["theirs"]), "{name}");
        let other =
            SharedSecret::agree(protocol(&vector), &theirs, &ours(&vector).public()).unwrap();
        assert_eq!(other.authenticate(b"m"), secret_of(&vector).authenticate(b"m"), "{name}");
        both_sides += 1;
    }
    assert_eq!(both_sides, 2);
}

#[test]
fn a_mac_with_one_bit_changed_or_cut_is_refused() {
    for (name, vector) in with_key_pairs() {
        let secret = secret_of(&vector);
        for answer in vector["answers"].as_array().unwrap() {
            let (Some(_), Ok(param)) =
                (answer.get("message"), HEXLOWER.decode(text(answer, "is").as_bytes()))
            else {
                continue;
            };
            let message = bytes(answer, "message");
            let verify = |param: &[u8]| match answer.get("token") {
                Some(_) => token_of(&secret, answer).verify(&message, param),
                None => secret.verify(&message, param),
            };
            assert!(verify(&param), "{name}: {answer}");
            assert!(!verify(&param[..param.len() / 2]), "{name}: half of the MAC passes: {answer}");
            let mut flipped = param;
            *flipped.last_mut().unwrap() ^= 1;
            assert!(!verify(&flipped), "{name}: {answer}");
            assert!(!verify(&[]), "{name}: {answer}");
        }
    }
}

#[test]
fn requests_name_the_bytes_that_the_vectors_authenticate() {
    let cases = [
        (
            "credentialManagement getCredsMetadata",
            CredentialManagement::GetCredsMetadata.auth_message(),
        ),
        (
            "credentialManagement enumerateCredentialsBegin, rpIDHash 32 x 5a",
            CredentialManagement::EnumerateCredentialsBegin { rp_id_hash: [0x5a; 32] }
                .auth_message(),
        ),
        (
            "authenticatorConfig enableEnterpriseAttestation",
            AuthenticatorConfig::EnableEnterpriseAttestation.auth_message(),
        ),
        ("authenticatorConfig toggleAlwaysUv", AuthenticatorConfig::ToggleAlwaysUv.auth_message()),
        (
            "authenticatorConfig setMinPINLength, newMinPINLength 16",
            AuthenticatorConfig::SetMinPinLength(SetMinPinLength {
                new_min_pin_length: Some(16),
                ..SetMinPinLength::default()
            })
            .auth_message(),
        ),
    ];
    let answers: Vec<Value> = with_key_pairs()
        .into_iter()
        .flat_map(|(_, vector)| vector["answers"].as_array().unwrap().clone())
        .collect();
    for (what, message) in cases {
        let found: Vec<_> = answers.iter().filter(|answer| answer["what"] == what).collect();
        assert!(!found.is_empty(), "{what}");
        assert!(found.iter().all(|answer| bytes(answer, "message") == message), "{what}");
    }
}

fn with_key_pairs() -> Vec<(String, Value)> {
    vectors("answers").into_iter().filter(|(_, vector)| vector.get("ours").is_some()).collect()
}

fn ours(vector: &Value) -> PlatformKey {
    PlatformKey::from_bytes(array(vector, "ours")).unwrap()
}

fn secret_of(vector: &Value) -> SharedSecret {
    SharedSecret::agree(protocol(vector), &ours(vector), &point(&vector["theirs"])).unwrap()
}

fn compute(secret: &SharedSecret, answer: &Value) -> Vec<u8> {
    let pin = || Pin::new(text(answer, "pin"));
    let iv = answer.get("iv").map_or([0; 16], |_| array(answer, "iv"));
    match text(answer, "does") {
        "pinHash" => pin().hash().to_vec(),
        "pinHashEnc" => secret.pin_hash_enc(&pin(), iv),
        "newPinEnc" => secret.new_pin_enc(&pin(), iv).unwrap(),
        "encrypt" => secret.encrypt(&bytes(answer, "plaintext"), iv),
        "decrypt" => secret.decrypt(&bytes(answer, "ciphertext")).unwrap().to_vec(),
        "authenticate" => secret.authenticate(&bytes(answer, "message")),
        "tokenAuthenticate" => token_of(secret, answer).authenticate(&bytes(answer, "message")),
        other => panic!("{other} is not known here"),
    }
}

/// The token on the way that a client gets it.
fn token_of(secret: &SharedSecret, answer: &Value) -> Token {
    Token::decrypt(secret, &secret.encrypt(&bytes(answer, "token"), [0x33; 16])).unwrap()
}
