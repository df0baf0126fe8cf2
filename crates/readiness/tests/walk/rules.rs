//! Every rule once deciding and once not, over tenants of one or two policies.

use crate::support::*;
use keyvet_readiness::{Answer, RULES, evaluate};
use serde_json::{Value, json};

/// One rule: an answer that it decides, one that it does not, and how the two end.
struct Shown {
    rule: &'static str,
    decides: Answer,
    ends: &'static str,
    silent: Answer,
    ends_otherwise: &'static str,
}

fn shown(
    rule: &'static str,
    (decides, ends): (Answer, &'static str),
    (silent, ends_otherwise): (Answer, &'static str),
) -> Shown {
    Shown { rule, decides, ends, silent, ends_otherwise }
}

/// A security key of Microsoft's table, at this computer.
fn key() -> Value {
    json!({"aaguid": YUBIKEY, "type": "deviceBound", "attestation": "mdsPacked", "route": "local"})
}

fn with_key(attempt: Value) -> Value {
    making(attempt, key())
}

/// At a computer, with a pass and a security key, opening My security info.
fn at_desk() -> Value {
    saying(with_key(desktop(&[TAP])), json!({"entry": "manage"}))
}

fn passkeys() -> Value {
    on_all("passkeys", &strength(&["fido2"]))
}

fn bootstrap() -> Value {
    on_action("bootstrap", &strength(&[TAP, "password,microsoftAuthenticatorPush"]))
}

fn on_behalf() -> Value {
    with_key(on("windows", "graphOnBehalf", &[]))
}

fn non_compliant(attempt: Value) -> Value {
    saying(attempt, json!({"device": {"compliant": false}}))
}

fn with_push(attempt: Value) -> Value {
    saying(attempt, json!({"signedInWith": ["password", PUSH]}))
}

fn every_rule() -> Vec<Shown> {
    let mut all = sign_in();
    all.extend(registration());
    all.extend(in_the_app());
    all.extend(the_passkey());
    all
}

fn sign_in() -> Vec<Shown> {
    let certificates = on_all("certificates", &strength(&["x509CertificateMultiFactor"]));
    let passes = on_all("passes", &strength(&[TAP, "fido2"]));
    let only_pass = json!({"enabledModes": [TAP]});
    vec![
        shown(
            "R3",
            (walk(&[passes.clone(), certificates], &at_desk()), "blocked"),
            (walk(std::slice::from_ref(&passes), &at_desk()), "ready"),
        ),
        shown(
            "R4",
            (walk(&[passkeys()], &by(at_desk(), only_pass)), "blocked"),
            (walk(&[passkeys()], &at_desk()), "ready"),
        ),
        shown(
            "R5",
            (walk(&[passkeys()], &at_desk()), "ready"),
            (walk(&[passes], &at_desk()), "ready"),
        ),
        shown(
            "R6",
            (
                walk(&[on_all("mfa", &control(&["mfa"]))], &with_key(desktop(&["password"]))),
                "conditional",
            ),
            (walk(&[passkeys()], &with_key(desktop(&[TAP]))), "ready"),
        ),
        shown(
            "R7",
            (walk(&[], &with_key(desktop(&[]))), "unknown"),
            (walk(&[], &at_desk()), "ready"),
        ),
        shown(
            "R8",
            (walk(&[on_action("resistant", &built_in(4))], &at_desk()), "blocked"),
            (walk(&[], &on_behalf()), "ready"),
        ),
    ]
}

fn registration() -> Vec<Shown> {
    let wizard = || with_key(desktop(&[TAP]));
    let minutes = |minutes: u32| saying(at_desk(), json!({ "minutesSinceStrongAuth": minutes }));
    let push = on_action("push", &strength(&["password,microsoftAuthenticatorPush"]));
    let once = |route: Value| {
        let pass = json!({"tap": {"kind": "oneTime", "usesLeft": 1, "minutesLeft": 30}});
        saying(making(desktop(&[TAP_ONCE]), route), pass)
    };
    let old = json!({"registered": [{"mode": "fido2", "aaguid": ANDROID}]});
    vec![
        shown(
            "R1",
            (walk(&[bootstrap(), passkeys()], &wizard()), "ready"),
            (walk(&[passkeys()], &wizard()), "ready"),
        ),
        shown(
            "R2",
            (walk(&[bootstrap(), push], &at_desk()), "blocked"),
            (walk(&[bootstrap()], &at_desk()), "ready"),
        ),
        shown("R9", (walk(&[], &minutes(6)), "conditional"), (walk(&[], &on_behalf()), "ready")),
        shown(
            "R10",
            (
                walk(&[], &saying(once(json!({"route": "inApp"})), json!({"entry": "manage"}))),
                "conditional",
            ),
            (walk(&[], &with_push(at_desk())), "ready"),
        ),
        shown(
            "R22",
            (walk(&[], &by(at_desk(), old)), "conditional"),
            (walk(&[], &at_desk()), "ready"),
        ),
        shown(
            "R25",
            (
                walk(
                    &[on_all("compliant", &control(&["compliantDevice"]))],
                    &non_compliant(app(&[TAP])),
                ),
                "blocked",
            ),
            (walk(&[], &app(&[TAP])), "ready"),
        ),
    ]
}

fn in_the_app() -> Vec<Shown> {
    let both = [CREDENTIALS, AZURE_AD];
    let mobile = |excluded: &[&str]| on_all_but("mobile", excluded, &strength(&["fido2", TAP]));
    let protected = on_all("protected", &control(&["compliantApplication"]));
    let pushed = || app(&["password", PUSH]);
    vec![
        shown(
            "R11",
            (
                walk(&[on_action("codes", &strength(&["password,softwareOath"]))], &pushed()),
                "blocked",
            ),
            (walk(&[], &at_desk()), "ready"),
        ),
        shown(
            "R12",
            (walk(&[passkeys()], &app(&[TAP])), "blocked"),
            (walk(&[passkeys()], &at_desk()), "ready"),
        ),
        shown(
            "R13",
            (walk(&[protected], &app(&[TAP])), "blocked"),
            (walk(&[mobile(&[])], &app(&[TAP])), "ready"),
        ),
        shown(
            "R14",
            (
                walk(
                    &[on_all("compliant", &control(&["compliantDevice"]))],
                    &non_compliant(app(&[TAP])),
                ),
                "blocked",
            ),
            (walk(&[mobile(&[])], &app(&[TAP])), "ready"),
        ),
        shown(
            "R15",
            (walk(&[mobile(&both)], &pushed()), "ready"),
            (walk(&[mobile(&both)], &app(&[TAP])), "ready"),
        ),
        shown(
            "R16",
            (walk(&[mobile(&[CREDENTIALS])], &pushed()), "blocked"),
            (walk(&[mobile(&[])], &pushed()), "blocked"),
        ),
        shown(
            "R17",
            (
                walk(
                    &[policy(
                        "phones",
                        &json!({"platforms": {"includePlatforms": ["iOS"]}}),
                        &strength(&["fido2"]),
                    )],
                    &app(&[TAP]),
                ),
                "blocked",
            ),
            (walk(&[passkeys()], &app(&[TAP])), "blocked"),
        ),
    ]
}

fn the_passkey() -> Vec<Shown> {
    let phone = json!({"aaguid": IOS, "route": "crossDevice"});
    let wizard = || making(desktop(&[TAP]), phone.clone());
    let limited_to_phones = on_all("phones only", &limited(&["fido2"], &[IOS, ANDROID]));
    let mac = json!({"aaguid": "7fd635b3-2ef9-4542-8d9d-164f2c771efc", "route": "local"});
    let on_mac = |candidate: Value| making(on("macOS", "browser:chrome", &[TAP]), candidate);
    let devices = policy(
        "join",
        &json!({"applications": {"includeUserActions": ["urn:user:registerdevice"]}}),
        &strength(&["fido2", "windowsHelloForBusiness"]),
    );
    let linux = |browser: &str| with_key(on("linux", browser, &[TAP]));
    let no_bluetooth = saying(wizard(), json!({"device": {"bluetooth": false}}));
    vec![
        shown(
            "R18",
            (walk(&[passkeys()], &wizard()), "blocked"),
            (walk_open(&[passkeys()], &wizard()), "ready"),
        ),
        shown(
            "R19",
            (walk_open(&[bootstrap(), passkeys_on_computers()], &no_bluetooth), "conditional"),
            (walk_open(&[passkeys()], &with_key(desktop(&[TAP]))), "ready"),
        ),
        shown(
            "R20",
            (walk(&[limited_to_phones], &with_key(desktop(&[TAP]))), "blocked"),
            (walk(&[passkeys()], &with_key(desktop(&[TAP]))), "ready"),
        ),
        shown(
            "R21",
            (walk_open(&[passkeys()], &on_mac(mac)), "blocked"),
            (walk_open(&[passkeys()], &on_mac(key())), "ready"),
        ),
        shown("R23", (walk(&[devices], &at_desk()), "ready"), (walk(&[], &at_desk()), "ready")),
        shown(
            "R24",
            (walk(&[passkeys()], &linux("browser:firefox")), "unknown"),
            (walk(&[passkeys()], &linux("browser:chrome")), "ready"),
        ),
    ]
}

fn passkeys_on_computers() -> Value {
    policy(
        "computers",
        &json!({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["iOS", "android"]}}),
        &strength(&["fido2"]),
    )
}

#[test]
fn every_rule_is_shown_deciding_and_not_deciding() {
    for shown in every_rule() {
        let Shown { rule, decides, silent, .. } = &shown;
        assert!(uses(decides, rule), "{rule} does not decide: {}", story(decides));
        assert!(!uses(silent, rule), "{rule} decides: {}", story(silent));
        assert_eq!(verdict(decides), shown.ends, "{rule}: {}", story(decides));
        assert_eq!(verdict(silent), shown.ends_otherwise, "without {rule}: {}", story(silent));
    }
}

#[test]
fn no_rule_of_the_set_is_left_out() {
    let shown: Vec<&str> = every_rule().iter().map(|shown| shown.rule).collect();
    for rule in RULES {
        let times = shown.iter().filter(|id| **id == rule.id).count();
        assert_eq!(times, 1, "{}", rule.id);
    }
    assert_eq!(shown.len(), RULES.len());
}

#[test]
fn what_a_rule_decides_stands_at_the_step_it_decides() {
    for (rule, at) in [
        ("R2", "userAction"),
        ("R3", "resource(All)"),
        ("R4", "resource(All)"),
        ("R8", "userAction"),
        ("R9", "ceremony"),
        ("R11", "userAction"),
        ("R20", "resource(All)"),
        ("R22", "ceremony"),
        ("R24", "ceremony"),
        ("R25", "userAction"),
    ] {
        let all = every_rule();
        let shown = all.iter().find(|shown| shown.rule == rule).unwrap();
        let step = decider(&shown.decides);
        assert_eq!(context(&step.context), at, "{rule}");
        assert!(step.rules.iter().any(|used| used.id == rule), "{rule}: {step:#?}");
    }
}

#[test]
fn an_exclusion_of_the_third_resource_is_what_rule_thirteen_documents() {
    let protected = on_all_but("protected", &[REGISTRATION], &control(&["approvedApplication"]));
    let answer = walk(&[protected], &app(&[TAP]));
    assert_eq!(verdict(&answer), "ready");
    assert!(uses(&answer, "R13"));
    assert!(contexts(&answer).contains(&format!("resource({REGISTRATION})")));
    let stops = walk(&[on_all("protected", &control(&["approvedApplication"]))], &app(&[TAP]));
    assert_eq!(
        stopped(&stops),
        (format!("resource({REGISTRATION})"), "readiness.app-protection-stops-authenticator")
    );
}

#[test]
fn the_confidence_is_that_of_the_weakest_rule() {
    for (rule, confidence) in
        [("R5", "documented"), ("R15", "observed"), ("R22", "observed"), ("R12", "inferred")]
    {
        let all = every_rule();
        let shown = all.iter().find(|shown| shown.rule == rule).unwrap();
        assert_eq!(shown.decides.confidence.as_str(), confidence, "{rule}");
    }
}

#[test]
fn the_age_of_the_authentication_counts_from_the_sixth_minute() {
    for (minutes, ends, condition) in [
        (4, "ready", None),
        (5, "ready", None),
        (6, "conditional", Some("readiness.sign-in-again")),
        (15, "conditional", Some("readiness.sign-in-again")),
        (16, "conditional", Some("readiness.session-over")),
    ] {
        let json = saying(with_push(at_desk()), json!({ "minutesSinceStrongAuth": minutes }));
        let answer = evaluate(&tenant(&fido2(), &policies(&[])), &attempt(&json));
        assert_eq!(verdict(&answer), ends, "{minutes}");
        assert_eq!(conditions(&answer), Vec::from_iter(condition), "{minutes}");
    }
}

#[test]
fn a_one_time_pass_has_ten_minutes_of_which_five_are_undisputed() {
    for (minutes, ends, id) in [
        (5, "ready", None),
        (6, "unknown", Some("readiness.pass-window-disputed")),
        (10, "unknown", Some("readiness.pass-window-disputed")),
        (11, "blocked", Some("readiness.pass-window-over")),
    ] {
        let pass = json!({"minutesSinceStrongAuth": minutes, "signedInWith": [TAP_ONCE],
            "tap": {"kind": "oneTime", "minutesLeft": 40}});
        let answer = walk(&[], &saying(at_desk(), pass));
        assert_eq!(verdict(&answer), ends, "{minutes}");
        let ids: Vec<_> =
            answer.stopped_at.map(|at| answer.steps[at].findings[0].id()).into_iter().collect();
        assert_eq!(ids, Vec::from_iter(id), "{minutes}");
    }
}
