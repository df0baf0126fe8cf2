//! The mistakes that a new user makes: each says what happened, whose matter it is and what to do.

use super::support::{
    ACCEPTS, Plugged, check, demo_key, demo_key_with_pin, keyvet, keyvet_with, plug,
};
use keyvet_tests::Run;
use keyvet_virtual_key::Touch;

/// What any mistake must say, in text and as JSON.
fn assert_helpful(keys: &[&Plugged], input: &str, arguments: &[&str], code: i32, id: &str) -> Run {
    let run = keyvet_with(keys, input, arguments);
    assert_eq!(run.code, code, "{arguments:?}: {run:?}");
    for part in ["error: ", "(concerns: ", "hint: ", &format!("(keyvet explain {id})")] {
        assert!(run.stderr.contains(part), "{arguments:?}: no {part:?} in {}", run.stderr);
    }
    let json = keyvet_with(keys, input, [arguments, &["--json"]].concat());
    let document = json.json();
    assert_eq!((json.code, &document["exit"]), (code, &code.into()));
    assert_eq!(document["error"]["code"], id);
    let explained = keyvet(&[], ["explain", id]);
    assert_eq!(explained.code, 0, "{explained:?}");
    run
}

#[test]
fn no_key_is_plugged_in() {
    for arguments in [vec!["info"], vec!["identify"], check(ACCEPTS)] {
        assert_helpful(&[], "", &arguments, 5, "transport.no-key");
    }
    assert_eq!(keyvet(&[], ["list"]).code, 0);
}

#[test]
fn the_policy_is_missing_or_none() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    assert_helpful(&[&key], "", &["check", "--policy", "tenant.json"], 2, "cli.file-missing");
    assert_helpful(&[&key], "", &["check", "--policy", "Cargo.toml"], 2, "policy.not-json");
}

#[test]
fn the_metadata_cannot_be_trusted() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    let arguments = ["check", "--policy", ACCEPTS, "--mds", "demo/metadata.jwt"];
    let run = keyvet(&[&key], [&arguments[..], &["--json"]].concat());
    assert_eq!((run.code, &run.json()["schema"]), (12, &"keyvet.check/1".into()), "{run:?}");
    assert!(run.json()["error"]["next_step"].is_string());
}

#[test]
fn the_evidence_cannot_be_kept() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    let save = |name: &'static str| [&check(ACCEPTS)[..], &["--save", name]].concat();
    assert_helpful(&[&key], "", &save("README.md"), 2, "cli.evidence-exists");
    assert_helpful(&[&key], "", &save("no/such/folder/run.json"), 2, "cli.evidence-not-written");
}

#[test]
fn two_keys_are_plugged_in() {
    let keys = [plug(demo_key()), plug(demo_key())];
    let all: Vec<_> = keys.iter().collect();
    assert_helpful(&all, "", &check(ACCEPTS), 5, "transport.several-match");
}

#[test]
fn the_pin_is_mistyped() {
    let key = plug(demo_key_with_pin("1234"));
    let arguments = [&check(ACCEPTS)[..], &["--pin-stdin"]].concat();
    assert_helpful(&[&key], "1235\n", &arguments, 8, "client.pin-invalid");
}

#[test]
fn the_key_is_not_touched() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    let arguments = [&check(ACCEPTS)[..], &["--timeout", "1s"]].concat();
    assert_helpful(&[&key], "", &arguments, 7, "transport.touch-timeout");
}

#[test]
fn no_simulator_listens() {
    // a port that was just free
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let name = format!("udp:{}", socket.local_addr().unwrap());
    drop(socket);
    assert_helpful(&[], "", &["info", "-d", &name], 6, "transport.service-missing");
}

#[test]
fn without_metadata_that_is_said_beside_the_verdict() {
    let key = plug(demo_key());
    let run = keyvet(&[&key], ["check", "--policy", ACCEPTS, "--json"]);
    assert_eq!(run.json()["findings"][0]["id"], "cli.no-metadata", "{run:?}");
    assert_eq!(run.json()["results"][0]["trust"], "unanchored");
}

#[test]
fn standard_input_is_both_policy_and_pin() {
    let key = plug(demo_key_with_pin("1234"));
    let arguments = ["check", "--policy", "-", "--pin-stdin"];
    assert_helpful(&[&key], "1234\n", &arguments, 2, "policy.list-row");
    let list = "6b657976-6574-2074-6573-740000000001\n";
    assert_helpful(&[&key], list, &arguments, 2, "cli.stdin-twice");
}
