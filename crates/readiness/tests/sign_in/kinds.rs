//! Every kind of finding, provoked by the smallest log that has it.

use super::support::{read, told};
use keyvet_readiness::sign_in::{KINDS, Names};
use std::collections::BTreeSet;

/// A sign-in of one person with this status and these further members.
fn sign_in(code: u32, more: &str) -> String {
    format!(
        r#"{{"createdDateTime":"2025-11-20T09:00:00Z","id":"r{code}","correlationId":"c",
        "userPrincipalName":"ada@x.example","resourceDisplayName":"Office",
        "status":{{"errorCode":{code}}}{more}}}"#
    )
}

/// An entry of the audit log about the same person.
fn audit(activity: &str, result: &str, reason: &str) -> String {
    format!(
        r#"{{"activityDateTime":"2025-11-20T09:00:00Z","id":"a","correlationId":"c",
        "activityDisplayName":"{activity}","result":"{result}","resultReason":"{reason}",
        "targetResources":[{{"type":"User","userPrincipalName":"ada@x.example"}}]}}"#
    )
}

fn strength(word: &str) -> String {
    let policies = format!(
        r#","appliedConditionalAccessPolicies":[{{"displayName":"P","result":"failure",
        "authenticationStrength":{{"displayName":"S","authenticationStrengthResult":"{word}"}}}}]"#
    );
    sign_in(53003, &policies)
}

fn by_code() -> Vec<(&'static str, String)> {
    let codes: [(&'static str, u32); 29] = [
        ("readiness.sign-in-tap-off", 130_502),
        ("readiness.sign-in-tap-wrong", 130_503),
        ("readiness.sign-in-tap-expired", 130_504),
        ("readiness.sign-in-tap-used", 130_505),
        ("readiness.sign-in-passkey-off", 135_016),
        ("readiness.sign-in-method-off", 130_500),
        ("readiness.sign-in-passkey-unknown", 135_010),
        ("readiness.sign-in-passkey-of-another", 500_344),
        ("readiness.sign-in-passkey-device-disabled", 135_011),
        ("readiness.sign-in-passkey-counter", 135_017),
        ("readiness.sign-in-passkey-challenge", 135_019),
        ("readiness.sign-in-passkey-refused", 135_008),
        ("readiness.sign-in-access-blocked", 53_003),
        ("readiness.sign-in-device-required", 53_000),
        ("readiness.sign-in-device-required", 50_097),
        ("readiness.sign-in-app-required", 53_009),
        ("readiness.sign-in-mfa-asked", 50_074),
        ("readiness.sign-in-mfa-asked", 50_076),
        ("readiness.sign-in-too-old", 50_078),
        ("readiness.sign-in-security-defaults", 530_035),
        ("readiness.sign-in-registration-asked", 50_072),
        ("readiness.sign-in-registration-asked", 50_079),
        ("readiness.sign-in-registration-risk", 53_004),
        ("readiness.sign-in-registration-place", 53_010),
        ("readiness.sign-in-registration-method", 54_010),
        ("readiness.sign-in-everyday-failure", 50_126),
        ("readiness.sign-in-code-unknown", 424_242),
        ("readiness.sign-in-in-app-perhaps", 53_003),
        ("readiness.sign-in-pause", 50_140),
    ];
    let waad = r#","resourceId":"00000002-0000-0000-c000-000000000000""#;
    // a pause alone is not told; a policy's note in the same record brings it in
    let pause = r#","appliedConditionalAccessPolicies":[{"result":"success",
        "authenticationStrength":{"authenticationStrengthResult":"skippedForProofUp"}}]"#;
    let case = |(id, code): (&'static str, u32)| match id {
        "readiness.sign-in-in-app-perhaps" => (id, sign_in(code, waad)),
        "readiness.sign-in-pause" => (id, sign_in(code, pause)),
        _ => (id, sign_in(code, "")),
    };
    codes.map(case).into()
}

fn by_record() -> Vec<(&'static str, String)> {
    let step = |method: &str| {
        format!(r#","authenticationDetails":[{{"authenticationMethod":"{method}"}}]"#)
    };
    let endpoint = r#","resourceId":"EA890292-c8c8-4433-b5ea-b09d0668e1a6""#;
    let looped: Vec<String> = (0..3)
        .map(|n| sign_in(53003, endpoint).replace("\"r53003\"", &format!("\"r{n}\"")))
        .collect();
    vec![
        ("readiness.sign-in-tap-accepted", sign_in(0, &step("Temporary Access Pass"))),
        ("readiness.sign-in-passkey-used", sign_in(0, &step("FIDO2 security key"))),
        ("readiness.sign-in-in-app-blocked", sign_in(53003, endpoint)),
        ("readiness.sign-in-loop", looped.join("\n")),
        ("readiness.sign-in-strength-impossible", strength("cannotSatisfy")),
        (
            "readiness.sign-in-strength-models",
            strength("cannotSatisfyDueToCombinationConfiguration"),
        ),
        ("readiness.sign-in-strength-registration", strength("multipleRegistrationsRequired")),
        ("readiness.sign-in-strength-challenge", strength("singleChallengeRequired")),
        ("readiness.sign-in-strength-skipped", strength("skippedForProofUp")),
        ("readiness.sign-in-strength-unknown", strength("somethingElse")),
        (
            "readiness.sign-in-no-code",
            sign_in(7, "").replace("{\"errorCode\":7}", "{\"failureReason\":\"x\"}"),
        ),
        ("readiness.sign-in-passkey-added", audit("Add Passkey (device-bound)", "success", "")),
        (
            "readiness.sign-in-passkey-not-added",
            audit("Add Passkey (device-bound)", "failure", "no"),
        ),
        ("readiness.sign-in-cause-open", audit("Add FIDO2 security key", "failure", "no")),
        (
            "readiness.sign-in-attestation",
            audit("Add Passkey (device-bound)", "failure", "Attestation is required"),
        ),
        (
            "readiness.sign-in-registration-left",
            audit("User started security info registration", "success", ""),
        ),
        (
            "readiness.sign-in-registration-canceled",
            audit("User canceled security info registration", "success", ""),
        ),
        ("readiness.sign-in-activity-failed", audit("User deleted security info", "failure", "no")),
        (
            "readiness.sign-in-tap-issued",
            audit(
                "Admin registered security info",
                "success",
                "Admin registered temporary access pass method for user",
            ),
        ),
        ("readiness.sign-in-record-twice", format!("{0}\n{0}", sign_in(50126, ""))),
        (
            "readiness.sign-in-same-id",
            format!("{}\n{}", sign_in(50126, ""), sign_in(0, "").replace("r0", "r50126")),
        ),
        (
            "readiness.sign-in-no-correlation",
            sign_in(50126, "").replace("\"correlationId\":\"c\",", ""),
        ),
    ]
}

fn by_file() -> Vec<(&'static str, String)> {
    let header = "Date (UTC),Request ID,Correlation ID,Username,Resource ID,Sign-in error code\n";
    let row = "2025-11-20T09:00:00Z,r,c,ada@x.example,x,50126\n";
    vec![
        ("readiness.sign-in-not-a-log", "hello".to_owned()),
        ("readiness.sign-in-no-records", "[]".to_owned()),
        ("readiness.sign-in-columns-unknown", "Datum,Benutzer,Fehler\n1,2,3\n".to_owned()),
        (
            "readiness.sign-in-column-missing",
            "Username,Request ID,Sign-in error code\na,b,0\n".to_owned(),
        ),
        ("readiness.sign-in-no-policies", format!("{header}{row}")),
        ("readiness.sign-in-file-cut", format!("[{}", sign_in(0, ""))),
        ("readiness.sign-in-file-cut", format!("{header}{row}2025-11-20T09:00:00Z,r")),
        ("readiness.sign-in-record-broken", format!("{header}1,2\n{row}")),
        ("readiness.sign-in-record-too-long", format!("[{{\"a\":\"{}\"}}]", "x".repeat(1 << 20))),
        (
            "readiness.sign-in-more-pages",
            format!("{{\"@odata.nextLink\":\"x\",\"value\":[{}]}}", sign_in(0, "")),
        ),
        (
            "readiness.sign-in-member-type",
            sign_in(0, ",\"correlationID2\":1").replace("\"Office\"", "7"),
        ),
        ("readiness.sign-in-member-unknown", sign_in(0, ",\"somethingNew\":1")),
        ("readiness.sign-in-other-records", "[{\"displayName\":\"a group\"}]".to_owned()),
        (
            "readiness.sign-in-time-open",
            sign_in(0, "").replace("2025-11-20T09:00:00Z", "1/2/2025 3:04:05 AM"),
        ),
        (
            "readiness.sign-in-steps-alone",
            "Request ID,Authentication method,Succeeded\nr,Password,true\n".to_owned(),
        ),
    ]
}

/// Kinds that take more records than a test should make.
const TOO_MUCH: [&str; 1] = ["readiness.sign-in-too-many"];

#[test]
fn every_kind_is_provoked_by_a_log() {
    let mut provoked = BTreeSet::from(TOO_MUCH);
    for (id, log) in by_code().into_iter().chain(by_record()).chain(by_file()) {
        let file = read(log.as_bytes());
        let mut found: Vec<_> = file.findings.iter().map(keyvet_finding::Finding::id).collect();
        let told = told(vec![file], Names::Shown);
        found.extend(told.findings.iter().map(keyvet_finding::Finding::id));
        for story in &told.stories {
            let all = story.why.iter().chain(&story.notes).chain(&story.unresolved);
            found.extend(all.map(keyvet_finding::Finding::id));
            found.extend(
                story
                    .events
                    .iter()
                    .flat_map(|event| &event.findings)
                    .map(keyvet_finding::Finding::id),
            );
        }
        assert!(found.contains(&id), "{id} is not among {found:?} of {log}");
        provoked.insert(id);
    }
    let listed: BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
    assert_eq!(listed, provoked);
}

#[test]
fn what_is_broken_in_a_record_is_told_by_its_line_in_the_file() {
    let file = read(b"\n{\"id\": \"a\",\n\"status\": nope}\n");
    let broken = file.findings.iter().find(|one| one.id() == "readiness.sign-in-record-broken");
    assert_eq!(broken.unwrap().detail(), "line 3: not JSON: expected ident");
}
