//! `keyvet identify`.

use super::support::{demo_key, keyvet, plug, start, until_it_waits};
use keyvet_key_tests::spoken;
use keyvet_virtual_key::Touch;

#[test]
fn the_only_key_is_made_to_blink() {
    spoken!();
    let key = plug(demo_key());
    let run = keyvet(&[&key], ["identify", "--json"]);
    let document = run.json();
    assert_eq!(run.code, 0, "{run:?}");
    match document["how"].as_str() {
        Some("blink") => assert_eq!(key.key.winks(), 1),
        how => assert_eq!(how, Some("touch")),
    }
    assert_eq!(document["key"]["name"], key.name());
}

#[test]
fn of_several_keys_the_one_that_is_touched_is_told_and_the_others_stop_waiting() {
    spoken!();
    let keys = [plug(demo_key()), plug(demo_key()), plug(demo_key())];
    let all: Vec<_> = keys.iter().collect();
    for key in &keys {
        key.key.set_touch(Touch::Manual);
    }
    let running = start(&all, "", &["identify", "--json"]);
    all.iter().for_each(|key| until_it_waits(key));
    keys[1].key.touch();
    let run = running.end();
    let document = run.json();
    assert_eq!((run.code, &document["how"]), (0, &"touch".into()), "{run:?}");
    assert_eq!(document["key"]["name"], keys[1].name());
    assert!(run.stderr.contains("Touch the key you mean"), "{run:?}");
    assert!(keys.iter().all(|key| !key.key.waits_for_touch()));
}

#[test]
fn nobody_touches_any_of_them() {
    spoken!();
    let keys = [plug(demo_key()), plug(demo_key())];
    for key in &keys {
        key.key.set_touch(Touch::Never);
    }
    let all: Vec<_> = keys.iter().collect();
    let run = keyvet(&all, ["identify", "--json", "--timeout", "300ms"]);
    assert_eq!((run.code, super::support::code_of(&run)), (7, "transport.touch-timeout".into()));
}
