//! The files that registrations come in: every recorded one, every form, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use std::{fs, path::Path};

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use keyvet_evidence::{
    ClientData, DeviceRecord, EvidenceError, Form, JudgedBy, MAX_LEN, Registration, read, write,
};
use keyvet_finding::Coded;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read_json(json: &Value) -> Result<Registration, EvidenceError> {
    read(json.to_string().as_bytes())
}

fn vector(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(path)).unwrap()
}

fn full() -> Registration {
    let json = json!({
        "schema": "keyvet.evidence/1",
        "attestationObject": "oWNmbXRkbm9uZQ",
        "clientDataJSON": "e30",
        "getInfo": "oA",
        "credentialId": "AQI",
        "transport": "nfc",
        "time": "2026-11-22T19:00:00Z",
        "client": {"name": "keyvet", "version": "0.1.0"},
        "requestedAlgorithms": [-7, -257],
        "rpId": "login.example.com",
        "request": "AaA",
        "answer": "AKA",
        "device": {"name": "hid:/dev/hidraw3", "product": "Key", "usb": "1050:0407"},
        "judgedBy": {
            "at": "2026-11-22T19:00:01Z",
            "metadataNo": 291,
            "metadataSha256": EMPTY_SHA256,
            "policySha256": EMPTY_SHA256,
        },
    });
    read_json(&json).unwrap()
}

/// SHA-256 of nothing.
const EMPTY_SHA256: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

#[test]
fn every_recorded_file_is_read_with_its_client_data() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/attestation");
    let mut records = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let Ok(record) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let Some(object) = record["attestationObject"].as_str() else { continue };
        records += 1;
        let registration = read(&bytes).unwrap();
        assert_eq!(BASE64URL_NOPAD.encode(&registration.attestation_object), object, "{path:?}");
        assert_eq!(
            (registration.form, registration.credential_id),
            (Form::Plain, None),
            "{path:?}"
        );
        let Some(data) = registration.client_data_json else { continue };
        let data = ClientData::parse(&data).unwrap();
        assert!(!data.origin.is_empty(), "{path:?}");
    }
    assert_eq!(records, 113);
}

#[test]
fn an_evidence_file_is_read_member_by_member() {
    let registration = full();
    assert_eq!(registration.attestation_object, b"\xa1cfmtdnone");
    assert_eq!(registration.client_data_json.as_deref(), Some(&b"{}"[..]));
    assert_eq!(registration.get_info.as_deref(), Some(&[0xa0][..]));
    assert_eq!(registration.credential_id.as_deref(), Some(&[1, 2][..]));
    assert_eq!(registration.transport.as_deref(), Some("nfc"));
    assert_eq!(registration.time.as_deref(), Some("2026-11-22T19:00:00Z"));
    assert_eq!(registration.client.as_ref().map(|client| client.name.as_str()), Some("keyvet"));
    assert_eq!(registration.requested_algorithms, [-7, -257]);
    assert_eq!(registration.rp_id.as_deref(), Some("login.example.com"));
    assert_eq!(registration.request.as_deref(), Some(&[1, 0xa0][..]));
    assert_eq!(registration.answer.as_deref(), Some(&[0, 0xa0][..]));
    let device = registration.device.unwrap();
    assert_eq!((device.name.as_deref(), device.serial), (Some("hid:/dev/hidraw3"), None));
    let judged_by = registration.judged_by.unwrap();
    assert_eq!(judged_by.metadata_no, Some(291));
    assert_eq!(judged_by.metadata_sha256, judged_by.policy_sha256);
    assert_eq!(registration.form, Form::Evidence);
}

#[test]
fn what_a_registration_was_judged_by_is_of_the_right_type_or_refused() {
    let judged_by = |value: Value| {
        read_json(
            &json!({"schema": "keyvet.evidence/1", "attestationObject": "oA", "judgedBy": value}),
        )
        .unwrap_err()
    };
    for wrong in [json!({"metadataNo": -1}), json!({"policySha256": "AQI"}), json!([])] {
        assert_eq!(judged_by(wrong.clone()).kind().id, "evidence.wrong-type", "{wrong}");
    }
}

#[test]
fn a_written_file_has_these_bytes_and_reads_back_the_same() {
    let expected = r#"{
  "schema": "keyvet.evidence/1",
  "time": "2026-11-22T19:00:00Z",
  "client": {
    "name": "keyvet",
    "version": "0.1.0"
  },
  "judgedBy": {
    "at": "2026-11-22T19:00:01Z",
    "metadataNo": 291,
    "metadataSha256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    "policySha256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
  },
  "transport": "nfc",
  "device": {
    "name": "hid:/dev/hidraw3",
    "product": "Key",
    "usb": "1050:0407"
  },
  "rpId": "login.example.com",
  "requestedAlgorithms": [
    -7,
    -257
  ],
  "credentialId": "AQI",
  "clientDataJSON": "e30",
  "getInfo": "oA",
  "request": "AaA",
  "answer": "AKA",
  "attestationObject": "oWNmbXRkbm9uZQ"
}
"#;
    assert_eq!(write(&full()), expected);
    assert_eq!(read(write(&full()).as_bytes()).unwrap(), full());
}

#[test]
fn a_hash_stands_in_for_client_data_and_must_agree_with_it() {
    let empty_object = "RBNvo1WzZ4oRRq0W9-hknpT7T8Iflq50C_9OoqEJ3XM";
    let with_hash = |data: Option<&str>, hash: &str| {
        read_json(
            &json!({"schema": "keyvet.evidence/1", "attestationObject": "oA", "clientDataJSON": data, "clientDataHash": hash}),
        )
    };
    // SHA-256 of "{}"
    let hash = "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o";
    let hash_only = with_hash(None, hash).unwrap();
    assert_eq!(hash_only.client_data_hash(), hash_only.client_data_hash);
    assert_eq!(
        with_hash(Some("e30"), hash).unwrap().client_data_hash(),
        hash_only.client_data_hash()
    );
    assert_eq!(
        with_hash(Some("e30"), empty_object).unwrap_err().kind().id,
        "evidence.client-data-hash"
    );
    assert_eq!(with_hash(None, "AAAA").unwrap_err().kind().id, "evidence.client-data-hash");
}

#[test]
fn browser_and_service_forms_are_read_with_their_credential_id() {
    let response = json!({"attestationObject": "oA", "clientDataJSON": "e30"});
    let credential = json!({"id": "AQI", "rawId": "AQI", "type": "public-key", "response": response, "clientExtensionResults": {}});
    let graph =
        json!({"displayName": "key", "id": "not base64!", "publicKeyCredential": credential});
    let flat = json!({"publicKeyCredential": {"id": "AQI", "attestationObject": "oA", "clientDataJSON": "e30"}});
    for json in [credential.clone(), graph, flat, json!({"credential": credential})] {
        let registration = read_json(&json).unwrap();
        assert_eq!(registration.form, Form::RegistrationResponse, "{json}");
        assert_eq!(registration.credential_id.as_deref(), Some(&[1, 2][..]), "{json}");
        assert_eq!(registration.attestation_object, [0xa0]);
        assert_eq!(registration.client_data_json.as_deref(), Some(&b"{}"[..]));
    }
}

#[test]
fn the_documented_service_request_is_read() {
    let registration = read(&vector("entra/samples/fido2method-create-request-v1.json")).unwrap();
    assert_eq!(registration.form, Form::RegistrationResponse);
    let data = ClientData::parse(registration.client_data_json.as_deref().unwrap()).unwrap();
    assert_eq!(
        (data.ceremony.as_str(), data.host()),
        ("webauthn.create", Some("login.microsoftonline.com"))
    );
    let placeholder = read(&vector("entra/samples/external-id-activate-request.json")).unwrap_err();
    assert!(matches!(placeholder, EvidenceError::NotBase64 { offset: 0, .. }), "{placeholder}");
}

#[test]
fn other_entra_samples_have_no_attestation_object() {
    for name in ["fido2-policy-get-legacy.json", "creation-options-doc-v1.json"] {
        let error = read(&vector(&format!("entra/samples/{name}"))).unwrap_err();
        assert_eq!(error, EvidenceError::NoAttestationObject, "{name}");
    }
}

#[test]
fn base64_of_every_dialect_is_read() {
    let object = [0xfb, 0xff, 0xfe, 0xa0];
    for text in [BASE64.encode(&object), BASE64URL.encode(&object), BASE64URL_NOPAD.encode(&object)]
    {
        let registration = read_json(&json!({"attestationObject": text})).unwrap();
        assert_eq!(registration.attestation_object, object, "{text}");
    }
}

#[test]
fn a_raw_attestation_object_is_told_by_its_first_byte() {
    let registration = read(&[0xa3, 0x01]).unwrap();
    assert_eq!((registration.form, registration.attestation_object), (Form::Raw, vec![0xa3, 0x01]));
}

#[test]
fn a_byte_order_mark_and_white_space_are_skipped() {
    let registration = read(b"\xef\xbb\xbf\r\n {\"attestationObject\": \"oA\"}\n").unwrap();
    assert_eq!(registration.attestation_object, [0xa0]);
}

#[test]
fn what_is_not_one_registration_is_refused_with_its_reason() {
    let cases: [(&[u8], &str, &str); 18] = [
        (b"", "evidence.not-recognised", "the file is empty"),
        (b" \n", "evidence.not-recognised", "the file is empty"),
        (b"\x80", "evidence.not-recognised", "begins with byte 0x80: neither a JSON object nor a CBOR map"),
        (b"o2NmbXQ", "evidence.not-recognised", "begins with byte 0x6f: neither a JSON object nor a CBOR map"),
        (b"[{\"attestationObject\": \"oA\"}]", "evidence.several-registrations", "several registrations in one file: the file is a JSON array"),
        (b"{} {}", "evidence.not-json", "not JSON at line 1, column 4: trailing characters"),
        (b"{\n\"a\": }", "evidence.not-json", "not JSON at line 2, column 6: expected value"),
        (b"{}", "evidence.no-attestation-object", "no attestationObject, neither at the top nor in response or publicKeyCredential"),
        (b"{\"attestationObject\": null}", "evidence.no-attestation-object", "no attestationObject, neither at the top nor in response or publicKeyCredential"),
        (b"{\"attestationObject\": 1}", "evidence.wrong-type", "attestationObject is not a text"),
        (b"{\"attestationObject\": \"\"}", "evidence.wrong-type", "attestationObject is empty"),
        (b"{\"attestationObject\": \"o*\"}", "evidence.not-base64", "attestationObject is not base64 at character 1: a character outside the alphabet"),
        (b"{\"attestationObject\": \"oA\", \"attestationObject\": \"oQ\"}", "evidence.duplicate-member", "attestationObject is there twice"),
        (b"{\"attestationObject\": \"oA\", \"clientDataJSON\": \"e30\", \"clientDataJSON\": \"e30\"}", "evidence.duplicate-member", "clientDataJSON is there twice"),
        (b"{\"attestationObject\": \"oA\", \"response\": {\"attestationObject\": \"oQ\"}}", "evidence.several-registrations", "several registrations in one file: attestationObject on more than one level"),
        (b"{\"schema\": \"keyvet.evidence/2\"}", "evidence.unknown-schema", "schema \"keyvet.evidence/2\" is not \"keyvet.evidence/1\""),
        (b"{\"schema\": \"keyvet.evidence/1\"}", "evidence.no-attestation-object", "no attestationObject, neither at the top nor in response or publicKeyCredential"),
        (b"{\"schema\": \"keyvet.evidence/1\", \"attestationObject\": \"oA\", \"requestedAlgorithms\": [\"ES256\"]}", "evidence.wrong-type", "requestedAlgorithms is not an array of integers"),
    ];
    for (bytes, id, text) in cases {
        let error = read(bytes).unwrap_err();
        assert_eq!((error.kind().id, error.to_string().as_str()), (id, text), "{bytes:?}");
    }
}

#[test]
fn size_and_nesting_are_bounded() {
    let long = vec![b'{'; MAX_LEN + 1];
    assert_eq!(read(&long).unwrap_err().kind().id, "evidence.too-long");
    let deep = ["{\"a\":".repeat(100_000), "[".repeat(100_000)].concat();
    assert_eq!(read(deep.as_bytes()).unwrap_err().kind().id, "evidence.not-json");
}

proptest! {
    #[test]
    fn any_registration_survives_a_file(
        object in prop::collection::vec(any::<u8>(), 1..80),
        data in prop::option::of(prop::collection::vec(any::<u8>(), 0..80)),
        info in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
        transport in prop::option::of(".{0,12}"),
        algorithms in prop::collection::vec(any::<i64>(), 0..4),
        client in (".{0,12}", prop::option::of(".{0,12}")),
        answer in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
        product in prop::option::of(".{0,12}"),
        judged_by in prop::option::of((0..=i64::MAX.cast_unsigned(), any::<[u8; 32]>())),
    ) {
        let mut registration = Registration::new(object).with_client(&client.0, client.1.as_deref());
        registration.client_data_json = data;
        registration.get_info = info;
        registration.transport = transport;
        registration.requested_algorithms = algorithms;
        registration.request.clone_from(&answer);
        registration.answer = answer;
        let mut device = DeviceRecord::default();
        device.product = product;
        registration.device = Some(device);
        registration.judged_by = judged_by.map(|(no, hash)| {
            let mut judged_by = JudgedBy::default();
            (judged_by.metadata_no, judged_by.policy_sha256) = (Some(no), Some(hash));
            judged_by
        });
        prop_assert_eq!(read(write(&registration).as_bytes()).unwrap(), registration);
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[{}\\[\\]\":,a-c0-9 \\\\]{0,60}") {
        let _ = read(&bytes);
        let _ = read(text.as_bytes());
        let _ = read(format!("{{\"attestationObject\": {text}}}").as_bytes());
        let _ = ClientData::parse(&bytes);
        let _ = ClientData::parse(text.as_bytes());
    }
}
