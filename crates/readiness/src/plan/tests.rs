//! Plans for the field report's tenant, and for others that stop people elsewhere.

use super::*;
use crate::{MethodMode, Platform, Route, Surface, Tap, TapKind};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/entra/samples/", $name))
    };
}

const SEED: &str = include_str!("../../../../tests/vectors/entra/samples/seed-policies.json");
const FIDO2: &str = include_str!("../../../../tests/vectors/entra/samples/seed-fido2-policy.json");

fn tenant(policies: &str, fido2: &str) -> Tenant {
    let files = [("conditionalAccessPolicies.json", policies), ("fido2.json", fido2)];
    let files = files.map(|(name, text)| (name, text.as_bytes()));
    Tenant::read(&files).unwrap()
}

fn attempt(platform: Platform, surface: &str, used: &[&str]) -> Attempt {
    let surface = Surface::parse(surface).unwrap();
    let route = if surface == Surface::AuthenticatorApp { Route::InApp } else { Route::Any };
    let mut attempt = Attempt::new(platform, surface, route);
    attempt.person.groups = Some(Vec::new());
    attempt.person.roles = Some(Vec::new());
    attempt.person.external = Some(false);
    attempt.signed_in_with = used.iter().map(|mode| MethodMode::new(mode)).collect();
    attempt.minutes_since_strong_auth = Some(0);
    let pass = TapKind::ALL.into_iter().find(|kind| attempt.signed_in_with.contains(&kind.mode()));
    attempt.tap = pass.map(Tap::new);
    attempt
}

const PUSH: [&str; 2] = ["password", "microsoftAuthenticatorPush"];
const PASS: [&str; 1] = ["temporaryAccessPassMultiUse"];

/// The eight rows of the field report, in its order.
fn rows() -> Vec<Attempt> {
    vec![
        attempt(Platform::Windows, "browser:edge", &PASS),
        attempt(Platform::Windows, "browser:edge", &PUSH),
        attempt(Platform::Windows, "browser:chrome", &PASS),
        attempt(Platform::Windows, "browser:chrome", &PUSH),
        attempt(Platform::Ios, "authenticatorApp", &PASS),
        attempt(Platform::Ios, "authenticatorApp", &PUSH),
        attempt(Platform::Ios, "browser:safari", &PUSH),
        attempt(Platform::MacOs, "browser:edge", &PUSH),
    ]
}

fn titles(proposals: &[Proposal]) -> Vec<String> {
    proposals.iter().map(Proposal::title).collect()
}

fn places(proposal: &Proposal) -> Vec<usize> {
    proposal.unblocks.iter().map(|(index, _)| *index).collect()
}

#[test]
fn the_field_reports_tenant_is_unblocked_by_excluding_the_two_resources() {
    let tenant = tenant(SEED, FIDO2);
    let proposals = plan(&tenant, &rows());
    let wanted = "Exclude Azure Credential Configuration Endpoint Service \
                  (ea890292-c8c8-4433-b5ea-b09d0668e1a6) and Windows Azure Active Directory \
                  (00000002-0000-0000-c000-000000000000) from policy '[POC] Secure Mobile Apps'";
    let exclusion = proposals.iter().find(|p| p.title() == wanted);
    let exclusion = exclusion.unwrap_or_else(|| panic!("{:#?}", titles(&proposals)));
    assert_eq!(places(exclusion), [1, 3, 5, 7]);
    assert_eq!(exclusion.still_stuck, [6], "Safari carries no attestation, whatever is excluded");
    assert_eq!(exclusion.confidence, Confidence::Observed);
    assert!(exclusion.rules.iter().any(|rule| rule.id == "R15"));
    assert!(exclusion.loosens()[0].contains("no longer guards"), "{:?}", exclusion.loosens());
    // what was proposed is what the field report did
    let done = exclusion.apply(&tenant);
    let with = Tenant::read(&[
        ("policies.json", sample!("seed-policies-with-exclusions.json")),
        ("fido2.json", FIDO2.as_bytes()),
    ])
    .unwrap();
    for row in rows() {
        assert_eq!(evaluate(&done, &row).verdict, evaluate(&with, &row).verdict);
    }
}

#[test]
fn the_alternative_is_the_pass_that_the_policy_for_phones_takes() {
    let proposals = plan(&tenant(SEED, FIDO2), &rows());
    let pass = proposals.first().unwrap();
    assert_eq!(pass.changes, [Change::IssuePass(PassKind::MultiUse)], "{:#?}", titles(&proposals));
    assert_eq!(places(pass), [1, 3, 5, 7]);
    assert!(pass.loosens()[0].starts_with("No policy."));
}

#[test]
fn where_the_policy_for_phones_takes_no_pass_it_is_made_to() {
    let phones_demand_a_passkey =
        SEED.rsplitn(2, "\"fido2\",\n            \"temporary").collect::<Vec<_>>();
    assert_eq!(phones_demand_a_passkey.len(), 2);
    let (rest, before) = (phones_demand_a_passkey[0], phones_demand_a_passkey[1]);
    let (_, after) = rest.split_once(']').unwrap();
    let strict = format!("{before}\"fido2\"]{after}");
    let tenant = tenant(&strict, FIDO2);
    let attempts = rows();
    let proposals = plan(&tenant, &attempts);
    let both = proposals.iter().find(|proposal| {
        matches!(
            proposal.changes.as_slice(),
            [Change::IssuePass(_), Change::AllowMethods { strength, combinations }]
                if strength.name == "Mobile Apps" && combinations.len() == 2
        )
    });
    let both = both.unwrap_or_else(|| panic!("{:#?}", titles(&proposals)));
    assert!(both.rules.iter().any(|rule| rule.id == "R12"));
    assert!(both.title().contains("; then "), "{}", both.title());
    assert_eq!(places(both), [0, 1, 2, 3, 4, 5, 7]);
}

#[test]
fn giving_up_attestation_comes_last_and_says_what_it_costs() {
    let proposals = plan(&tenant(SEED, FIDO2), &rows());
    let weaker: Vec<bool> = proposals.iter().map(|proposal| proposal.is_weaker).collect();
    assert!(weaker.is_sorted(), "{weaker:?}");
    let last = proposals.last().unwrap();
    assert!(last.is_weaker, "{:#?}", titles(&proposals));
    assert!(last.loosens().iter().any(|text| text.contains("take it last")));
}

#[test]
fn every_proposal_was_tried_and_none_holds_more_than_it_needs() {
    let tenant = tenant(SEED, FIDO2);
    let attempts = rows();
    for proposal in plan(&tenant, &attempts) {
        assert!(!proposal.unblocks.is_empty());
        let changed = proposal.apply(&tenant);
        for (index, verdict) in &proposal.unblocks {
            assert_eq!(evaluate(&tenant, &attempts[*index]).verdict, Verdict::Blocked);
            assert_eq!(search::verdict(&changed, &attempts[*index], &proposal.changes), *verdict);
        }
        for left_out in 0..proposal.changes.len() {
            let mut fewer = proposal.changes.clone();
            fewer.remove(left_out);
            let changed = search::changed(&tenant, &fewer);
            let opened = proposal.unblocks.iter().filter(|(index, verdict)| {
                search::verdict(&changed, &attempts[*index], &fewer) <= *verdict
            });
            assert!(opened.count() < proposal.unblocks.len(), "{}", proposal.title());
        }
        // loosening stops nobody
        for attempt in &attempts {
            let before = evaluate(&tenant, attempt).verdict;
            assert!(evaluate(&changed, attempt).verdict <= before || before != Verdict::Blocked);
        }
    }
}

#[test]
fn a_tenant_in_which_nobody_is_stuck_needs_no_plan() {
    let with = Tenant::read(&[
        ("policies.json", sample!("seed-policies-with-exclusions.json")),
        ("fido2.json", FIDO2.as_bytes()),
    ])
    .unwrap();
    let free: Vec<Attempt> =
        rows().into_iter().filter(|row| evaluate(&with, row).verdict != Verdict::Blocked).collect();
    assert_eq!(free.len(), 7);
    assert_eq!(plan(&with, &free), []);
    assert_eq!(plan(&with, &[]), []);
}

#[test]
fn models_that_a_list_lacks_are_added_to_it() {
    let restricted = FIDO2
        .replace("\"isEnforced\": false", "\"isEnforced\": true")
        .replace("\"aaGuids\": []", "\"aaGuids\": [\"2fc0579f-8113-47ea-b116-bb5a8db9202a\"]");
    let in_app = [attempt(Platform::Ios, "authenticatorApp", &PASS)];
    let proposals = plan(&tenant(SEED, &restricted), &in_app);
    assert!(
        matches!(proposals[0].changes.as_slice(), [Change::LetModelsIn { models, .. }] if models.len() == 2),
        "{:#?}",
        titles(&proposals)
    );
    // a strength that names other models: the passkey registers and signs in nowhere
    let excluded = std::str::from_utf8(sample!("seed-policies-with-exclusions.json")).unwrap();
    let other = excluded
        .replace("90a3ccdf-635c-4729-a248-9b709135078f", "2fc0579f-8113-47ea-b116-bb5a8db9202a");
    let with_push = [attempt(Platform::Ios, "authenticatorApp", &PUSH)];
    let proposals = plan(&tenant(&other, FIDO2), &with_push);
    let adds = |proposal: &Proposal| {
        matches!(proposal.changes.as_slice(), [Change::AllowModels { strength, .. }]
            if strength.name == "Mobile Apps")
    };
    assert!(proposals.iter().any(adds), "{:#?}", titles(&proposals));
}

#[test]
fn switches_that_are_off_are_switched_on() {
    let in_app = [attempt(Platform::Ios, "authenticatorApp", &PASS)];
    let off = FIDO2.replace(
        "\"isSelfServiceRegistrationAllowed\": true",
        "\"isSelfServiceRegistrationAllowed\": false",
    );
    let proposals = plan(&tenant(SEED, &off), &in_app);
    assert_eq!(titles(&proposals), ["Allow self-service set-up of passkeys"]);
    let off = FIDO2.replace("\"state\": \"enabled\"", "\"state\": \"disabled\"");
    assert_eq!(titles(&plan(&tenant(SEED, &off), &in_app)), ["Enable the passkey (FIDO2) method"]);
    let pass = r#"{"id": "TemporaryAccessPass", "state": "disabled", "isUsableOnce": false,
        "includeTargets": [{"id": "all_users"}]}"#;
    let files = [("a.json", SEED), ("b.json", FIDO2), ("temporaryAccessPass.json", pass)];
    let off = Tenant::read(&files.map(|(name, text)| (name, text.as_bytes()))).unwrap();
    let proposals = plan(&off, &in_app);
    assert_eq!(proposals[0].changes, [Change::EnablePass], "{:#?}", titles(&proposals));
}

#[test]
fn a_built_in_strength_is_replaced_and_not_changed() {
    let custom = "5eed0000-0000-4000-8000-000000000030";
    let (before, rest) = SEED
        .split_once(&format!("\"authenticationStrength\": {{\n          \"id\": \"{custom}\""))
        .unwrap();
    let tail = rest.rsplit_once("]\n}").map(|(_, tail)| tail).unwrap_or_default();
    assert!(tail.trim().is_empty());
    let built_in = format!(
        "{before}\"authenticationStrength\": {{\"id\": \"00000000-0000-0000-0000-000000000004\"}}}}}}]}}"
    );
    let tenant = tenant(&built_in, FIDO2);
    let stuck = [attempt(Platform::Ios, "authenticatorApp", &PASS)];
    let proposals = plan(&tenant, &stuck);
    let replaced = proposals.iter().find(|proposal| {
        matches!(proposal.changes.as_slice(), [Change::ReplaceBuiltIn { combinations, .. }] if combinations.len() == 2)
    });
    let replaced = replaced.unwrap_or_else(|| panic!("{:#?}", titles(&proposals)));
    let changed = replaced.apply(&tenant);
    let id = "00000000-0000-0000-0000-000000000004";
    assert_eq!(changed.strength(id), tenant.strength(id), "the built-in one stays as it is");
    assert_eq!(replaced.unblocks.len(), 1);
}

#[test]
fn people_of_one_kin_are_planned_for_together() {
    let tenant = tenant(SEED, FIDO2);
    let mut attempts = Vec::new();
    for number in 0..50 {
        let mut attempt = attempt(Platform::Ios, "authenticatorApp", &PUSH);
        attempt.person.id = Some(format!("u{number}"));
        attempt.person.groups = Some(vec![format!("g{number}")]);
        attempts.push(attempt);
    }
    let proposals = plan(&tenant, &attempts);
    assert_eq!(places(&proposals[0]), (0..50).collect::<Vec<_>>());
    let alone = plan(&tenant, &attempts[..1]);
    assert_eq!(titles(&proposals), titles(&alone));
}
