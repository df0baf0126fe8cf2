//! Which stories the recorded logs tell; `expected.json` says it, and `KEYVET_BLESS=1` writes it again, to be read.

use super::support::{bytes, folder, read, told};
use keyvet_readiness::sign_in::{Names, Story};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

#[test]
fn recorded_logs_tell_what_is_expected_of_them() {
    let expected: Value = serde_json::from_slice(&bytes("expected.json")).unwrap();
    let sets = expected.as_array().unwrap();
    assert!(sets.len() > 15, "only {} sets", sets.len());
    let found: Vec<Value> = sets.iter().map(|set| tell(&set["files"])).collect();
    if std::env::var_os("KEYVET_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
        fs::write(folder().join("expected.json"), text).unwrap();
    }
    for (found, set) in found.iter().zip(sets) {
        assert_eq!(found, set, "{}", serde_json::to_string_pretty(found).unwrap());
    }
}

fn tell(names: &Value) -> Value {
    let files = names.as_array().unwrap().iter().map(|name| read(&bytes(name.as_str().unwrap())));
    let files: Vec<_> = files.collect();
    let found: Vec<_> =
        files.iter().flat_map(|file| &file.findings).map(keyvet_finding::Finding::id).collect();
    let told = told(files, Names::Shown);
    json!({
        "files": names,
        "found": found,
        "stories": told.stories.iter().map(summary).collect::<Vec<_>>(),
        "log": told.findings.iter().map(keyvet_finding::Finding::id).collect::<Vec<_>>(),
        "notTold": told.not_told,
        "changes": told.changes.len(),
    })
}

fn summary(story: &Story) -> Value {
    let ids = |findings: &[keyvet_finding::Finding]| -> Vec<&'static str> {
        findings.iter().map(keyvet_finding::Finding::id).collect()
    };
    json!({
        "person": story.person.split(' ').next().unwrap(),
        "outcome": story.outcome.as_str(),
        "why": ids(&story.why),
        "notes": ids(&story.notes),
        "open": ids(&story.unresolved),
        "rules": story.rules.iter().map(|rule| rule.id).collect::<Vec<_>>(),
        "confidence": story.confidence.as_str(),
    })
}

#[test]
fn no_recorded_log_is_left_out() {
    let expected: Value = serde_json::from_slice(&bytes("expected.json")).unwrap();
    let named: BTreeSet<String> = expected
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|set| set["files"].as_array().unwrap())
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let there = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let there = there.map(|name| name.into_string().unwrap());
    let there: BTreeSet<String> =
        there.filter(|name| name != "ORIGIN.md" && name != "expected.json").collect();
    assert_eq!(named, there);
}

#[test]
fn the_sign_in_that_spent_the_pass_is_named() {
    let told = told(vec![read(&bytes("tap-one-time-reused.jsonl"))], Names::Shown);
    let why = &told.stories.last().unwrap().why[0];
    assert!(why.detail().contains("2025-11-20T10:02:11Z, My Signins, on Windows10"), "{why}");
}

#[test]
fn what_to_exclude_names_the_policy_that_refused() {
    let told = told(vec![read(&bytes("mobile-policy-blocks-app.json"))], Names::Shown);
    let next = &told.stories[0].next;
    assert_eq!(next.len(), 1);
    for part in ["ea890292-c8c8", "00000002-0000", "policy \".[POC] Secure Mobile Apps\""] {
        assert!(next[0].contains(part), "{part}: {}", next[0]);
    }
}

#[test]
fn an_ordinary_refusal_at_the_same_resource_is_not_called_the_in_app_step() {
    let text = r#"{"createdDateTime":"2025-11-20T09:00:00Z","id":"1","correlationId":"c",
        "userPrincipalName":"a@x.example","appId":"b","appDisplayName":"Windows Sign In",
        "resourceId":"00000002-0000-0000-C000-000000000000","status":{"errorCode":53003}}"#;
    let told = super::support::told_of(text);
    let story = &told.stories[0];
    assert_eq!(story.why[0].id(), "readiness.sign-in-access-blocked");
    assert_eq!(story.unresolved[0].id(), "readiness.sign-in-in-app-perhaps");
    let rules: Vec<_> = story.rules.iter().map(|rule| rule.id).collect();
    assert_eq!(rules, ["R3"]);
}
