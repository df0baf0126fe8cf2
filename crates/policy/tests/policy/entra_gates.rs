//! P1 to P4, scope, and the disjunction of profiles.

use crate::support::{
    INVENTED, YUBIKEY, attested, claimed, deciding, decisions, enforced, finding_ids, group, ids,
    judge, judge_for, list, overlaid, policy, profile, said, with_profile, with_profiles,
};
use keyvet_policy::Decision::{Accepted, Refused, Undecided};
use keyvet_policy::Scope;
use serde_json::{Value, json};

fn open() -> Value {
    with_profile(json!({}))
}

#[test]
fn p1_a_method_that_is_off_refuses_both_and_still_names_what_else_refuses() {
    let off = overlaid(with_profile(list("block", &[YUBIKEY])), &json!({"state": "disabled"}));
    let verdict = judge(&off, &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Refused, Refused));
    let both = ["entra.method-disabled", "entra.aaguid-blocked"];
    assert_eq!(deciding(&verdict.registration), both);
    assert_eq!(deciding(&verdict.sign_in), both);
    assert_eq!(verdict.sign_in.profile, None, "no profile decided it");
}

#[test]
fn p1_a_state_nobody_documents_is_undecided() {
    let odd = overlaid(open(), &json!({"state": "enabledForReportingButNotEnforced"}));
    let verdict = judge(&odd, &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Undecided, Undecided));
    assert_eq!(deciding(&verdict.sign_in), ["entra.unknown-value"]);
    assert!(finding_ids(&verdict.findings).contains(&"entra.unknown-value"));
}

#[test]
fn p2_an_excluded_group_is_refused_both_and_others_are_told_of_it() {
    let policy = policy(&overlaid(
        open(),
        &json!({"excludeTargets": [{"id": "G-OUT", "targetType": "group"}]}),
    ));
    let inside = judge_for(&policy, &attested(YUBIKEY), &group("g-out"));
    assert_eq!(decisions(&inside), (Refused, Refused));
    assert_eq!(deciding(&inside.sign_in), ["entra.excluded"]);
    let outside = judge_for(&policy, &attested(YUBIKEY), &Scope::default());
    assert_eq!(decisions(&outside), (Accepted, Accepted));
    assert_eq!(said(&outside.sign_in, "entra.exclusions"), "excludeTargets | G-OUT");
}

#[test]
fn p2_excluding_all_users_refuses_everybody() {
    let nobody = overlaid(open(), &json!({"excludeTargets": [{"id": "all_users"}]}));
    let verdict = judge(&nobody, &attested(YUBIKEY));
    assert_eq!(deciding(&verdict.registration), ["entra.excluded"]);
    assert!(finding_ids(&verdict.findings).contains(&"entra.included-and-excluded"));
}

#[test]
fn p3_somebody_in_no_target_is_refused() {
    let by_group = overlaid(
        open(),
        &json!({"includeTargets": [
        {"id": "g1", "targetType": "group", "allowedPasskeyProfiles": ["p0"]}]}),
    );
    let stranger = judge_for(&policy(&by_group), &attested(YUBIKEY), &group("g9"));
    assert_eq!(decisions(&stranger), (Refused, Refused));
    assert_eq!(
        ids(&stranger.sign_in),
        ["entra.not-included", "entra.group-not-named", "entra.accepted-elsewhere"]
    );
    let empty = overlaid(open(), &json!({"includeTargets": []}));
    assert_eq!(deciding(&judge(&empty, &attested(YUBIKEY)).sign_in), ["entra.not-included"]);
}

#[test]
fn p3_a_target_without_profiles_gives_nothing() {
    let none = overlaid(
        open(),
        &json!({"includeTargets": [
        {"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": []}]}),
    );
    let verdict = judge(&none, &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Refused, Refused));
    assert_eq!(ids(&verdict.registration), ["entra.no-profile", "entra.accepted-elsewhere"]);
    assert!(finding_ids(&verdict.findings).contains(&"entra.profile-unassigned"));
}

#[test]
fn p3_a_target_that_does_not_say_its_profiles_is_undecided() {
    let unsaid = overlaid(open(), &json!({"includeTargets": [{"id": "all_users"}]}));
    let verdict = judge(&unsaid, &attested(YUBIKEY));
    assert!(deciding(&verdict.sign_in).contains(&"entra.member-missing"));
}

#[test]
fn p4_self_service_off_refuses_registration_and_not_sign_in() {
    let off = overlaid(open(), &json!({"isSelfServiceRegistrationAllowed": false}));
    let verdict = judge(&off, &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Refused, Accepted));
    assert_eq!(deciding(&verdict.registration), ["entra.self-service-off"]);
}

#[test]
fn a_policy_for_groups_only_is_refused_without_a_group_when_every_profile_refuses() {
    let by_group = |restrictions: Value| {
        policy(&overlaid(
            with_profile(restrictions),
            &json!({"includeTargets": [
            {"id": "g1", "targetType": "group", "allowedPasskeyProfiles": ["p0"]}]}),
        ))
    };
    let open = judge_for(&by_group(json!({})), &attested(YUBIKEY), &Scope::default());
    assert_eq!(decisions(&open), (Undecided, Undecided));
    assert_eq!(said(&open.registration, "entra.group-needed"), "includeTargets | g1");
    let blocked = by_group(list("block", &[YUBIKEY]));
    let closed = judge_for(&blocked, &attested(YUBIKEY), &Scope::default());
    assert_eq!(decisions(&closed), (Refused, Refused));
    assert_eq!(
        decisions(&judge_for(&by_group(json!({})), &attested(YUBIKEY), &group("G1"))),
        (Accepted, Accepted)
    );
}

#[test]
fn a_member_has_the_profiles_of_all_his_groups_and_of_all_users() {
    let profiles =
        [list("allow", &[INVENTED]), list("block", &[YUBIKEY]), list("allow", &[YUBIKEY])];
    let json = overlaid(
        with_profiles(&profiles),
        &json!({"includeTargets": [
        {"id": "all_users", "allowedPasskeyProfiles": ["p0"]},
        {"id": "g1", "allowedPasskeyProfiles": ["p1"]},
        {"id": "g2", "allowedPasskeyProfiles": ["p2"]}]}),
    );
    let policy = policy(&json);
    let everyone = judge_for(&policy, &attested(YUBIKEY), &Scope::default());
    assert_eq!(decisions(&everyone), (Refused, Refused));
    assert_eq!(
        said(&everyone.registration, "entra.accepted-elsewhere"),
        "profile 'Profile 2' | given to g2"
    );
    let one = judge_for(&policy, &attested(YUBIKEY), &group("g1"));
    assert_eq!(decisions(&one), (Refused, Refused));
    let groups = vec!["g1".to_owned(), "g2".to_owned()];
    let both = judge_for(&policy, &attested(YUBIKEY), &Scope { groups, profile: None });
    assert_eq!(decisions(&both), (Accepted, Accepted));
    assert_eq!(both.registration.profile.as_deref(), Some("Profile 2"));
}

#[test]
fn one_profile_is_enough_and_leads_the_reasons() {
    let verdict = judge(
        &with_profiles(&[list("block", &[YUBIKEY]), json!({"name": "Open"})]),
        &attested(YUBIKEY),
    );
    assert_eq!(verdict.registration.profile.as_deref(), Some("Open"));
    assert_eq!(
        ids(&verdict.registration),
        [
            "entra.profile-accepts",
            "entra.included",
            "entra.type-allowed",
            "entra.restrictions-off",
            "entra.attestation-not-enforced",
        ]
    );
    assert_eq!(
        ids(&verdict.sign_in),
        [
            "entra.profile-accepts",
            "entra.included",
            "entra.type-allowed",
            "entra.restrictions-off",
            "entra.conditional-access-not-judged",
        ]
    );
}

#[test]
fn a_refusal_gives_the_nearest_profile_and_names_what_refuses_in_the_others() {
    let far = overlaid(list("allow", &[INVENTED]), &json!({"passkeyTypes": "synced"}));
    let verdict = judge(&with_profiles(&[far, list("block", &[YUBIKEY])]), &attested(YUBIKEY));
    assert_eq!(verdict.registration.profile.as_deref(), Some("Profile 1"));
    assert_eq!(deciding(&verdict.registration), ["entra.aaguid-blocked"]);
    assert_eq!(
        said(&verdict.registration, "entra.other-profile"),
        "profile 'Profile 0' | refused: entra.type-not-allowed, entra.aaguid-not-allowed"
    );
}

#[test]
fn no_profile_is_put_together_from_two() {
    let types = json!({"passkeyTypes": "synced"});
    let verdict = judge(&with_profiles(&[types, list("block", &[YUBIKEY])]), &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Refused, Refused));
}

#[test]
fn a_profile_is_asked_for_by_id_or_name_and_judged_alone() {
    let json = with_profiles(&[list("block", &[YUBIKEY]), json!({"name": "Desk keys"})]);
    for name in ["P1", "Desk keys", "desk KEYS"] {
        let verdict = judge_for(&policy(&json), &attested(YUBIKEY), &profile(name));
        assert_eq!(decisions(&verdict), (Accepted, Accepted), "{name}");
    }
    let other = judge_for(&policy(&json), &attested(YUBIKEY), &profile("p0"));
    assert_eq!(decisions(&other), (Refused, Refused));
}

#[test]
fn a_profile_that_is_not_there_or_not_unique_is_undecided() {
    let json = with_profiles(&[json!({"name": "Same"}), json!({"name": "Same"})]);
    let missing = judge_for(&policy(&json), &attested(YUBIKEY), &profile("Desk"));
    assert_eq!(decisions(&missing), (Undecided, Undecided));
    assert_eq!(
        said(&missing.sign_in, "entra.profile-not-found"),
        "passkeyProfiles | 'Desk'; the policy has 'Same', 'Same'"
    );
    let twice = judge_for(&policy(&json), &attested(YUBIKEY), &profile("Same"));
    assert!(said(&twice.sign_in, "entra.profile-not-found").contains("names 2 profiles"));
}

#[test]
fn a_profile_the_group_is_not_given_is_refused() {
    let json = overlaid(
        with_profiles(&[json!({}), json!({})]),
        &json!({"includeTargets": [
        {"id": "all_users", "allowedPasskeyProfiles": ["p0"]}]}),
    );
    let scope = Scope { profile: Some("p1".into()), groups: vec!["g1".into()] };
    let verdict = judge_for(&policy(&json), &attested(YUBIKEY), &scope);
    assert_eq!(deciding(&verdict.sign_in), ["entra.no-profile"]);
}

#[test]
fn what_the_registration_leaves_out_is_a_note() {
    let mut weak = claimed(YUBIKEY);
    weak.flags = Some(keyvet_ctap::Flags(0x41));
    weak.algorithm = Some(keyvet_ctap::CoseAlgorithm::EDDSA);
    let verdict = judge(&open(), &weak);
    assert_eq!(decisions(&verdict), (Accepted, Accepted));
    let notes = ids(&verdict.registration);
    assert!(
        notes.ends_with(&["entra.user-not-verified", "entra.algorithm-not-offered"]),
        "{notes:?}"
    );
    assert!(!ids(&verdict.sign_in).contains(&"entra.user-not-verified"));
}

#[test]
fn attestation_stops_no_sign_in() {
    let verdict = judge(&enforced(), &claimed(INVENTED));
    assert_eq!(decisions(&verdict), (Refused, Accepted));
    assert!(ids(&verdict.sign_in).contains(&"entra.attestation-at-registration-only"));
}
