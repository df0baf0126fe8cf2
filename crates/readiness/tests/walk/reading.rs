//! The file of attempts: what is taken, what is noted, what is refused, and where.

use crate::support::*;
use keyvet_finding::Coded;
use keyvet_readiness::{
    AttemptError, Entry, KINDS, MethodMode, PasskeyType, Platform, Route, Surface, TapKind,
    evaluate, read_attempts, read_person,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn read(json: &Value) -> Result<Vec<keyvet_readiness::Attempt>, AttemptError> {
    read_attempts(&serde_json::to_vec(json).unwrap())
}

fn whole() -> Value {
    json!({
        "user": {"id": "u1", "userPrincipalName": "ada@example.com", "groups": ["g1"],
            "roles": [], "external": false, "enabledModes": ["fido2"],
            "registered": [{"mode": "FIDO2", "aaguid": YUBIKEY}, PUSH]},
        "attempt": {"platform": "Windows", "surface": "browser:Edge", "entry": "manage",
            "signedInWith": [TAP_ONCE], "minutesSinceStrongAuth": 2,
            "tap": {"kind": "oneTime", "usesLeft": 1, "minutesLeft": 50},
            "resource": "r1", "phone": {"platform": "iOS", "compliant": true, "osVersion": "18.4"},
            "device": {"isCompliant": true, "trustType": "AzureAD"},
            "signInRiskLevel": "low", "locations": ["l1"],
            "authenticationFlow": {"transferMethod": "none"}},
        "candidate": {"aaguid": IOS, "type": "deviceBound", "attestation": "appAttest",
            "route": "crossDevice"}
    })
}

#[test]
fn everything_an_attempt_says_is_read() {
    let attempt = read(&whole()).unwrap().remove(0);
    assert_eq!((attempt.platform, attempt.entry), (Platform::Windows, Entry::Manage));
    assert_eq!(attempt.surface, Surface::Browser("edge".to_owned()));
    assert_eq!(attempt.person.name.as_deref(), Some("ada@example.com"));
    let registered = attempt.person.registered.unwrap();
    assert_eq!(registered[0].mode, MethodMode::new("fido2"));
    assert_eq!(registered[0].aaguid, Some(YUBIKEY.parse().unwrap()));
    assert_eq!(registered[1].mode.as_str(), PUSH);
    let tap = attempt.tap.unwrap();
    assert_eq!((tap.kind, tap.uses_left, tap.minutes_left), (TapKind::OneTime, Some(1), Some(50)));
    assert_eq!(attempt.minutes_since_strong_auth, Some(2));
    assert_eq!((attempt.phone, attempt.phone_device.compliant), (Some(Platform::Ios), Some(true)));
    assert_eq!((attempt.device.compliant, attempt.device.hybrid_joined), (Some(true), Some(false)));
    assert_eq!(attempt.device.authentication_flow.as_deref(), Some("none"));
    assert_eq!(attempt.candidate.passkey_type, Some(PasskeyType::DeviceBound));
    assert_eq!(attempt.candidate.route, Route::CrossDevice);
    assert_eq!(attempt.resource.as_deref(), Some("r1"));
    assert!(attempt.findings.is_empty(), "{:?}", attempt.findings);
}

#[test]
fn an_array_is_as_many_attempts() {
    assert_eq!(read(&json!([whole(), desktop(&[TAP])])).unwrap().len(), 2);
    assert_eq!(read(&json!([])), Err(AttemptError::Empty));
}

#[test]
fn defaults_are_said() {
    let attempt = read(&json!({"attempt": {"platform": "iOS", "entry": "inApp"}})).unwrap();
    assert_eq!(attempt[0].surface, Surface::AuthenticatorApp);
    let said: Vec<&str> = attempt[0].findings.iter().map(|finding| finding.detail()).collect();
    assert_eq!(said, ["attempt.surface: authenticatorApp"]);
    let bare = read(&desktop(&[TAP])).unwrap().remove(0);
    let answer = evaluate(&tenant(&fido2(), &with_exclusions()), &bare);
    let assumed: Vec<&str> = answer
        .notes
        .iter()
        .filter(|note| note.id() == "readiness.assumed")
        .map(|note| note.detail().split(':').next().unwrap())
        .collect();
    assert_eq!(
        assumed,
        [
            "attempt.entry",
            "user.registered",
            "attempt.minutesSinceStrongAuth",
            "candidate.aaguid",
            "candidate.type",
            "candidate.attestation",
            "attempt.phone",
        ]
    );
}

#[test]
fn words_without_meaning_are_refused_with_their_place() {
    let wrong = |name: &str, value: Value| {
        let error = read(&json!([whole(), saying(whole(), json!({ name: value }))])).unwrap_err();
        assert_eq!(error.kind().id, "readiness.attempt-word");
        error.to_string()
    };
    assert_eq!(
        wrong("platform", json!("beos")),
        "[1].attempt.platform: 'beos' is not one of windows, macOS, linux, iOS, android"
    );
    assert!(wrong("surface", json!("browser:")).starts_with("[1].attempt.surface: "));
    assert!(wrong("surface", json!("telnet")).contains("graphOnBehalf"));
    assert!(wrong("entry", json!("window")).contains("interrupt, manage, inApp"));
    assert!(wrong("tap", json!({"kind": "often"})).contains("[1].attempt.tap.kind"));
    assert!(wrong("phone", json!("nokia")).contains("[1].attempt.phone"));
    for (name, value) in
        [("route", "pigeon"), ("type", "loose"), ("attestation", "oath"), ("aaguid", "7")]
    {
        let mut candidate = whole()["candidate"].clone();
        candidate[name] = json!(value);
        let error = read(&making(whole(), candidate)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("candidate.{name}: '{value}'")), "{error}");
    }
}

#[test]
fn wrong_types_and_missing_members_are_refused_with_their_place() {
    let error = read(&saying(whole(), json!({"minutesSinceStrongAuth": -1}))).unwrap_err();
    assert_eq!(error.kind().id, "readiness.attempt-unreadable");
    assert!(error.to_string().contains("attempt.minutesSinceStrongAuth"), "{error}");
    for incomplete in
        [json!({}), json!({"attempt": {}}), json!({"attempt": {"platform": "iOS", "tap": {}}})]
    {
        let error = read(&incomplete).unwrap_err();
        assert_eq!(error.kind().id, "readiness.attempt-incomplete", "{error}");
    }
    assert_eq!(read_attempts(b"{").unwrap_err().kind().id, "readiness.attempt-unreadable");
    assert!(read(&json!("platform")).is_err());
}

#[test]
fn what_is_not_known_is_noted_and_the_rest_is_read() {
    let mut json = saying(whole(), json!({"signedInWith": [TAP, "carrierPigeon"], "mood": "good"}));
    json["@odata.context"] = json!("noise");
    json["user"]["shoeSize"] = json!(42);
    let attempt = read(&json).unwrap().remove(0);
    let found: Vec<(&str, &str)> =
        attempt.findings.iter().map(|finding| (finding.id(), finding.detail())).collect();
    assert_eq!(
        found,
        [
            ("readiness.attempt-unknown-member", "attempt: mood"),
            ("readiness.unknown-method-mode", "attempt.signedInWith[1]: 'carrierPigeon'"),
            ("readiness.attempt-unknown-member", "user: shoeSize"),
        ]
    );
}

#[test]
fn a_pass_of_two_kinds_is_noted() {
    let json = saying(desktop(&[TAP]), json!({"tap": {"kind": "oneTime"}}));
    let answer = evaluate(&tenant(&fido2(), &with_exclusions()), &attempt(&json));
    assert!(notes(&answer).contains(&"readiness.attempt-contradicts-itself"));
    assert!(conditions(&answer).contains(&"readiness.second-pass"));
}

#[test]
fn a_person_is_read_from_a_file_of_their_own() {
    let bytes = serde_json::to_vec(&whole()["user"]).unwrap();
    let (person, findings) = read_person(&bytes).unwrap();
    assert_eq!(person.id.as_deref(), Some("u1"));
    assert!(findings.is_empty());
    let inside = serde_json::to_vec(&whole()).unwrap();
    assert_eq!(read_person(&inside).unwrap().0, person);
    assert!(read_person(b"[]").is_err());
}

#[test]
fn what_outside_text_says_is_never_shown_raw() {
    let hostile = "\u{1b}[31m\u{202e}";
    let json = saying(whole(), json!({ hostile: 1 }));
    let attempt = read(&json).unwrap().remove(0);
    assert!(!attempt.findings[0].detail().contains('\u{1b}'));
    let error = read(&saying(whole(), json!({ "platform": hostile }))).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}') && !error.contains('\u{202e}'), "{error}");
}

#[test]
fn every_kind_has_an_id_of_its_own_and_says_what_to_do() {
    let mut seen = BTreeSet::new();
    for kind in KINDS {
        assert!(seen.insert(kind.id), "{} twice", kind.id);
        assert!(kind.id.starts_with("readiness."), "{}", kind.id);
        for text in [kind.meaning, kind.next_step] {
            assert!(text.len() > 10 && text.ends_with('.'), "{}: {text}", kind.id);
        }
    }
}
