//! getInfo answers of real keys, and of 347 metadata entries.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use keyvet_ctap::{Aaguid, GetInfo};
use serde_json::{Map, Value, json};

const ANSWERS: &str = include_str!("../../../tests/vectors/getinfo/getinfo-cbor.json");
const METADATA: &str = include_str!("../../../tests/vectors/getinfo/mds-no291-getinfo.json");

fn records(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn findings(info: &GetInfo) -> Vec<String> {
    info.findings.iter().map(ToString::to_string).collect()
}

fn parse_hex(hex: &str) -> GetInfo {
    GetInfo::parse(&HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap()
}

#[test]
fn recorded_answers_are_read_member_by_member() {
    let answers = records(ANSWERS);
    assert_eq!(answers.len(), 10);
    for answer in answers {
        let info = parse_hex(answer["cbor"].as_str().unwrap());
        let ours: Map<String, Value> = by_key(&info);
        let theirs: Map<String, Value> = answer["decoded"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key.clone(), as_shown(key, value)))
            .collect();
        assert_eq!(ours, theirs, "{}", answer["name"]);
    }
}

/// Members and unknown members under their keys in decimal, as the record has them.
fn by_key(info: &GetInfo) -> Map<String, Value> {
    let named = info.members().into_iter().map(|(name, value)| (key_of(name).to_string(), value));
    named.chain(info.unknown_members_as_json()).collect()
}

fn as_shown(key: &str, value: &Value) -> Value {
    let Some(hex) = value.as_str().and_then(|text| text.strip_prefix("h:")) else {
        return value.clone();
    };
    match key {
        "3" => json!(hex.parse::<Aaguid>().unwrap().to_string()),
        "28" => json!(String::from_utf8(HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap()),
        _ => json!(hex),
    }
}

#[test]
fn every_metadata_object_is_read_and_shown_as_it_was_written() {
    let entries = records(METADATA);
    assert_eq!(entries.len(), 347);
    for entry in entries {
        let written = entry["getInfo"].as_object().unwrap();
        let info = GetInfo::from_metadata_json(&entry["getInfo"]).unwrap();
        let shown: Map<String, Value> =
            info.members().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let expected: Map<String, Value> = written
            .iter()
            .map(|(name, value)| (name.clone(), as_metadata_means(name, value)))
            .collect();
        assert_eq!(shown, expected, "{}", entry["description"]);
        assert_eq!(info.unknown_members, []);
    }
}

fn as_metadata_means(name: &str, value: &Value) -> Value {
    match (name, value.as_str()) {
        ("aaguid", Some(text)) => json!(text.parse::<Aaguid>().unwrap().to_string()),
        ("pinComplexityPolicyURL", Some(hex)) => {
            json!(String::from_utf8(HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap())
        }
        _ => value.clone(),
    }
}

#[test]
fn entries_whose_get_info_names_another_model_are_counted() {
    let other = records(METADATA).into_iter().filter(|entry| {
        let info = GetInfo::from_metadata_json(&entry["getInfo"]).unwrap();
        info.aaguid.map(|aaguid| aaguid.to_string()).as_deref() != entry["aaguid"].as_str()
    });
    // "YubiKey 5 Series with NFC Preview": its getInfo holds the AAGUID of YubiKey Bio.
    assert_eq!(other.count(), 1);
}

#[test]
fn oddities_of_the_metadata_objects_are_counted() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in records(METADATA) {
        let info = GetInfo::from_metadata_json(&entry["getInfo"]).unwrap();
        findings(&info).into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
    }
    let counts: Vec<(&str, usize)> =
        counts.iter().map(|(text, count)| (text.as_str(), *count)).collect();
    let expected = [
        ("ctap.get-info.contradiction: extension credBlob without maxCredBlobLength", 3),
        ("ctap.get-info.contradiction: maxCredBlobLength without extension credBlob", 1),
        ("ctap.get-info.contradiction: option largeBlobs without maxSerializedLargeBlobArray", 2),
        ("ctap.get-info.contradiction: option pinUvAuthToken without pinUvAuthProtocols", 2),
        ("ctap.get-info.contradiction: options alwaysUv and makeCredUvNotRqd are both true", 2),
        ("ctap.get-info.empty-list: pinUvAuthProtocols", 2),
        ("ctap.get-info.out-of-range: maxMsgSize is 1000, at least 1024", 1),
        ("ctap.get-info.out-of-range: maxMsgSize is 510, at least 1024", 9),
        ("ctap.get-info.out-of-range: maxMsgSize is 512, at least 1024", 1),
        ("ctap.get-info.out-of-range: maxMsgSize is 629, at least 1024", 1),
        ("ctap.get-info.out-of-range: maxMsgSize is 640, at least 1024", 1),
        ("ctap.get-info.out-of-range: maxMsgSize is 860, at least 1024", 1),
        ("ctap.get-info.out-of-range: maxMsgSize is 896, at least 1024", 4),
        ("ctap.get-info.unknown-transport: NFC", 12),
        ("ctap.get-info.unknown-transport: USB", 12),
        ("ctap.get-info.unknown-transport: lightning", 8),
        ("ctap.get-info.unknown-transport: wireless", 4),
        ("ctap.get-info.unknown-version: FIDO_2_2", 9),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn oddities_of_the_recorded_answers_are_these() {
    let all: Vec<Vec<String>> = records(ANSWERS)
        .iter()
        .map(|answer| findings(&parse_hex(answer["cbor"].as_str().unwrap())))
        .collect();
    let unknown = ["ctap.get-info.unknown-member: 99".to_owned()];
    let software = ["ctap.get-info.zero-aaguid: aaguid", "ctap.get-info.unknown-transport: cable"];
    let mut expected = vec![Vec::new(); 10];
    expected[2] = unknown.to_vec();
    // an option of CTAP 2.1 drafts, in firmware of that time
    let draft = ["ctap.get-info.unknown-option: uvToken".to_owned()];
    expected[4] = draft.to_vec();
    expected[9] = draft.to_vec();
    expected[6] = software.map(String::from).to_vec();
    assert_eq!(all, expected);
}

#[test]
fn a_member_of_the_wrong_type_costs_only_itself() {
    // {1: ["FIDO_2_0"], 3: h'00', 5: "x", "k": 1}
    let info = parse_hex("a40181684649444f5f325f30034100056178616b01");
    assert_eq!(info.versions.as_deref(), Some(&["FIDO_2_0".to_owned()][..]));
    assert_eq!((info.aaguid, info.max_msg_size), (None, None));
    assert_eq!(
        findings(&info),
        [
            "ctap.get-info.wrong-type: aaguid: a byte string, expected 16 bytes",
            "ctap.get-info.wrong-type: maxMsgSize: a text, expected an unsigned integer",
            "ctap.get-info.unknown-member: k",
        ]
    );
    let unknown = [("3", json!("00")), ("5", json!("x")), ("k", json!(1))];
    assert_eq!(info.unknown_members_as_json(), unknown.map(|(key, value)| (key.to_owned(), value)));
    assert_eq!(info.unknown_members[1].1, [0x61, b'x']);
}

#[test]
fn each_oddity_is_found_in_an_answer_made_for_it() {
    let versions = json!(["FIDO_2_1"]);
    let aaguid = json!("00112233445566778899aabbccddeeff");
    let cases = [
        (json!({"aaguid": aaguid}), "ctap.get-info.missing-member: versions"),
        (json!({"versions": versions}), "ctap.get-info.missing-member: aaguid"),
        (
            json!({"aaguid": "00000000000000000000000000000000"}),
            "ctap.get-info.zero-aaguid: aaguid",
        ),
        (json!({"aaguid": "zz"}), "ctap.get-info.wrong-type: aaguid: a text, expected 16 bytes"),
        (json!({"versions": ["U2F_V2"]}), "ctap.get-info.u2f-only: versions"),
        (json!({"versions": []}), "ctap.get-info.empty-list: versions"),
        (json!({"versions": ["FIDO_2_2"]}), "ctap.get-info.unknown-version: FIDO_2_2"),
        (
            json!({"versions": ["FIDO_2_0", "FIDO_2_0"]}),
            "ctap.get-info.duplicate-value: versions: \"FIDO_2_0\"",
        ),
        (json!({"pinUvAuthProtocols": []}), "ctap.get-info.empty-list: pinUvAuthProtocols"),
        (
            json!({"pinUvAuthProtocols": [2, 1, 2]}),
            "ctap.get-info.duplicate-value: pinUvAuthProtocols: 2",
        ),
        (
            json!({"maxMsgSize": 1023}),
            "ctap.get-info.out-of-range: maxMsgSize is 1023, at least 1024",
        ),
        (
            json!({"maxCredentialIdLength": 0}),
            "ctap.get-info.out-of-range: maxCredentialIdLength is 0, at least 1",
        ),
        (json!({"minPINLength": 64}), "ctap.get-info.out-of-range: minPINLength is 64, at most 63"),
        (
            json!({"minPINLength": 8, "maxPINLength": 7}),
            "ctap.get-info.out-of-range: maxPINLength is 7, at least 8",
        ),
        (
            json!({"maxMsgSize": 1.5}),
            "ctap.get-info.wrong-type: maxMsgSize: a text, expected an unsigned integer",
        ),
        (
            json!({"maxMsgSize": -1}),
            "ctap.get-info.wrong-type: maxMsgSize: an integer, expected an unsigned integer",
        ),
        (
            json!({"encIdentifier": "00ff"}),
            "ctap.get-info.out-of-range: encIdentifier has 2 bytes, exactly 32",
        ),
        (json!({"options": {"warp": true}}), "ctap.get-info.unknown-option: warp"),
        (
            json!({"options": {"rk": 1}}),
            "ctap.get-info.wrong-type: options: a map, expected a map from texts to truth values",
        ),
        (
            json!({"options": {"largeBlobs": true}}),
            "ctap.get-info.contradiction: option largeBlobs without maxSerializedLargeBlobArray",
        ),
        (
            json!({"maxSerializedLargeBlobArray": 2048}),
            "ctap.get-info.contradiction: maxSerializedLargeBlobArray without option largeBlobs",
        ),
        (
            json!({"maxCredBlobLength": 32}),
            "ctap.get-info.contradiction: maxCredBlobLength without extension credBlob",
        ),
        (
            json!({"extensions": ["credBlob"]}),
            "ctap.get-info.contradiction: extension credBlob without maxCredBlobLength",
        ),
        (
            json!({"options": {"alwaysUv": true, "makeCredUvNotRqd": true}}),
            "ctap.get-info.contradiction: options alwaysUv and makeCredUvNotRqd are both true",
        ),
        (json!({"transports": ["wireless"]}), "ctap.get-info.unknown-transport: wireless"),
        (
            json!({"transportsForReset": ["\u{1b}[31m"]}),
            "ctap.get-info.unknown-transport: \\u{1b}[31m",
        ),
        (json!({"uvModality": 0x2001}), "ctap.get-info.unknown-uv-modality: bits 0x2000"),
        (
            json!({"algorithms": [{"alg": -7, "type": "x"}]}),
            "ctap.get-info.unknown-credential-type: x",
        ),
        (json!({"novel": [1]}), "ctap.get-info.unknown-member: novel"),
    ];
    for (json, expected) in cases {
        let found = findings(&GetInfo::from_metadata_json(&json).unwrap());
        assert!(found.iter().any(|finding| finding == expected), "{json}: {found:?}");
    }
}

#[test]
fn unsorted_and_longer_forms_are_read_and_told() {
    // {3: zero AAGUID, 1: ["FIDO_2_0"], 5 as 0x1805: 1024 as 32 bits}
    let hex =
        format!("a30350{}018168{}18051a00000400", "11".repeat(16), HEXLOWER.encode(b"FIDO_2_0"));
    let info = parse_hex(&hex);
    assert_eq!(info.max_msg_size, Some(1024));
    assert_eq!(
        findings(&info),
        [
            "ctap.cbor-key-order: getInfo 0x01, byte 19",
            "ctap.cbor-non-minimal: getInfo ?, byte 30",
            "ctap.cbor-non-minimal: getInfo 0x05, byte 32",
        ]
    );
}

#[test]
fn what_is_not_a_map_is_an_error() {
    let refused = |hex: &str| {
        GetInfo::parse(&HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap_err().to_string()
    };
    assert_eq!(refused("8101"), "getInfo is an array, not a map");
    assert_eq!(refused("a0a0"), "getInfo: 1 bytes follow the item at byte 1");
    assert_eq!(refused("a20100"), "getInfo: the input ends inside an item at byte 0");
    assert!(GetInfo::from_metadata_json(&json!([])).is_err());
    assert!(GetInfo::from_metadata_json(&json!({"x": [[[[1]]]]})).is_err());
}

fn key_of(name: &str) -> u8 {
    NAMES.iter().zip(1..).find(|(found, _)| **found == name).unwrap().1
}

/// The specification's names in key order, from 0x01.
const NAMES: [&str; 31] = [
    "versions",
    "extensions",
    "aaguid",
    "options",
    "maxMsgSize",
    "pinUvAuthProtocols",
    "maxCredentialCountInList",
    "maxCredentialIdLength",
    "transports",
    "algorithms",
    "maxSerializedLargeBlobArray",
    "forcePINChange",
    "minPINLength",
    "firmwareVersion",
    "maxCredBlobLength",
    "maxRPIDsForSetMinPINLength",
    "preferredPlatformUvAttempts",
    "uvModality",
    "certifications",
    "remainingDiscoverableCredentials",
    "vendorPrototypeConfigCommands",
    "attestationFormats",
    "uvCountSinceLastPinEntry",
    "longTouchForReset",
    "encIdentifier",
    "transportsForReset",
    "pinComplexityPolicy",
    "pinComplexityPolicyURL",
    "maxPINLength",
    "encCredStoreState",
    "authenticatorConfigCommands",
];
