//! The model holds the policies of providers whose importers come later.

use crate::support::{YUBIKEY, attested, deciding, id, judge_for, policy, with_profile};
use keyvet_policy::{Attestation, ListedModel, Policy, Roots, Scope, Stated, UserVerification};
use serde_json::{Value, json};

fn sample(name: &str) -> Value {
    serde_json::from_slice(&crate::support::sample(&format!("other-idp/{name}"))).unwrap()
}

/// A policy that restricts nothing, to be filled as an importer would.
fn open() -> Policy {
    policy(&with_profile(json!({})))
}

fn undecided_for_what_is_not_judged(policy: &Policy) -> String {
    let verdict = judge_for(policy, &attested(YUBIKEY), &Scope::default());
    assert_eq!(deciding(&verdict.registration), ["policy.demand-not-judged"]);
    verdict.registration.reasons[0].detail().to_owned()
}

#[test]
fn okta_certificate_validation_and_hardware_protection() {
    let okta = sample("okta-webauthn-method.json");
    let mut policy = open();
    let requirements = &mut policy.profiles[0].requirements;
    let group = okta["settings"]["aaguidGroups"][0]["aaguids"][0].as_str().unwrap();
    assert_eq!(ListedModel::read(group).aaguid(), Some(id(YUBIKEY)));
    requirements.unjudged.push("hardwareProtected".to_owned());
    assert_eq!(undecided_for_what_is_not_judged(&policy), "hardwareProtected");
}

#[test]
fn ping_identifiers_that_are_no_aaguids() {
    let ping = sample("pingone-fido2-policy-shape.json");
    let row = &ping["mdsAuthenticatorsRequirements"]["allowedAuthenticators"][0]["id"];
    let model = ListedModel::read(row.as_str().unwrap());
    assert_eq!(model.aaguid(), None, "kept as written, never a match");
    let mut policy = open();
    policy.profiles[0].requirements.user_verification = Some(UserVerification::Required);
    assert_eq!(undecided_for_what_is_not_judged(&policy), "user verification");
}

#[test]
fn keycloak_forbids_self_attestation_kanidm_brings_roots_and_aws_a_level() {
    let mut policy = open();
    let requirements = &mut policy.profiles[0].requirements;
    requirements.attestation = Stated::Value(Attestation::NotSelf);
    requirements.roots = Roots::Given(vec![vec![0x30]]);
    requirements.certification_min = Some("L1plus".to_owned());
    let verdict = judge_for(&policy, &attested(YUBIKEY), &Scope::default());
    let reason = verdict.registration.reasons.iter().find(|r| r.id() == "policy.demand-not-judged");
    let detail = reason.unwrap().detail();
    assert_eq!(detail, "roots of its own, certification L1plus, attestation without a chain");
}
