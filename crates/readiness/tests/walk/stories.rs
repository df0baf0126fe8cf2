//! What people complain about, told by the walk.

use crate::support::*;
use keyvet_policy::entra::KeyTable;
use keyvet_readiness::{Knowledge, evaluate, evaluate_with};
use serde_json::json;

/// In metadata, never certified, not in Microsoft's table.
const CANOKEY: &str = "244eb29e-e090-4e49-81fe-1f20f8d3b8f4";

/// F6: a key that is not FIDO certified, with the metadata at hand.
#[test]
fn a_key_without_certification_is_named_and_taken_only_without_attestation() {
    let payload = keyvet_testkit::payload_291();
    let (catalogue, _) = keyvet_mds::danger_read_unsigned_payload(&payload).unwrap();
    let knowledge = Knowledge { key_table: KeyTable::embedded(), catalogue: Some(&catalogue) };
    let candidate = json!({"aaguid": CANOKEY, "type": "deviceBound", "attestation": "mdsPacked",
        "route": "local"});
    let attempt = attempt(&making(desktop(&[TAP]), candidate));
    let passkeys = policies(&[on_all("passkeys", &strength(&["fido2"]))]);
    let enforced = evaluate_with(&tenant(&fido2(), &passkeys), &attempt, &knowledge);
    assert_eq!(stopped(&enforced), ("policyCheck".to_owned(), "readiness.passkey-refused"));
    let why = said(&enforced, "entra.not-certified");
    assert!(why.contains("NOT_FIDO_CERTIFIED"), "{why}");
    let open = evaluate_with(&tenant(&without_attestation(), &passkeys), &attempt, &knowledge);
    assert_eq!(verdict(&open), "ready");
}

/// Without metadata the table alone does not refuse a model that it does not list.
#[test]
fn a_model_that_the_table_does_not_list_is_unknown_without_metadata() {
    let candidate = json!({"aaguid": CANOKEY, "attestation": "mdsPacked", "route": "local"});
    let json = making(desktop(&[TAP]), candidate);
    let answer = walk(&[on_all("passkeys", &strength(&["fido2"]))], &json);
    assert_eq!(verdict(&answer), "unknown");
    assert!(unresolved(&answer).contains(&"entra.not-in-key-table"));
}

/// F7: "this particular key type has been blocked", said before anybody touches a key.
#[test]
fn a_blocked_model_is_refused_beforehand_with_the_profile_and_the_list() {
    let mut method = sample("seed-fido2-policy-as-profile.json");
    method["passkeyProfiles"][0]["name"] = json!("Desk keys");
    method["passkeyProfiles"][0]["keyRestrictions"] =
        json!({"isEnforced": true, "enforcementType": "block", "aaGuids": [YUBIKEY]});
    let candidate = json!({"aaguid": YUBIKEY, "route": "local"});
    let attempt = attempt(&making(desktop(&[TAP]), candidate));
    let answer = evaluate(&tenant(&method, &policies(&[])), &attempt);
    assert_eq!(stopped(&answer).0, "policyCheck");
    let why = said(&answer, "readiness.passkey-refused");
    assert!(why.contains("Desk keys") && why.contains("keyRestrictions.aaGuids"), "{why}");
    assert!(said(&answer, "entra.aaguid-blocked").contains(YUBIKEY));
}

/// F14: an old passkey is asked for although there is a pass.
#[test]
fn somebody_with_an_old_passkey_and_a_pass_is_asked_for_the_old_passkey() {
    let old = json!({"registered": [{"mode": "fido2", "aaguid": YUBIKEY}]});
    let json = by(saying(app(&[TAP]), json!({"minutesSinceStrongAuth": 1})), old);
    let tenant = tenant(&fido2(), &with_exclusions());
    let answer = evaluate(&tenant, &attempt(&json));
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.existing-method-asked"]);
    assert_eq!(answer.confidence.as_str(), "observed");
    assert!(uses(&answer, "R22"));
}

/// F14: weak multifactor authentication mints what is phishing-resistant.
#[test]
fn password_and_push_earn_a_warning_and_a_pass_does_not() {
    let tenant = tenant(&fido2(), &with_exclusions());
    let weak = evaluate(&tenant, &attempt(&app(&["password", PUSH])));
    assert!(notes(&weak).contains(&"readiness.weak-method-mints-strong"));
    assert_eq!(verdict(&weak), "ready");
    let strong = evaluate(&tenant, &attempt(&app(&[TAP])));
    assert!(!notes(&strong).contains(&"readiness.weak-method-mints-strong"));
}

/// The loop of the one-time pass: one policy on All resources demands passkeys everywhere.
#[test]
fn a_one_time_pass_under_a_passkey_policy_on_everything_goes_round_in_a_loop() {
    let everywhere = [on_all("Passkeys everywhere", &limited(&["fido2"], &[IOS, ANDROID]))];
    let pass = json!({"tap": {"kind": "oneTime", "usesLeft": 1, "minutesLeft": 55}});
    let from_desk = walk(&everywhere, &saying(desktop(&[TAP_ONCE]), pass.clone()));
    assert_eq!(
        stopped(&from_desk),
        (format!("resource({CREDENTIALS})"), "readiness.registration-loop")
    );
    assert!(uses(&from_desk, "R12"));
    // what the help desk hears first: the pass is "already used" on the phone
    assert!(said(&from_desk, "readiness.second-pass").contains("130505"));
    let story = said(&from_desk, "readiness.registration-loop");
    assert!(story.contains("Passkeys everywhere") && story.contains("loop"), "{story}");
    assert!(story.contains("each round uses up a one-time pass"), "{story}");

    let in_app = walk(&everywhere, &saying(app(&[TAP_ONCE]), pass));
    assert_eq!(stopped(&in_app).1, "readiness.registration-loop");
    assert!(conditions(&in_app).is_empty());

    // two ways out, each tried
    let two = [CREDENTIALS, AZURE_AD];
    let excluded = on_all_but("Passkeys everywhere", &two, &strength(&["fido2"]));
    assert_eq!(verdict(&walk(&[excluded], &app(&[TAP]))), "ready");
    let with_pass = on_all("Passkeys or a pass", &strength(&["fido2", TAP, TAP_ONCE]));
    assert_eq!(verdict(&walk(&[with_pass], &app(&[TAP]))), "ready");
}

/// The same loop with a multi-use pass: no sign-in fails, and nobody gets through.
#[test]
fn a_multi_use_pass_goes_round_in_the_loop_without_an_error_of_its_own() {
    let answer = walk(&[on_all("Passkeys", &strength(&["fido2"]))], &desktop(&[TAP]));
    assert_eq!(stopped(&answer).1, "readiness.registration-loop");
    assert!(!said(&answer, "readiness.registration-loop").contains("one-time"));
    assert!(!conditions(&answer).contains(&"readiness.second-pass"));
}
