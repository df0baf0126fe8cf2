//! Keys that nobody means well with: whatever one does, the program ends in time, in a class of the table, with a
//! document that obeys its schema and nothing raw in what it prints.

use super::schemas::assert_obeys;
use super::support::{ACCEPTS, MDS, check, keyvet, plug};
use keyvet_key_tests::spoken;
use keyvet_virtual_key::hostile::Quirk;
use keyvet_virtual_key::{Firmware, KeyOptions};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `test` on every quirk, some at a time.
fn on_every_quirk(test: impl Fn(Quirk) -> Result<(), String> + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(quirk) = Quirk::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(problem) = test(*quirk) {
                        failed.lock().unwrap().push(format!("{}: {problem}", quirk.name()));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn hostile(quirk: Quirk) -> super::support::Plugged {
    plug(KeyOptions::new(Firmware::Hostile(vec![quirk])))
}

fn raw(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() && *c != '\n')
}

#[test]
fn a_check_of_any_key_ends_in_a_class_of_the_table() {
    on_every_quirk(|quirk| {
        let key = hostile(quirk);
        // on a wire of the kernel's all of them are there
        let name = key.name();
        let more = ["--json", "--timeout", "1s", "--device", &name];
        let run = keyvet(&[&key], [&check(ACCEPTS)[..], &more].concat());
        let document = run.json();
        assert_obeys(&document);
        let verdict = !document["results"].as_array().is_none_or(Vec::is_empty);
        let explained = verdict || document["error"]["next_step"].is_string();
        let class = [0, 3, 4, 7, 8, 9, 10, 11].contains(&run.code);
        (explained && class && document["exit"] == run.code)
            .then_some(())
            .ok_or_else(|| format!("{run:?}"))
    });
}

#[test]
fn any_key_is_listed_and_nothing_it_says_is_printed_raw() {
    spoken!();
    on_every_quirk(|quirk| {
        let key = hostile(quirk);
        for arguments in [&["list"][..], &["info", "--device", &key.name()]] {
            let run = keyvet(&[&key], [arguments, &MDS[..]].concat());
            let said = format!("{}{}", run.stdout, run.stderr);
            if raw(&said).is_some() || !said.contains(&key.address) && run.code == 0 {
                return Err(format!("{arguments:?} {run:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_key_that_speaks_u2f_only_says_so() {
    spoken!();
    let key = hostile(Quirk::InitNoCbor);
    let keys = keyvet(&[&key], ["list", "--json"]).json()["keys"].clone();
    assert_eq!(keys[0]["error"]["code"], "client.not-ctap2");
    let run = keyvet(&[&key], ["info", "--json"]);
    assert_eq!((run.code, super::support::code_of(&run)), (11, "client.not-ctap2".into()));
}

#[test]
fn a_key_that_will_not_say_what_it_is_is_listed_with_that() {
    spoken!();
    let key = hostile(Quirk::LockRequired);
    let keys = keyvet(&[&key], ["list", "--json"]).json()["keys"].clone();
    assert_eq!(keys[0]["error"]["code"], "transport.transport-status", "{keys}");
}
