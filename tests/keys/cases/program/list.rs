//! `keyvet list`.

use super::schemas::assert_obeys;
use super::support::{MDS, demo_key, demo_key_with_pin, keyvet, plug, start};
use keyvet_key_tests::spoken;
use keyvet_virtual_key::{Firmware, KeyOptions};
use serde_json::Value;
use std::io::{BufRead, BufReader};

const DEMO_MODEL: &str = "6b657976-6574-2074-6573-740000000001";

fn list() -> Vec<&'static str> {
    [&["list", "--json"], &MDS[..]].concat()
}

#[test]
fn every_key_is_listed_with_its_name_and_what_it_claims() {
    let (demo, other) = (plug(demo_key()), plug(KeyOptions::new(Firmware::OpenSk)));
    let run = keyvet(&[&demo, &other], list());
    assert_eq!(run.code, 0, "{run:?}");
    let keys = run.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0]["selector"], demo.short_name());
    assert_eq!(
        (&keys[0]["aaguid"], &keys[0]["model"]),
        (&DEMO_MODEL.into(), &"Keyvet Demo Key".into())
    );
    assert!(keys[1]["model"].is_null(), "{run:?}");
    let text = keyvet(&[&demo], [&["list"], &MDS[..]].concat());
    assert!(text.stdout.contains("claims to be Keyvet Demo Key"), "{text:?}");
    assert!(!text.stdout.contains("is Keyvet"), "a claim is not told as a fact: {text:?}");
}

#[test]
fn a_name_that_is_listed_names_that_key() {
    let (one, two) = (plug(demo_key()), plug(demo_key()));
    let keys = keyvet(&[&one, &two], list()).json()["keys"].as_array().unwrap().clone();
    for key in keys {
        let selector = key["selector"].as_str().unwrap();
        let info = keyvet(&[&one, &two], ["info", "--json", "-d", selector]);
        assert_eq!((info.code, &info.json()["key"]["name"]), (0, &key["name"]));
    }
}

#[test]
fn a_key_that_does_not_answer_is_listed_with_the_reason_beside_the_others() {
    spoken!();
    let (mute, demo) = (plug(demo_key()), plug(demo_key()));
    mute.falls_silent();
    let run = keyvet(&[&mute, &demo], list());
    let keys = run.json()["keys"].as_array().unwrap().clone();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(keys[0]["error"]["code"], "transport.timeout", "{run:?}");
    assert!(keys[0]["error"]["next_step"].is_string() && keys[0]["aaguid"].is_null());
    assert_eq!(keys[1]["aaguid"], DEMO_MODEL);
}

#[test]
fn listing_asks_for_no_touch_and_spends_no_pin() {
    let key = plug(demo_key_with_pin("1234"));
    key.key.set_touch(keyvet_virtual_key::Touch::Never);
    assert_eq!(keyvet(&[&key], list()).code, 0);
    let info = keyvet(&[&key], ["info", "--json"]).json();
    assert_eq!(info["pin_retries"], 8);
}

#[test]
fn a_watch_tells_each_key_on_a_line_and_ends_well_on_ctrl_c() {
    let (one, two) = (plug(demo_key()), plug(demo_key()));
    let arguments = [&["list", "--watch", "--json"], &MDS[..]].concat();
    let mut running = start(&[&one, &two], "", &arguments);
    let mut lines = BufReader::new(running.child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let told = [next(), next(), next()];
    for event in &told {
        assert_eq!(event["schema"], "keyvet.list-event/1");
        assert_obeys(event);
    }
    assert_eq!(told.clone().map(|event| event["event"].clone()), ["added", "added", "ready"]);
    assert_eq!(told[1]["key"]["name"], two.name());
    running.signal("-INT");
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}
