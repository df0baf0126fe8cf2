//! Matrices of the field report's tenant.

use super::*;
use crate::{MethodMode, Platform, RegisteredMethod, Route, Surface, TapKind, evaluate};

const SEED: &[u8] = include_bytes!("../../../../tests/vectors/entra/samples/seed-policies.json");
const FIDO2: &[u8] =
    include_bytes!("../../../../tests/vectors/entra/samples/seed-fido2-policy.json");

fn tenant() -> Tenant {
    Tenant::read(&[("policies.json", SEED), ("fido2.json", FIDO2)]).unwrap()
}

fn person(id: &str, groups: &[&str], modes: &[&str]) -> Person {
    let method = |mode: &&str| RegisteredMethod { mode: MethodMode::new(mode), aaguid: None };
    Person {
        id: Some(id.to_owned()),
        groups: Some(groups.iter().map(|id| (*id).to_owned()).collect()),
        roles: Some(Vec::new()),
        external: Some(false),
        registered: Some(modes.iter().map(method).collect()),
        ..Person::default()
    }
}

#[test]
fn a_row_says_where_somebody_gets_through_and_where_not() {
    let tenant = tenant();
    let app =
        |sign_in| Situation::new(Platform::Ios, Surface::AuthenticatorApp, Route::InApp, sign_in);
    let columns = vec![app(SignIn::Own), app(SignIn::Pass(TapKind::MultiUse))];
    let mut matrix = Matrix::new(&tenant, columns);
    let row = matrix.row(&person("u", &[], &["microsoftAuthenticatorPush"]));
    let [own, pass] = &*row else { panic!("{row:?}") };
    assert_eq!((own.verdict, pass.verdict), (Verdict::Blocked, Verdict::Ready));
    let stop = Context::Resource(Some("ea890292-c8c8-4433-b5ea-b09d0668e1a6".to_owned()));
    assert_eq!(own.stopped_at.as_ref(), Some(&stop));
    assert!(own.why.is_some() && pass.why.is_none());
}

#[test]
fn the_standard_columns_are_the_same_each_time_and_every_one_has_its_own_name() {
    let tenant = tenant();
    let columns = Situation::standard(&tenant);
    assert_eq!(columns, Situation::standard(&tenant));
    let mut labels: Vec<String> = columns.iter().map(Situation::label).collect();
    assert_eq!(labels[0], "windows/browser:edge, local, own methods");
    labels.sort();
    labels.dedup();
    assert_eq!(labels.len(), columns.len());
}

#[test]
fn a_row_is_what_evaluate_says_of_each_attempt() {
    let tenant = tenant();
    let mut matrix = Matrix::new(&tenant, Situation::standard(&tenant));
    let people = personas().into_iter().chain([
        person("u1", &["G1"], &["fido2", "microsoftAuthenticatorPush"]),
        person("u2", &["g1", "g9"], &[]),
    ]);
    for person in people {
        let row = matrix.row(&person);
        for (situation, summary) in matrix.situations().iter().zip(&*row) {
            let answer = evaluate(&tenant, &situation.attempt(&person));
            assert_eq!(summary, &Summary::of(answer), "{} {person:?}", situation.label());
        }
    }
}

#[test]
fn people_whom_the_tenant_cannot_tell_apart_share_a_row() {
    let text = r#"[{"id": "p", "state": "enabled", "conditions": {"users": {"includeUsers": ["All"],
        "excludeGroups": ["G1"], "excludeUsers": ["Boss"]}, "applications": {"includeApplications": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": ["block"]}}]"#;
    let tenant =
        Tenant::read(&[("policies.json", text.as_bytes()), ("fido2.json", FIDO2)]).unwrap();
    let mut matrix = Matrix::new(&tenant, Situation::standard(&tenant));
    let mut row = |person: Person| matrix.row(&person);
    let one = row(person("u1", &["g2"], &["fido2"]));
    let other = row(person("u2", &["g3", "g4"], &["fido2"]));
    assert!(Rc::ptr_eq(&one, &other));
    let spared = row(person("u3", &["g1"], &["fido2"]));
    assert_ne!(one[0].verdict, spared[0].verdict);
    assert!(Rc::ptr_eq(&spared, &row(person("u4", &["x", "G1"], &["fido2"]))));
    assert_eq!(row(person("BOSS", &[], &["fido2"])), spared);
    let unsaid = Person { groups: None, ..person("u5", &[], &["fido2"]) };
    assert!(!Rc::ptr_eq(&one, &row(unsaid)), "not said is not the same as none");
    assert!(!Rc::ptr_eq(&one, &row(person("u6", &[], &["sms"]))));
}

#[test]
fn rows_are_kept_for_so_many_kinds_of_people_and_no_more() {
    let tenant = tenant();
    let mut matrix = Matrix::new(&tenant, Vec::new());
    for number in 0..MAX_KEPT + 10 {
        let mode = format!("method {number}");
        matrix.row(&person("u", &[], &[&mode]));
    }
    assert_eq!(matrix.kept.len(), MAX_KEPT);
}

#[test]
fn people_sign_in_with_the_strongest_they_have_on_that_device() {
    let signed_in = |modes: &[&str], platform| {
        let surface = Surface::Browser("edge".to_owned());
        let situation = Situation::new(platform, surface, Route::Any, SignIn::Own);
        let used = situation.attempt(&person("u", &[], modes)).signed_in_with;
        used.iter().map(|mode| mode.as_str().to_owned()).collect::<Vec<_>>()
    };
    let hello = ["sms", "windowsHelloForBusiness"];
    assert_eq!(signed_in(&hello, Platform::Windows), ["windowsHelloForBusiness"]);
    assert_eq!(signed_in(&hello, Platform::Ios), ["password", "sms"]);
    assert_eq!(signed_in(&["sms", "fido2"], Platform::Ios), ["fido2"]);
    assert_eq!(signed_in(&[], Platform::Ios), ["password"]);
}
