//! `keyvet info --from-cbor` on the stored getInfo answers of real keys.

use keyvet_testkit::vector;
use keyvet_tests::keyvet;
use serde_json::Value;

#[test]
fn every_stored_answer_decodes_with_its_model_and_versions() {
    let answers: Vec<Value> = serde_json::from_slice(&vector("getinfo/getinfo-cbor.json")).unwrap();
    assert_eq!(answers.len(), 10);
    for answer in &answers {
        let run = keyvet(["info", "--json", "--from-cbor", answer["cbor"].as_str().unwrap()]);
        let json = run.json();
        assert_eq!(run.code, 0, "{}: {run:?}", answer["name"]);
        assert_eq!(json["members"]["aaguid"], answer["aaguid"], "{}", answer["name"]);
        assert!(
            json["members"]["versions"].as_array().is_some_and(|versions| !versions.is_empty()),
            "{json}"
        );
        assert!(json["findings"].is_array() && !json["unknown_members"].is_null(), "{json}");
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    for hex in ["", "zz", "a1", "a10102ff"] {
        assert_ne!(keyvet(["info", "--json", "--from-cbor", hex]).code, 0, "{hex}");
    }
}
