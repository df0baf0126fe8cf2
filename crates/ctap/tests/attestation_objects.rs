//! Every recorded attestation object, real and altered, through the readers of this crate.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use std::{fs, path::Path};

use data_encoding::BASE64URL_NOPAD;
use keyvet_ctap::{Aaguid, AttestationObject, AuthenticatorData, KeyMaterial};
use serde_json::Value;

#[test]
fn recorded_objects_are_read_and_say_what_their_record_says() {
    let mut records = 0;
    for (name, record) in records_of_the_folder() {
        records += 1;
        let object = AttestationObject::parse(&object_bytes(&record)).unwrap();
        assert_eq!(object.fmt.as_str(), record["fmt"].as_str().unwrap(), "{name}");
        let data = AuthenticatorData::parse(&object.auth_data);
        let malformed = record["expected"]["statement"] == "malformed";
        assert_eq!(data.is_err(), malformed, "{name}: {data:?}");
        if let Ok(data) = data {
            assert_agrees(&name, &record, &data);
        }
    }
    assert_eq!(records, 113);
}

#[test]
fn only_the_records_with_a_byte_too_many_have_trailing_bytes() {
    for (name, record) in records_of_the_folder() {
        let object = AttestationObject::parse(&object_bytes(&record)).unwrap();
        let found =
            object.findings.iter().any(|f| f.id() == "ctap.attestation-object-trailing-bytes");
        assert_eq!(found, record["mutation"] == "trailing-byte", "{name}: {:?}", object.findings);
    }
}

#[test]
fn the_malformed_record_is_told_by_offset() {
    let (_, record) = records_of_the_folder().find(|(name, _)| name == "packed-033").unwrap();
    let object = AttestationObject::parse(&object_bytes(&record)).unwrap();
    let error = AuthenticatorData::parse(&object.auth_data).unwrap_err();
    let expected = "60 bytes follow the authenticator data at byte 283 (flags 0x45)";
    assert_eq!(error.to_string(), expected);
}

fn assert_agrees(name: &str, record: &Value, data: &AuthenticatorData) {
    let attested = data.attested.as_ref().unwrap();
    if let Some(aaguid) = record["aaguid"].as_str() {
        assert_eq!(attested.aaguid, aaguid.parse::<Aaguid>().unwrap(), "{name}");
    }
    if let Some(flags) = record["authDataFlags"].as_u64() {
        assert_eq!(u64::from(data.flags.0), flags, "{name}");
    }
    assert!(!matches!(attested.public_key.material, KeyMaterial::Other { .. }), "{name}");
    assert!(
        data.findings.iter().all(|f| f.id().starts_with("ctap.cbor-")),
        "{name}: {:?}",
        data.findings
    );
}

fn object_bytes(record: &Value) -> Vec<u8> {
    let text = record["attestationObject"].as_str().unwrap();
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

fn records_of_the_folder() -> impl Iterator<Item = (String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/attestation");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ext| ext == "json"));
    let records =
        files.map(|path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap());
    records.filter_map(|record| Some((record["id"].as_str()?.to_owned(), record)))
}
