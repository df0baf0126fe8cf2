//! What is said about a policy, whatever the credential.

use crate::support::{
    AUTHENTICATOR, CANOKEY, YUBIKEY, ZERO, attested, judge, list, overlaid, with_profile,
    with_profiles,
};
use keyvet_policy::entra::KeyTable;
use serde_json::{Value, json};

fn findings(json: &Value) -> Vec<(&'static str, String)> {
    let verdict = judge(json, &attested(YUBIKEY));
    verdict.findings.iter().map(|f| (f.id(), f.detail().to_owned())).collect()
}

fn ids(json: &Value) -> Vec<&'static str> {
    findings(json).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn a_plain_policy_has_nothing_to_find() {
    assert_eq!(ids(&with_profile(list("allow", &[YUBIKEY]))), crate::support::NOTHING);
}

#[test]
fn dead_profiles_are_named() {
    let registration_only = json!({"attestationEnforcement": "registrationOnly"});
    assert_eq!(ids(&with_profile(registration_only)), ["entra.synced-with-attestation"]);
    assert_eq!(ids(&with_profile(json!({"passkeyTypes": ""}))), ["entra.no-types"]);
    let unassigned = overlaid(
        with_profile(json!({})),
        &json!({"includeTargets": [
        {"id": "g1", "allowedPasskeyProfiles": ["gone"]}]}),
    );
    assert_eq!(ids(&unassigned), ["entra.unknown-profile-assigned", "entra.profile-unassigned"]);
}

#[test]
fn a_list_that_cannot_be_saved_or_does_nothing_is_named() {
    assert_eq!(ids(&with_profile(list("allow", &[]))), ["entra.restrictions-without-list"]);
    let off = json!({"keyRestrictions":
        {"isEnforced": false, "enforcementType": "allow", "aaGuids": [YUBIKEY]}});
    assert_eq!(ids(&with_profile(off)), ["entra.list-ignored"]);
}

#[test]
fn rows_of_a_list_that_are_not_what_they_seem_are_named() {
    let rows =
        [YUBIKEY, "2fc0579f-8113-47ea-b116-555a8db9202", ZERO, YUBIKEY, &CANOKEY.to_uppercase()];
    let found = findings(&with_profile(list("block", &rows)));
    let ids: Vec<&str> = found.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        ids,
        [
            "entra.malformed-aaguid",
            "entra.zero-aaguid-in-list",
            "entra.duplicate-aaguid",
            "entra.aaguid-spelling",
        ]
    );
    assert_eq!(
        found[0].1,
        "profile 'Profile 0' keyRestrictions.aaGuids: '2fc0579f-8113-47ea-b116-555a8db9202'"
    );
}

#[test]
fn models_that_enforced_attestation_never_takes_are_named_in_an_allow_list() {
    let only = json!({"attestationEnforcement": "registrationOnly", "passkeyTypes": "deviceBound"});
    let profile = overlaid(only, &list("allow", &[YUBIKEY, CANOKEY, AUTHENTICATOR]));
    let found = findings(&with_profile(profile));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "entra.allowed-not-attestable");
    assert!(found[0].1.contains(CANOKEY) && !found[0].1.contains(AUTHENTICATOR));
}

#[test]
fn more_than_three_profiles_are_too_many() {
    let none = json!({});
    let four = [none.clone(), none.clone(), none.clone(), none.clone()];
    assert_eq!(ids(&with_profiles(&four[..3])), crate::support::NOTHING);
    assert_eq!(ids(&with_profiles(&four)), ["entra.too-many-profiles"]);
}

/// All attestable keys take about 10 KB in one profile; in two they nearly fill the policy.
#[test]
fn the_size_of_the_policy_is_estimated_by_microsofts_numbers() {
    let all: Vec<String> =
        KeyTable::embedded().rows().iter().map(|row| row.aaguid.to_string()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let full = list("allow", &all);
    assert_eq!(ids(&with_profiles(&[full.clone(), full.clone()])), crate::support::NOTHING);
    let three = findings(&with_profiles(&[full.clone(), full.clone(), full]));
    let expected = "about 26.81 KB of 20, with 795 AAGUIDs";
    assert_eq!(three, [("entra.policy-too-large", expected.to_owned())]);
}
