//! A phone whose platform is not said: what tells the two apart, and what does not.

use crate::support::*;
use keyvet_readiness::{Tenant, evaluate};
use serde_json::json;

/// The verdicts for iOS and for Android, and the answer when the phone is not said, which must follow from them.
fn asked(tenant: &Tenant) -> ([&'static str; 2], bool) {
    let unsaid = making(desktop(&[TAP]), json!({"route": "inApp"}));
    let verdicts = ["iOS", "android"].map(|phone| {
        let said = saying(unsaid.clone(), json!({ "phone": phone }));
        verdict(&evaluate(tenant, &attempt(&said)))
    });
    let answer = evaluate(tenant, &attempt(&unsaid));
    let decides = answer
        .unresolved
        .iter()
        .any(|finding| finding.detail().contains("the platform of the phone decides"));
    let alike = answer.notes.iter().any(|note| note.detail().contains("both end alike"));
    assert_ne!(decides, alike, "{}", story(&answer));
    let follows = if decides { "unknown" } else { verdicts[0] };
    assert_eq!(verdict(&answer), follows, "{}", story(&answer));
    (verdicts, decides)
}

#[test]
fn nothing_tells_the_phones_apart() {
    let everybody = on_all("pass", &strength(&["fido2", TAP]));
    let tenant = tenant(&fido2(), &policies(&[everybody]));
    assert_eq!(asked(&tenant), (["conditional"; 2], false));
}

#[test]
fn a_condition_on_platforms_tells_them_apart() {
    let android = json!({"platforms": {"includePlatforms": ["android"]}});
    let blocks = policy("android", &android, &control(&["block"]));
    let tenant = tenant(&fido2(), &policies(&[blocks]));
    assert_eq!(asked(&tenant), (["conditional", "blocked"], true));
}

#[test]
fn a_strength_with_one_of_their_models_tells_them_apart() {
    let ios = on_all("models", &limited(&["fido2", TAP], &[IOS]));
    let tenant = tenant(&fido2(), &policies(&[ios]));
    assert_eq!(asked(&tenant), (["conditional", "blocked"], true));
}

#[test]
fn a_passkey_policy_with_one_of_their_models_tells_them_apart() {
    let restrictions = json!({"keyRestrictions":
        {"isEnforced": true, "enforcementType": "allow", "aaGuids": [ANDROID]}});
    let tenant = tenant(&laid_over(fido2(), &restrictions), &policies(&[]));
    assert_eq!(asked(&tenant), (["blocked", "conditional"], true));
}
