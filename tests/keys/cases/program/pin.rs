//! PINs: right, wrong, blocked, missing; and never in anything that can be read.

use super::support::{
    ACCEPTS, check, code_of, demo_key, demo_key_with_pin, failed_check, file, keyvet, keyvet_with,
    plug, start, until_it_waits,
};
use keyvet_virtual_key::Touch;
use std::fs;
use std::process::Command;

#[test]
fn a_right_pin_from_standard_input_verifies_the_person() {
    let key = plug(demo_key_with_pin("1234"));
    let run =
        keyvet_with(&[&key], "1234\n", [&check(ACCEPTS)[..], &["--pin-stdin", "--json"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let flags = run.json()["results"][0]["flags"].to_string();
    assert!(flags.contains("UV"), "{flags}");
}

#[test]
fn a_pin_comes_from_a_file_descriptor_as_well() {
    let key = plug(demo_key_with_pin("1234"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pin"), "1234\n").unwrap();
    let program = start(&[&key], "", &["--version"]).child;
    drop(program.wait_with_output());
    let home = folder.path();
    let keyvet = keyvet_tests::keyvet_command(home).get_program().to_owned();
    let line = format!(
        "exec \"$0\" {} --pin-fd 7 --json 7< {}",
        check(ACCEPTS).join(" "),
        file(&folder, "pin")
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).arg(keyvet).current_dir(keyvet_tests::root());
    shell.env("KEYVET_UDP", key.udp()).env("HOME", home);
    let run = keyvet_tests::run(&mut shell, "");
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn the_same_pin_in_another_spelling_of_unicode_is_the_same() {
    let key = plug(demo_key_with_pin("caf\u{e9}"));
    let arguments = [&check(ACCEPTS)[..], &["--pin-stdin", "--json"]].concat();
    let run = keyvet_with(&[&key], "cafe\u{301}\n", arguments);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_wrong_pin_costs_one_retry_and_is_not_tried_again() {
    let key = plug(demo_key_with_pin("1234"));
    let failed = failed_check(&key, "4321\n", &["--pin-stdin"]);
    assert_eq!(failed, (8, "client.pin-invalid".into()));
    assert_eq!(keyvet(&[&key], ["info", "--json"]).json()["pin_retries"], 7);
    let text = keyvet_with(&[&key], "4321\n", [&check(ACCEPTS)[..], &["--pin-stdin"]].concat());
    assert!(text.stderr.contains("6 retries are left"), "{text:?}");
}

#[test]
fn the_last_retries_are_spent_only_when_asked_for() {
    let key = plug(demo_key_with_pin("1234"));
    let wrong = || failed_check(&key, "4321\n", &["--pin-stdin"]);
    let mut tried = 0;
    while wrong() != (9, "client.pin-retries-low".into()) {
        tried += 1;
        assert!(tried < 8, "the last retries were spent");
        key.power_cycle();
    }
    let left = keyvet(&[&key], ["info", "--json"]).json()["pin_retries"].as_u64().unwrap();
    assert_eq!(left, 2);
    let danger = ["--pin-stdin", "--danger-allow-last-retries"];
    assert_eq!(failed_check(&key, "4321\n", &danger).0, 8);
    key.power_cycle();
    failed_check(&key, "4321\n", &danger);
    key.power_cycle();
    assert_eq!(failed_check(&key, "1234\n", &danger), (9, "client.pin-blocked".into()));
}

#[test]
fn after_three_wrong_pins_the_key_wants_to_be_plugged_in_again() {
    let key = plug(demo_key_with_pin("1234"));
    for wrong in 1..=3 {
        let (code, error) = failed_check(&key, "4321\n", &["--pin-stdin"]);
        assert!(code == 8 || wrong == 3 && code == 9, "{wrong}: {code} {error}");
    }
    let right = failed_check(&key, "1234\n", &["--pin-stdin"]);
    assert_eq!(right, (9, "client.pin-auth-blocked".into()));
    key.power_cycle();
    let arguments = [&check(ACCEPTS)[..], &["--pin-stdin", "--json"]].concat();
    assert_eq!(keyvet_with(&[&key], "1234\n", arguments).code, 0);
}

#[test]
fn a_pin_that_is_too_short_is_not_sent() {
    let key = plug(demo_key_with_pin("1234"));
    assert_eq!(failed_check(&key, "12\n", &["--pin-stdin"]).0, 8);
    assert_eq!(keyvet(&[&key], ["info", "--json"]).json()["pin_retries"], 8);
}

#[test]
fn a_key_without_a_pin_that_needs_one_says_so_before_the_touch() {
    let mut options = demo_key();
    options.always_uv = true;
    let key = plug(options);
    key.key.set_touch(Touch::Never);
    assert_eq!(failed_check(&key, "", &[]), (11, "client.pin-not-set".into()));
}

#[test]
fn without_a_terminal_and_without_an_option_the_way_out_is_told() {
    let key = plug(demo_key_with_pin("1234"));
    // a session of its own has no terminal
    let mut command = Command::new("setsid");
    let home = tempfile::tempdir().unwrap();
    let program = keyvet_tests::keyvet_command(home.path()).get_program().to_owned();
    command.arg("--wait").arg(program).args(check(ACCEPTS)).arg("--json");
    command.current_dir(keyvet_tests::root()).env("KEYVET_UDP", key.udp()).env("HOME", home.path());
    let run = keyvet_tests::run(&mut command, "");
    assert_eq!((run.code, code_of(&run)), (2, "cli.no-terminal-for-pin".into()));
    let empty = failed_check(&key, "", &["--pin-stdin"]);
    assert_eq!(empty, (2, "cli.no-pin".into()));
}

#[test]
fn a_pin_is_in_no_output_no_file_and_no_table_of_processes() {
    const CANARY: &str = "canary-9f3a7c";
    let mut options = demo_key_with_pin(CANARY);
    options.touch = Touch::Manual;
    let key = plug(options);
    let folder = tempfile::tempdir().unwrap();
    let save = file(&folder, "run.json");
    let arguments = [&check(ACCEPTS)[..], &["--pin-stdin", "--save", &save, "--json"]].concat();
    let running = start(&[&key], &format!("{CANARY}\n"), &arguments);
    until_it_waits(&key);
    let id = running.child.id();
    for table in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{id}/{table}")).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{table}");
    }
    key.key.touch();
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains(CANARY) && !run.stderr.contains(CANARY));
    assert!(!fs::read_to_string(&save).unwrap().contains(CANARY));
    let wrong =
        keyvet_with(&[&key], "canary-wrong\n", [&check(ACCEPTS)[..], &["--pin-stdin"]].concat());
    assert!(!format!("{wrong:?}").contains("canary"), "{wrong:?}");
}
