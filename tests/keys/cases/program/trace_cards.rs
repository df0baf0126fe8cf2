//! Recordings of keys on card readers: a command that is played ends as the recorded one did.

use super::nfc::{BankCard, READER, U2fCard, at};
use super::support::{ACCEPTS, check, demo_key, demo_key_with_pin, file};
use keyvet_key_tests::TestReaders;
use keyvet_tests::{Run, keyvet_command, run};
use keyvet_virtual_key::card::{AppletCard, Card, FidoCard};
use keyvet_virtual_key::{Firmware, KeyOptions, Touch, VirtualKey};
use serde_json::Value;
use tempfile::TempDir;

/// A command on the cards in `readers`, and the same on its recording.
struct Both {
    live: Run,
    played: Run,
    path: String,
    _folder: TempDir,
}

impl Both {
    fn of(readers: &TestReaders, input: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "trace.jsonl");
        let home = tempfile::tempdir().unwrap();
        let mut command = keyvet_command(home.path());
        at(readers, &mut command);
        let live = run(command.args(arguments).args(["--json", "--trace", &path]), input);
        let replay = ["trace", "replay", &path, "--"];
        let mut command = keyvet_command(home.path());
        let played = run(command.args(replay).args(arguments).arg("--json"), input);
        Self { live, played, path, _folder: folder }
    }

    /// Exit code and code of the error, if there is one.
    fn endings(&self) -> [(i32, Option<String>); 2] {
        let code = |run: &Run| run.json()["error"]["code"].as_str().map(str::to_owned);
        [&self.live, &self.played].map(|run| (run.code, code(run)))
    }

    /// Both ended in the same way, and how.
    fn ending(&self) -> (i32, Option<String>) {
        let [live, played] = self.endings();
        assert_eq!(played, live, "{:?}\n{:?}", self.played, self.live);
        live
    }

    fn recording(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }
}

fn failed(code: i32, id: &str) -> (i32, Option<String>) {
    (code, Some(id.to_owned()))
}

fn on_reader(card: impl Card + 'static) -> TestReaders {
    let readers = TestReaders::new(&[READER]);
    readers.insert(READER, card);
    readers
}

fn untouched(firmware: Firmware) -> VirtualKey {
    let mut options = KeyOptions::new(firmware);
    options.touch = Touch::Never;
    VirtualKey::start(options).unwrap()
}

#[test]
fn a_touch_that_never_came_on_a_reader_never_comes() {
    let key = untouched(Firmware::OpenSk);
    let both = Both::of(&on_reader(AppletCard::new(&key)), "", &["check", "--timeout", "300ms"]);
    assert_eq!(both.ending(), failed(7, "transport.touch-timeout"));
    let home = tempfile::tempdir().unwrap();
    let shown = run(keyvet_command(home.path()).args(["trace", "show", "--json", &both.path]), "");
    let shown = shown.json();
    let mut commands = shown["commands"].as_array().unwrap().iter();
    let made = commands.find(|one| one["command"] == "authenticatorMakeCredential").unwrap();
    assert_eq!((&made["touch"], &made["cancelled"]), (&true.into(), &true.into()), "{made:#}");
}

#[test]
fn a_card_that_sits_on_a_command_sits_on_it_again() {
    let key = untouched(Firmware::FidoAuthenticator);
    let card = FidoCard::new(&key).unwrap();
    let both = Both::of(&on_reader(card), "", &["check", "--timeout", "300ms"]);
    assert_eq!(both.ending(), failed(10, "transport.timeout"));
}

#[test]
fn what_tells_a_key_on_a_reader_is_its_reader_when_it_is_played_too() {
    let key = untouched(Firmware::OpenSk);
    let both = Both::of(&on_reader(AppletCard::new(&key)), "", &["identify"]);
    assert_eq!(both.ending(), (0, None));
    for run in [&both.live, &both.played] {
        let document = run.json();
        let told = (&document["how"], &document["key"]["interface"]);
        assert_eq!(told, (&"reader".into(), &"contactless".into()), "{document:#}");
        assert!(!run.stderr.contains("ouch"), "{run:?}");
    }
}

#[test]
fn the_person_is_told_to_keep_the_key_on_the_reader() {
    let key = VirtualKey::start(demo_key()).unwrap();
    let both = Both::of(&on_reader(AppletCard::new(&key)), "", &["check"]);
    for run in [&both.live, &both.played] {
        assert!(run.stderr.contains("Keep the key on the reader"), "{run:?}");
        assert!(!run.stderr.contains("blinks"), "{run:?}");
    }
}

#[test]
fn a_key_that_was_lifted_off_is_lifted_off_at_the_same_command() {
    let key = VirtualKey::start(demo_key()).unwrap();
    let readers = on_reader(AppletCard::new(&key));
    Both::of(&readers, "", &["check"]);
    let all = readers.apdus(READER);
    for command in 2..=all {
        readers.insert(READER, AppletCard::new(&key));
        readers.leaves_at(READER, command);
        let both = Both::of(&readers, "", &["check"]);
        assert_eq!(both.ending(), failed(10, "cli.key-left-the-reader"), "{command} of {all}");
    }
}

#[test]
fn every_command_ends_as_it_did_on_the_reader() {
    let key = VirtualKey::start(demo_key_with_pin("739152")).unwrap();
    let readers = on_reader(AppletCard::new(&key));
    for arguments in [["info"], ["list"], ["identify"]] {
        assert_eq!(Both::of(&readers, "", &arguments).ending(), (0, None), "{arguments:?}");
    }
    // but no signature of a recording can hold, so nothing is decided
    let both = Both::of(&readers, "739152\n", &[&check(ACCEPTS)[..], &["--pin-stdin"]].concat());
    assert_eq!(both.endings(), [(0, None), (4, None)]);
}

#[test]
fn a_wrong_pin_is_as_wrong() {
    let key = VirtualKey::start(demo_key_with_pin("739152")).unwrap();
    let readers = on_reader(AppletCard::new(&key));
    let both = Both::of(&readers, "555111\n", &["check", "--pin-stdin"]);
    assert_eq!(both.ending(), failed(8, "client.pin-invalid"));
}

#[test]
fn a_card_of_the_time_before_ctap2_stays_one() {
    let readers = on_reader(U2fCard);
    assert_eq!(Both::of(&readers, "", &["check"]).ending(), failed(11, "client.not-ctap2"));
    let both = Both::of(&readers, "", &["list"]);
    let codes = [&both.live, &both.played]
        .map(|run| run.json()["keys"][0]["error"]["code"].as_str().map(str::to_owned));
    assert_eq!(codes[0], codes[1], "{:?}", both.played);
    assert_eq!(codes[0].as_deref(), Some("client.not-ctap2"));
}

#[test]
fn an_older_recording_that_does_not_say_how_the_card_was_touched_is_of_a_card() {
    let key = untouched(Firmware::OpenSk);
    let both = Both::of(&on_reader(AppletCard::new(&key)), "", &["identify"]);
    let older = both.recording().replace(r#","interface":"contactless""#, "");
    assert_ne!(older, both.recording());
    std::fs::write(&both.path, older).unwrap();
    let home = tempfile::tempdir().unwrap();
    let replay = ["trace", "replay", &both.path, "--", "identify", "--json"];
    let document: Value = run(keyvet_command(home.path()).args(replay), "").json();
    let told = (&document["how"], &document["key"]["interface"]);
    assert_eq!(told, (&"reader".into(), &"unknown".into()), "{document:#}");
}

#[test]
fn a_command_that_spoke_to_no_key_plays_none() {
    let both = Both::of(&on_reader(BankCard), "", &["identify"]);
    assert_eq!(both.ending(), failed(5, "transport.no-key"));
}
