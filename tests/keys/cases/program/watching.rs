//! `keyvet list --watch` while keys come and go: on nodes of the kernel (`KEYVET_TEST_WIRE=uhid`, in the rig), and on the
//! readers of a test.

use super::nfc::at;
use super::support::{Running, demo_key, plug, start_with};
use keyvet_key_tests::spoken;
use keyvet_key_tests::{TestReaders, Wire};
use keyvet_virtual_key::card::{AppletCard, FidoCard, PowerFrom};
use keyvet_virtual_key::{Firmware, KeyOptions, NodeOptions, VirtualKey, Wired};
use serde_json::Value;
use std::io::{BufRead, BufReader, Lines};
use std::process::ChildStdout;
use std::time::Instant;

struct Watch {
    running: Running,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(running: impl FnOnce(&[&str]) -> Running) -> Self {
        let mut running = running(&["list", "--watch", "--json"]);
        let lines = BufReader::new(running.child.stdout.take().unwrap()).lines();
        Self { running, lines }
    }

    /// The event of the next line and the name of its key.
    fn next(&mut self) -> (String, String) {
        let line: Value = serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&line["event"]), text(&line["key"]["name"]))
    }

    fn end(mut self) {
        self.running.signal("-INT");
        assert_eq!(self.running.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_key_that_is_plugged_in_and_pulled_out_is_told_each_time() {
    if Wire::current() != Wire::Uhid {
        return println!("not spoken here: keys arrive on nodes of the kernel only");
    }
    let mut watch = Watch::start(|arguments| start_with(&[], "", arguments, |_| {}));
    assert_eq!(watch.next().0, "ready");
    for _ in 0..3 {
        let key = VirtualKey::start(demo_key()).unwrap();
        let start = Instant::now();
        let wired = Wired::uhid(&key, NodeOptions::default()).unwrap();
        let (event, name) = watch.next();
        println!("told {:?} after the plug", start.elapsed());
        assert!(event == "added" && name.starts_with("hid:/dev/hidraw"), "{event} {name}");
        drop(wired);
        assert_eq!(watch.next(), ("removed".into(), name));
    }
    watch.end();
}

const READER: &str = "ACS ACR122U PICC Interface 00 00";

fn event(name: &str, key: &str) -> (String, String) {
    (name.into(), key.into())
}

#[test]
fn a_key_that_is_held_to_a_reader_and_lifted_off_is_told_each_time() {
    let readers = TestReaders::new(&[READER]);
    let set = |arguments: &[&str]| start_with(&[], "", arguments, |command| at(&readers, command));
    let mut watch = Watch::start(set);
    assert_eq!(watch.next().0, "ready");
    let key = VirtualKey::start(demo_key()).unwrap();
    for _ in 0..3 {
        readers.insert(READER, AppletCard::new(&key));
        assert_eq!(watch.next(), event("added", &format!("nfc:{READER}")));
        readers.remove(READER);
        assert_eq!(watch.next(), event("removed", &format!("nfc:{READER}")));
    }
    watch.end();
}

#[test]
fn a_key_that_shows_itself_twice_has_one_line() {
    spoken!();
    let readers = TestReaders::new(&[READER]);
    let key = plug(KeyOptions::new(Firmware::FidoAuthenticator));
    let set =
        |arguments: &[&str]| start_with(&[&key], "", arguments, |command| at(&readers, command));
    let mut watch = Watch::start(set);
    let first = [watch.next(), watch.next()];
    assert!(first.contains(&event("added", &key.name())), "{first:?}");
    let face = || FidoCard::new(&key.key).unwrap().powered_from(PowerFrom::Elsewhere);
    readers.insert(READER, face());
    readers.remove(READER);
    let other = VirtualKey::start(demo_key()).unwrap();
    readers.insert(READER, AppletCard::new(&other));
    // the first card left no line behind
    assert_eq!(watch.next(), event("added", &format!("nfc:{READER}")));
    watch.end();
}
