//! Answers made by hand, for the tests of the page and of the text.

use crate::document::readiness::{
    AttemptAsked, AttemptResult, Confidence, PolicyApplies, PolicyResult, ReadinessDocument,
    RuleText, SCHEMA, Said, Step, StepResult, TenantRead, Verdict,
};

/// A person with this name, who is sent to register and stopped in the app.
pub(crate) fn document(name: &str) -> ReadinessDocument {
    ReadinessDocument {
        schema: SCHEMA,
        exit: 3,
        ruleset: "2026-11-23",
        tenant: TenantRead {
            source: "export".to_owned(),
            files: vec!["fido2.json".to_owned(), format!("{name}.json")],
            passkeys: true,
            policies: 3,
            strengths: 6,
            people: 0,
            findings: Vec::new(),
        },
        results: vec![stopped(0, name), through(1, name)],
        rulebook: vec![RuleText {
            id: "R15",
            statement: "Excluding two resources lets people with ordinary MFA enrol in the app.",
            kind: Confidence::Observed,
            source: "field report",
            edition: "2025-09",
        }],
    }
}

fn stopped(index: usize, name: &str) -> AttemptResult {
    let steps = vec![
        step("resource(All)", StepResult::Registration, name),
        step("userAction", StepResult::Passed, name),
        step("ceremony", StepResult::Conditional, name),
        step("userAction", StepResult::Passed, name),
        step("resource(ea890292-c8c8-4433-b5ea-b09d0668e1a6)", StepResult::Blocked, name),
    ];
    AttemptResult {
        index,
        attempt: AttemptAsked {
            person: Some(name.to_owned()),
            platform: "windows",
            surface: "browser:edge".to_owned(),
            entry: "interrupt",
            route: "any",
            signed_in_with: vec!["password".to_owned(), "microsoftAuthenticatorPush".to_owned()],
            phone: Some("iOS"),
        },
        verdict: Verdict::Blocked,
        stopped_at: steps.last().map(|step| step.context.clone()),
        stopped_step: Some(4),
        steps,
        conditions: vec![
            "Choose a different method, and finish in Microsoft Authenticator.".to_owned(),
        ],
        unresolved: Vec::new(),
        notes: Vec::new(),
        rules: vec!["R15"],
        confidence: Confidence::Observed,
        findings: Vec::new(),
        said: Said::default(),
    }
}

fn through(index: usize, name: &str) -> AttemptResult {
    let mut result = stopped(index, name);
    result.steps.pop();
    result.steps.push(step("policyCheck", StepResult::Passed, name));
    result.steps.push(step("resource(All)", StepResult::Passed, name));
    result.verdict = Verdict::Ready;
    result.stopped_step = None;
    result.stopped_at = None;
    result.attempt.route = "inApp";
    result.attempt.surface = "authenticatorApp".to_owned();
    result
}

fn step(context: &str, result: StepResult, name: &str) -> Step {
    Step {
        context: context.to_owned(),
        title: format!("{name} is here and sees that."),
        result,
        rules: vec!["R15"],
        policies: vec![PolicyResult {
            id: "5eed".to_owned(),
            name: format!("[POC] {name}"),
            applies: PolicyApplies::Yes,
            why: None,
            strength_result: Some("satisfied"),
        }],
        findings: Vec::new(),
    }
}
