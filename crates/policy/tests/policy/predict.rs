//! Passkeys that do not exist yet: the same gates, the attestation taken on trust.

use crate::support::*;
use keyvet_policy::Decision::{Accepted, Refused, Undecided};
use keyvet_policy::entra::KeyTable;
use keyvet_policy::{Decision, Prediction, Prospect, ProspectAttestation, Scope, predict};
use serde_json::{Value, json};

fn security_key(aaguid: &str) -> Prospect {
    Prospect {
        aaguid: Some(id(aaguid)),
        synced: Some(false),
        attestation: Some(ProspectAttestation::MdsPacked),
        in_app: false,
    }
}

fn in_app() -> Prospect {
    let attestation = Some(ProspectAttestation::AppAttest);
    Prospect { attestation, in_app: true, ..security_key(AUTHENTICATOR) }
}

fn open() -> Value {
    with_profile(json!({}))
}

fn ask(json: &Value, prospect: &Prospect) -> Prediction {
    ask_for(json, prospect, &Scope::default())
}

fn ask_for(json: &Value, prospect: &Prospect, scope: &Scope) -> Prediction {
    predict(&policy(json), prospect, KeyTable::embedded(), Some(no_291()), scope)
}

fn registration(json: &Value, prospect: &Prospect) -> (Decision, Vec<&'static str>) {
    let answer = ask(json, prospect).registration;
    (answer.decision, deciding(&answer))
}

#[test]
fn the_model_is_looked_up_where_attestation_is_enforced() {
    let listed = ask(&enforced(), &security_key(YUBIKEY));
    assert_eq!(listed.registration.decision, Accepted);
    assert!(ids(&listed.registration).contains(&"entra.in-key-table"));
    assert_eq!(
        registration(&enforced(), &security_key(CANOKEY)),
        (Refused, vec!["entra.not-certified"])
    );
    assert_eq!(
        registration(&enforced(), &security_key(ZERO)),
        (Refused, vec!["entra.zero-aaguid-not-attestable"])
    );
    assert_eq!(ask(&open(), &security_key(CANOKEY)).registration.decision, Accepted);
}

#[test]
fn authenticator_is_taken_in_its_app_only_while_attestation_is_enforced() {
    let made_in_app = ask(&enforced(), &in_app());
    assert_eq!(made_in_app.registration.decision, Accepted);
    assert!(ids(&made_in_app.registration).contains(&"entra.authenticator-attested-in-app"));
    let elsewhere = Prospect { in_app: false, ..in_app() };
    assert_eq!(
        registration(&enforced(), &elsewhere),
        (Refused, vec!["entra.authenticator-in-app-only"])
    );
    let bare = Prospect { attestation: Some(ProspectAttestation::None), ..elsewhere };
    assert_eq!(registration(&enforced(), &bare), (Refused, vec!["entra.format-none"]));
    assert_eq!(ask(&open(), &bare).registration.decision, Accepted);
}

#[test]
fn statements_of_other_kinds_are_refused_where_attestation_is_enforced() {
    for (promise, id) in [
        (ProspectAttestation::Tpm, "entra.format-tpm"),
        (ProspectAttestation::AppAttest, "entra.format-not-packed"),
    ] {
        let prospect = Prospect { attestation: Some(promise), ..security_key(YUBIKEY) };
        assert_eq!(registration(&enforced(), &prospect), (Refused, vec![id]));
    }
}

#[test]
fn what_is_not_said_is_undecided_only_where_a_profile_asks_for_it() {
    let nothing = Prospect::default();
    assert_eq!(ask(&open(), &nothing).registration.decision, Accepted);
    assert_eq!(
        registration(&with_profile(list("allow", &[YUBIKEY])), &nothing),
        (Undecided, vec!["entra.prospect-model-not-given"])
    );
    assert_eq!(
        registration(&enforced(), &nothing),
        (Undecided, vec!["entra.prospect-attestation-not-given"])
    );
    assert_eq!(
        registration(&with_profile(json!({"passkeyTypes": "deviceBound"})), &nothing),
        (Undecided, vec!["entra.prospect-type-not-given"])
    );
}

#[test]
fn the_zero_aaguid_matches_no_list() {
    let zero = security_key(ZERO);
    assert_eq!(
        registration(&with_profile(list("allow", &[ZERO])), &zero),
        (Refused, vec!["entra.zero-aaguid-not-listable"])
    );
}

#[test]
fn a_list_counts_at_sign_in_and_attestation_does_not() {
    let listed = ask(&with_profile(list("allow", &[YUBIKEY])), &security_key(CANOKEY));
    assert_eq!(listed.sign_in.decision, Refused);
    let attested = ask(&enforced(), &security_key(CANOKEY));
    assert_eq!((attested.registration.decision, attested.sign_in.decision), (Refused, Accepted));
}

#[test]
fn what_attestation_alone_leads_to_is_told_apart() {
    let both =
        overlaid(list("allow", &[YUBIKEY]), &json!({"attestationEnforcement": "registrationOnly"}));
    let prospect = Prospect { in_app: false, ..in_app() };
    let refused = ask(&with_profile(both), &prospect);
    assert_eq!((refused.registration.decision, refused.attestation), (Refused, Refused));
    assert_eq!(refused.attestation_enforced, Some(true));
    let by_list = ask(&with_profile(list("allow", &[YUBIKEY])), &prospect);
    assert_eq!((by_list.registration.decision, by_list.attestation), (Refused, Accepted));
    assert_eq!(by_list.attestation_enforced, Some(false));
}

#[test]
fn the_gates_before_the_profiles_are_the_same() {
    let off =
        overlaid(with_profile(json!({})), &json!({"isSelfServiceRegistrationAllowed": false}));
    assert_eq!(registration(&off, &in_app()), (Refused, vec!["entra.self-service-off"]));
    let excluded = overlaid(with_profile(json!({})), &json!({"excludeTargets": [{"id": "g9"}]}));
    let verdict = ask_for(&excluded, &in_app(), &group("g9"));
    assert_eq!(deciding(&verdict.sign_in), ["entra.excluded"]);
}

#[test]
fn both_forms_of_the_field_report_say_the_same() {
    for name in ["seed-fido2-policy.json", "seed-fido2-policy-as-profile.json"] {
        let policy = keyvet_policy::read(&sample(name)).unwrap();
        let ask = |prospect: &Prospect| {
            let table = KeyTable::embedded();
            predict(&policy, prospect, table, None, &Scope::default()).registration.decision
        };
        let outside = Prospect { in_app: false, ..in_app() };
        assert_eq!([ask(&in_app()), ask(&outside)], [Accepted, Refused], "{name}");
    }
}
