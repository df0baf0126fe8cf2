//! `keyvet check`: the verdicts.

use super::support::{
    ACCEPTS, MDS, REFUSES, UNDECIDED, check, demo_key, failed_check, keyvet, plug,
};
use keyvet_virtual_key::{Firmware, KeyOptions, Touch};

#[test]
fn a_key_that_the_tenant_takes_is_accepted() {
    let key = plug(demo_key());
    let run = keyvet(&[&key], [&check(ACCEPTS)[..], &["--json"]].concat());
    let document = run.json();
    assert_eq!(run.code, 0, "{run:?}");
    let result = &document["results"][0];
    assert_eq!(result["verdict"]["registration"]["decision"], "accepted");
    assert_eq!(
        (&result["aaguid_standing"], &result["trust"]),
        (&"proven".into(), &"anchored".into())
    );
    assert_eq!(document["registration"]["left_on_the_key"], "nothing");
    assert_eq!(document["before"]["refused"], false);
    assert!(run.stderr.contains(key.asked_for()), "{run:?}");
    let text = keyvet(&[&key], check(ACCEPTS));
    assert!(text.stdout.contains("ACCEPTED. This organisation takes this key."), "{text:?}");
}

#[test]
fn the_firmware_of_nitrokey_is_judged_the_same() {
    let mut options = demo_key();
    options.firmware = Firmware::FidoAuthenticator;
    let key = plug(options);
    let run = keyvet(&[&key], check(ACCEPTS));
    assert!(run.code == 0 && run.stdout.contains("ACCEPTED."), "{run:?}");
}

#[test]
fn a_key_that_the_tenant_blocks_is_refused_and_that_is_told_before_the_touch() {
    let key = plug(demo_key());
    let run = keyvet(&[&key], [&check(REFUSES)[..], &["--json"]].concat());
    let document = run.json();
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(document["results"][0]["verdict"]["registration"]["decision"], "refused");
    assert_eq!(document["before"]["refused"], true);
    let before = run.stderr.find("It will be refused").unwrap();
    let asked = run.stderr.find(key.asked_for()).unwrap();
    // on a reader it is asked for as soon as it is found
    assert!(before < asked || key.transport() == "nfc", "{run:?}");
}

#[test]
fn what_cannot_be_told_is_undecided() {
    let key = plug(demo_key());
    let run = keyvet(&[&key], check(UNDECIDED));
    assert!(run.code == 4 && run.stdout.contains("UNDECIDED."), "{run:?}");
}

#[test]
fn without_a_policy_the_attestation_is_judged() {
    let key = plug(demo_key());
    let run = keyvet(&[&key], [&["check"], &MDS[..]].concat());
    assert!(run.code == 0 && run.stdout.contains("GENUINE."), "{run:?}");
    drop(key);
    let own = plug(KeyOptions::new(Firmware::OpenSk));
    // on a wire of the kernel's both are there
    let run = keyvet(&[&own], ["check", "-d", &own.name()]);
    assert!(run.code == 0 && run.stdout.contains("VALID, PROVES NO MODEL."), "{run:?}");
}

#[test]
fn a_dry_run_bothers_nobody_and_says_what_the_keys_word_is_enough_for() {
    let key = plug(demo_key());
    key.key.set_touch(Touch::Never);
    let dry = |policy| {
        let run = keyvet(&[&key], [&check(policy)[..], &["--dry-run", "--json"]].concat());
        let document = run.json();
        assert_eq!(document["results"].as_array().unwrap().len(), 0, "{run:?}");
        (run.code, document["before"]["refused"] == true)
    };
    assert_eq!(dry(ACCEPTS), (4, false), "nothing was decided");
    assert_eq!(dry(REFUSES), (3, true));
}

#[test]
fn a_dry_run_says_what_the_key_cannot_do() {
    let key = plug(demo_key());
    let arguments = [&check(ACCEPTS)[..], &["--dry-run", "--json", "--enterprise", "vendor"]];
    let run = keyvet(&[&key], arguments.concat());
    let findings = run.json()["before"]["findings"].to_string();
    assert_eq!(run.code, 11, "{run:?}");
    assert!(findings.contains("client.enterprise-attestation"), "{findings}");
    let (code, error) = failed_check(&key, "", &["--enterprise", "vendor"]);
    assert!(code == 11 && error.starts_with("client.enterprise-attestation"), "{code} {error}");
}

#[test]
fn a_policy_that_asks_for_a_single_profile_is_judged_by_that_profile() {
    let key = plug(demo_key());
    let arguments = [&check(REFUSES)[..], &["--profile", "Anything but the demo key", "--json"]];
    let document = keyvet(&[&key], arguments.concat()).json();
    assert_eq!(document["policy"]["profile"], "Anything but the demo key");
}

#[test]
fn a_discoverable_credential_is_removed_again_or_said_to_be_left() {
    let key = plug(super::support::demo_key_with_pin("1234"));
    let arguments = [&check(ACCEPTS)[..], &["--discoverable", "--pin-stdin", "--json"]].concat();
    let run = super::support::keyvet_with(&[&key], "1234\n", arguments);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["registration"]["left_on_the_key"], "removed");
}
