//! Tenants and attempts, written as people write them: in JSON.

use keyvet_readiness::{Answer, Attempt, Context, Step, Tenant, Verdict, evaluate, read_attempts};
use serde_json::{Value, json};

pub(crate) const IOS: &str = "90a3ccdf-635c-4729-a248-9b709135078f";
pub(crate) const ANDROID: &str = "de1e552d-db1d-4423-a619-566b625cdc84";
pub(crate) const YUBIKEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
pub(crate) const CREDENTIALS: &str = "ea890292-c8c8-4433-b5ea-b09d0668e1a6";
pub(crate) const AZURE_AD: &str = "00000002-0000-0000-c000-000000000000";
pub(crate) const REGISTRATION: &str = "6aa00308-ea33-4caa-90d6-ae905d8cb51b";
pub(crate) const ACTION: &str = "urn:user:registersecurityinfo";
pub(crate) const TAP: &str = "temporaryAccessPassMultiUse";
pub(crate) const TAP_ONCE: &str = "temporaryAccessPassOneTime";
pub(crate) const PUSH: &str = "microsoftAuthenticatorPush";

pub(crate) fn sample(name: &str) -> Value {
    serde_json::from_slice(&keyvet_testkit::vector(&format!("entra/samples/{name}"))).unwrap()
}

pub(crate) fn seed_table() -> Value {
    serde_json::from_slice(&keyvet_testkit::vector("entra/seed-table.json")).unwrap()
}

pub(crate) fn with_exclusions() -> Value {
    sample("seed-policies-with-exclusions.json")
}

pub(crate) fn without_exclusions() -> Value {
    sample("seed-policies.json")
}

pub(crate) fn fido2() -> Value {
    sample("seed-fido2-policy.json")
}

/// The passkey method with attestation off.
pub(crate) fn without_attestation() -> Value {
    laid_over(fido2(), &json!({"isAttestationEnforced": false}))
}

pub(crate) fn tenant(fido2: &Value, policies: &Value) -> Tenant {
    tenant_of(&[("fido2.json", fido2), ("conditionalAccessPolicies.json", policies)])
}

pub(crate) fn tenant_of(files: &[(&str, &Value)]) -> Tenant {
    let bytes: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, json)| (*name, serde_json::to_vec(json).unwrap())).collect();
    let files: Vec<(&str, &[u8])> =
        bytes.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    Tenant::read(&files).unwrap()
}

/// An attempt as its file says it.
pub(crate) fn attempt(json: &Value) -> Attempt {
    let bytes = serde_json::to_vec(json).unwrap();
    read_attempts(&bytes).unwrap().remove(0)
}

/// A computer with Edge, by whichever route works.
pub(crate) fn desktop(methods: &[&str]) -> Value {
    on("windows", "browser:edge", methods)
}

/// The Authenticator app on iOS.
pub(crate) fn app(methods: &[&str]) -> Value {
    on("iOS", "authenticatorApp", methods)
}

pub(crate) fn on(platform: &str, surface: &str, methods: &[&str]) -> Value {
    json!({"attempt": {"platform": platform, "surface": surface, "signedInWith": methods}})
}

/// With a person added.
pub(crate) fn by(mut attempt: Value, user: Value) -> Value {
    attempt["user"] = user;
    attempt
}

/// With a candidate added.
pub(crate) fn making(mut attempt: Value, candidate: Value) -> Value {
    attempt["candidate"] = candidate;
    attempt
}

/// With members of the attempt laid over.
pub(crate) fn saying(mut attempt: Value, members: Value) -> Value {
    attempt["attempt"] = laid_over(attempt["attempt"].take(), &members);
    attempt
}

pub(crate) fn laid_over(mut base: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// A policy for everybody; `over` is laid over its conditions.
pub(crate) fn policy(name: &str, conditions: &Value, grant: &Value) -> Value {
    let base = json!({
        "clientAppTypes": ["all"],
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
    });
    json!({"id": format!("id of {name}"), "displayName": name, "state": "enabled",
        "conditions": laid_over(base, conditions), "grantControls": grant})
}

/// A policy on the user action.
pub(crate) fn on_action(name: &str, grant: &Value) -> Value {
    policy(name, &json!({"applications": {"includeUserActions": [ACTION]}}), grant)
}

/// A policy on All resources.
pub(crate) fn on_all(name: &str, grant: &Value) -> Value {
    policy(name, &json!({}), grant)
}

/// A policy on All resources but these.
pub(crate) fn on_all_but(name: &str, excluded: &[&str], grant: &Value) -> Value {
    let applications = json!({"includeApplications": ["All"], "excludeApplications": excluded});
    policy(name, &json!({ "applications": applications }), grant)
}

pub(crate) fn control(controls: &[&str]) -> Value {
    json!({"operator": "OR", "builtInControls": controls})
}

/// A grant of one custom strength.
pub(crate) fn strength(combinations: &[&str]) -> Value {
    limited(combinations, &[])
}

/// The same, `fido2` limited to models.
pub(crate) fn limited(combinations: &[&str], aaguids: &[&str]) -> Value {
    let settings = match aaguids {
        [] => json!([]),
        models => json!([{"@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "id": "c", "appliesToCombinations": ["fido2"], "allowedAAGUIDs": models}]),
    };
    let id = format!("strength of {} {}", combinations.join(" or "), aaguids.join(" "));
    json!({"operator": "OR", "builtInControls": [], "authenticationStrength": {
        "id": id, "displayName": combinations.join(" or "), "policyType": "custom",
        "allowedCombinations": combinations, "combinationConfigurations": settings}})
}

/// A built-in strength, by the last digit of its id.
pub(crate) fn built_in(digit: u8) -> Value {
    json!({"operator": "OR", "authenticationStrength":
        {"id": format!("00000000-0000-0000-0000-00000000000{digit}")}})
}

pub(crate) fn policies(list: &[Value]) -> Value {
    json!({ "value": list })
}

/// Walks an attempt through the passkey method of the field report and these policies.
pub(crate) fn walk(list: &[Value], json: &Value) -> Answer {
    evaluate(&tenant(&fido2(), &policies(list)), &attempt(json))
}

/// The same without attestation.
pub(crate) fn walk_open(list: &[Value], json: &Value) -> Answer {
    evaluate(&tenant(&without_attestation(), &policies(list)), &attempt(json))
}

pub(crate) fn verdict(answer: &Answer) -> &'static str {
    answer.verdict.as_str()
}

pub(crate) fn rules(answer: &Answer) -> Vec<&'static str> {
    answer.rules.iter().map(|rule| rule.id).collect()
}

pub(crate) fn uses(answer: &Answer, rule: &str) -> bool {
    rules(answer).contains(&rule)
}

/// The step that decides.
pub(crate) fn decider(answer: &Answer) -> &Step {
    let at = answer.stopped_at.unwrap_or_else(|| panic!("{}", story(answer)));
    &answer.steps[at]
}

/// The context of the step that decides, as it is written, and the first id it gives.
pub(crate) fn stopped(answer: &Answer) -> (String, &'static str) {
    assert_eq!(answer.verdict, Verdict::Blocked, "{}", story(answer));
    let step = decider(answer);
    (context(&step.context), step.findings[0].id())
}

pub(crate) fn context(context: &Context) -> String {
    match context {
        Context::Resource(Some(id)) => format!("resource({id})"),
        Context::Resource(None) => "resource(All)".to_owned(),
        Context::UserAction => "userAction".to_owned(),
        Context::Ceremony => "ceremony".to_owned(),
        Context::PolicyCheck => "policyCheck".to_owned(),
    }
}

pub(crate) fn contexts(answer: &Answer) -> Vec<String> {
    answer.steps.iter().map(|step| context(&step.context)).collect()
}

pub(crate) fn conditions(answer: &Answer) -> Vec<&'static str> {
    answer.conditions.iter().map(keyvet_finding::Finding::id).collect()
}

pub(crate) fn unresolved(answer: &Answer) -> Vec<&'static str> {
    answer.unresolved.iter().map(keyvet_finding::Finding::id).collect()
}

pub(crate) fn notes(answer: &Answer) -> Vec<&'static str> {
    answer.notes.iter().map(keyvet_finding::Finding::id).collect()
}

/// What an unresolved finding, a condition or a note says.
pub(crate) fn said<'a>(answer: &'a Answer, id: &str) -> &'a str {
    let all = answer.conditions.iter().chain(&answer.unresolved).chain(&answer.notes);
    let all = all.chain(answer.steps.iter().flat_map(|step| &step.findings));
    let found = all.into_iter().find(|finding| finding.id() == id);
    found.unwrap_or_else(|| panic!("{id} is not in {}", story(answer))).detail()
}

/// The answer as a failing test shows it.
pub(crate) fn story(answer: &Answer) -> String {
    use std::fmt::Write;
    let mut text = format!("{}\n", verdict(answer));
    for step in &answer.steps {
        let rules: Vec<&str> = step.rules.iter().map(|rule| rule.id).collect();
        let (at, result) = (context(&step.context), step.result.as_str());
        writeln!(text, "  {at} {result} {rules:?}: {}", step.title).unwrap();
        for finding in &step.findings {
            writeln!(text, "    {finding}").unwrap();
        }
    }
    for (word, findings) in [
        ("condition", &answer.conditions),
        ("unresolved", &answer.unresolved),
        ("note", &answer.notes),
    ] {
        for finding in findings {
            writeln!(text, "  {word} {finding}").unwrap();
        }
    }
    text
}
