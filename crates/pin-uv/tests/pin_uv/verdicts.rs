//! What is accepted and what is refused, by which code (`tests/vectors/pin-uv/verdicts`).

use crate::support::{Verdict, bytes, check_folder, key, protocol, secret, text};
use std::collections::BTreeMap;

use keyvet_ctap::CoseKeyAgreement;
use keyvet_finding::Coded;
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret, Token};
use serde_json::Value;

#[test]
fn a_key_agreement_key_is_a_point_on_the_curve_with_whole_coordinates() {
    let outcome = check_folder("key-agreement", |vector| {
        let theirs = match CoseKeyAgreement::parse(&bytes(vector, "keyAgreement")) {
            Ok(theirs) => theirs,
            Err(error) => return error.kind().id,
        };
        verdict(
            [PinUvAuthProtocol::One, PinUvAuthProtocol::Two]
                .map(|protocol| SharedSecret::agree(protocol, &key(1), &theirs).map(drop))[0],
        )
    });
    let malformed = ("ctap.key-agreement-malformed", 7);
    assert_eq!(outcome, BTreeMap::from([("ok", 6), malformed, ("pin-uv.not-on-curve", 3)]));
}

#[test]
fn a_ciphertext_has_whole_blocks_and_its_initialization_vector() {
    let outcome = check_folder("ciphertext", |vector| {
        let ciphertext = bytes(vector, "ciphertext");
        let decrypted = secret(protocol(vector)).decrypt(&ciphertext);
        verdict(decrypted.map(|plaintext| assert!(plaintext.len().is_multiple_of(16))))
    });
    assert_eq!(outcome, BTreeMap::from([("ok", 4), ("pin-uv.ciphertext-length", 7)]));
}

#[test]
fn a_token_has_a_length_of_its_protocol() {
    let outcome = check_folder("token", |vector| {
        let (protocol, token) = (protocol(vector), bytes(vector, "token"));
        let secret = secret(protocol);
        let taken = verdict(Token::from_bytes(protocol, &token).map(drop));
        let received = Token::decrypt(&secret, &secret.encrypt(&token, [7; 16]));
        assert_eq!(verdict(received.map(drop)), taken);
        taken
    });
    assert_eq!(outcome, BTreeMap::from([("ok", 3), ("pin-uv.token-length", 3)]));
    let odd =
        [0, 15, 17, 31, 33].map(|len| Token::from_bytes(PinUvAuthProtocol::One, &vec![1; len]));
    assert!(odd.iter().all(Result::is_err));
}

#[test]
fn a_token_that_cannot_be_decrypted_is_refused_by_the_code_of_the_ciphertext() {
    let secret = secret(PinUvAuthProtocol::Two);
    let error = Token::decrypt(&secret, &[0; 16]).unwrap_err();
    assert_eq!(error.kind().id, "pin-uv.ciphertext-length");
}

#[test]
fn a_pin_is_counted_in_code_points_and_bounded_in_bytes() {
    let outcome = check_folder("pin", |vector| {
        let pin = Pin::new(text(vector, "pin"));
        assert_eq!(pin.code_points(), number(vector, "codePoints"), "{vector}");
        assert_eq!(pin.len_bytes(), number(vector, "bytes"), "{vector}");
        let checked = pin.check(number(vector, "minPINLength"), number(vector, "maxPINLength"));
        let sent = secret(PinUvAuthProtocol::One).new_pin_enc(&pin, [0; 16]);
        let unsendable = pin.len_bytes() > Pin::MAX_BYTES || text(vector, "pin").ends_with('\0');
        assert_eq!(sent.is_err(), unsendable, "{vector}");
        verdict(checked)
    });
    let expected = [
        ("ok", 9),
        ("pin-uv.pin-too-short", 5),
        ("pin-uv.pin-too-long", 2),
        ("pin-uv.pin-too-many-bytes", 3),
        ("pin-uv.pin-ends-in-nul", 2),
    ];
    assert_eq!(outcome, BTreeMap::from(expected));
}

#[test]
fn numbers_that_are_no_private_key_are_refused() {
    // the order of the curve, SEC 2 §2.4.2
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: [u8; 32] =
        data_encoding::HEXLOWER.decode(order.as_bytes()).unwrap().try_into().unwrap();
    for refused in [[0; 32], [0xff; 32], order] {
        let error = PlatformKey::from_bytes(refused).unwrap_err();
        assert_eq!(error.kind().id, "pin-uv.invalid-scalar");
    }
    let mut below = order;
    below[31] -= 1;
    let mut one = [0; 32];
    one[31] = 1;
    assert!([one, below].into_iter().all(|scalar| PlatformKey::from_bytes(scalar).is_ok()));
}

#[test]
fn the_first_protocol_of_the_keys_list_that_is_known_is_chosen() {
    let choose = PinUvAuthProtocol::choose;
    assert_eq!(choose(&[2, 1]), Some(PinUvAuthProtocol::Two));
    assert_eq!(choose(&[1, 2]), Some(PinUvAuthProtocol::One));
    assert_eq!(choose(&[7, 2]), Some(PinUvAuthProtocol::Two));
    assert_eq!([choose(&[]), choose(&[0, 3, u64::MAX])], [None, None]);
    let numbers = [PinUvAuthProtocol::One, PinUvAuthProtocol::Two].map(PinUvAuthProtocol::number);
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn secrets_are_not_shown() {
    let pin = Pin::new("correct horse");
    let shared = secret(PinUvAuthProtocol::Two);
    let token = Token::from_bytes(PinUvAuthProtocol::Two, &[0xab; 32]).unwrap();
    let shown = format!("{pin:?} {:?} {shared:?} {token:?}", key(1));
    assert_eq!(
        shown,
        "Pin(..) PlatformKey(..) SharedSecret { protocol: Two, .. } Token { protocol: Two, .. }"
    );
    let error = Pin::new("correct horse\0").check(4, 63).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("horse"));
}

fn verdict<E: Coded>(result: Result<(), E>) -> Verdict {
    result.map_or_else(|error| error.kind().id, |()| "ok")
}

fn number(vector: &Value, member: &str) -> usize {
    vector[member].as_u64().unwrap().try_into().unwrap()
}
