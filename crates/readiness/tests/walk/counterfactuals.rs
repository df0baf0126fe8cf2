//! The table's counterfactuals, made by editing the export.

use crate::field_report::{number, row_attempt, rows};
use crate::support::*;
use keyvet_readiness::evaluate;
use serde_json::{Value, json};

/// What the table expects of a change, whose text starts so.
fn expected(change: &str) -> Value {
    let table = seed_table();
    let all = table["counterfactuals_with_exclusions"].as_array().unwrap().clone();
    let starts = |case: &&Value| case["change"].as_str().unwrap().starts_with(change);
    all.iter().find(starts).unwrap()["expected"].clone()
}

fn check(change: &str, method: &Value, policies: &Value, edit: impl Fn(Value) -> Value) {
    let tenant = tenant(method, policies);
    let expected = expected(change);
    let mut checked = Vec::new();
    for row in rows() {
        let Some(wanted) = expected.get(number(&row).to_string()) else { continue };
        let answer = evaluate(&tenant, &attempt(&edit(row_attempt(&row))));
        assert_eq!(verdict(&answer), wanted, "row {}: {}", number(&row), story(&answer));
        checked.push(number(&row));
    }
    assert_eq!(checked.len(), expected.as_object().unwrap().len());
}

fn as_is(attempt: Value) -> Value {
    attempt
}

#[test]
fn without_attestation_nobody_needs_the_app_and_row_seven_is_unknown() {
    check("isAttestationEnforced=false", &without_attestation(), &with_exclusions(), as_is);
    let mut profile = sample("seed-fido2-policy-as-profile.json");
    profile["passkeyProfiles"][0]["attestationEnforcement"] = json!("disabled");
    check("isAttestationEnforced=false", &profile, &with_exclusions(), as_is);
}

#[test]
fn row_seven_without_attestation_says_what_is_open() {
    let tenant = tenant(&without_attestation(), &with_exclusions());
    let answer = evaluate(&tenant, &attempt(&row_attempt(&rows()[6])));
    assert_eq!(verdict(&answer), "unknown");
    assert_eq!(unresolved(&answer), ["readiness.prompt-disputed"]);
    assert!(!uses(&answer, "R18"));
}

#[test]
fn an_allow_list_without_authenticator_blocks_everybody_where_the_policy_is_checked() {
    let restrictions = json!({"keyRestrictions":
        {"isEnforced": true, "enforcementType": "allow", "aaGuids": [YUBIKEY]}});
    let method = laid_over(fido2(), &restrictions);
    check("key restrictions on", &method, &with_exclusions(), as_is);
    let tenant = tenant(&method, &with_exclusions());
    let answer = evaluate(&tenant, &attempt(&row_attempt(&rows()[0])));
    assert_eq!(stopped(&answer), ("policyCheck".to_owned(), "readiness.passkey-refused"));
    assert!(said(&answer, "readiness.passkey-refused").contains("keyRestrictions"));
}

#[test]
fn a_one_time_pass_is_used_up_on_the_desktop() {
    let change = |mut json: Value| {
        json["attempt"]["signedInWith"] = json!([TAP_ONCE]);
        json["attempt"]["tap"] = json!({"kind": "oneTime", "usesLeft": 1, "minutesLeft": 50});
        json
    };
    check("TAP is one-time", &fido2(), &with_exclusions(), change);
    let tenant = tenant(&fido2(), &with_exclusions());
    let first = evaluate(&tenant, &attempt(&change(row_attempt(&rows()[0]))));
    assert_eq!(conditions(&first), ["readiness.finish-in-app", "readiness.second-pass"]);
    assert!(said(&first, "readiness.second-pass").contains("130505"));
    let fifth = evaluate(&tenant, &attempt(&change(row_attempt(&rows()[4]))));
    assert!(conditions(&fifth).is_empty());
}

#[test]
fn a_bootstrap_without_password_and_push_stops_at_the_user_action() {
    let mut policies = with_exclusions();
    policies["value"][0]["grantControls"]["authenticationStrength"]["allowedCombinations"] =
        json!([TAP_ONCE, TAP]);
    check("bootstrap strength without", &fido2(), &policies, as_is);
    let tenant = tenant(&fido2(), &policies);
    for row in rows().iter().filter(|row| [2, 4, 6, 7, 8].contains(&number(row))) {
        let answer = evaluate(&tenant, &attempt(&row_attempt(row)));
        assert_eq!(stopped(&answer).0, "userAction");
        assert!(decider(&answer).rules.iter().any(|rule| rule.id == "R1"));
    }
}

#[test]
fn with_windows_hello_in_the_strength_its_owner_never_enters_registration() {
    let mut policies = with_exclusions();
    policies["value"][1]["grantControls"]["authenticationStrength"]["allowedCombinations"] =
        json!(["fido2", "windowsHelloForBusiness"]);
    let tenant = tenant(&fido2(), &policies);
    let owner = json!({"registered": [{"mode": "windowsHelloForBusiness"}]});
    let answer = evaluate(&tenant, &attempt(&by(row_attempt(&rows()[0]), owner)));
    let results: Vec<_> = answer.steps.iter().map(|step| step.result.as_str()).collect();
    assert!(!results.contains(&"registration"), "{results:?}");
    assert!(conditions(&answer).contains(&"readiness.not-sent-to-registration"));
    assert!(conditions(&answer).contains(&"readiness.sign-in-with-hello"));
    let without = evaluate(&tenant, &attempt(&row_attempt(&rows()[0])));
    assert_eq!(without.steps[0].result.as_str(), "registration");
}
