//! P5 to P7 in one profile.

use crate::support::{
    AUTHENTICATOR, CANOKEY, INVENTED, NOT_YET, YUBIKEY, ZERO, attested, catalogue, claimed,
    deciding, decisions, enforced, ids, judge, judge_with, list, policy, said, sample, synced,
    with_profile,
};
use keyvet_attestation::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
use keyvet_ctap::AttestationFormat;
use keyvet_policy::Decision::{self, Accepted, Refused, Undecided};
use keyvet_policy::{Scope, Verdict};
use serde_json::json;

#[test]
fn p5_types_are_judged_at_registration_and_at_sign_in() {
    let table = [
        ("deviceBound", true, Refused),
        ("deviceBound", false, Accepted),
        ("synced", true, Accepted),
        ("synced", false, Refused),
        ("deviceBound,synced", true, Accepted),
        ("Synced, DEVICEBOUND", false, Accepted),
    ];
    for (types, is_synced, expected) in table {
        let credential = if is_synced { synced(claimed(YUBIKEY)) } else { claimed(YUBIKEY) };
        let verdict = judge(&with_profile(json!({"passkeyTypes": types})), &credential);
        assert_eq!(decisions(&verdict), (expected, expected), "{types} {is_synced}");
        let id = if expected == Accepted { "entra.type-allowed" } else { "entra.type-not-allowed" };
        assert!(ids(&verdict.sign_in).contains(&id), "{types} {is_synced}");
    }
}

#[test]
fn p5_an_unknown_type_or_unread_flags_leave_it_open() {
    let odd = with_profile(json!({"passkeyTypes": "deviceBound,hardware"}));
    let verdict = judge(&odd, &synced(claimed(YUBIKEY)));
    assert_eq!(deciding(&verdict.sign_in), ["entra.unknown-value"]);
    assert_eq!(decisions(&judge(&odd, &claimed(YUBIKEY))), (Accepted, Accepted));
    let mut unread = claimed(YUBIKEY);
    unread.flags = None;
    assert_eq!(deciding(&judge(&odd, &unread).sign_in), ["entra.type-unread"]);
}

#[test]
fn p5_the_deprecated_form_says_nothing_about_synced_passkeys() {
    let legacy = json!({"id": "Fido2", "state": "enabled", "isAttestationEnforced": false,
        "includeTargets": [{"id": "all_users"}]});
    assert_eq!(decisions(&judge(&legacy, &claimed(YUBIKEY))), (Accepted, Accepted));
    let verdict = judge(&legacy, &synced(claimed(YUBIKEY)));
    assert_eq!(decisions(&verdict), (Undecided, Undecided));
    assert_eq!(deciding(&verdict.sign_in), ["entra.synced-under-legacy"]);
}

#[test]
fn p6_lists_are_judged_at_registration_and_at_sign_in() {
    let table = [
        ("allow", YUBIKEY, Accepted, "entra.aaguid-allowed"),
        ("allow", INVENTED, Refused, "entra.aaguid-not-allowed"),
        ("block", YUBIKEY, Refused, "entra.aaguid-blocked"),
        ("block", INVENTED, Accepted, "entra.aaguid-not-blocked"),
    ];
    for (mode, aaguid, expected, id) in table {
        let shouted = YUBIKEY.to_uppercase();
        let verdict = judge(&with_profile(list(mode, &[&shouted])), &attested(aaguid));
        assert_eq!(decisions(&verdict), (expected, expected), "{mode} {aaguid}");
        let said = said(&verdict.sign_in, id);
        assert!(said.starts_with("profile 'Profile 0' keyRestrictions.aaGuids | AAGUID"), "{said}");
        assert!(!ids(&verdict.sign_in).contains(&"entra.aaguid-claimed"));
    }
}

#[test]
fn p6_a_claimed_aaguid_is_called_claimed() {
    let verdict = judge(&with_profile(list("allow", &[YUBIKEY])), &claimed(YUBIKEY));
    assert_eq!(decisions(&verdict), (Accepted, Accepted));
    let said = said(&verdict.registration, "entra.aaguid-claimed");
    assert!(said.contains("claims AAGUID 2fc0579f"), "{said}");
    let proven = judge(&with_profile(list("allow", &[YUBIKEY])), &attested(YUBIKEY));
    assert!(crate::support::said(&proven.sign_in, "entra.aaguid-allowed").contains("proven"));
}

#[test]
fn p6_what_no_document_decides_is_undecided() {
    let cases = [
        (list("allow", &[]), YUBIKEY, "entra.restrictions-without-list"),
        (list("block", &[]), YUBIKEY, "entra.restrictions-without-list"),
        (list("block", &[YUBIKEY]), ZERO, "entra.zero-aaguid-under-block"),
        (list("greylist", &[YUBIKEY]), YUBIKEY, "entra.unknown-value"),
        (json!({"keyRestrictions": {"aaGuids": []}}), YUBIKEY, "entra.member-missing"),
        (json!({"keyRestrictions": null}), YUBIKEY, "entra.member-missing"),
    ];
    for (restrictions, aaguid, id) in cases {
        let verdict = judge(&with_profile(restrictions.clone()), &claimed(aaguid));
        assert_eq!(decisions(&verdict), (Undecided, Undecided), "{restrictions}");
        assert_eq!(deciding(&verdict.registration), [id], "{restrictions}");
    }
    let mut unread = claimed(YUBIKEY);
    unread.aaguid = None;
    let verdict = judge(&with_profile(list("allow", &[YUBIKEY])), &unread);
    assert_eq!(deciding(&verdict.sign_in), ["entra.aaguid-unread"]);
}

#[test]
fn p6_the_zero_aaguid_is_on_no_list() {
    let verdict = judge(&with_profile(list("allow", &[ZERO, YUBIKEY])), &claimed(ZERO));
    assert_eq!(decisions(&verdict), (Refused, Refused));
    assert_eq!(deciding(&verdict.sign_in), ["entra.zero-aaguid-not-listable"]);
}

#[test]
fn p7_a_genuine_listed_key_is_accepted_and_the_table_is_dated() {
    let verdict = judge(&enforced(), &attested(YUBIKEY));
    assert_eq!(decisions(&verdict), (Accepted, Accepted));
    assert_eq!(
        said(&verdict.registration, "entra.chain-anchored"),
        "profile 'Profile 0' attestationEnforcement | FIDO metadata no 291"
    );
    let listed = said(&verdict.registration, "entra.in-key-table");
    assert!(
        listed.starts_with(
            "Entra key table, page of 10/06/2026 (commit 01deb00f), from FIDO metadata no 285 | "
        ),
        "{listed}"
    );
}

/// Judged under enforced attestation with metadata no 291.
fn under_enforcement(change: impl FnOnce(&mut Assessment)) -> Verdict {
    let mut assessment = attested(YUBIKEY);
    change(&mut assessment);
    judge(&enforced(), &assessment)
}

fn assert_registration(verdict: &Verdict, decision: Decision, deciding_ids: &[&str]) {
    assert_eq!(deciding(&verdict.registration), deciding_ids);
    assert_eq!(verdict.registration.decision, decision);
    assert_eq!(verdict.sign_in.decision, Accepted);
}

#[test]
fn p7_each_format_but_packed_is_refused_by_its_own_name() {
    let cases = [
        (AttestationFormat::NONE, "entra.format-none"),
        (AttestationFormat::FIDO_U2F, "entra.format-fido-u2f"),
        (AttestationFormat::TPM, "entra.format-tpm"),
        (AttestationFormat::APPLE, "entra.format-not-packed"),
        (AttestationFormat::ANDROID_KEY, "entra.format-not-packed"),
    ];
    for (format, id) in cases {
        let verdict = under_enforcement(|a| a.format = Some(format));
        assert_registration(&verdict, Refused, &[id]);
    }
}

#[test]
fn p7_a_statement_that_does_not_hold_is_refused() {
    for statement in [Statement::Invalid, Statement::Malformed] {
        let verdict = under_enforcement(|a| a.statement = statement);
        assert_registration(&verdict, Refused, &["entra.statement-broken"]);
    }
    let verdict =
        under_enforcement(|a| a.attestation_type = Some(AttestationType::SelfAttestation));
    assert_registration(&verdict, Refused, &["entra.self-attestation"]);
    for statement in [Statement::Unsupported, Statement::Unchecked] {
        let verdict = under_enforcement(|a| a.statement = statement);
        assert_registration(&verdict, Undecided, &["entra.statement-not-checked"]);
    }
}

#[test]
fn p7_a_chain_must_end_at_this_models_anchor() {
    let verdict = under_enforcement(|a| a.trust = Trust::Unanchored);
    assert_registration(&verdict, Refused, &["entra.chain-not-anchored"]);
    let verdict = under_enforcement(|a| a.trust = Trust::AnchoredElsewhere);
    assert_registration(&verdict, Refused, &["entra.chain-anchored-elsewhere"]);
}

#[test]
fn p7_an_anchor_given_by_hand_does_not_convince_entra() {
    let verdict = judge(&enforced(), &attested(INVENTED));
    let both = ["entra.anchor-not-from-metadata", "entra.not-in-metadata"];
    assert_registration(&verdict, Refused, &both);
}

#[test]
fn p7_without_metadata_the_chain_is_undecided() {
    let ask = |aaguid| judge_with(&policy(&enforced()), &attested(aaguid), None, &Scope::default());
    assert_registration(&ask(YUBIKEY), Undecided, &["entra.no-metadata"]);
    let both = ["entra.no-metadata", "entra.not-in-key-table"];
    assert_registration(&ask(INVENTED), Undecided, &both);
}

#[test]
fn p7_metadata_older_than_the_table_proves_no_missing_anchor() {
    let mut assessment = attested(YUBIKEY);
    assessment.trust = Trust::Unanchored;
    let older = catalogue(121, CANOKEY, &["NOT_FIDO_CERTIFIED"]);
    let ask = |a: &Assessment| judge_with(&policy(&enforced()), a, Some(&older), &Scope::default());
    assert_registration(&ask(&assessment), Undecided, &["entra.metadata-older-than-table"]);
    let mut unlisted = attested(CANOKEY);
    unlisted.trust = Trust::Unanchored;
    let both = ["entra.chain-not-anchored", "entra.not-certified"];
    assert_registration(&ask(&unlisted), Refused, &both);
}

#[test]
fn p7_the_rule_is_a_prediction_and_the_table_the_authority() {
    let verdict = judge(&enforced(), &attested(NOT_YET));
    assert_registration(&verdict, Undecided, &["entra.in-metadata-not-listed"]);
    let said = said(&verdict.registration, "entra.in-metadata-not-listed");
    assert!(said.contains("page of 10/06/2026") && said.contains("FIDO metadata no 291"), "{said}");
    assert!(said.contains("FIDO_CERTIFIED_L1 2026-02-18"), "{said}");

    let bare = "bc2fe499-0d8e-4ffe-96f3-94a82840cf8c"; // OCTATCO EzQuant: certified, no rk, no hmac-secret
    let verdict = judge(&enforced(), &attested(bare));
    assert_registration(&verdict, Refused, &["entra.metadata-rule-fails"]);
    let listed_against_the_rule = "efb96b10-a9ee-4b6c-a4a9-d32125ccd4a4"; // Safenet eToken FIDO
    assert_registration(&judge(&enforced(), &attested(listed_against_the_rule)), Accepted, &[]);
}

#[test]
fn p7_a_revoked_or_compromised_model_is_undecided_even_when_listed() {
    for status in ["REVOKED", "ATTESTATION_KEY_COMPROMISE", "USER_VERIFICATION_BYPASS"] {
        let metadata = catalogue(292, YUBIKEY, &[status, "FIDO_CERTIFIED_L1"]);
        let verdict = judge_with(
            &policy(&enforced()),
            &attested(YUBIKEY),
            Some(&metadata),
            &Scope::default(),
        );
        assert_registration(&verdict, Undecided, &["entra.metadata-alarm"]);
        assert!(said(&verdict.registration, "entra.metadata-alarm").contains(status));
    }
}

#[test]
fn p7_authenticator_is_attested_in_its_app_only() {
    for aaguid in [AUTHENTICATOR, "90a3ccdf-635c-4729-a248-9b709135078f"] {
        for credential in [attested(aaguid), claimed(aaguid)] {
            let verdict = judge(&enforced(), &credential);
            assert_registration(&verdict, Refused, &["entra.authenticator-in-app-only"]);
        }
        let open = judge(&with_profile(json!({})), &claimed(aaguid));
        assert_eq!(decisions(&open), (Accepted, Accepted));
    }
}

#[test]
fn p7_the_macos_platform_credential_is_not_documented() {
    let verdict = judge(&enforced(), &claimed("7fd635b3-2ef9-4542-8d9d-164f2c771efc"));
    assert_registration(&verdict, Undecided, &["entra.platform-credential"]);
}

#[test]
fn p7_an_undocumented_or_missing_demand_is_undecided() {
    let odd = with_profile(json!({"attestationEnforcement": "always"}));
    assert_eq!(deciding(&judge(&odd, &attested(YUBIKEY)).registration), ["entra.unknown-value"]);
    let unsaid = with_profile(json!({"attestationEnforcement": null}));
    let verdict = judge(&unsaid, &attested(YUBIKEY));
    assert_registration(&verdict, Undecided, &["entra.member-missing"]);
}

#[test]
fn not_enforced_takes_any_format_that_holds_and_leaves_a_broken_statement_open() {
    let open = with_profile(json!({}));
    for format in ["none", "tpm", "packed", "x-custom"] {
        let mut any = claimed(INVENTED);
        any.format = Some(format.into());
        let verdict = judge(&open, &any);
        assert_eq!(verdict.registration.decision, Accepted, "{format}");
        assert!(said(&verdict.registration, "entra.attestation-not-enforced").contains(format));
    }
    let change = |change: &dyn Fn(&mut Assessment)| {
        let mut assessment = claimed(INVENTED);
        change(&mut assessment);
        judge(&open, &assessment)
    };
    let broken = change(&|a| a.statement = Statement::Invalid);
    assert_registration(&broken, Undecided, &["entra.broken-statement-not-enforced"]);
    let unchecked = change(&|a| a.statement = Statement::Unchecked);
    assert_registration(&unchecked, Undecided, &["entra.statement-not-checked"]);
    let u2f = change(&|a| a.format = Some(AttestationFormat::FIDO_U2F));
    assert_registration(&u2f, Undecided, &["entra.u2f-registration"]);
    let long = change(&|a| a.format = Some("x".repeat(33).as_str().into()));
    assert_registration(&long, Refused, &["entra.format-name-too-long"]);
    let nothing = change(&|a| a.aaguid = None);
    assert_registration(&nothing, Refused, &["entra.no-credential"]);
}

#[test]
fn the_recorded_samples_judge_as_their_documents_read() {
    let default = Scope::default();
    let ask = |name: &str, a: &Assessment| {
        let policy = keyvet_policy::read(&sample(name)).unwrap();
        judge_with(&policy, a, Some(crate::support::no_291()), &default)
    };
    for shape in ["seed-fido2-policy.json", "seed-fido2-policy-as-profile.json"] {
        assert_eq!(decisions(&ask(shape, &attested(YUBIKEY))), (Accepted, Accepted), "{shape}");
        assert_eq!(decisions(&ask(shape, &claimed(YUBIKEY))), (Refused, Accepted), "{shape}");
        let app = ask(shape, &claimed(AUTHENTICATOR)).registration;
        assert_eq!(deciding(&app), ["entra.authenticator-in-app-only"], "{shape}");
    }
    for disabled in ["fido2-policy-get-legacy.json", "fido2-policy-update-profiles.json"] {
        let verdict = ask(disabled, &attested(YUBIKEY));
        assert_eq!(decisions(&verdict), (Refused, Refused), "{disabled}");
    }
    let patch = "fido2-policy-patch-legacy-authenticator.json";
    assert_eq!(decisions(&ask(patch, &attested(YUBIKEY))), (Refused, Refused));
    let app = ask(patch, &claimed(AUTHENTICATOR));
    assert_eq!(decisions(&app), (Undecided, Undecided), "a change request states no state");
    let rsa = ask(
        "fido2-policy-patch-legacy-rsa-ds100.json",
        &attested("7e3f3d30-3557-4442-bdae-139312178b39"),
    );
    assert_eq!(decisions(&rsa), (Undecided, Undecided));
}

#[test]
fn a_credential_nothing_is_known_of_is_never_accepted() {
    let mut blank = Assessment::new(Statement::Malformed);
    blank.aaguid_standing = AaguidStanding::Absent;
    for json in [enforced(), with_profile(json!({})), with_profile(list("allow", &[YUBIKEY]))] {
        let verdict = judge(&json, &blank);
        assert_eq!(verdict.registration.decision, Refused);
        assert_ne!(verdict.sign_in.decision, Accepted);
    }
}
