//! Documented complaints of administrators that a saved registration can show.

use crate::support::{
    CANOKEY, INVENTED, NOT_YET, YUBIKEY, YUBIKEY_TWIN, ZERO, attested, catalogue, claimed,
    deciding, decisions, enforced, id, judge, judge_with, list, no_291, policy, said, with_profile,
    with_profiles,
};
use keyvet_attestation::Trust;
use keyvet_policy::Decision::{Accepted, Refused, Undecided};
use keyvet_policy::Scope;
use keyvet_policy::entra::{Attestable, KeyTable, attestable};
use serde_json::json;

#[test]
fn f4_two_keys_sold_under_one_name_get_two_verdicts() {
    let table = KeyTable::embedded();
    let name = |aaguid| table.row(id(aaguid)).unwrap().description.clone();
    assert_eq!(name(YUBIKEY), name(YUBIKEY_TWIN));
    let tenant = with_profile(list("allow", &[YUBIKEY]));
    assert_eq!(decisions(&judge(&tenant, &attested(YUBIKEY))), (Accepted, Accepted));
    let twin = judge(&tenant, &attested(YUBIKEY_TWIN));
    assert_eq!(decisions(&twin), (Refused, Refused));
    let said = said(&twin.registration, "entra.aaguid-not-allowed");
    assert!(said.contains(YUBIKEY_TWIN) && said.contains("YubiKey 5 Series with NFC"), "{said}");
}

#[test]
fn f5_whether_a_model_is_attestable_is_answered_before_the_purchase_with_dates() {
    let ask = |aaguid| attestable(id(aaguid), KeyTable::embedded(), Some(no_291()));
    assert!(matches!(ask(YUBIKEY), Attestable::Listed(_)));
    assert!(matches!(ask(NOT_YET), Attestable::PredictedNotListed { mds_no: 291 }));
    assert!(matches!(ask(CANOKEY), Attestable::RuleFails { .. }));
    assert!(matches!(ask(INVENTED), Attestable::NotInMetadata { mds_no: 291 }));
    let verdict = judge(&enforced(), &attested(NOT_YET));
    assert_eq!(verdict.registration.decision, Undecided);
    let said = said(&verdict.registration, "entra.in-metadata-not-listed");
    for date in ["10/06/2026", "2026-02-18", "no 285", "no 291"] {
        assert!(said.contains(date), "{date}: {said}");
    }
}

#[test]
fn f6_an_uncertified_key_is_told_its_status_and_the_profile_that_would_take_it() {
    let tenant = with_profiles(&[json!({"attestationEnforcement": "registrationOnly"})]);
    let verdict = judge(&tenant, &attested(CANOKEY));
    assert_eq!(deciding(&verdict.registration), ["entra.not-certified"]);
    let said = said(&verdict.registration, "entra.not-certified");
    assert!(said.contains("NOT_FIDO_CERTIFIED") && said.contains("not FIDO certified"), "{said}");
    let reason = &verdict.registration.reasons[0];
    assert!(reason.next_step().contains("does not enforce attestation"));
    assert_eq!(
        decisions(&judge(&with_profile(json!({})), &attested(CANOKEY))),
        (Accepted, Accepted)
    );
}

/// "FIDO 2 Level 2 certified" is part of the product's name; its status says otherwise.
#[test]
fn f6_a_certified_sounding_name_is_not_a_certificate() {
    let verdict = judge(&enforced(), &attested("22682ee5-4f0e-4c19-be3e-797d5770ebfe"));
    let said = said(&verdict.registration, "entra.not-certified");
    assert!(said.contains("Level 2 certified") && said.contains("NOT_FIDO_CERTIFIED"), "{said}");
}

#[test]
fn f7_a_refusal_names_the_profile_and_the_list_responsible() {
    let only = json!({"name": "Default passkey profile"});
    let tenant = with_profile(crate::support::overlaid(list("allow", &[YUBIKEY]), &only));
    let verdict = judge(&tenant, &attested("eabb46cc-e241-80bf-ae9e-96fa6d2975cf"));
    assert_eq!(decisions(&verdict), (Refused, Refused));
    assert_eq!(verdict.registration.profile.as_deref(), Some("Default passkey profile"));
    let reason = &verdict.registration.reasons[0];
    assert_eq!(reason.source, "profile 'Default passkey profile' keyRestrictions.aaGuids");
    assert!(reason.finding.kind().meaning.contains("blocked by their organisation"));
}

#[test]
fn f8_the_zero_aaguid_cannot_be_identified_and_never_matches() {
    let listed = judge(&with_profile(list("allow", &[ZERO])), &claimed(ZERO));
    assert_eq!(deciding(&listed.registration), ["entra.zero-aaguid-not-listable"]);
    assert!(listed.registration.reasons[0].finding.kind().meaning.contains("cannot be identified"));
    let mut packed = attested(ZERO);
    packed.trust = Trust::Unanchored;
    let under_attestation = judge(&enforced(), &packed);
    assert!(
        deciding(&under_attestation.registration).contains(&"entra.zero-aaguid-not-attestable")
    );
}

#[test]
fn f13_the_same_metadata_gives_the_same_verdict_and_is_named() {
    let policy = policy(&enforced());
    let ask = |metadata| judge_with(&policy, &attested(YUBIKEY), Some(metadata), &Scope::default());
    assert_eq!(ask(no_291()), ask(no_291()));
    assert!(said(&ask(no_291()).registration, "entra.chain-anchored").contains("no 291"));
}

#[test]
fn f13_cumulative_status_reports_are_read_as_a_set() {
    for order in [["REVOKED", "NOT_FIDO_CERTIFIED"], ["NOT_FIDO_CERTIFIED", "REVOKED"]] {
        let metadata = catalogue(291, INVENTED, &order);
        let verdict = judge_with(
            &policy(&enforced()),
            &attested(INVENTED),
            Some(&metadata),
            &Scope::default(),
        );
        assert_eq!(
            deciding(&verdict.registration),
            ["entra.not-certified", "entra.metadata-alarm"]
        );
    }
    let later = catalogue(291, INVENTED, &["NOT_FIDO_CERTIFIED", "FIDO_CERTIFIED_L1plus"]);
    let standing = attestable(id(INVENTED), KeyTable::embedded(), Some(&later));
    assert_eq!(standing, Attestable::PredictedNotListed { mds_no: 291 });
}
