//! Several keys: none is guessed.

use super::support::{ACCEPTS, Plugged, check, demo_key, keyvet, plug, start, until_it_waits};
use keyvet_key_tests::spoken;
use keyvet_virtual_key::{Firmware, KeyOptions, Touch};

fn pair() -> (Plugged, Plugged) {
    (plug(demo_key()), plug(KeyOptions::new(Firmware::OpenSk)))
}

#[test]
fn between_two_keys_each_is_listed_with_the_command_that_names_it() {
    let (one, two) = pair();
    let run = keyvet(&[&one, &two], check(ACCEPTS));
    assert_eq!(run.code, 5, "{run:?}");
    for key in [&one, &two] {
        let command = format!("keyvet {} -d {}", check(ACCEPTS).join(" "), key.quoted());
        let said = run.stderr.lines().any(|line| line.trim_start() == command);
        assert!(said, "{command}: {run:?}");
        let named = keyvet(&[&one, &two], ["info", "--json", "-d", &key.short_name()]);
        assert_eq!(named.json()["key"]["name"], key.name(), "{named:?}");
    }
    let json = keyvet(&[&one, &two], [&check(ACCEPTS)[..], &["--json"]].concat());
    let document = json.json();
    assert_eq!(document["error"]["code"], "transport.several-match");
    assert_eq!(document["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(one.key.winks() + two.key.winks(), 0);
}

#[test]
fn a_key_is_found_by_its_aaguid() {
    let (one, two) = pair();
    let run = keyvet(&[&one, &two], ["info", "--json", "-d", "6b657976"]);
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &one.name().into()), "{run:?}");
}

#[test]
fn a_name_that_fits_no_key_lists_those_there_are() {
    let (one, two) = pair();
    let run = keyvet(&[&one, &two], ["info", "--json", "-d", "titan"]);
    let document = run.json();
    assert_eq!((run.code, &document["error"]["code"]), (5, &"transport.no-match".into()));
    assert_eq!(document["candidates"].as_array().unwrap().len(), 2);
}

#[test]
fn a_simulator_is_reached_by_its_address_alone() {
    spoken!();
    let key = plug(demo_key());
    let run = keyvet(&[], ["info", "--json", "-d", &key.name()]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn the_key_that_is_touched_is_the_one_used() {
    spoken!();
    let (one, two) = pair();
    for key in [&one, &two] {
        key.key.set_touch(Touch::Manual);
    }
    let running = start(&[&one, &two], "", &["info", "--touch", "--json"]);
    until_it_waits(&one);
    until_it_waits(&two);
    two.key.touch();
    let run = running.end();
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &two.name().into()), "{run:?}");
    assert!(!one.key.waits_for_touch(), "the other key was told to stop");
}

#[test]
fn a_check_by_touch_asks_for_two_touches_of_one_key_and_judges_that_key() {
    spoken!();
    let (one, two) = pair();
    for key in [&one, &two] {
        key.key.set_touch(Touch::Manual);
    }
    let arguments = [&check(ACCEPTS)[..], &["--touch", "--json"]].concat();
    let running = start(&[&one, &two], "", &arguments);
    until_it_waits(&one);
    until_it_waits(&two);
    one.key.set_touch(Touch::Immediate);
    one.key.touch();
    let run = running.end();
    assert_eq!((run.code, &run.json()["key"]["name"]), (0, &one.name().into()), "{run:?}");
}
