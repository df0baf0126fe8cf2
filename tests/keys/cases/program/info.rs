//! `keyvet info` of a key that is plugged in.

use super::support::{MDS, demo_key, demo_key_with_pin, keyvet, plug};

#[test]
fn a_key_says_what_it_is_and_metadata_gives_the_name() {
    let key = plug(demo_key_with_pin("1234"));
    let run = keyvet(&[&key], [&["info", "--json"], &MDS[..]].concat());
    let info = run.json();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        (&info["schema"], &info["model"]),
        (&"keyvet.info/1".into(), &"Keyvet Demo Key".into())
    );
    assert_eq!(
        (&info["key"]["transport"], &info["pin_retries"]),
        (&key.transport().into(), &8.into())
    );
    assert_eq!(info["members"]["aaguid"], "6b657976-6574-2074-6573-740000000001");
    assert_eq!(info["metadata"]["no"], 900);
    let text = keyvet(&[&key], [&["info"], &MDS[..]].concat());
    assert!(text.stdout.contains("claims to be Keyvet Demo Key"), "{text:?}");
    assert!(text.stdout.contains("8 more wrong PINs"), "{text:?}");
}

#[test]
fn without_a_pin_no_retries_are_asked_for() {
    let key = plug(demo_key());
    let info = keyvet(&[&key], ["info", "--json"]).json();
    assert!(info.get("pin_retries").is_none(), "{info}");
    assert_eq!(info["findings"][0]["id"], "cli.no-metadata");
}

#[test]
fn info_of_a_key_and_of_its_bytes_say_the_same() {
    let key = plug(demo_key());
    let live = keyvet(&[&key], ["info", "--json"]).json();
    let hex = "a1036b";
    let given = keyvet(&[&key], ["info", "--json", "--from-cbor", hex, "-d", &key.name()]);
    assert_eq!(given.code, 2, "bytes and a key at once: {given:?}");
    assert!(live["members"]["versions"].is_array());
}
