//! `keyvet verify --policy` from end to end: real registrations, policies in the shapes that Graph returns.

use keyvet_tests::{Run, Wrapped, keyvet};
use serde_json::Value;
use std::fs;

const YUBIKEY: &str = "tests/vectors/attestation/packed-006.json";
const IMPOSTOR: &str = "tests/vectors/attestation/packed-014.json";
const NO_ATTESTATION: &str = "tests/vectors/attestation/none-001.json";
const ALTERED: &str = "tests/vectors/attestation/negative-001.json";
const SAMPLES: &str = "tests/vectors/entra/samples";

#[test]
fn attestation_enforced_takes_a_genuine_key_in_both_policy_shapes() {
    for policy in ["seed-fido2-policy.json", "seed-fido2-policy-as-profile.json"] {
        let run = judge(&format!("{SAMPLES}/{policy}"), &[YUBIKEY]);
        let verdict = verdict(&run);
        assert_eq!(decisions(&verdict), ("accepted", "accepted"), "{policy}: {verdict}");
        assert_eq!(run.code, 0, "{policy}");
    }
}

#[test]
fn attestation_enforced_refuses_what_attests_nothing_or_attests_for_itself() {
    for file in [NO_ATTESTATION, IMPOSTOR, ALTERED] {
        let run = judge(&format!("{SAMPLES}/seed-fido2-policy.json"), &[file]);
        assert_eq!(verdict(&run)["registration"]["decision"], "refused", "{file}: {run:?}");
        assert_eq!(run.code, 3, "{file}");
    }
}

#[test]
fn a_method_that_is_switched_off_refuses_registration_and_sign_in() {
    let run = judge(&format!("{SAMPLES}/fido2-policy-get-legacy.json"), &[YUBIKEY]);
    assert_eq!(decisions(&verdict(&run)), ("refused", "refused"));
}

#[test]
fn an_aaguid_on_the_list_does_not_help_a_key_that_only_claims_it() {
    let run = judge("demo/tenant-accepts.json", &[IMPOSTOR]);
    assert_eq!(verdict(&run)["registration"]["decision"], "refused");
    let result = &run.json()["results"][0];
    assert_eq!((&result["statement"], &result["trust"]), (&"valid".into(), &"unanchored".into()));
    assert_eq!(result["aaguid_standing"], "claimed");
}

#[test]
fn a_refusal_by_several_profiles_names_them() {
    let run = judge("demo/tenant-refuses.json", &[YUBIKEY]);
    let reasons = verdict(&run)["registration"]["reasons"].to_string();
    assert!(
        reasons.contains("Default passkey profile") && reasons.contains("Lost and found"),
        "{reasons}"
    );
}

#[test]
fn every_reason_says_where_it_comes_from_and_what_to_do() {
    for policy in ["demo/tenant-accepts.json", "demo/tenant-refuses.json"] {
        let run = judge(policy, &[YUBIKEY, IMPOSTOR, NO_ATTESTATION, ALTERED]);
        for result in run.json()["results"].as_array().unwrap() {
            for answer in ["registration", "sign_in"] {
                let reasons = result["verdict"][answer]["reasons"].as_array().unwrap();
                assert!(!reasons.is_empty(), "{answer}: {result}");
                for reason in reasons {
                    let said =
                        |member: &str| reason[member].as_str().is_some_and(|text| !text.is_empty());
                    assert!(said("id") && said("source") && said("next_step"), "{reason}");
                }
            }
        }
    }
}

#[test]
fn a_plain_list_of_aaguids_is_a_policy() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.json");
    fs::write(&list, r#"["2fc0579f-8113-47ea-b116-bb5a8db9202a"]"#).unwrap();
    let list = list.display().to_string();
    assert_eq!(verdict(&judge(&list, &[YUBIKEY]))["registration"]["decision"], "accepted");
    assert_ne!(verdict(&judge(&list, &[IMPOSTOR]))["registration"]["decision"], "accepted");
}

#[test]
fn a_file_that_cannot_be_read_is_a_result_and_the_strictest_class_wins() {
    let run = judge("demo/tenant-accepts.json", &["no-such-file.json", YUBIKEY, IMPOSTOR]);
    let json = run.json();
    let results = json["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert!(
        results[0]["error"]["code"].is_string() && results[0]["error"]["detail"].is_string(),
        "{}",
        results[0]
    );
    assert_eq!(results[1]["verdict"]["registration"]["decision"], "accepted");
    assert_eq!(results[2]["verdict"]["registration"]["decision"], "refused");
    assert!([2, 3].contains(&run.code), "{run:?}");
}

fn judge(policy: &str, files: &[&str]) -> Run {
    let wrapped = Wrapped::no_291();
    let mut arguments =
        vec!["verify".to_owned(), "--json".to_owned(), "--policy".to_owned(), policy.to_owned()];
    arguments.extend(wrapped.arguments());
    arguments.extend(files.iter().map(|&file| file.to_owned()));
    keyvet(arguments)
}

fn verdict(run: &Run) -> Value {
    run.json()["results"][0]["verdict"].clone()
}

fn decisions(verdict: &Value) -> (&str, &str) {
    let decision =
        |answer: &str| verdict[answer]["decision"].as_str().unwrap_or_else(|| panic!("{verdict}"));
    (decision("registration"), decision("sign_in"))
}
