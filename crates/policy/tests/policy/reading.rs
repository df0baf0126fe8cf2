//! Documents in: shapes that are read, and errors that name the place.

use crate::support::{YUBIKEY, finding_ids, list, overlaid, policy, sample, with_profile};
use keyvet_finding::Coded;
use keyvet_policy::{
    Attestation, ListMode, MAX_LEN_BYTES, Policy, Profile, Provider, Stated, read,
};
use serde_json::{Value, json};

fn sample_policy(name: &str) -> Policy {
    read(&sample(name)).unwrap()
}

fn only_profile(policy: &Policy) -> &Profile {
    assert_eq!(policy.profiles.len(), 1);
    &policy.profiles[0]
}

fn mode(profile: &Profile) -> ListMode {
    profile.requirements.aaguids.value().unwrap().mode
}

#[test]
fn the_deprecated_form_is_one_profile_for_every_target() {
    for (name, on, attested) in
        [("fido2-policy-get-legacy.json", false, true), ("seed-fido2-policy.json", true, true)]
    {
        let policy = sample_policy(name);
        assert_eq!(policy.provider, Provider::EntraLegacy, "{name}");
        assert_eq!(policy.enabled, Stated::Value(on), "{name}");
        let profile = only_profile(&policy);
        let expected = if attested { Attestation::Chain } else { Attestation::NotDemanded };
        assert_eq!(profile.requirements.attestation, Stated::Value(expected), "{name}");
        assert_eq!(mode(profile), ListMode::Any, "{name}");
        let given = policy.include.value().unwrap()[0].profiles.as_ref().unwrap();
        assert_eq!(*given, std::slice::from_ref(&profile.id), "{name}");
        assert!(policy.findings.is_empty(), "{name}: {:?}", policy.findings);
    }
}

#[test]
fn a_contradiction_of_the_two_shapes_is_a_finding_and_profiles_win() {
    let policy = sample_policy("fido2-policy-update-profiles.json");
    assert_eq!(policy.provider, Provider::EntraProfiles);
    let profile = only_profile(&policy);
    assert_eq!(profile.requirements.attestation, Stated::Value(Attestation::NotDemanded));
    assert_eq!(finding_ids(&policy.findings), ["entra.legacy-disagrees", "entra.types-grew"]);
    let detail = policy.findings[0].detail();
    assert!(detail.contains("isAttestationEnforced is true") && detail.contains("disabled"));
}

#[test]
fn disagreeing_key_restrictions_are_a_finding_and_agreeing_ones_are_not() {
    let id = "00000000-0000-0000-0000-000000000001";
    let base = with_profile(overlaid(list("allow", &[YUBIKEY]), &json!({ "id": id })));
    let same = overlaid(base.clone(), &list("allow", &[&YUBIKEY.to_uppercase()]));
    assert_eq!(finding_ids(&policy(&same).findings), crate::support::NOTHING);
    for other in [list("block", &[YUBIKEY]), list("allow", &[])] {
        let found = policy(&overlaid(base.clone(), &other)).findings;
        assert_eq!(finding_ids(&found), ["entra.legacy-disagrees"], "{other}");
    }
}

#[test]
fn a_change_request_says_what_it_leaves_out() {
    for name in
        ["fido2-policy-patch-legacy-authenticator.json", "fido2-policy-patch-legacy-rsa-ds100.json"]
    {
        let policy = sample_policy(name);
        assert_eq!(policy.enabled, Stated::Missing);
        assert_eq!(policy.include, Stated::Missing);
        assert_eq!(mode(only_profile(&policy)), ListMode::Allow);
        let missing: Vec<&str> = policy.findings.iter().map(|f| f.detail()).collect();
        let expected =
            ["state", "isSelfServiceRegistrationAllowed", "includeTargets", "excludeTargets"];
        assert_eq!(missing, expected, "{name}");
        assert!(finding_ids(&policy.findings).iter().all(|id| *id == "entra.member-missing"));
    }
}

#[test]
fn a_whole_object_takes_the_products_defaults_and_says_so() {
    let bare = json!({"id": "Fido2", "state": "enabled", "includeTargets": []});
    let policy = policy(&bare);
    let profile = only_profile(&policy);
    assert_eq!(policy.self_service, Stated::Value(true));
    assert_eq!(profile.requirements.attestation, Stated::Value(Attestation::Chain));
    assert_eq!(mode(profile), ListMode::Any);
    assert_eq!(finding_ids(&policy.findings), ["entra.default-assumed"; 4]);
}

#[test]
fn an_extract_without_its_profiles_takes_no_default_for_them() {
    let extract = json!({"id": "Fido2", "state": "enabled", "excludeTargets": [],
        "includeTargets": [{"id": "all_users", "allowedPasskeyProfiles": ["p"]}]});
    let profile = policy(&extract).profiles.remove(0);
    assert_eq!(profile.requirements.attestation, Stated::Missing);
    assert_eq!(profile.requirements.aaguids, Stated::Missing);
}

#[test]
fn the_policy_is_found_inside_what_graph_and_powershell_wrap_around_it() {
    let inner = json!({"id": "FIDO2", "state": "enabled", "isAttestationEnforced": false,
        "includeTargets": []});
    let others = json!({"id": "Sms", "state": "enabled", "includeTargets": [],
        "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"});
    let whole = json!({"id": "authenticationMethodsPolicy",
        "authenticationMethodConfigurations": [others, inner]});
    let powershell = json!({"Id": "Fido2", "State": "enabled", "ExcludeTargets": null,
        "AdditionalProperties": {
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
            "isAttestationEnforced": false, "includeTargets": []}});
    let shapes = [
        inner.clone(),
        json!([others, inner]),
        json!({"value": [others, inner]}),
        json!({ "value": inner }),
        whole.clone(),
        json!({"value": [whole]}),
        powershell,
    ];
    for shape in shapes {
        let policy = policy(&shape);
        assert_eq!(policy.enabled, Stated::Value(true), "{shape}");
        let attestation = &only_profile(&policy).requirements.attestation;
        assert_eq!(*attestation, Stated::Value(Attestation::NotDemanded), "{shape}");
    }
}

#[test]
fn text_as_windows_powershell_writes_it_is_read() {
    let text = String::from_utf8(sample("seed-fido2-policy.json")).unwrap();
    let expected = read(text.as_bytes()).unwrap();
    let with_mark = format!("\u{feff}{text}");
    let little: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [with_mark.as_bytes(), &little, &big] {
        assert_eq!(read(bytes).unwrap(), expected);
    }
}

#[test]
fn unknown_members_are_named_and_do_no_harm() {
    let mut json = with_profile(json!({"requiresProximity": true}));
    json["enforcementLevel"] = json!({"a": [1, 2.5, -3]});
    json["passkeyProfiles"][0]["keyRestrictions"]["grace\u{1b}[31m"] = json!(null);
    let policy = policy(&json);
    let details: Vec<&str> = policy.findings.iter().map(|f| f.detail()).collect();
    assert_eq!(
        details,
        [
            "enforcementLevel",
            "passkeyProfiles[0].requiresProximity",
            "passkeyProfiles[0].keyRestrictions.grace\\u{1b}[31m",
        ]
    );
    assert!(finding_ids(&policy.findings).iter().all(|id| *id == "entra.unknown-member"));
}

fn error(bytes: &[u8]) -> (&'static str, String) {
    let error = read(bytes).unwrap_err();
    (error.kind().id, error.to_string())
}

fn json_error(json: &Value) -> (&'static str, String) {
    error(&serde_json::to_vec(json).unwrap())
}

#[test]
fn a_wrong_type_is_an_error_that_names_the_member() {
    let cases = [
        (json!({"state": true}), "state is a boolean, expected a string"),
        (
            json!({"isSelfServiceRegistrationAllowed": "yes"}),
            "isSelfServiceRegistrationAllowed is a string, expected a boolean",
        ),
        (json!({"includeTargets": {}}), "includeTargets is an object, expected an array"),
        (json!({"includeTargets": [7]}), "includeTargets[0] is a number, expected an object"),
        (json!({"includeTargets": [{}]}), "includeTargets[0].id is absent, expected a string"),
        (json!({"keyRestrictions": "off"}), "keyRestrictions is a string, expected an object"),
        (
            json!({"passkeyProfiles": [{"id": "p", "keyRestrictions": {"isEnforced": true,
            "enforcementType": "allow", "aaGuids": [YUBIKEY, 5]}}]}),
            "passkeyProfiles[0].keyRestrictions.aaGuids[1] is a number, expected a string",
        ),
    ];
    for (over, expected) in cases {
        let base = json!({"id": "Fido2", "isAttestationEnforced": true});
        let (id, text) = json_error(&overlaid(base, &over));
        assert_eq!((id, text.as_str()), ("policy.wrong-type", expected));
    }
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    let (id, text) = error(b"{\"id\": \"Fido2\",\n  <Insert other AAGUIDs here> }");
    assert_eq!(id, "policy.not-json");
    assert!(text.contains("line 2, column 3"), "{text}");
    let (id, text) = error(br#"{"id": "Fido2", "state": "enabled", "State": "disabled"}"#);
    assert_eq!(id, "policy.not-json");
    assert!(text.contains("member 'State' is repeated"), "{text}");
    assert_eq!(error(b"\xff\xfe{\0\"").0, "policy.not-text");
    assert_eq!(error(b"{\"id\": \"\xc3\"}").0, "policy.not-text");
}

#[test]
fn documents_of_another_kind_are_refused_by_what_they_are() {
    let others = [
        ("creation-options-observed-beta.json", "creationOptions"),
        ("seed-policies.json", ""),
        ("authentication-strength-create-response.json", ""),
        ("fido2-combination-configuration.json", "fido2CombinationConfiguration"),
        ("fido2method-create-request-v1.json", ""),
        ("ca-evaluate-response-register-security-info.json", ""),
        ("other-idp/keycloak-realm-fragment.json", "realm"),
        ("other-idp/okta-webauthn-method.json", "type"),
        ("other-idp/kanidm-attestation-ca-list-shape.json", "cas"),
    ];
    for (name, said) in others {
        let (id, text) = error(&sample(name));
        assert_eq!(id, "policy.not-a-policy", "{name}: {text}");
        assert!(text.to_lowercase().contains(&said.to_lowercase()), "{name}: {text}");
    }
    let profile = json!({"id": "p", "attestationEnforcement": "disabled", "keyRestrictions": {}});
    assert!(json_error(&profile).1.contains("one passkey profile"));
    let sms = json!({"id": "Fido2",
        "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"});
    assert_eq!(json_error(&sms).0, "policy.not-a-policy");
}

#[test]
fn two_policies_in_one_document_are_refused() {
    let one = json!({"id": "Fido2", "state": "enabled"});
    assert_eq!(json_error(&json!([one, one])).0, "policy.several");
}

#[test]
fn hostile_documents_end_in_an_error() {
    let deep = "[".repeat(MAX_LEN_BYTES - 1);
    assert_eq!(error(deep.as_bytes()).0, "policy.not-json");
    let nested = format!("{}{}", "{\"value\":[".repeat(40), "]}".repeat(40));
    assert_eq!(error(nested.as_bytes()).0, "policy.not-a-policy");
    let large = vec![b' '; MAX_LEN_BYTES + 1];
    assert_eq!(error(&large).0, "policy.too-large");
    let names = format!("{{\"id\": \"{}\"}}", "\\u001b]0;x\\u0007".repeat(1000));
    let (_, text) = error(names.as_bytes());
    assert!(!text.contains('\u{1b}') && text.len() < 4000, "{text}");
    let long = "\u{202e}".repeat(100_000);
    let verdict = crate::support::judge(
        &with_profile(overlaid(list("allow", &[YUBIKEY]), &json!({ "name": long }))),
        &crate::support::claimed(crate::support::INVENTED),
    );
    let longest = verdict.sign_in.reasons.iter().map(|r| r.source.len() + r.detail().len()).max();
    assert!(longest < Some(20_000), "{longest:?}");
    assert!(!format!("{:?}", verdict.sign_in.profile).contains('\u{202e}'));
    let number = format!("{{\"id\": \"Fido2\", \"x\": {}}}", "9".repeat(5000));
    assert!(read(number.as_bytes()).is_err(), "a number beyond any type");
}

#[test]
fn a_large_policy_is_read_and_judged_in_one_pass_per_profile() {
    let aaguids: Vec<String> =
        (0..20_000_u32).map(|i| format!("{i:08x}-0000-4000-8000-000000000000")).collect();
    let aaguids: Vec<&str> = aaguids.iter().map(String::as_str).collect();
    let json = with_profile(list("allow", &aaguids));
    let verdict = crate::support::judge(&json, &crate::support::attested(YUBIKEY));
    assert_eq!(verdict.registration.decision, keyvet_policy::Decision::Refused);
    assert!(finding_ids(&verdict.findings).contains(&"entra.policy-too-large"));
}
