//! What the commands print about keys obeys the published schemas.

use super::support::{
    ACCEPTS, REFUSES, check, demo_key, demo_key_with_pin, keyvet, keyvet_with, plug, text_of,
};
use keyvet_virtual_key::Touch;
use serde_json::Value;

/// Holds `document` to the published schema that it names.
pub fn assert_obeys(document: &Value) {
    let name = document["schema"].as_str().unwrap().replace('/', "-");
    let schema: Value = serde_json::from_str(&text_of(&format!("schemas/{name}.json"))).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{document:#}");
}

#[test]
fn every_document_about_a_key_obeys_its_schema() {
    let (one, two) = (plug(demo_key()), plug(demo_key_with_pin("1234")));
    let json = |arguments: &[&str]| keyvet(&[&one], [arguments, &["--json"]].concat()).json();
    for arguments in [&["list"][..], &["info"], &["identify"], &["check"]] {
        assert_obeys(&json(arguments));
    }
    for policy in [ACCEPTS, REFUSES] {
        assert_obeys(&json(&check(policy)));
        assert_obeys(&json(&[&check(policy)[..], &["--dry-run"]].concat()));
    }
    assert_obeys(&keyvet(&[&one, &two], ["info", "--json"]).json());
    let wrong = keyvet_with(&[&two], "4321\n", ["check", "--pin-stdin", "--json"]);
    assert_obeys(&wrong.json());
    one.key.set_touch(Touch::Never);
    assert_obeys(&json(&["check", "--timeout", "200ms"]));
    one.key.unplug();
    assert_obeys(&json(&["list"]));
}
