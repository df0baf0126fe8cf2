//! The evidence of a check, and the same verdict from it.

use super::support::{
    ACCEPTS, MDS, Plugged, REFUSES, UNDECIDED, check, demo_key, file, keyvet, plug, text_of,
};
use data_encoding::BASE64URL_NOPAD;
use keyvet_evidence::{Registration, read};
use keyvet_x509::sha256;
use std::fs;

/// Checks a key and gives what was printed and the evidence.
fn kept(policy: &str, save: &str) -> (String, Registration) {
    kept_of(&plug(demo_key()), policy, save)
}

fn kept_of(key: &Plugged, policy: &str, save: &str) -> (String, Registration) {
    let run = keyvet(&[key], [&check(policy)[..], &["--json", "--save", save]].concat());
    assert_eq!(run.json()["registration"]["evidence"], save, "{run:?}");
    (run.stdout, read(&fs::read(save).unwrap()).unwrap())
}

/// From the member `at` on, byte for byte.
fn tail(document: &str) -> &str {
    &document[document.find("\n  \"at\": ").unwrap()..]
}

#[test]
fn verify_on_the_evidence_prints_the_same_bytes() {
    for policy in [ACCEPTS, REFUSES, UNDECIDED] {
        let folder = tempfile::tempdir().unwrap();
        let save = file(&folder, "run.json");
        let (checked, evidence) = kept(policy, &save);
        let at = evidence.judged_by.unwrap().at.unwrap();
        let verify = ["verify", &save, "--policy", policy, "--at", &at, "--json"];
        let verified = keyvet(&[], [&verify[..], &MDS[..]].concat());
        assert_eq!(tail(&checked), tail(&verified.stdout), "{policy}");
    }
}

#[test]
fn the_command_that_is_printed_judges_again() {
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    let (checked, _) = kept(REFUSES, &save);
    let document: serde_json::Value = serde_json::from_str(&checked).unwrap();
    let command = document["registration"]["verify_command"].as_str().unwrap();
    let words = command.split(' ').skip(1).chain(["--json"]);
    assert_eq!(tail(&checked), tail(&keyvet(&[], words).stdout), "{command}");
}

#[test]
fn the_evidence_holds_every_byte_and_what_it_was_judged_by() {
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    let key = plug(demo_key());
    let (_, evidence) = kept_of(&key, ACCEPTS, &save);
    let (request, answer) = (evidence.request.unwrap(), evidence.answer.unwrap());
    assert_eq!((request[0], answer[0]), (0x01, 0x00), "makeCredential, and success");
    let auth_data = keyvet_ctap::MakeCredentialResponse::parse(&answer[1..]).unwrap().auth_data;
    let object = evidence.attestation_object;
    assert!(object.windows(auth_data.len()).any(|part| part == auth_data), "as the key sent it");
    let hash = sha256(evidence.client_data_json.as_deref().unwrap());
    assert!(request.windows(32).any(|part| part == hash), "the client data that was hashed");
    assert!(keyvet_ctap::GetInfo::parse(evidence.get_info.as_deref().unwrap()).is_ok());
    let judged_by = evidence.judged_by.unwrap();
    assert_eq!(judged_by.metadata_no, Some(900));
    assert_eq!(judged_by.metadata_sha256, Some(sha256(text_of("demo/metadata.jwt").as_bytes())));
    assert_eq!(judged_by.policy_sha256, Some(sha256(text_of(ACCEPTS).as_bytes())));
    let client = evidence.client.unwrap();
    assert_eq!((client.name.as_str(), client.version.is_some()), ("keyvet", true));
    assert_eq!(evidence.device.unwrap().name, Some(key.name()));
    assert!(evidence.time.is_some() && evidence.transport.is_some() && evidence.rp_id.is_some());
}

#[test]
#[cfg(unix)]
fn only_its_owner_may_read_the_evidence() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    kept(ACCEPTS, &save);
    assert_eq!(fs::metadata(&save).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn other_metadata_and_another_policy_than_recorded_are_noted() {
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    kept(ACCEPTS, &save);
    let ids = |arguments: &[&str]| {
        let run = keyvet(&[], [&["verify", "--json", &save], arguments].concat());
        let findings = run.json()["results"][0]["findings"].as_array().unwrap().clone();
        findings.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let has = |ids: &[String], id: &str| ids.iter().any(|one| one == id);
    let other = ids(&[&["--policy", REFUSES], &MDS[..]].concat());
    assert!(has(&other, "cli.other-policy") && !has(&other, "cli.other-metadata"), "{other:?}");
    let genuine = "tests/vectors/mds/mds3-no121-2025-01-01.jwt";
    let other = ids(&["--policy", ACCEPTS, "--mds", genuine, "--at", "2024-12-05T00:00:00Z"]);
    assert!(has(&other, "cli.other-metadata") && !has(&other, "cli.other-policy"), "{other:?}");
}

#[test]
fn altered_evidence_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    let (_, evidence) = kept(ACCEPTS, &save);
    let mut object = evidence.attestation_object.clone();
    *object.last_mut().unwrap() ^= 1;
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let text = fs::read_to_string(&save).unwrap();
    let altered = text.replace(&encode(&evidence.attestation_object), &encode(&object));
    assert_ne!(text, altered);
    fs::write(&save, altered).unwrap();
    let verify = ["verify", &save, "--policy", ACCEPTS];
    assert_ne!(keyvet(&[], [&verify[..], &MDS[..]].concat()).code, 0);
}
