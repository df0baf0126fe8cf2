//! Responses: what is read, what is told, what is refused. Bytes are written by hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests state what they expect"
)]

use data_encoding::HEXLOWER;
use keyvet_ctap::{
    AuthenticatorData, ClientPinResponse, CoseKeyAgreement, CosePublicKey, CredProtect,
    CredentialDescriptor, CredentialManagementResponse, GetAssertionResponse,
    MakeCredentialResponse, MemberKey, RelyingParty, ResponseError, StatusCode, User, split_answer,
};
use keyvet_finding::{Coded, Finding};
use proptest::prelude::*;

fn unhex(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.split_whitespace().collect::<String>().as_bytes()).unwrap()
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(Finding::id).collect()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, ResponseError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.kind().id, error.to_string())
}

fn client_pin(hex: &str) -> Result<ClientPinResponse, ResponseError> {
    ClientPinResponse::parse(&unhex(hex))
}

fn get_assertion(hex: &str) -> Result<GetAssertionResponse, ResponseError> {
    GetAssertionResponse::parse(&unhex(hex))
}

fn management(hex: &str) -> Result<CredentialManagementResponse, ResponseError> {
    CredentialManagementResponse::parse(&unhex(hex))
}

fn make_credential(hex: &str) -> Result<MakeCredentialResponse, ResponseError> {
    MakeCredentialResponse::parse(&unhex(hex))
}

/// A COSE key with parts that a test wants to change.
fn cose_key(kty: &str, alg: &str, crv: &str, x_len: usize) -> String {
    let x = format!("58{x_len:02x}{}", "a0".repeat(x_len));
    format!("a5 01{kty} 03{alg} 20{crv} 21{x} 225820{}", "b0".repeat(32))
}

#[test]
fn an_answer_is_split_and_its_map_read() {
    let answer = unhex("00 a1 03 08");
    let (status, map) = split_answer(&answer).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ClientPinResponse::parse(map).unwrap().pin_retries, Some(8));
}

#[test]
fn every_answer_that_a_real_key_gave_is_read() {
    let client_pin = |name: &str| ClientPinResponse::parse(&recorded(name)[0]).unwrap();
    assert_eq!(client_pin("RETRIES").pin_retries, Some(8));
    assert_eq!(client_pin("PINTOKEN").pin_uv_auth_token.map(|token| token.len()), Some(16));
    assert!(client_pin("AUTHKEY").key_agreement.is_some());
    let registered = MakeCredentialResponse::parse(&recorded("CRED")[0]).unwrap();
    let data = AuthenticatorData::parse(&registered.auth_data).unwrap();
    assert_eq!((registered.fmt.as_str(), data.attested.is_some()), ("packed", true));
    let asserted = GetAssertionResponse::parse(&recorded("ASSERT")[0]).unwrap();
    assert_eq!(asserted.credential.map(|credential| credential.id.len()), Some(64));
    assert_eq!(AuthenticatorData::parse(&asserted.auth_data).unwrap().attested, None);
    assert_eq!(asserted.findings, []);
}

#[test]
fn a_real_keys_credentials_are_listed() {
    let answers = |name: &str| -> Vec<_> {
        let read = |map: &Vec<u8>| CredentialManagementResponse::parse(map).unwrap();
        recorded(name).iter().map(read).collect()
    };
    let metadata = &answers("CREDMAN_META")[0];
    assert_eq!(metadata.existing_resident_credentials_count, Some(0));
    assert_eq!(metadata.max_possible_remaining_resident_credentials_count, Some(25));
    let rps = answers("CREDMAN_RPLIST");
    assert_eq!(rps[0].total_rps, Some(3));
    let names: Vec<_> = rps.iter().filter_map(|rp| Some(rp.rp.as_ref()?.id.as_str())).collect();
    assert_eq!(names, ["yubico.com", "yubikey.org", "webauthn.dev"]);
    let credentials = answers("CREDMAN_RKLIST");
    assert_eq!(credentials.len(), 5);
    for credential in credentials {
        assert!(credential.user.is_some() && credential.credential_id.is_some());
        assert!(CosePublicKey::parse(&credential.public_key.unwrap()).is_ok());
        assert_eq!(credential.findings, []);
    }
}

/// The maps of the answers that libfido2 recorded, put together from their reports.
fn recorded(name: &str) -> Vec<Vec<u8>> {
    let text = include_str!("../../../tests/vectors/getinfo/ctaphid-frames-libfido2.json");
    let recorded: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut answers: Vec<(usize, Vec<u8>)> = Vec::new();
    for frame in recorded["frames"][format!("WIREDATA_CTAP_CBOR_{name}")].as_array().unwrap() {
        let report = unhex(frame.as_str().unwrap());
        if report[4] & 0x80 == 0 {
            answers.last_mut().unwrap().1.extend(&report[5..]);
        } else {
            let len = usize::from(u16::from_be_bytes([report[5], report[6]]));
            answers.push((len, report[7..].to_vec()));
        }
    }
    let map = |(len, answer): (usize, Vec<u8>)| {
        let (status, map) = split_answer(&answer[..len]).unwrap();
        assert_eq!(status, StatusCode::OK);
        map.to_vec()
    };
    answers.into_iter().map(map).collect()
}

#[test]
fn client_pin_answers_are_read() {
    let agreed = client_pin(&format!("a1 01 {}", cose_key("02", "3818", "01", 32))).unwrap();
    assert_eq!(agreed.key_agreement, Some(CoseKeyAgreement { x: [0xa0; 32], y: [0xb0; 32] }));
    assert_eq!(agreed.findings, []);
    let token = client_pin("a1 02 42abcd").unwrap();
    assert_eq!(token.pin_uv_auth_token, Some(vec![0xab, 0xcd]));
    let retries = client_pin("a2 03 08 04 f5").unwrap();
    assert_eq!((retries.pin_retries, retries.power_cycle_state), (Some(8), Some(true)));
    assert_eq!(client_pin("a1 05 03").unwrap().uv_retries, Some(3));
    assert_eq!(client_pin("a0").unwrap().pin_retries, None);
}

#[test]
fn counters_of_another_type_are_refused_not_guessed() {
    for (hex, told) in [
        ("a1 03 6138", "pinRetries in the response to authenticatorClientPIN, byte 2, is a text"),
        ("a1 03 20", "pinRetries in the response to authenticatorClientPIN, byte 2, is an integer"),
        (
            "a1 04 01",
            "powerCycleState in the response to authenticatorClientPIN, byte 2, is an integer",
        ),
        ("a1 05 f6", "uvRetries in the response to authenticatorClientPIN, byte 2, is null"),
        ("a1 02 a0", "pinUvAuthToken in the response to authenticatorClientPIN, byte 2, is a map"),
    ] {
        assert_eq!(refusal(client_pin(hex)), ("ctap.response-wrong-type", told.to_owned()));
    }
    let huge = client_pin("a1 03 1bffffffffffffffff").unwrap();
    assert_eq!(huge.pin_retries, Some(u64::MAX));
}

#[test]
fn key_agreement_keys_that_cannot_be_used_are_refused() {
    let cases = [
        (cose_key("01", "3818", "01", 32), "keyAgreement label 1 is 1, expected 2"),
        (cose_key("02", "3818", "02", 32), "keyAgreement label -1 is 2, expected 1"),
        (cose_key("02", "3818", "01", 31), "keyAgreement label -2 has 31 bytes, expected 32"),
        (cose_key("02", "3818", "01", 33), "keyAgreement label -2 has 33 bytes, expected 32"),
        ("a2 0102 033818".into(), "keyAgreement label -1 is missing or of the wrong type"),
        ("80".into(), "keyAgreement is an array, not a map"),
    ];
    for (key, told) in cases {
        let (id, text) = refusal(client_pin(&format!("a1 01 {key}")));
        assert_eq!(id, "ctap.key-agreement-malformed");
        assert_eq!(text, format!("response to authenticatorClientPIN: {told}"));
        assert_eq!(CoseKeyAgreement::parse(&unhex(&key)).unwrap_err().to_string(), told);
    }
}

#[test]
fn a_key_agreement_key_under_another_algorithm_is_told() {
    let es256 = client_pin(&format!("a1 01 {}", cose_key("02", "26", "01", 32))).unwrap();
    assert_eq!(ids(&es256.findings), ["ctap.key-agreement-algorithm"]);
    assert_eq!(es256.findings[0].detail(), "ES256 (-7)");
}

#[test]
fn a_key_agreement_key_is_written_as_it_is_read() {
    let key = CoseKeyAgreement { x: [0xa0; 32], y: [0xb0; 32] };
    assert_eq!(key.encode(), unhex(&cose_key("02", "3818", "01", 32)));
    assert_eq!(CoseKeyAgreement::parse(&key.encode()), Ok(key));
}

#[test]
fn make_credential_answers_are_read() {
    let response =
        make_credential("a5 01 667061636b6564 02 420102 03 a1 63616c67 26 04 f5 06 a0").unwrap();
    assert_eq!((response.fmt.as_str(), &response.auth_data[..]), ("packed", &[1, 2][..]));
    assert_eq!(response.att_stmt, unhex("a1 63616c67 26"));
    assert_eq!(response.ep_att, Some(true));
    assert_eq!(response.unsigned_extension_outputs, Some(vec![0xa0]));
    assert_eq!(response.findings, []);
    let key = make_credential(&format!("a4 01 646e6f6e65 02 40 03 a0 05 5820{}", "77".repeat(32)));
    assert_eq!(key.unwrap().large_blob_key.map(|key| key.0), Some([0x77; 32]));
}

#[test]
fn a_registration_without_one_of_its_parts_is_refused() {
    for (hex, member) in [
        ("a2 02 40 03 a0", "fmt"),
        ("a2 01 646e6f6e65 03 a0", "authData"),
        ("a2 01 667061636b6564 02 40", "attStmt"),
    ] {
        let told = format!("response to authenticatorMakeCredential has no {member}");
        assert_eq!(refusal(make_credential(hex)), ("ctap.response-missing-member", told));
    }
    let (id, _) = refusal(make_credential("a3 01 01 02 40 03 a0"));
    assert_eq!(id, "ctap.response-wrong-type");
}

/// Nitrokey's firmware leaves the statement out for who prefers `none`.
#[test]
fn no_attestation_needs_no_statement() {
    let response = make_credential("a2 01 646e6f6e65 02 40").unwrap();
    assert_eq!((response.att_stmt.as_slice(), response.findings.len()), ([0xa0].as_slice(), 0));
}

#[test]
fn optional_members_of_a_registration_of_another_type_are_told_and_kept() {
    let odd = make_credential("a6 01 646e6f6e65 02 40 03 a0 04 01 05 41ff 06 80").unwrap();
    assert_eq!(ids(&odd.findings), ["ctap.make-credential-optional-member"; 3]);
    let details: Vec<_> = odd.findings.iter().map(Finding::detail).collect();
    let expected =
        ["epAtt: an integer", "largeBlobKey: a byte string", "unsignedExtensionOutputs: an array"];
    assert_eq!(details, expected);
    assert_eq!(
        (odd.ep_att, odd.large_blob_key, odd.unsigned_extension_outputs),
        (None, None, None)
    );
    let kept = [(4, vec![0x01]), (5, vec![0x41, 0xff]), (6, vec![0x80])];
    assert_eq!(odd.unknown_members, kept.map(|(key, raw)| (MemberKey::Int(key), raw)));
}

#[test]
fn get_assertion_answers_are_read() {
    let response = get_assertion(
        "a6 01 a2 626964 4133 6474797065 6a7075626c69632d6b6579 02 420102 03 4199
            04 a3 626964 4122 646e616d65 616e 6b646973706c61794e616d65 6144 05 02 06 f5",
    )
    .unwrap();
    assert_eq!(response.credential, Some(CredentialDescriptor::new([0x33])));
    assert_eq!((response.auth_data, response.signature), (vec![1, 2], vec![0x99]));
    let user = User { id: vec![0x22], name: Some("n".into()), display_name: Some("D".into()) };
    assert_eq!(response.user, Some(user));
    assert_eq!((response.number_of_credentials, response.user_selected), (Some(2), Some(true)));
    assert_eq!(response.findings, []);
    let short = get_assertion("a2 02 40 03 40").unwrap();
    assert_eq!((short.credential, short.user), (None, None));
}

#[test]
fn assertions_that_cannot_be_used_are_refused() {
    for (hex, told) in [
        ("a1 02 40", "response to authenticatorGetAssertion has no signature"),
        ("a1 03 40", "response to authenticatorGetAssertion has no authData"),
        ("a3 01 a0 02 40 03 40", "response to authenticatorGetAssertion has no id"),
        ("a3 02 40 03 40 04 a0", "response to authenticatorGetAssertion has no id"),
    ] {
        assert_eq!(refusal(get_assertion(hex)), ("ctap.response-missing-member", told.to_owned()));
    }
    for (hex, told) in [
        (
            "a3 01 80 02 40 03 40",
            "credential in the response to authenticatorGetAssertion, byte 2, is an array",
        ),
        (
            "a3 02 40 03 40 07 4100",
            "largeBlobKey in the response to authenticatorGetAssertion has 1 bytes, expected 32",
        ),
        (
            "a3 02 40 03 40 05 f5",
            "numberOfCredentials in the response to authenticatorGetAssertion, byte 6, is a truth value",
        ),
        (
            "a2 02 60 03 40",
            "authData in the response to authenticatorGetAssertion, byte 2, is a text",
        ),
    ] {
        assert_eq!(refusal(get_assertion(hex)), ("ctap.response-wrong-type", told.to_owned()));
    }
}

#[test]
fn a_credential_of_another_type_is_told() {
    let password =
        get_assertion("a3 01 a2 626964 4133 6474797065 6870617373776f7264 02 40 03 40").unwrap();
    assert_eq!(ids(&password.findings), ["ctap.response-credential-type"]);
    assert_eq!(password.findings[0].detail(), "password");
    let none = get_assertion("a3 01 a1 626964 4133 02 40 03 40").unwrap();
    assert_eq!(ids(&none.findings), ["ctap.response-credential-type"]);
}

#[test]
fn credential_management_answers_are_read() {
    let metadata = management("a2 01 02 02 1818").unwrap();
    assert_eq!(metadata.existing_resident_credentials_count, Some(2));
    assert_eq!(metadata.max_possible_remaining_resident_credentials_count, Some(24));
    let rp =
        management(&format!("a3 03 a1 626964 63612e62 04 5820{} 05 01", "5a".repeat(32))).unwrap();
    assert_eq!((rp.rp, rp.rp_id_hash), (Some(RelyingParty::new("a.b")), Some([0x5a; 32])));
    assert_eq!(rp.total_rps, Some(1));
    let credential = management(
        "a6 06 a1 626964 4122 07 a2 626964 4133 6474797065 6a7075626c69632d6b6579 08 a1 0102 09 01 0a 03 0c f5",
    )
    .unwrap();
    assert_eq!(credential.user, Some(User::new([0x22])));
    assert_eq!(credential.credential_id, Some(CredentialDescriptor::new([0x33])));
    assert_eq!(credential.public_key, Some(unhex("a1 0102")));
    assert_eq!(credential.total_credentials, Some(1));
    assert_eq!(credential.cred_protect, Some(CredProtect::UV_REQUIRED));
    assert_eq!(credential.third_party_payment, Some(true));
}

#[test]
fn credential_management_members_of_another_type_are_refused() {
    for hex in [
        "a1 01 20",
        "a1 03 a1 626964 01",
        "a1 04 41ff",
        "a1 06 a1 626964 6161",
        "a1 07 40",
        "a1 08 40",
        "a1 0a 61 33",
        "a1 0b 40",
    ] {
        assert_eq!(refusal(management(hex)).0, "ctap.response-wrong-type", "{hex}");
    }
    assert_eq!(refusal(management("a1 03 a0")).0, "ctap.response-missing-member");
}

#[test]
fn success_without_a_map_is_refused() {
    let told = "authenticatorClientPIN answered success without its map";
    assert_eq!(refusal(client_pin("")), ("ctap.response-malformed", told.to_owned()));
    let errors = [
        refusal(make_credential("")),
        refusal(get_assertion("80")),
        refusal(management("a1 01")),
        refusal(get_assertion("a2 02 40 03 40 00")),
        refusal(client_pin("a2 03 08 03 07")),
        refusal(client_pin("bf 03 08 ff")),
    ];
    assert!(errors.iter().all(|(id, _)| *id == "ctap.response-malformed"), "{errors:#?}");
}

#[test]
fn unknown_members_are_kept_and_told() {
    let odd = client_pin("a3 03 08 18 40 f5 61 78 01").unwrap();
    assert_eq!(odd.pin_retries, Some(8));
    let kept = [(MemberKey::Int(0x40), vec![0xf5]), (MemberKey::Text("x".into()), vec![0x01])];
    assert_eq!(odd.unknown_members, kept);
    assert_eq!(ids(&odd.findings), ["ctap.response-unknown-member"; 2]);
    assert_eq!(odd.findings[0].detail(), "authenticatorClientPIN: 64");
    let many: String = (0..40).map(|n| format!("18{:02x} f5 ", 0x40 + n)).collect();
    let many = client_pin(&format!("b828 {many}")).unwrap();
    assert_eq!((many.unknown_members.len(), many.findings.len()), (40, 8));
}

#[test]
fn departures_from_canonical_form_are_told() {
    let odd = client_pin("a2 04 f4 03 1808").unwrap();
    assert_eq!(odd.pin_retries, Some(8));
    assert_eq!(ids(&odd.findings), ["ctap.cbor-key-order", "ctap.cbor-non-minimal"]);
    assert_eq!(odd.findings[0].detail(), "authenticatorClientPIN response 0x03, byte 3");
}

#[test]
fn large_blob_keys_are_not_shown() {
    let key = get_assertion(&format!("a3 02 40 03 40 07 5820{}", "77".repeat(32))).unwrap();
    assert!(format!("{key:?}").contains("LargeBlobKey(..)"));
    assert_eq!(key.large_blob_key.map(|key| key.0), Some([0x77; 32]));
}

proptest! {
    #[test]
    fn no_response_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        members in prop::collection::vec((0_u8..0x0e, prop::collection::vec(any::<u8>(), 1..12)), 0..6),
    ) {
        let map: Vec<u8> = std::iter::once(0xa0 | u8::try_from(members.len()).unwrap())
            .chain(members.into_iter().flat_map(|(key, value)| [vec![key], value].concat()))
            .collect();
        for input in [bytes, map] {
            let _ = split_answer(&input);
            let _ = MakeCredentialResponse::parse(&input);
            let _ = GetAssertionResponse::parse(&input);
            let _ = ClientPinResponse::parse(&input);
            let _ = CredentialManagementResponse::parse(&input);
            let _ = CoseKeyAgreement::parse(&input);
        }
    }
}
