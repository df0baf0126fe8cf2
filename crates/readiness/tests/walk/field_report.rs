//! The field report's table: eight rows, with and without the exclusions, and the two forms of the passkey method.

use crate::support::*;
use keyvet_readiness::{Confidence, Verdict, evaluate};
use serde_json::{Value, json};

/// The attempt of one row; what a row does not say is left out.
pub(crate) fn row_attempt(row: &Value) -> Value {
    json!({"attempt": {"platform": row["platform"], "surface": row["surface"],
        "signedInWith": row["signedInWith"]}})
}

pub(crate) fn rows() -> Vec<Value> {
    seed_table()["rows"].as_array().unwrap().clone()
}

pub(crate) fn number(row: &Value) -> u64 {
    row["row"].as_u64().unwrap()
}

/// The ways a person may write down the same row.
fn spellings(row: &Value) -> Vec<Value> {
    let plain = row_attempt(row);
    let mobile = row["platform"] == "iOS";
    let said = json!({"minutesSinceStrongAuth": 1, "entry":
        if row["surface"] == "authenticatorApp" { "inApp" } else { "interrupt" }});
    let user = json!({"groups": [], "roles": [], "external": false, "registered": []});
    let mut all = vec![plain.clone(), by(saying(plain.clone(), said), user)];
    let routes: &[&str] = match (mobile, row["surface"] == "authenticatorApp") {
        (_, true) => &["inApp", "any"],
        (true, _) => &["any", "local", "crossDevice"],
        (false, _) => &["any", "crossDevice", "inApp"],
    };
    for route in routes {
        let candidate = json!({"aaguid": IOS, "type": "deviceBound", "attestation": "appAttest",
            "route": route});
        all.push(making(plain.clone(), candidate));
        all.push(making(plain.clone(), json!({ "route": route })));
    }
    all
}

#[test]
fn every_row_ends_as_the_table_says_with_the_rules_it_names() {
    let columns =
        [("with_exclusions", with_exclusions()), ("without_exclusions", without_exclusions())];
    for method in ["seed-fido2-policy.json", "seed-fido2-policy-as-profile.json"] {
        for (column, policies) in &columns {
            let tenant = tenant(&sample(method), policies);
            for row in rows() {
                for json in spellings(&row) {
                    let answer = evaluate(&tenant, &attempt(&json));
                    let case = format!("row {} {column} {method}: {json}", number(&row));
                    assert_eq!(
                        verdict(&answer),
                        row["expected"][column],
                        "{case}\n{}",
                        story(&answer)
                    );
                    let used = rules(&answer);
                    for rule in row["rules"].as_array().unwrap() {
                        let rule = rule.as_str().unwrap();
                        assert!(used.contains(&rule), "{case}: {rule} is not in {used:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_conditional_row_says_what_to_do_in_the_words_of_the_table() {
    let tenant = tenant(&fido2(), &with_exclusions());
    for row in rows().iter().filter(|row| row["condition"].is_string()) {
        let answer = evaluate(&tenant, &attempt(&row_attempt(row)));
        assert_eq!(answer.verdict, Verdict::Conditional);
        assert_eq!(said(&answer, "readiness.finish-in-app"), row["condition"]);
        assert_eq!(context(&decider(&answer).context), "ceremony");
    }
}

#[test]
fn what_blocks_without_the_exclusions_is_the_first_resource_of_the_app() {
    let tenant = tenant(&fido2(), &without_exclusions());
    for row in rows().iter().filter(|row| [2, 4, 6, 8].contains(&number(row))) {
        let answer = evaluate(&tenant, &attempt(&row_attempt(row)));
        let (at, why) = stopped(&answer);
        assert_eq!(at, format!("resource({CREDENTIALS})"));
        assert_eq!(why, "readiness.mobile-grant-differs");
        assert_eq!(answer.confidence, Confidence::Inferred);
        assert!(notes(&answer).contains(&"readiness.app-step-inferred"));
        assert!(uses(&answer, "R17"), "a policy by platform decides");
    }
}

#[test]
fn the_way_through_the_exclusions_is_observed_and_leaves_the_third_resource_open() {
    let tenant = tenant(&fido2(), &with_exclusions());
    for row in rows() {
        let answer = evaluate(&tenant, &attempt(&row_attempt(&row)));
        let rests_on_exclusions = [2, 4, 6, 8].contains(&number(&row));
        let expected =
            if rests_on_exclusions { Confidence::Observed } else { Confidence::Documented };
        assert_eq!(answer.confidence, expected, "row {}", number(&row));
        let open = unresolved(&answer).contains(&"readiness.third-resource-undocumented");
        assert_eq!(open, rests_on_exclusions, "row {}", number(&row));
    }
}

#[test]
fn row_seven_leaves_the_missing_prompt_unresolved_with_the_reason() {
    for policies in [with_exclusions(), without_exclusions()] {
        let row = &rows()[6];
        let answer = evaluate(&tenant(&fido2(), &policies), &attempt(&row_attempt(row)));
        assert_eq!(
            stopped(&answer),
            ("ceremony".to_owned(), "readiness.route-without-attestation")
        );
        let open = said(&answer, "readiness.prompt-disputed");
        assert!(open.contains("R5") && open.contains("not prompted"), "{open}");
        assert!(unresolved(&answer).contains(&"readiness.prompt-disputed"));
        assert!(notes(&answer).contains(&"readiness.begin-in-app"));
    }
}

#[test]
fn the_steps_of_row_one_are_those_of_the_report() {
    let answer =
        evaluate(&tenant(&fido2(), &with_exclusions()), &attempt(&row_attempt(&rows()[0])));
    assert_eq!(
        contexts(&answer),
        [
            "resource(All)".to_owned(),
            "userAction".to_owned(),
            "ceremony".to_owned(),
            "ceremony".to_owned(),
            "userAction".to_owned(),
            format!("resource({CREDENTIALS})"),
            format!("resource({AZURE_AD})"),
            "policyCheck".to_owned(),
            "resource(All)".to_owned(),
        ]
    );
}
