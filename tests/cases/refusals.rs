//! What cannot be judged is refused for its own reason, by its own id, and never with a crash.

use keyvet_testkit::vector;
use keyvet_tests::{Run, keyvet, keyvet_in};
use serde_json::{Value, json};
use std::fs;

#[test]
fn a_file_that_is_no_registration_is_a_result_with_its_own_code() {
    let long = format!("{{\"attestationObject\": \"{}\"}}", "A".repeat(2_000_000));
    let cases: [(&str, &str); 11] = [
        ("evidence.not-recognised", "hello"),
        ("evidence.several-registrations", "[{}, {}]"),
        ("evidence.not-json", "{\"attestationObject\": "),
        ("evidence.no-attestation-object", "{}"),
        ("evidence.duplicate-member", r#"{"attestationObject": "oA", "attestationObject": "oA"}"#),
        ("evidence.wrong-type", r#"{"attestationObject": 7}"#),
        ("evidence.not-base64", r#"{"attestationObject": "*", "clientDataJSON": "e30"}"#),
        (
            "evidence.unknown-schema",
            r#"{"schema": "keyvet.evidence/999", "attestationObject": "oA"}"#,
        ),
        (
            "evidence.client-data-hash",
            r#"{"schema": "keyvet.evidence/1", "attestationObject": "oA", "clientDataHash": "AAAA"}"#,
        ),
        ("evidence.too-long", &long),
        ("cli.file-empty", ""),
    ];
    for (code, text) in cases {
        let run = verify(text.as_bytes());
        let result = &run.json()["results"][0];
        assert_eq!(result["error"]["code"], code, "{}", run.stdout);
        assert_eq!(run.code, 2, "{code}");
    }
}

#[test]
fn client_data_that_cannot_be_read_is_named() {
    let mut record = record();
    record["clientDataJSON"] = "bm90IGpzb24".into();
    assert_found(&verify(record.to_string().as_bytes()), &["client-data-malformed"]);
}

#[test]
fn an_attestation_object_that_is_no_cbor_is_malformed() {
    let mut record = record();
    record["attestationObject"] = "o2NmbXRm".into();
    let run = verify(record.to_string().as_bytes());
    assert_eq!(run.json()["results"][0]["statement"], "malformed");
    assert_found(&run, &["ctap.attestation-object-malformed"]);
}

#[test]
fn without_metadata_that_is_said() {
    assert!(verify(record().to_string().as_bytes()).stdout.contains("cli.no-metadata"));
}

#[test]
fn a_command_line_that_makes_no_sense_is_a_usage_error() {
    let aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
    let cases: [(&str, &[&str]); 4] = [
        ("cli.usage", &["verify", "--json"]),
        ("cli.unknown-id", &["explain", "no.such-id", "--json"]),
        ("cli.bad-model-id", &["mds", "show", "not-an-aaguid", "--json"]),
        ("cli.stdin-twice", &["verify", "-", "-", "--json"]),
    ];
    for (code, arguments) in cases {
        let run = keyvet(arguments);
        assert!(run.stdout.contains(code), "{code}: {run:?}");
        assert_eq!(run.code, 2, "{code}: {run:?}");
    }
    let unlisted = keyvet([
        "mds",
        "show",
        "11111111-1111-1111-1111-111111111111",
        "--json",
        "--mds",
        BLOB,
        "--at",
        AT,
    ]);
    assert!(unlisted.stdout.contains("cli.model-not-listed"), "{unlisted:?}");
    assert_eq!(keyvet(["mds", "show", aaguid, "--json", "--mds", BLOB, "--at", AT]).code, 0);
}

#[test]
fn a_damaged_cache_is_trust_data_that_is_invalid() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(keyvet_in(home.path(), ["mds", "import", BLOB, "--at", AT]).code, 0);
    let cache = cache_file(home.path());
    let mut bytes = fs::read(&cache).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&cache, &bytes).unwrap();
    let run = keyvet_in(home.path(), ["mds", "status", "--json", "--at", AT]);
    assert!(run.stdout.contains("mds.cache-corrupt"), "{run:?}");
    assert_eq!(run.code, 12);
}

#[test]
fn a_cache_of_another_layout_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(keyvet_in(home.path(), ["mds", "import", BLOB, "--at", AT]).code, 0);
    let cache = cache_file(home.path());
    let mut bytes = fs::read(&cache).unwrap();
    let version = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    bytes[version] = 0xff;
    fs::write(&cache, &bytes).unwrap();
    let run = keyvet_in(home.path(), ["mds", "status", "--json", "--at", AT]);
    assert!(run.stdout.contains("mds.cache-version"), "{run:?}");
}

#[test]
fn a_get_info_answer_that_is_no_cbor_is_refused() {
    let run = keyvet(["info", "--json", "--from-cbor", "a20181"]);
    assert!(run.stdout.contains("ctap.get-info-malformed"), "{run:?}");
}

const BLOB: &str = "tests/vectors/mds/mds3-no121-2025-01-01.jwt";
const AT: &str = "2024-12-05T00:00:00Z";

fn record() -> Value {
    let record: Value = serde_json::from_slice(&vector("attestation/packed-006.json")).unwrap();
    json!({ "attestationObject": record["attestationObject"], "clientDataJSON": record["clientDataJSON"] })
}

fn verify(bytes: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.json");
    fs::write(&file, bytes).unwrap();
    keyvet(["verify", "--json", &file.display().to_string()])
}

fn assert_found(run: &Run, ids: &[&str]) {
    for id in ids {
        assert!(run.stdout.contains(id), "{id}: {}", run.stdout);
    }
}

/// The one file below `home` that is the cache.
fn cache_file(home: &std::path::Path) -> std::path::PathBuf {
    let cache = home.join(".cache/keyvet/metadata.cache");
    assert!(cache.is_file(), "{}", cache.display());
    cache
}
