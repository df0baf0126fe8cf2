//! Tenants and attempts that somebody makes up to find a wrong answer.

use crate::support::*;
use keyvet_readiness::{Applies, evaluate};
use serde_json::{Value, json};

fn key() -> Value {
    json!({"aaguid": YUBIKEY, "type": "deviceBound", "attestation": "mdsPacked", "route": "local"})
}

fn at_desk(methods: &[&str]) -> Value {
    saying(making(desktop(methods), key()), json!({"entry": "manage"}))
}

fn passkeys() -> Value {
    on_all("passkeys", &strength(&["fido2"]))
}

fn with_state(mut policy: Value, state: &str) -> Value {
    policy["state"] = json!(state);
    policy
}

fn with_users(mut policy: Value, users: Value) -> Value {
    policy["conditions"]["users"] = users;
    policy
}

#[test]
fn a_block_stops_the_sign_in_and_its_report_only_copy_does_not() {
    let block = on_all("closed", &control(&["block"]));
    let answer = walk(std::slice::from_ref(&block), &at_desk(&[TAP]));
    assert_eq!(stopped(&answer), ("resource(All)".to_owned(), "readiness.policy-blocks"));
    for (state, applies) in [
        ("enabledForReportingButNotEnforced", Applies::ReportOnly),
        ("disabled", Applies::No("disabled")),
    ] {
        let answer = walk(&[with_state(block.clone(), state)], &at_desk(&[TAP]));
        assert_eq!(verdict(&answer), "ready", "{state}");
        assert_eq!(answer.steps[0].policies[0].applies, applies);
    }
}

#[test]
fn a_block_on_the_user_action_lets_the_resource_be_and_stops_registration() {
    let answer = walk(&[on_action("no registration", &control(&["block"]))], &at_desk(&[TAP]));
    assert_eq!(stopped(&answer), ("userAction".to_owned(), "readiness.policy-blocks"));
    let on_behalf = making(on("windows", "graphOnBehalf", &[]), key());
    let answer = walk(&[on_action("no registration", &control(&["block"]))], &on_behalf);
    assert_eq!(verdict(&answer), "ready");
}

#[test]
fn a_deleted_strength_is_unknown_unless_another_control_is_enough() {
    let gone = json!({"operator": "OR", "builtInControls": [],
        "authenticationStrength": {"id": "5eed0000-dead-4000-8000-000000000001"}});
    let answer = walk(&[on_all("gone", &gone)], &at_desk(&[TAP]));
    assert_eq!(verdict(&answer), "unknown");
    assert!(said(&answer, "readiness.strength-not-in-export").contains("5eed0000-dead"));
    assert!(unresolved(&answer).contains(&"readiness.strength-not-in-export"));
    let mut or_mfa = gone.clone();
    or_mfa["builtInControls"] = json!(["mfa"]);
    assert_eq!(verdict(&walk(&[on_all("gone", &or_mfa)], &at_desk(&[TAP]))), "ready");
    or_mfa["operator"] = json!("AND");
    assert_eq!(verdict(&walk(&[on_all("gone", &or_mfa)], &at_desk(&[TAP]))), "unknown");
}

#[test]
fn a_group_exclusion_is_asked_for_and_spares_its_members() {
    let block = with_users(
        on_all("closed", &control(&["block"])),
        json!({"includeUsers": ["All"], "excludeGroups": ["g1"]}),
    );
    let ask = |user: Value| walk(std::slice::from_ref(&block), &by(at_desk(&[TAP]), user));
    assert_eq!(verdict(&ask(json!({"groups": ["G1"]}))), "ready");
    assert_eq!(verdict(&ask(json!({"groups": ["g2"]}))), "blocked");
    let open = ask(json!({}));
    assert_eq!(verdict(&open), "unknown");
    assert!(said(&open, "readiness.input-missing").contains("user.groups"));
}

#[test]
fn what_is_not_known_does_not_matter_where_the_demand_is_met_anyway() {
    let mut mfa = on_all("mfa at risk", &control(&["mfa"]));
    mfa["conditions"]["signInRiskLevels"] = json!(["high"]);
    assert_eq!(verdict(&walk(&[mfa], &at_desk(&[TAP]))), "ready");
    let mut block = on_all("closed at risk", &control(&["block"]));
    block["conditions"]["signInRiskLevels"] = json!(["high"]);
    let open = walk(std::slice::from_ref(&block), &at_desk(&[TAP]));
    assert_eq!(verdict(&open), "unknown");
    assert!(said(&open, "readiness.input-missing").contains("signInRiskLevel"));
    let low = saying(at_desk(&[TAP]), json!({"signInRiskLevel": "low"}));
    assert_eq!(verdict(&walk(std::slice::from_ref(&block), &low)), "ready");
    let high = saying(at_desk(&[TAP]), json!({"signInRiskLevel": "high"}));
    assert_eq!(verdict(&walk(&[block], &high)), "blocked");
}

#[test]
fn what_blocks_for_certain_outweighs_what_is_open() {
    let mut risky = on_all("closed at risk", &control(&["block"]));
    risky["conditions"]["signInRiskLevels"] = json!(["high"]);
    let guarded = on_action("guarded", &built_in(4));
    let answer = walk(&[risky, guarded], &at_desk(&[TAP]));
    assert_eq!(stopped(&answer), ("userAction".to_owned(), "readiness.user-action-refuses"));
    assert!(unresolved(&answer).contains(&"readiness.input-missing"));
}

#[test]
fn a_compliant_device_counts_by_its_operator() {
    let grant = |operator: &str| {
        let mut grant = control(&["mfa", "compliantDevice"]);
        grant["operator"] = json!(operator);
        on_all("compliant", &grant)
    };
    let device =
        |compliant: Value| saying(at_desk(&[TAP]), json!({"device": {"compliant": compliant}}));
    assert_eq!(verdict(&walk(&[grant("OR")], &device(json!(false)))), "ready");
    let both = walk(&[grant("AND")], &device(json!(false)));
    assert_eq!(stopped(&both), ("resource(All)".to_owned(), "readiness.device-not-compliant"));
    assert_eq!(verdict(&walk(&[grant("AND")], &device(json!(true)))), "ready");
    let open = walk(&[grant("AND")], &device(Value::Null));
    assert_eq!(verdict(&open), "unknown");
    assert!(said(&open, "readiness.input-missing").contains("device.compliant"));
}

#[test]
fn the_phone_has_to_be_compliant_too() {
    let compliant = on_all("compliant", &control(&["compliantDevice"]));
    let ask = |phone: Value| {
        let json = json!({"device": {"compliant": true}, "phone": phone});
        walk(std::slice::from_ref(&compliant), &saying(desktop(&[TAP]), json))
    };
    let open = ask(json!("iOS"));
    assert_eq!(verdict(&open), "unknown");
    assert!(said(&open, "readiness.input-missing").contains("phone.compliant"));
    let no = ask(json!({"platform": "iOS", "compliant": false}));
    assert_eq!(stopped(&no), ("userAction".to_owned(), "readiness.device-not-compliant"));
    let yes = ask(json!({"platform": "iOS", "compliant": true}));
    assert_eq!(verdict(&yes), "conditional");
}

#[test]
fn a_domain_joined_device_counts_by_its_trust() {
    let joined = on_all("joined", &control(&["domainJoinedDevice"]));
    let ask = |trust: &str| {
        let json = saying(at_desk(&[TAP]), json!({"device": {"trustType": trust}}));
        walk(std::slice::from_ref(&joined), &json)
    };
    assert_eq!(verdict(&ask("ServerAD")), "ready");
    assert_eq!(stopped(&ask("AzureAD")).1, "readiness.device-not-joined");
}

#[test]
fn a_protected_app_is_asked_of_a_browser_as_well() {
    let protected = on_all("protected", &control(&["compliantApplication"]));
    let bare = saying(at_desk(&[TAP]), json!({"device": {"appProtected": false}}));
    let answer = walk(&[protected], &bare);
    assert_eq!(stopped(&answer), ("resource(All)".to_owned(), "readiness.app-not-protected"));
}

#[test]
fn terms_and_a_new_password_are_conditions_and_unknown_controls_are_open() {
    let grant = json!({"operator": "AND", "builtInControls": ["mfa", "passwordChange"],
        "termsOfUse": ["t1"]});
    let answer = walk(&[on_all("terms", &grant)], &at_desk(&[TAP]));
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.password-change", "readiness.terms-of-use"]);
    for grant in [
        control(&["riskRemediation"]),
        json!({"operator": "OR", "builtInControls": [], "customAuthenticationFactors": ["duo"]}),
    ] {
        let answer = walk(&[on_all("new", &grant)], &at_desk(&[TAP]));
        assert_eq!(verdict(&answer), "unknown");
        assert!(unresolved(&answer).contains(&"readiness.control-not-judged"));
    }
}

#[test]
fn guests_register_nothing_here() {
    let guest = json!({"external": true});
    let answer = walk(&[], &by(at_desk(&[TAP]), guest));
    assert_eq!(stopped(&answer), ("policyCheck".to_owned(), "readiness.guest"));
    let by_type = walk(&[], &by(at_desk(&[TAP]), json!({"userType": "Guest"})));
    assert_eq!(stopped(&by_type).1, "readiness.guest");
}

#[test]
fn a_pass_that_the_tenant_does_not_take_ends_before_any_policy() {
    let methods = |over: Value| {
        let base = json!({"id": "TemporaryAccessPass", "state": "enabled", "isUsableOnce": false,
            "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
            "includeTargets": [{"targetType": "group", "id": "all_users"}], "excludeTargets": []});
        let tap = laid_over(base, &over);
        json!({"id": "authenticationMethodsPolicy",
            "authenticationMethodConfigurations": [fido2(), tap]})
    };
    let ask = |over: Value, json: &Value| {
        let files = [
            ("authenticationMethodsPolicy.json", &methods(over)),
            ("conditionalAccessPolicies.json", &policies(&[passkeys()])),
        ];
        evaluate(&tenant_of(&files), &attempt(json))
    };
    assert_eq!(verdict(&ask(json!({}), &at_desk(&[TAP]))), "ready");
    let off = ask(json!({"state": "disabled"}), &at_desk(&[TAP]));
    assert_eq!(stopped(&off), ("resource(All)".to_owned(), "readiness.pass-not-enabled"));
    assert!(said(&off, "readiness.pass-not-enabled").contains("130502"));
    let once = ask(json!({"isUsableOnce": true}), &at_desk(&[TAP]));
    assert_eq!(stopped(&once).1, "readiness.pass-not-enabled");
    assert_eq!(verdict(&ask(json!({"isUsableOnce": true}), &at_desk(&[TAP_ONCE]))), "ready");
    let group = json!({"includeTargets": [{"targetType": "group", "id": "g1"}]});
    assert_eq!(verdict(&ask(group.clone(), &at_desk(&[TAP]))), "unknown");
    let member = by(at_desk(&[TAP]), json!({"groups": ["g1"]}));
    assert_eq!(verdict(&ask(group.clone(), &member)), "ready");
    let stranger = by(at_desk(&[TAP]), json!({"groups": []}));
    assert_eq!(stopped(&ask(group, &stranger)).1, "readiness.pass-not-enabled");
}

#[test]
fn a_pass_that_is_spent_or_expired_ends_before_any_policy() {
    let ask = |tap: Value| walk(&[], &saying(at_desk(&[TAP_ONCE]), json!({ "tap": tap })));
    let spent = ask(json!({"kind": "oneTime", "usesLeft": 0}));
    assert_eq!(stopped(&spent).1, "readiness.pass-used-up");
    assert!(said(&spent, "readiness.pass-used-up").contains("130505"));
    let expired = ask(json!({"kind": "oneTime", "minutesLeft": 0}));
    assert_eq!(stopped(&expired).1, "readiness.pass-expired");
    let alive = ask(json!({"kind": "oneTime", "usesLeft": 1, "minutesLeft": 12}));
    assert_eq!(verdict(&alive), "ready");
    assert!(said(&alive, "readiness.pass-countdown").contains("12 minutes"));
}

#[test]
fn a_phishing_resistant_user_action_takes_no_pass_and_takes_the_passkey_one_has() {
    let guarded = on_action("resistant", &built_in(4));
    let answer = walk(std::slice::from_ref(&guarded), &app(&[TAP]));
    assert_eq!(stopped(&answer), ("userAction".to_owned(), "readiness.user-action-refuses"));
    assert!(uses(&answer, "R8") && uses(&answer, "R11"));
    let owner = json!({"registered": [{"mode": "fido2", "aaguid": YUBIKEY}]});
    let answer = walk(&[guarded], &by(at_desk(&["password"]), owner));
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.prompt"]);
}

#[test]
fn somebody_without_any_second_method_needs_a_pass_or_that_method_first() {
    let answer = walk(&[], &at_desk(&["password"]));
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.second-method-first"]);
    let nothing_else = by(at_desk(&["password"]), json!({"enabledModes": ["fido2"]}));
    let answer = walk(&[], &nothing_else);
    assert_eq!(stopped(&answer), ("ceremony".to_owned(), "readiness.no-strong-method"));
    let guarded = on_action("bootstrap", &strength(&["password,microsoftAuthenticatorPush", TAP]));
    let answer = walk(&[guarded], &at_desk(&["password"]));
    assert_eq!(stopped(&answer), ("userAction".to_owned(), "readiness.user-action-refuses"));
    let push = json!({"registered": [PUSH]});
    let answer = walk(&[], &by(at_desk(&["password"]), push));
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.prompt"]);
    assert!(said(&answer, "readiness.prompt").contains("push in Authenticator"));
}

#[test]
fn a_strength_that_nothing_registrable_meets_blocks_the_sign_in() {
    let certificates = on_all("certificates", &strength(&["x509CertificateMultiFactor"]));
    let answer = walk(&[certificates], &at_desk(&[TAP]));
    assert_eq!(stopped(&answer), ("resource(All)".to_owned(), "readiness.strength-not-met"));
    assert!(uses(&answer, "R5"));
}

#[test]
fn somebody_who_has_a_passkey_is_let_through_and_not_sent_to_registration() {
    let owner = json!({"registered": [{"mode": "fido2", "aaguid": IOS}, {"mode": PUSH}]});
    let json = by(desktop(&["password", PUSH]), owner);
    let answer = evaluate(&tenant(&fido2(), &with_exclusions()), &attempt(&json));
    assert_eq!(verdict(&answer), "conditional");
    let conditions = conditions(&answer);
    assert!(conditions.contains(&"readiness.prompt"), "{}", story(&answer));
    assert!(conditions.contains(&"readiness.not-sent-to-registration"));
    assert_eq!(answer.steps[0].result.as_str(), "conditional");
}

#[test]
fn a_passkey_of_a_model_that_the_strength_does_not_list_does_not_keep_out_of_registration() {
    let owner = json!({"registered": [{"mode": "fido2", "aaguid": YUBIKEY}]});
    let json = by(desktop(&[TAP]), owner);
    let answer = evaluate(&tenant(&fido2(), &with_exclusions()), &attempt(&json));
    assert_eq!(answer.steps[0].result.as_str(), "registration");
    assert!(conditions(&answer).contains(&"readiness.existing-method-asked"));
    let unnamed = json!({"registered": [{"mode": "fido2"}]});
    let answer =
        evaluate(&tenant(&fido2(), &with_exclusions()), &attempt(&by(desktop(&[TAP]), unnamed)));
    assert_eq!(verdict(&answer), "unknown");
    assert!(said(&answer, "readiness.input-missing").contains("aaguid"));
}

#[test]
fn android_goes_by_its_own_model_and_platform() {
    let tenant = tenant(&fido2(), &with_exclusions());
    let json = on("android", "authenticatorApp", &["password", PUSH]);
    assert_eq!(verdict(&evaluate(&tenant, &attempt(&json))), "ready");
    let mut only_ios = with_exclusions();
    let settings = &mut only_ios["value"][2]["grantControls"]["authenticationStrength"];
    settings["combinationConfigurations"][0]["allowedAAGUIDs"] = json!([IOS]);
    let only_ios = crate::support::tenant(&fido2(), &only_ios);
    let answer = evaluate(&only_ios, &attempt(&json));
    assert_eq!(stopped(&answer), ("resource(All)".to_owned(), "readiness.registered-but-unusable"));
}

#[test]
fn a_pass_that_is_left_does_not_make_up_for_a_passkey_that_opens_nothing() {
    let list = |other: &str| [on_all("models", &limited(&["fido2", other], &[IOS]))];
    let key = |methods: &[&str]| making(desktop(methods), json!({"aaguid": YUBIKEY}));
    let left = json!({"tap": {"kind": "multiUse", "minutesLeft": 60}});
    let pass = walk_open(&list(TAP), &saying(key(&[TAP]), left));
    assert_eq!(stopped(&pass).1, "readiness.registered-but-unusable");
    let other = walk_open(&list("password,microsoftAuthenticatorPush"), &key(&["password", PUSH]));
    assert_eq!(verdict(&other), "conditional");
}

#[test]
fn where_the_phone_decides_it_is_asked_for() {
    let android = policy(
        "no Android",
        &json!({"platforms": {"includePlatforms": ["android"]}}),
        &control(&["block"]),
    );
    let list = [android, on_all_but("passkeys", &[CREDENTIALS, AZURE_AD], &strength(&["fido2"]))];
    let open = walk(&list, &desktop(&[TAP]));
    assert_eq!(verdict(&open), "unknown");
    let missing = said(&open, "readiness.input-missing");
    assert!(missing.contains("attempt.phone") && missing.contains("Android: blocked"), "{missing}");
    let with = |phone: &str| walk(&list, &saying(desktop(&[TAP]), json!({ "phone": phone })));
    assert_eq!(verdict(&with("iOS")), "conditional");
    assert_eq!(stopped(&with("android")).1, "readiness.policy-blocks");
    let model = making(desktop(&[TAP]), json!({"aaguid": ANDROID}));
    assert_eq!(verdict(&walk(&list, &model)), "blocked");
}

#[test]
fn a_key_that_no_strength_takes_is_blocked_at_the_last_step() {
    let tenant = tenant(&fido2(), &with_exclusions());
    let answer = evaluate(&tenant, &attempt(&at_desk(&[TAP])));
    assert_eq!(stopped(&answer), ("resource(All)".to_owned(), "readiness.registered-but-unusable"));
    assert_eq!(answer.stopped_at, Some(answer.steps.len() - 1));
    assert!(said(&answer, "readiness.registered-but-unusable").contains("is registered"));
    assert!(uses(&answer, "R20"));
    let passed: Vec<_> =
        answer.steps.iter().map(|step| (context(&step.context), step.result.as_str())).collect();
    assert!(passed.contains(&("policyCheck".to_owned(), "passed")), "{passed:?}");
}

#[test]
fn a_model_that_is_not_said_is_asked_for_where_a_strength_lists_models() {
    let unnamed = json!({"type": "deviceBound", "attestation": "mdsPacked", "route": "local"});
    let json = saying(making(desktop(&[TAP]), unnamed), json!({"entry": "manage"}));
    let listing = on_all("phones only", &limited(&["fido2", TAP], &[IOS]));
    let answer = walk_open(&[listing], &json);
    assert_eq!(verdict(&answer), "unknown");
    assert!(said(&answer, "readiness.input-missing").starts_with("candidate.aaguid"));
    let any = on_all("any passkey", &strength(&["fido2", TAP]));
    assert_eq!(verdict(&walk_open(&[any], &json)), "ready");
}

#[test]
fn an_exclusion_blocks_nobody_whom_it_excludes() {
    let lists = [
        with_exclusions()["value"].as_array().unwrap().clone(),
        without_exclusions()["value"].as_array().unwrap().clone(),
        vec![passkeys(), on_action("resistant", &built_in(4))],
        vec![
            on_all("mfa", &control(&["mfa"])),
            on_all("compliant", &control(&["compliantDevice"])),
        ],
    ];
    let attempts = [
        desktop(&["password"]),
        desktop(&["password", PUSH]),
        desktop(&[TAP]),
        app(&["password", PUSH]),
        app(&[TAP_ONCE]),
        at_desk(&[TAP]),
        at_desk(&["password"]),
    ];
    for list in &lists {
        for json in attempts.iter().map(|json| by(json.clone(), json!({"id": "u1", "groups": []})))
        {
            let before = walk(list, &json);
            for at in 0..list.len() {
                let mut excluding = list.clone();
                excluding[at]["conditions"]["users"]["excludeUsers"] = json!(["u1"]);
                let after = walk(&excluding, &json);
                let blocks = verdict(&before) != "blocked" && verdict(&after) == "blocked";
                assert!(!blocks, "{}{}", story(&before), story(&after));
            }
        }
    }
}

#[test]
fn a_stricter_strength_unblocks_nobody() {
    let attempts = [
        desktop(&["password"]),
        desktop(&["password", PUSH]),
        desktop(&[TAP]),
        on("iOS", "browser:safari", &[TAP]),
        app(&["password", PUSH]),
        app(&[TAP_ONCE]),
        at_desk(&[TAP]),
    ];
    for list in [with_exclusions(), without_exclusions()] {
        for json in &attempts {
            let before = evaluate(&tenant(&fido2(), &list), &attempt(json));
            for at in 0..3 {
                let combinations = |list: &Value| {
                    let grant = &list["value"][at]["grantControls"]["authenticationStrength"];
                    grant["allowedCombinations"].as_array().unwrap().clone()
                };
                for one in 0..combinations(&list).len() {
                    let mut fewer = combinations(&list);
                    fewer.remove(one);
                    let mut stricter = list.clone();
                    stricter["value"][at]["grantControls"]["authenticationStrength"]["allowedCombinations"] =
                        json!(fewer);
                    let after = evaluate(&tenant(&fido2(), &stricter), &attempt(json));
                    let unblocks = verdict(&before) == "blocked" && verdict(&after) != "blocked";
                    assert!(!unblocks, "{json}\n{}{}", story(&before), story(&after));
                }
            }
        }
    }
}

#[test]
fn an_administrator_makes_keys_and_no_passkey_of_authenticator() {
    let on_behalf = |candidate: Value| making(on("windows", "graphOnBehalf", &[]), candidate);
    let answer = walk(&[passkeys()], &on_behalf(key()));
    assert_eq!(verdict(&answer), "ready");
    assert_eq!(contexts(&answer), ["ceremony", "policyCheck", "resource(All)"]);
    let phone = on_behalf(json!({"aaguid": IOS}));
    assert_eq!(
        stopped(&walk(&[passkeys()], &phone)),
        ("ceremony".to_owned(), "readiness.route-without-attestation")
    );
    let off = laid_over(fido2(), &json!({"isSelfServiceRegistrationAllowed": false}));
    let answer = evaluate(&tenant(&off, &policies(&[passkeys()])), &attempt(&on_behalf(key())));
    assert_eq!(stopped(&answer).1, "readiness.passkey-refused");
    assert!(said(&answer, "readiness.passkey-refused").contains("isSelfService"));
}

#[test]
fn linux_and_ios_browsers_have_limits_for_keys() {
    let on_linux = |browser: &str| making(on("linux", browser, &[TAP]), key());
    let answer = walk(&[passkeys()], &on_linux("browser:firefox"));
    assert_eq!(verdict(&answer), "unknown");
    assert!(unresolved(&answer).contains(&"readiness.browser-limited"));
    assert_eq!(verdict(&walk(&[passkeys()], &on_linux("browser:chrome"))), "ready");
    let on_ios = making(on("iOS", "browser:safari", &[TAP]), key());
    assert_eq!(
        stopped(&walk(&[], &saying(on_ios, json!({"entry": "manage"})))),
        ("ceremony".to_owned(), "readiness.browser-cannot")
    );
    let app_instead = making(on("linux", "browser:firefox", &[TAP]), json!({"aaguid": IOS}));
    let list = [on_all("passkeys", &strength(&["fido2", TAP]))];
    assert_eq!(verdict(&walk(&list, &app_instead)), "conditional");
}

#[test]
fn cross_device_needs_bluetooth_and_a_recent_phone_and_says_so() {
    let list = [on_all("passkeys", &strength(&["fido2", TAP]))];
    let json = saying(desktop(&[TAP]), json!({"entry": "manage", "phone": "iOS"}));
    let fine = walk_open(&list, &json);
    assert_eq!(verdict(&fine), "ready");
    assert!(said(&fine, "readiness.cross-device-needs").contains("cable.ua5v.com"));
    for phone in [
        json!({"platform": "iOS", "osVersion": "16.7"}),
        json!({"platform": "android", "osVersion": "13"}),
        json!({"platform": "android", "bluetooth": false}),
    ] {
        let answer = walk_open(&list, &saying(json.clone(), json!({ "phone": phone })));
        assert_eq!(verdict(&answer), "conditional", "{phone}");
        assert_eq!(decider(&answer).findings[0].id(), "readiness.cross-device-impossible");
        assert_eq!(conditions(&answer), ["readiness.finish-in-app"]);
    }
}

#[test]
fn a_synced_passkey_is_refused_for_what_it_is_and_not_for_its_route() {
    let synced = json!({"aaguid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "type": "synced",
        "attestation": "none", "route": "local"});
    let json =
        saying(making(on("macOS", "browser:chrome", &[TAP]), synced), json!({"entry": "manage"}));
    let answer = walk(&[], &json);
    assert_eq!(stopped(&answer), ("policyCheck".to_owned(), "readiness.passkey-refused"));
    assert!(!uses(&answer, "R18"));
    let mut open = sample("seed-fido2-policy-as-profile.json");
    open["passkeyProfiles"][0]["passkeyTypes"] = json!("deviceBound,synced");
    open["passkeyProfiles"][0]["attestationEnforcement"] = json!("disabled");
    let answer = evaluate(&tenant(&open, &policies(&[])), &attempt(&json));
    assert_eq!(verdict(&answer), "ready");
}

#[test]
fn windows_hello_is_added_on_the_page_and_not_in_the_wizard() {
    let hello = json!({"aaguid": "08987058-cadc-4b81-b6e1-30de50dcbe96", "route": "local"});
    let wizard = making(desktop(&[TAP]), hello.clone());
    let answer = walk_open(&[passkeys()], &wizard);
    assert_eq!(verdict(&answer), "conditional");
    assert_eq!(conditions(&answer), ["readiness.hello-not-in-wizard"]);
    let page = saying(wizard, json!({"entry": "manage"}));
    let list = [on_all("passkeys or pass", &strength(&["fido2", TAP]))];
    assert_eq!(verdict(&walk_open(&list, &page)), "ready");
    let enforced = walk(&list, &page);
    assert_eq!(stopped(&enforced).0, "policyCheck");
}

#[test]
fn a_route_on_which_the_passkey_cannot_be_made_is_named() {
    let in_app = json!({"aaguid": YUBIKEY, "route": "inApp"});
    let answer = walk(&[], &saying(making(desktop(&[TAP]), in_app), json!({"entry": "manage"})));
    assert_eq!(verdict(&answer), "unknown");
    assert!(unresolved(&answer).contains(&"readiness.route-does-not-fit"));
    let on_windows = on("windows", "authenticatorApp", &[TAP]);
    assert_eq!(unresolved(&walk(&[], &on_windows)), ["readiness.route-does-not-fit"]);
}

#[test]
fn an_export_without_policies_or_without_the_passkey_method_is_unknown() {
    let only_method = tenant_of(&[("fido2.json", &fido2())]);
    let answer = evaluate(&only_method, &attempt(&at_desk(&[TAP])));
    assert_eq!(verdict(&answer), "unknown");
    assert!(said(&answer, "readiness.input-missing").contains("conditionalAccessPolicies.json"));
    let only_policies = tenant_of(&[("conditionalAccessPolicies.json", &policies(&[passkeys()]))]);
    let answer = evaluate(&only_policies, &attempt(&at_desk(&[TAP])));
    assert_eq!(verdict(&answer), "unknown");
    assert!(said(&answer, "readiness.input-missing").contains("fido2.json"));
}

#[test]
fn the_passkey_method_goes_by_groups_too() {
    let excluded =
        laid_over(fido2(), &json!({"excludeTargets": [{"targetType": "group", "id": "g9"}]}));
    let tenant = tenant(&excluded, &policies(&[passkeys()]));
    let ask = |user: Value| evaluate(&tenant, &attempt(&by(at_desk(&[TAP]), user)));
    assert_eq!(verdict(&ask(json!({"groups": []}))), "ready");
    assert_eq!(stopped(&ask(json!({"groups": ["g9"]}))).0, "policyCheck");
    let open = ask(json!({}));
    assert_eq!(verdict(&open), "unknown");
    assert!(said(&open, "readiness.input-missing").contains("user.groups"));
}

#[test]
fn a_person_in_no_group_has_no_passkey_where_groups_have_them() {
    let for_group = laid_over(
        fido2(),
        &json!({"includeTargets": [{"targetType": "group", "id": "g1", "allowedPasskeyProfiles": []}]}),
    );
    let tenant = tenant(&for_group, &policies(&[]));
    let ask = |user: Value| evaluate(&tenant, &attempt(&by(at_desk(&[TAP]), user)));
    assert_eq!(stopped(&ask(json!({"groups": []}))).0, "policyCheck");
    assert_eq!(verdict(&ask(json!({"groups": ["g1"]}))), "ready");
    assert_eq!(verdict(&ask(json!({}))), "unknown");
}

#[test]
fn the_zero_aaguid_matches_nothing() {
    let zero = json!({"aaguid": "00000000-0000-0000-0000-000000000000", "type": "deviceBound",
        "attestation": "none", "route": "local"});
    let listed = laid_over(
        without_attestation(),
        &json!({"keyRestrictions": {"isEnforced": true,
        "enforcementType": "allow", "aaGuids": ["00000000-0000-0000-0000-000000000000"]}}),
    );
    let json = saying(making(desktop(&[TAP]), zero), json!({"entry": "manage"}));
    let answer = evaluate(&tenant(&listed, &policies(&[])), &attempt(&json));
    assert_eq!(stopped(&answer).0, "policyCheck");
    assert!(
        answer
            .steps
            .last()
            .unwrap()
            .findings
            .iter()
            .any(|f| f.id() == "entra.zero-aaguid-not-listable")
    );
}

#[test]
fn the_order_of_policies_changes_nothing_but_their_order() {
    let mut list = with_exclusions()["value"].as_array().unwrap().clone();
    let json = attempt(&desktop(&["password", PUSH]));
    let first = evaluate(&tenant(&fido2(), &policies(&list)), &json);
    list.reverse();
    let second = evaluate(&tenant(&fido2(), &policies(&list)), &json);
    assert_eq!((first.verdict, &first.rules), (second.verdict, &second.rules));
    assert_eq!(first.conditions, second.conditions);
    assert_eq!(first.unresolved, second.unresolved);
}

#[test]
fn a_device_registration_policy_that_nobody_satisfies_is_noted() {
    let join = policy(
        "join",
        &json!({"applications": {"includeUserActions": ["urn:user:registerdevice"]}}),
        &strength(&["fido2"]),
    );
    let answer = walk(std::slice::from_ref(&join), &at_desk(&[TAP]));
    assert_eq!(verdict(&answer), "ready");
    assert!(said(&answer, "readiness.device-registration-unsatisfiable").contains("join"));
    let off = walk(&[with_state(join, "disabled")], &at_desk(&[TAP]));
    assert!(!notes(&off).contains(&"readiness.device-registration-unsatisfiable"));
}

#[test]
fn a_policy_by_platform_says_that_the_platform_is_not_verified() {
    let phones = policy(
        "phones",
        &json!({"platforms": {"includePlatforms": ["iOS", "android"]}}),
        &control(&["block"]),
    );
    let answer = walk(&[phones], &at_desk(&[TAP]));
    assert_eq!(verdict(&answer), "ready");
    assert!(said(&answer, "readiness.platform-not-verified").contains("phones"));
}

#[test]
fn a_wizard_that_demands_something_else_offers_no_passkey() {
    let mfa = on_all("mfa", &control(&["mfa"]));
    let answer = walk(&[mfa], &making(desktop(&["password"]), key()));
    assert_eq!(verdict(&answer), "conditional");
    assert!(conditions(&answer).contains(&"readiness.passkey-not-offered"));
    assert_eq!(answer.steps[0].result.as_str(), "registration");
}
