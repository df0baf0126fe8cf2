//! Authenticator data made part by part, and each part broken in turn.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use data_encoding::HEXLOWER;
use keyvet_ctap::{
    AuthenticatorData, AuthenticatorDataError, CoseAlgorithm, CredProtect, HmacSecret, KeyMaterial,
};
use keyvet_finding::Coded;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

fn data(flags: u8, rest: &[u8]) -> Vec<u8> {
    [&[0xaa; 32][..], &[flags], &[0, 0, 1, 0], rest].concat()
}

fn attested(credential_id: &[u8], key: &[u8]) -> Vec<u8> {
    let len = u16::try_from(credential_id.len()).unwrap().to_be_bytes();
    [&[0x11; 16][..], &len, credential_id, key].concat()
}

fn es256() -> Vec<u8> {
    hex(&format!("a5 0102 0326 2001 215820 {} 225820 {}", "0a".repeat(32), "0b".repeat(32)))
}

fn with_key(key: &str) -> Result<AuthenticatorData, AuthenticatorDataError> {
    AuthenticatorData::parse(&data(0x41, &attested(b"id", &hex(key))))
}

#[test]
fn all_parts_are_read() {
    let extensions =
        hex("a3 6b6372656450726f74656374 03 6b686d61632d736563726574 f5 617801").to_vec();
    let bytes = data(0xc5, &[attested(b"id", &es256()), extensions].concat());
    let data = AuthenticatorData::parse(&bytes).unwrap();
    assert_eq!((data.rp_id_hash, data.sign_count), ([0xaa; 32], 256));
    let flags = data.flags;
    assert_eq!(
        [flags.up(), flags.uv(), flags.be(), flags.bs(), flags.at(), flags.ed()],
        [true, true, false, false, true, true]
    );
    let attested = data.attested.unwrap();
    assert_eq!((attested.aaguid.0, attested.credential_id), ([0x11; 16], b"id".to_vec()));
    assert_eq!(attested.public_key.alg, Some(CoseAlgorithm::ES256));
    assert_eq!(attested.public_key_bytes, es256());
    let outputs = data.extensions.unwrap();
    assert_eq!(outputs.cred_protect, Some(CredProtect::UV_REQUIRED));
    assert_eq!(outputs.hmac_secret, Some(HmacSecret::Created(true)));
    assert_eq!(outputs.unknown.len(), 1);
    // "x" sorts before the longer names
    assert_eq!(data.findings.iter().map(|f| f.id()).collect::<Vec<_>>(), ["ctap.cbor-key-order"]);
}

#[test]
fn every_cut_is_refused() {
    let whole = data(0xc1, &[attested(b"id", &es256()), hex("a0")].concat());
    assert!(AuthenticatorData::parse(&whole).is_ok());
    for len in 0..whole.len() {
        let error = AuthenticatorData::parse(&whole[..len]).unwrap_err();
        assert_eq!(error.kind().id, "ctap.authenticator-data-malformed", "{len}");
    }
}

#[test]
fn left_over_bytes_are_refused() {
    let start = 37;
    for (flags, rest) in [(0x01, &b"x"[..]), (0x81, b"\xa0\xa0")] {
        let error = AuthenticatorData::parse(&data(flags, rest)).unwrap_err();
        assert!(matches!(error, AuthenticatorDataError::LeftOver { len: 1, .. }), "{error}");
        assert!(error.to_string().contains(&format!("byte {}", start + rest.len() - 1)), "{error}");
    }
}

#[test]
fn flags_that_contradict_or_mean_nothing_are_told() {
    let error = AuthenticatorData::parse(&data(0x11, &[])).unwrap_err();
    assert_eq!(error.kind().id, "ctap.backed-up-not-eligible");
    assert!(AuthenticatorData::parse(&data(0x19, &[])).is_ok());
    let reserved = AuthenticatorData::parse(&data(0x23, &[])).unwrap();
    assert_eq!(reserved.findings[0].to_string(), "ctap.reserved-flags: 0x22");
}

#[test]
fn a_long_credential_identifier_is_told() {
    let long = AuthenticatorData::parse(&data(0x41, &attested(&[7; 1024], &es256()))).unwrap();
    assert_eq!(long.findings[0].to_string(), "ctap.credential-id-too-long: 1024 bytes");
    let right = AuthenticatorData::parse(&data(0x41, &attested(&[7; 1023], &es256()))).unwrap();
    assert_eq!(right.findings, []);
}

#[test]
fn extensions_that_are_not_a_map_are_refused_and_odd_values_kept() {
    let not_a_map = AuthenticatorData::parse(&data(0x81, &hex("80"))).unwrap_err();
    assert_eq!(not_a_map, AuthenticatorDataError::ExtensionsNotAMap { start: 37 });
    let odd = AuthenticatorData::parse(&data(0x81, &hex("a2 01 02 6b6372656450726f74656374 f5")))
        .unwrap();
    let outputs = odd.extensions.unwrap();
    assert_eq!((outputs.cred_protect, outputs.unknown.len()), (None, 2));
    let ids: Vec<_> = odd.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        ids,
        [
            "ctap.extension-output-type: 1: an integer",
            "ctap.extension-output-type: credProtect: a truth value"
        ]
    );
}

#[test]
fn keys_of_every_supported_type_are_read() {
    let rsa = format!("a4 0103 03390100 20590100 {} 2143010001", "cd".repeat(256));
    let okp = format!("a4 0101 0327 2006 215820 {}", "ab".repeat(32));
    let ed448 = format!("a4 0101 033834 2007 215839 {}", "ab".repeat(57));
    let p521 = format!("a5 0102 033823 2003 215842 {0} 225842 {0}", "01".repeat(66));
    let akp = format!("a3 0107 03382f 20590520 {}", "ef".repeat(1312));
    for key in [rsa, okp, ed448, p521, akp] {
        let data = with_key(&key).unwrap();
        assert_eq!(data.findings, [], "{key}");
        let material = data.attested.unwrap().public_key.material;
        assert!(!matches!(material, KeyMaterial::Other { .. }), "{key}");
    }
}

#[test]
fn unknown_key_types_and_algorithms_are_kept() {
    let odd_type = with_key("a2 0118ff 0326").unwrap().attested.unwrap();
    assert_eq!(odd_type.public_key.material, KeyMaterial::Other { kty: Some(255) });
    // RFC 9052 §7.1 lets a key type be a text
    let text_type = with_key("a2 016145 0326").unwrap().attested.unwrap();
    assert_eq!(text_type.public_key.material, KeyMaterial::Other { kty: None });
    // alg -30000 is registered by nobody
    let odd_alg = format!("a5 0102 0339752f 2001 215820 {0} 225820 {0}", "0a".repeat(32));
    let odd_alg = with_key(&odd_alg).unwrap().attested.unwrap().public_key;
    assert_eq!(
        (odd_alg.alg, odd_alg.material),
        (Some(CoseAlgorithm(-30000)), KeyMaterial::Other { kty: Some(2) })
    );
}

#[test]
fn broken_keys_are_refused() {
    let cases = [
        ("80".into(), "public key is not a map"),
        ("a1 0326".into(), "public key label 1 is missing or not an integer"),
        ("a2 0102 0361 78".into(), "public key label 3 is missing or not an integer"),
        (
            format!("a4 0102 0326 2001 215820 {}", "0a".repeat(32)),
            "public key label -3 is missing or of the wrong type",
        ),
        (
            format!("a5 0102 0326 2001 215820 {0} 22f5", "0a".repeat(32)),
            "public key label -3 is missing or of the wrong type",
        ),
        (
            format!("a5 0102 0326 2001 21581f {} 225820 {}", "0a".repeat(31), "0b".repeat(32)),
            "public key label -2 has 31 bytes, expected 32",
        ),
        (
            "a4 0103 03390100 2040 2143010001".into(),
            "RSA public key label -1 has 0 bytes, expected 1 to 2048",
        ),
        ("a3 0107 03382f 2041aa".into(), "public key label -1 has 1 bytes, expected 1312"),
    ];
    for (key, expected) in cases {
        let error = with_key(&key).unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
        assert_eq!(error.kind().id, "ctap.cose-key-malformed");
    }
    let twice = with_key("a3 0102 0102 0326").unwrap_err();
    assert!(matches!(twice, AuthenticatorDataError::PublicKeyCbor { start: 57, .. }), "{twice}");
}

#[test]
fn an_algorithm_on_the_wrong_curve_or_absent_is_told() {
    let es256_on_p384 = format!("a5 0102 0326 2002 215830 {0} 225830 {0}", "0a".repeat(48));
    let mismatch = with_key(&es256_on_p384).unwrap();
    assert_eq!(
        mismatch.findings[0].to_string(),
        "ctap.cose-key-algorithm-mismatch: ES256 (-7) with an EC2 key on curve 2"
    );
    let without = format!("a4 0102 2001 215820 {0} 225820 {0}", "0a".repeat(32));
    assert_eq!(with_key(&without).unwrap().findings[0].id(), "ctap.cose-key-without-algorithm");
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), flags in any::<u8>()) {
        let _ = AuthenticatorData::parse(&bytes);
        let _ = AuthenticatorData::parse(&data(flags, &bytes));
        let _ = AuthenticatorData::parse(&data(flags | 0x40, &attested(b"", &bytes)));
        let _ = keyvet_ctap::AttestationObject::parse(&bytes);
        let _ = keyvet_ctap::GetInfo::parse(&bytes);
        let _ = keyvet_ctap::CosePublicKey::parse(&bytes);
    }
}
