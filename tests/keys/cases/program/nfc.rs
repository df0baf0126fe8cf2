//! Keys on card readers: readers of ours in the place of a smart card service, with real firmware in them. Real readers
//! of a real service are in the rig.

use super::support::{
    ACCEPTS, MDS, Running, check, code_of, demo_key, plug, start_with, until, until_it_waits,
};
use keyvet_key_tests::TestReaders;
use keyvet_tests::{Run, keyvet_command, run};
use keyvet_virtual_key::card::{AppletCard, Card, FidoCard, PowerFrom};
use keyvet_virtual_key::{Firmware, KeyOptions, Touch, VirtualKey};
use std::path::Path;
use std::process::Command;

pub const READER: &str = "ACS ACR122U PICC Interface 00 00";
const OTHER: &str = "Alcor Link AK9563 01 00";

/// `command`, to which these readers are those of the machine.
pub fn at(readers: &TestReaders, command: &mut Command) {
    command.env("PCSCLITE_CSOCK_NAME", "Cargo.toml");
    command.env("KEYVET_PCSC", env!("CARGO_BIN_EXE_keyvet-test-readers"));
    command.env("KEYVET_TEST_READERS", readers.address().to_string());
}

fn keyvet(readers: &TestReaders, simulators: &str, arguments: &[&str]) -> Run {
    let home = tempfile::tempdir().unwrap();
    let mut command = keyvet_command(home.path());
    at(readers, &mut command);
    run(command.env("KEYVET_UDP", simulators).args(arguments), "")
}

fn start(readers: &TestReaders, arguments: &[&str]) -> Running {
    start_with(&[], "", arguments, |command| at(readers, command))
}

/// The demonstration's key on a reader.
fn demo_card() -> (VirtualKey, AppletCard) {
    let key = VirtualKey::start(demo_key()).unwrap();
    let card = AppletCard::new(&key);
    (key, card)
}

/// A card that knows no applet of ours: a bank's.
pub struct BankCard;

impl Card for BankCard {
    fn atr(&self) -> Vec<u8> {
        keyvet_virtual_key::card::atr(b"bank")
    }

    fn power_up(&mut self) {}

    fn power_down(&mut self) {}

    fn apdu(&mut self, _: &[u8]) -> Vec<u8> {
        vec![0x6a, 0x82]
    }
}

fn nfc<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-d", "nfc"]].concat()
}

#[test]
fn a_key_on_a_reader_is_listed_described_and_checked() {
    let readers = TestReaders::new(&[READER]);
    let (_key, card) = demo_card();
    readers.insert(READER, card);
    let list = keyvet(&readers, "", &[&["list"], &MDS[..]].concat());
    assert!(list.stdout.contains("claims to be Keyvet Demo Key"), "{list:?}");
    assert!(list.stdout.contains(&format!("nfc:{READER}")), "{list:?}");
    let info = keyvet(&readers, "", &["info", "--json"]).json();
    assert_eq!(info["key"]["transport"], "nfc");
    let checked = keyvet(&readers, "", &check(ACCEPTS));
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(checked.stdout.contains("ACCEPTED"), "{checked:?}");
    assert!(checked.stderr.contains("Keep the key on the reader"), "{checked:?}");
    assert!(!checked.stderr.contains("blinks"), "{checked:?}");
}

#[test]
fn evidence_says_that_the_key_was_on_a_reader() {
    let readers = TestReaders::new(&[READER]);
    let (_key, card) = demo_card();
    readers.insert(READER, card);
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("run.json").display().to_string();
    let arguments = [&check(ACCEPTS)[..], &["--save", &save]].concat();
    assert_eq!(keyvet(&readers, "", &arguments).code, 0);
    let evidence: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&save).unwrap()).unwrap();
    assert_eq!(evidence["transport"], "nfc");
}

#[test]
fn an_empty_reader_is_waited_at_until_a_key_is_held_to_it() {
    let readers = TestReaders::new(&[READER, OTHER]);
    let running = start(&readers, &nfc(&[&check(ACCEPTS)[..], &["--json"]].concat()));
    until("the program to wait for a card", || readers.are_watched());
    let (_key, card) = demo_card();
    readers.insert(OTHER, card);
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["key"]["name"], format!("nfc:{OTHER}"));
    let told: Vec<_> = run.stderr.lines().collect();
    assert_eq!(
        told[..2],
        ["Hold the key to a reader.", "Keep the key on the reader until the end."]
    );
}

#[test]
fn only_the_reader_that_is_named_is_waited_at() {
    let readers = TestReaders::new(&[READER, OTHER]);
    let running = start(&readers, &["info", "--json", "-d", "nfc:alcor"]);
    until("the program to wait for a card", || readers.are_watched());
    let (_one, card) = demo_card();
    readers.insert(READER, card);
    let (_two, card) = demo_card();
    readers.insert(OTHER, card);
    let run = running.end();
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &format!("nfc:{OTHER}").into()));
    assert!(run.stderr.contains(&format!("Hold the key to the reader {OTHER}.")), "{run:?}");
}

#[test]
fn nobody_holds_a_key_to_the_reader() {
    let readers = TestReaders::new(&[READER]);
    let run = keyvet(
        &readers,
        "",
        &nfc(&[&check(ACCEPTS)[..], &["--json", "--timeout", "300ms"]].concat()),
    );
    assert_eq!((run.code, code_of(&run)), (7, "cli.no-key-at-the-reader".into()));
}

#[test]
fn ctrl_c_ends_the_waiting_for_a_card() {
    let readers = TestReaders::new(&[READER]);
    let running = start(&readers, &nfc(&[&check(ACCEPTS)[..], &["--json"]].concat()));
    until("the program to wait for a card", || readers.are_watched());
    running.signal("-INT");
    let run = running.end();
    assert_eq!((run.code, code_of(&run)), (7, "client.cancelled".into()));
}

#[test]
fn after_ctrl_c_the_prompt_is_back_and_the_key_on_the_reader_answers_the_next_command() {
    let readers = TestReaders::new(&[READER]);
    let (key, card) = demo_card();
    readers.insert(READER, card);
    key.set_touch(Touch::Manual);
    let running = start(&readers, &nfc(&[&check(ACCEPTS)[..], &["--json"]].concat()));
    until("the key to wait for a touch", || key.waits_for_touch());
    let run = running.interrupted("readers of a test");
    assert_eq!((run.code, code_of(&run)), (7, "client.cancelled".into()), "{run:?}");
    until("the key to hear that it is to stop", || !key.waits_for_touch());
    assert_eq!(keyvet(&readers, "", &["info", "--json"]).code, 0);
}

#[test]
fn a_card_that_is_no_key_is_not_listed_and_said_to_be_none() {
    let readers = TestReaders::new(&[READER]);
    readers.insert(READER, BankCard);
    let list = keyvet(&readers, "", &["list", "--json"]);
    assert_eq!((list.code, list.json()["keys"].as_array().unwrap().len()), (0, 0), "{list:?}");
    let run = keyvet(&readers, "", &nfc(&["identify", "--json", "--timeout", "300ms"]));
    assert_eq!((run.code, code_of(&run)), (7, "cli.no-key-at-the-reader".into()));
    assert!(run.stderr.contains(&format!("What lies on {READER} is no security key.")), "{run:?}");
}

#[test]
fn a_card_that_another_program_keeps_is_called_neither_a_key_nor_none() {
    let readers = TestReaders::new(&[READER, OTHER]);
    readers.insert(READER, BankCard);
    readers.keep(READER, true);
    let list = keyvet(&readers, "", &["list", "--json"]);
    let key = list.json()["keys"][0].clone();
    assert_eq!((list.code, &key["error"]["code"]), (0, &"cli.card-in-use".into()), "{list:?}");
    let text = keyvet(&readers, "", &["list"]).stdout;
    assert!(
        text.starts_with("No security key, and 1 card in use by another program\n\ncard\n"),
        "{text}"
    );
    assert!(text.contains("a security key, or another card"), "{text}");
    assert!(!text.contains("could not be asked") && !text.contains("no permission"), "{text}");
    let named = keyvet(&readers, "", &["info", "--json", "-d", "nfc:acs"]);
    assert_eq!((named.code, code_of(&named)), (10, "cli.card-in-use".into()), "{named:?}");
    let (_key, card) = demo_card();
    readers.insert(OTHER, card);
    let text = keyvet(&readers, "", &["list"]).stdout;
    assert!(text.starts_with("1 security key, and 1 card in use by another program\n"), "{text}");
    assert_eq!(keyvet(&readers, "", &["info", "--json"]).code, 0, "it is nothing to choose from");
    readers.keep(READER, false);
    let text = keyvet(&readers, "", &["list"]).stdout;
    assert!(text.starts_with("1 security key\n"), "{text}");
}

#[test]
fn a_bank_card_beside_a_usb_key_does_not_make_it_two() {
    let readers = TestReaders::new(&[READER]);
    readers.insert(READER, BankCard);
    let key = plug(demo_key());
    let run = keyvet(&readers, key.udp(), &["info", "--json"]);
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &key.name().into()), "{run:?}");
}

#[test]
fn a_service_without_readers_is_no_trouble_unless_a_reader_is_asked_for() {
    let readers = TestReaders::new(&[]);
    let list = keyvet(&readers, "", &["list", "--json"]);
    let document = list.json();
    assert_eq!((list.code, &document["unavailable"]), (0, &serde_json::json!([])), "{list:?}");
    let run = keyvet(&readers, "", &nfc(&["info", "--json"]));
    assert_eq!((run.code, code_of(&run)), (5, "cli.no-reader".into()));
}

#[test]
fn a_reader_that_is_not_there_is_told_with_those_that_are() {
    let readers = TestReaders::new(&[READER, OTHER]);
    let run = keyvet(&readers, "", &["info", "--json", "-d", "nfc:omnikey"]);
    assert_eq!((run.code, code_of(&run)), (5, "cli.no-such-reader".into()));
    let detail = run.json()["error"]["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(READER) && detail.contains(OTHER), "{detail}");
}

#[test]
fn two_keys_on_readers_are_named_by_their_readers_and_none_is_guessed() {
    let readers = TestReaders::new(&[READER, OTHER]);
    let ((_one, card), (_two, other)) = (demo_card(), demo_card());
    readers.insert(READER, card);
    readers.insert(OTHER, other);
    for arguments in [&["info"][..], &["info", "--touch"], &["identify"], &["info", "-d", "nfc"]] {
        let run = keyvet(&readers, "", &[arguments, &["--json"]].concat());
        assert_eq!((run.code, code_of(&run)), (5, "transport.several-match".into()), "{run:?}");
        let document = run.json();
        let commands: Vec<_> = document["candidates"].as_array().unwrap().iter().collect();
        assert_eq!(commands.len(), 2, "{arguments:?}");
        let last = commands[1]["command"].as_str().unwrap();
        assert!(last.ends_with(&format!("-d 'nfc:{OTHER}'")), "{last}");
    }
}

#[test]
fn a_key_on_a_reader_cannot_blink_and_is_told_by_its_reader() {
    let readers = TestReaders::new(&[READER]);
    let (key, card) = demo_card();
    readers.insert(READER, card);
    key.set_touch(Touch::Never);
    let run = keyvet(&readers, "", &["identify", "--json"]);
    assert_eq!((run.code, &run.json()["how"]), (0, &"reader".into()), "{run:?}");
    assert_eq!(run.json()["key"]["name"], format!("nfc:{READER}"));
}

#[test]
fn by_touch_a_plugged_key_is_meant_though_another_lies_on_a_reader() {
    let readers = TestReaders::new(&[READER]);
    let (_key, card) = demo_card();
    readers.insert(READER, card);
    let (one, two) = (plug(KeyOptions::new(Firmware::OpenSk)), plug(demo_key()));
    one.key.set_touch(Touch::Manual);
    two.key.set_touch(Touch::Manual);
    let running =
        start_with(&[&one, &two], "", &["identify", "--json"], |command| at(&readers, command));
    until_it_waits(&one);
    until_it_waits(&two);
    one.key.touch();
    let run = running.end();
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &one.name().into()), "{run:?}");
}

/// A card of the time before CTAP2.
pub struct U2fCard;

impl Card for U2fCard {
    fn atr(&self) -> Vec<u8> {
        keyvet_virtual_key::card::atr(b"u2f")
    }

    fn power_up(&mut self) {}

    fn power_down(&mut self) {}

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        match command.get(1) {
            Some(0xa4) => b"U2F_V2\x90\x00".to_vec(),
            _ => vec![0x6d, 0x00],
        }
    }
}

#[test]
fn a_key_that_knows_u2f_only_is_told() {
    let readers = TestReaders::new(&[READER]);
    readers.insert(READER, U2fCard);
    let run = keyvet(&readers, "", &[&check(ACCEPTS)[..], &["--json"]].concat());
    assert_eq!(run.code, 11, "{run:?}");
    assert_eq!(code_of(&run), "client.not-ctap2");
    let list = keyvet(&readers, "", &["list", "--json"]).json();
    assert_eq!(list["keys"][0]["error"]["code"], "client.not-ctap2");
}

#[test]
fn a_key_that_is_lifted_off_in_the_middle_is_told_wherever_that_is() {
    let (key, _) = demo_card();
    let readers = TestReaders::new(&[READER]);
    readers.insert(READER, AppletCard::new(&key));
    assert_eq!(keyvet(&readers, "", &check(ACCEPTS)).code, 0);
    let all = readers.apdus(READER);
    for command in 2..=all {
        readers.insert(READER, AppletCard::new(&key));
        readers.leaves_at(READER, command);
        let run = keyvet(&readers, "", &[&check(ACCEPTS)[..], &["--json"]].concat());
        let ended = (run.code, code_of(&run));
        assert_eq!(ended, (10, "cli.key-left-the-reader".into()), "{command} of {all}: {run:?}");
    }
}

#[test]
fn the_name_of_a_reader_drives_no_terminal() {
    let hostile = "Evil\u{1b}[2J\u{202e}Reader 00";
    let readers = TestReaders::new(&[hostile, READER]);
    let ((_one, card), (_two, other)) = (demo_card(), demo_card());
    readers.insert(hostile, card);
    readers.insert(READER, other);
    for arguments in [&["list"][..], &["list", "--json"], &["info"], &["info", "-d", "nfc:evil"]] {
        let run = keyvet(&readers, "", arguments);
        let said = run.stdout.clone() + &run.stderr;
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{arguments:?}: {said}");
        assert!(said.contains("Evil"), "{arguments:?}: {said}");
    }
    let list = keyvet(&readers, "", &["list", "--json"]).json();
    for key in list["keys"].as_array().unwrap() {
        let named = ["info", "--json", "-d", key["selector"].as_str().unwrap()];
        let run = keyvet(&readers, "", &named);
        assert_eq!((run.code, &run.json()["key"]["name"]), (0, &key["name"]), "{run:?}");
    }
}

#[test]
fn a_helper_that_is_missing_hides_no_plugged_key() {
    let key = plug(demo_key());
    let home = tempfile::tempdir().unwrap();
    let command = |arguments: &[&str]| {
        let mut command = keyvet_command(home.path());
        command.env("PCSCLITE_CSOCK_NAME", "Cargo.toml").env("KEYVET_PCSC", "no-such-program");
        run(command.env("KEYVET_UDP", key.udp()).args(arguments), "")
    };
    let list = command(&["list", "--json"]);
    let document = list.json();
    assert_eq!((list.code, document["keys"].as_array().unwrap().len()), (0, 1), "{list:?}");
    assert_eq!(document["unavailable"][0]["transport"], "nfc");
    assert_eq!(document["unavailable"][0]["error"]["code"], "transport.service-missing");
    assert_eq!(command(&["info", "--json"]).code, 0);
    let run = command(&["info", "--json", "-d", "nfc"]);
    assert_eq!((run.code, code_of(&run)), (6, "transport.service-missing".into()));
}

/// What became of the helper program, run as `keyvet ARGUMENTS`.
fn helper_is_started(socket: &Path, arguments: &[&str]) -> bool {
    let readers = TestReaders::new(&[]);
    let home = tempfile::tempdir().unwrap();
    let mark = home.path().join("started");
    let mut command = keyvet_command(home.path());
    at(&readers, &mut command);
    command.env("PCSCLITE_CSOCK_NAME", socket).env("KEYVET_TEST_READERS_STARTED", &mark);
    let _ = run(command.args(arguments), "");
    mark.exists()
}

#[test]
fn no_helper_is_started_where_no_card_can_be_or_none_is_meant() {
    let (there, nowhere) = (Path::new("Cargo.toml"), Path::new("no-such-socket"));
    assert!(helper_is_started(there, &["list"]));
    assert!(helper_is_started(there, &["info", "-d", "nfc"]));
    assert!(!helper_is_started(nowhere, &["list"]));
    assert!(!helper_is_started(nowhere, &["info", "-d", "nfc"]));
    assert!(!helper_is_started(there, &["info", "-d", "hid:/dev/hidraw99"]));
    assert!(!helper_is_started(there, &["info", "-d", "udp:127.0.0.1:1"]));
    assert!(!helper_is_started(there, &["info", "-d", "hid"]));
    assert!(!helper_is_started(there, &["mds", "status"]));
}

#[test]
fn without_a_service_a_reader_that_is_asked_for_is_an_error_with_the_next_step() {
    let home = tempfile::tempdir().unwrap();
    let run = run(keyvet_command(home.path()).args(nfc(&["info", "--json"])), "");
    assert_eq!((run.code, code_of(&run)), (6, "transport.service-missing".into()));
    assert!(run.json()["error"]["next_step"].is_string());
}

/// One key of fido-authenticator, plugged in as a simulator and lying on a reader at once.
fn key_with_two_faces(readers: &TestReaders, seed: u64) -> super::support::Plugged {
    let mut options = KeyOptions::new(Firmware::FidoAuthenticator);
    options.seed = seed;
    let key = plug(options);
    readers.insert(READER, FidoCard::new(&key.key).unwrap().powered_from(PowerFrom::Elsewhere));
    key
}

#[test]
fn a_key_that_is_seen_twice_is_listed_once_and_needs_no_name() {
    let readers = TestReaders::new(&[READER]);
    let key = key_with_two_faces(&readers, 7);
    let document = keyvet(&readers, key.udp(), &["list", "--json"]).json();
    let keys = document["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 1, "{document}");
    assert_eq!(keys[0]["name"], key.name(), "the plug is preferred");
    assert_eq!(keys[0]["also"], serde_json::json!([format!("nfc:{READER}")]));
    let text = keyvet(&readers, key.udp(), &["list"]);
    assert!(text.stdout.starts_with("1 security key\n"), "{text:?}");
    let info = keyvet(&readers, key.udp(), &["info", "--json"]);
    assert_eq!((info.code, &info.json()["key"]["name"]), (0, &key.name().into()), "{info:?}");
    let card = keyvet(&readers, key.udp(), &["info", "--json", "-d", "nfc"]);
    assert_eq!((card.code, &card.json()["key"]["transport"]), (0, &"nfc".into()), "{card:?}");
}

#[test]
fn two_keys_of_one_model_stay_two() {
    let readers = TestReaders::new(&[READER]);
    let _on_the_reader = key_with_two_faces(&readers, 7);
    let mut options = KeyOptions::new(Firmware::FidoAuthenticator);
    options.seed = 8;
    let other = plug(options);
    let document = keyvet(&readers, other.udp(), &["list", "--json"]).json();
    let keys = document["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "{document}");
    assert_eq!(keys[0]["aaguid"], keys[1]["aaguid"]);
    let run = keyvet(&readers, other.udp(), &["info", "--json"]);
    assert_eq!((run.code, code_of(&run)), (5, "transport.several-match".into()));
}
