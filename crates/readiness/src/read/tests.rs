//! Reading tenants, from Microsoft's samples and from what goes wrong with exports.

use crate::{MethodMode, Part, PolicyState, ReadinessError, Tenant};
use keyvet_finding::Coded;
use keyvet_json::JsonError;

const SEED: &[u8] = include_bytes!("../../../../tests/vectors/entra/samples/seed-policies.json");
const FIDO2: &[u8] =
    include_bytes!("../../../../tests/vectors/entra/samples/seed-fido2-policy.json");
const STRENGTH: &[u8] = include_bytes!(
    "../../../../tests/vectors/entra/samples/authentication-strength-create-response.json"
);

fn read(files: &[(&str, &str)]) -> Tenant {
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    Tenant::read(&files).unwrap()
}

fn error(name: &str, bytes: &[u8]) -> ReadinessError {
    Tenant::read(&[(name, bytes)]).unwrap_err()
}

fn ids(tenant: &Tenant) -> Vec<&'static str> {
    tenant.findings.iter().map(keyvet_finding::Finding::id).collect()
}

fn has(tenant: &Tenant, id: &str, detail: &str) {
    let found = tenant.findings.iter().any(|f| f.id() == id && f.detail().contains(detail));
    assert!(found, "no {id} with {detail:?} in {:#?}", tenant.findings);
}

/// One policy with these members of `conditions`, whole otherwise.
fn policy(conditions: &str) -> String {
    format!(
        r#"{{"id": "p", "displayName": "P", "state": "enabled", "conditions": {{
            "users": {{"includeUsers": ["All"]}}, "applications": {{"includeApplications": ["All"]}}
            {conditions}}}, "grantControls": {{"operator": "OR", "builtInControls": ["mfa"]}}}}"#
    )
}

#[test]
fn the_field_reports_export_is_read_without_a_finding() {
    let tenant =
        Tenant::read(&[("conditionalAccessPolicies.json", SEED), ("fido2.json", FIDO2)]).unwrap();
    assert_eq!(tenant.findings, []);
    assert_eq!(tenant.policies.len(), 3);
    assert!(tenant.passkeys.is_some());
    assert_eq!(tenant.absent, [Part::Methods, Part::Strengths, Part::Locations, Part::People]);
    let mobile = &tenant.policies[2];
    assert_eq!(mobile.state, PolicyState::Enabled);
    assert_eq!(mobile.platforms.as_ref().unwrap().include, ["android", "ios"]);
    let strength = tenant.strength(mobile.grant.as_ref().unwrap().strength.as_ref().unwrap());
    let strength = strength.unwrap();
    assert_eq!(strength.combinations.len(), 3);
    assert_eq!(strength.aaguids.as_ref().map(Vec::len), Some(2));
    assert_eq!(tenant.strengths.len(), 6, "three of the export and three built in");
}

#[test]
fn a_space_after_the_comma_of_a_combination_is_no_part_of_the_word() {
    let tenant = Tenant::read(&[("authenticationStrengths.json", STRENGTH)]).unwrap();
    let own = tenant.strength("DD055C42-4218-4281-8631-F090E171F5CD").unwrap();
    let modes = ["password", "hardwareOath"].map(MethodMode::new);
    assert_eq!(own.combinations[0], modes);
}

#[test]
fn one_combined_file_an_array_an_object_and_value_are_the_same() {
    let one = policy("");
    let fido2 = String::from_utf8(FIDO2.to_vec()).unwrap();
    let apart = read(&[("policies.json", &one), ("fido2.json", &fido2)]);
    for text in [
        format!(r#"{{"fido2": {fido2}, "conditionalAccessPolicies": [{one}]}}"#),
        format!(r#"{{"fido2": {fido2}, "conditionalAccessPolicies": {{"value": [{one}]}}}}"#),
        format!("[{fido2}, {one}]"),
        format!(r#"{{"value": [{one}, {fido2}]}}"#),
        format!("\u{feff}[[{fido2}], [{one}]]"),
    ] {
        assert_eq!(read(&[("export.json", &text)]), apart, "{text}");
    }
    let utf16: Vec<u8> =
        format!("\u{feff}[{fido2}, {one}]").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Tenant::read(&[("windows.json", &utf16)]).unwrap(), apart);
}

#[test]
fn what_powershells_module_writes_is_the_same() {
    let graph = read(&[("policies.json", &policy(""))]);
    let module = r#"[{"Id": "p", "DisplayName": "P", "State": "enabled", "TemplateId": null,
        "AdditionalProperties": {}, "SessionControls": {"SignInFrequency": {"Value": null}},
        "Conditions": {"Users": {"IncludeUsers": "All", "ExcludeUsers": [],
          "IncludeGuestsOrExternalUsers": {"ExternalTenants": {"MembershipKind": null}}},
          "Applications": {"IncludeApplications": ["All"], "ApplicationFilter": {"Mode": null}},
          "Platforms": {"IncludePlatforms": null, "ExcludePlatforms": null},
          "Devices": {"DeviceFilter": {"Mode": null, "Rule": null}, "AdditionalProperties": {}},
          "Times": null, "ClientAppTypes": []},
        "GrantControls": {"Operator": "OR", "BuiltInControls": ["mfa"],
          "AuthenticationStrength": {"Id": null, "AllowedCombinations": null}}}]"#;
    assert_eq!(read(&[("policies.json", module)]), graph);
    let location = r##"[{"Id": "l", "DisplayName": "Office", "AdditionalProperties":
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true, "ipRanges": []}}]"##;
    assert_eq!(read(&[("x.json", location)]).locations[0].trusted, Some(true));
}

#[test]
fn a_value_that_powershell_cut_off_leaves_the_policy_undecided() {
    let text = policy(r#", "platforms": "@{IncludePlatforms=System.Object[]}""#);
    let tenant = read(&[("p.json", &text)]);
    has(&tenant, "readiness.tenant-cut-off", "conditions.platforms");
    assert_eq!(tenant.policies[0].unjudged, ["platforms"]);
    let text = policy(r#", "clientAppTypes": 7"#);
    let tenant = read(&[("p.json", &text)]);
    has(&tenant, "readiness.tenant-unreadable-member", "clientAppTypes is a number");
    assert_eq!(tenant.policies[0].unjudged, ["clientAppTypes"]);
}

#[test]
fn preview_withdrawn_and_unknown_conditions_are_named_and_kept() {
    for (member, name) in [
        (r#""times": {"includeTimes": ["x"]}"#, "times"),
        (r#""deviceStates": {"includeStates": ["All"]}"#, "deviceStates"),
        (r#""agentIdRiskLevels": "high""#, "agentIdRiskLevels"),
        (r#""devices": {"includeDevices": ["All"]}"#, "devices.includeDevices"),
        (r#""moonPhases": ["full"]"#, "moonPhases"),
        (r#""clientApplications": {"includeServicePrincipals": ["x"]}"#, "clientApplications"),
    ] {
        let tenant = read(&[("p.json", &policy(&format!(", {member}")))]);
        has(&tenant, "readiness.tenant-preview-condition", name);
        assert_eq!(tenant.policies[0].unjudged, [name]);
    }
    let strategy =
        policy("").replacen(r#""state""#, r#""partialEnablementStrategy": "x", "state""#, 1);
    let tenant = read(&[("p.json", &strategy)]);
    has(&tenant, "readiness.tenant-preview-condition", "partialEnablementStrategy");
    let empty = read(&[("p.json", &policy(r#", "times": null, "moonPhases": [], "devices": {}"#))]);
    assert_eq!(empty.policies[0].unjudged, [""; 0]);
}

#[test]
fn members_with_odata_in_their_name_are_noise() {
    let noisy = policy(r#", "users@odata.context": "x", "@odata.etag": "y""#);
    assert_eq!(read(&[("p.json", &noisy)]), read(&[("p.json", &policy(""))]));
}

#[test]
fn words_that_nothing_explains_are_named() {
    let state = policy("").replace("enabled", "enabledTomorrow");
    let tenant = read(&[("p.json", &state)]);
    has(&tenant, "readiness.tenant-unknown-word", "enabledTomorrow");
    assert_eq!(tenant.policies[0].state, PolicyState::Unknown("enabledTomorrow".to_owned()));
    let tenant =
        read(&[("p.json", &policy(r#", "platforms": {"includePlatforms": ["chromeOS"]}"#))]);
    has(&tenant, "readiness.tenant-unknown-word", "chromeOS");
    let tenant = read(&[("p.json", &policy(r#", "userRiskLevels": ["extreme"]"#))]);
    has(&tenant, "readiness.tenant-unknown-word", "extreme");
    assert_eq!(tenant.policies[0].unjudged, ["userRiskLevels (extreme)"]);
    let tenant = read(&[("p.json", &policy("").replace(r#"["mfa"]"#, r#"["retinaScan"]"#))]);
    has(&tenant, "readiness.tenant-unknown-demand", "retinaScan");
    let tenant = read(&[("p.json", &policy("").replace(r#""OR""#, r#""XOR""#))]);
    has(&tenant, "readiness.tenant-unknown-word", "XOR");
    assert!(tenant.policies[0].grant.as_ref().unwrap().all, "the stricter reading");
    let tenant = read(&[("s.json", r#"{"id": "s", "allowedCombinations": ["fido3"]}"#)]);
    has(&tenant, "readiness.tenant-unknown-word", "fido3");
    let tenant = read(&[("p.json", &policy("").replacen('{', r#"{"colour": "red","#, 1))]);
    has(&tenant, "readiness.tenant-unknown-member", "colour");
}

#[test]
fn half_exports_say_what_is_missing() {
    let paged = format!(r#"{{"@odata.nextLink": "https://graph", "value": [{}]}}"#, policy(""));
    let tenant = read(&[("conditionalAccessPolicies.json", &paged)]);
    has(&tenant, "readiness.tenant-half-export", "@odata.nextLink");
    has(&tenant, "readiness.tenant-half-export", "the passkey policy is absent");
    let tenant = read(&[(
        "p.json",
        r#"{"id": "p", "state": "enabled", "grantControls": {"builtInControls": ["block"]}, "conditions": {}}"#,
    )]);
    has(&tenant, "readiness.tenant-no-conditions", "conditions");
    assert_eq!(tenant.policies[0].unjudged, ["conditions.applications", "conditions.users"]);
    let none = read(&[("conditionalAccessPolicies.json", r#"{"value": []}"#)]);
    assert!(!none.absent.contains(&Part::Policies), "no policies is not an absent list");
    let refused = r#"{"error": {"code": "Authorization_RequestDenied", "message": "no"}}"#;
    let tenant = read(&[("p.json", &policy("")), ("fido2.json", refused)]);
    has(&tenant, "readiness.tenant-graph-error", "Authorization_RequestDenied");
}

#[test]
fn strengths_that_lead_nowhere_or_differ_are_named() {
    let strength = |grant: &str| {
        policy("").replace(
            r#""builtInControls": ["mfa"]"#,
            &format!(r#""authenticationStrength": {grant}"#),
        )
    };
    let gone = read(&[("p.json", &strength(r#"{"id": "dead"}"#))]);
    has(&gone, "readiness.tenant-strength-gone", "policy 'P': strength dead");
    assert_eq!(gone.policies[0].grant.as_ref().unwrap().strength.as_deref(), Some("dead"));
    let built_in =
        read(&[("p.json", &strength(r#"{"id": "00000000-0000-0000-0000-000000000004"}"#))]);
    assert!(!ids(&built_in).contains(&"readiness.tenant-strength-gone"));
    let nameless = read(&[("p.json", &strength(r#"{"displayName": "x"}"#))]);
    has(&nameless, "readiness.tenant-no-id", "authenticationStrength");
    assert_eq!(nameless.policies[0].unjudged, ["authenticationStrength.id"]);

    let copy = strength(r#"{"id": "s", "allowedCombinations": ["fido2"]}"#);
    let own = r#"{"id": "S", "displayName": "Own", "allowedCombinations": ["sms,password"]}"#;
    let differ = read(&[("p.json", &copy), ("strengths.json", own)]);
    has(&differ, "readiness.tenant-strength-differs", "Own");
    assert_eq!(differ.strength("s").unwrap().name, "Own");
    let limited = r##"{"id": "s", "allowedCombinations": ["fido2"], "combinationConfigurations": [
        {"@odata.type": "#microsoft.graph.fido2CombinationConfiguration", "allowedAAGUIDs": ["x"]},
        {"@odata.type": "#microsoft.graph.x509CertificateCombinationConfiguration"}]}"##;
    let tenant = read(&[("p.json", &copy), ("strengths.json", limited)]);
    assert!(!ids(&tenant).contains(&"readiness.tenant-strength-differs"), "a copy may be shorter");
    has(&tenant, "readiness.tenant-bad-aaguid", "x");
    has(&tenant, "readiness.tenant-combination-not-judged", "x509Certificate");
    assert_eq!(tenant.strength("s").unwrap().aaguids, Some(Vec::new()));
}

#[test]
fn one_id_for_two_things_is_named() {
    let other = policy("").replace("\"P\"", "\"Q\"");
    let tenant = read(&[("a.json", &policy("")), ("b.json", &other), ("c.json", &policy(""))]);
    has(&tenant, "readiness.tenant-id-twice", "policy p: different things");
    has(&tenant, "readiness.tenant-id-twice", "policy p: the same twice");
    assert_eq!(tenant.policies.len(), 2);
    let fido2 = String::from_utf8(FIDO2.to_vec()).unwrap();
    let off = fido2.replace("\"enabled\"", "\"disabled\"");
    let tenant = read(&[("a.json", &fido2), ("b.json", &off)]);
    has(&tenant, "readiness.tenant-id-twice", "that of a.json is used");
    has(
        &read(&[("l.json", r#"{"ipRanges": [], "displayName": "L"}"#)]),
        "readiness.tenant-no-id",
        "L",
    );
}

#[test]
fn locations_that_lead_nowhere_are_named() {
    let places = r#", "locations": {"includeLocations": ["All"], "excludeLocations": ["gone", "AllTrusted"]}"#;
    let tenant = read(&[("p.json", &policy(places))]);
    has(&tenant, "readiness.tenant-location-gone", "gone");
    assert_eq!(
        ids(&tenant).iter().filter(|id| **id == "readiness.tenant-location-gone").count(),
        1
    );
}

#[test]
fn files_that_hold_nothing_known_are_named() {
    let tenant = read(&[("p.json", &policy("")), ("menu.json", r#"{"soup": 3}"#)]);
    has(&tenant, "readiness.tenant-not-recognised", "menu.json");
    let tenant =
        read(&[("p.json", &format!(r#"{{"policies": [{}], "soup": "hot"}}"#, policy("")))]);
    has(&tenant, "readiness.tenant-unknown-part", "soup");
    let defaults = r#"{"@odata.context": "https://x/$metadata#policies/identitySecurityDefaultsEnforcementPolicy/$entity",
        "id": "00000000-0000-0000-0000-000000000005", "displayName": "Security Defaults", "isEnabled": true}"#;
    let tenant = read(&[("p.json", &policy("")), ("policies2.json", defaults)]);
    assert_eq!(tenant.policies.len(), 1);
    has(&tenant, "readiness.tenant-not-recognised", "policies2.json");
}

#[test]
fn files_that_cannot_be_read_are_errors_that_name_them() {
    for (bytes, id) in [
        (&b"{\"id\": "[..], "readiness.tenant-not-json"),
        (b"", "readiness.tenant-not-json"),
        (br#"{"id": 1, "ID": 2}"#, "readiness.tenant-not-json"),
        (b"\xff\x00\xd8", "readiness.tenant-not-text"),
        (b"7", "readiness.tenant-none"),
    ] {
        let error = error("bad.json", bytes);
        assert_eq!(error.kind().id, id);
        assert!(error.to_string().contains("bad.json"), "{error}");
    }
    assert_eq!(Tenant::read(&[]).unwrap_err().kind().id, "readiness.tenant-none");
    let cause = JsonError::TooLarge { len: 2, max: 1 };
    let error = ReadinessError::Json { file: "f".to_owned(), cause };
    assert_eq!(error.kind().id, "readiness.tenant-too-large");
    let passkeys = Tenant::read(&[("fido2.json", br#"{"id": "Fido2", "state": 7}"#)]);
    assert!(matches!(passkeys, Err(ReadinessError::Passkeys { .. })), "{passkeys:?}");
}

#[test]
fn people_come_with_methods_roles_and_nested_groups() {
    let users = r##"{"value": [
        {"id": "u1", "userPrincipalName": "a@x", "userType": "Member",
         "memberOf": [{"@odata.type": "#microsoft.graph.group", "id": "g1"},
                      {"@odata.type": "#microsoft.graph.directoryRole", "id": "r", "roleTemplateId": "t"},
                      {"@odata.type": "#microsoft.graph.administrativeUnit", "id": "au"}],
         "authentication": {"methods": [
            {"@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
             "aaGuid": "90a3ccdf-635c-4729-a248-9b709135078f"},
            {"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "phoneType": "mobile"},
            {"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod", "isUsableOnce": true},
            {"@odata.type": "#microsoft.graph.platformCredentialAuthenticationMethod"},
            {"@odata.type": "#microsoft.graph.telepathyAuthenticationMethod"}]}},
        {"id": "u2", "userPrincipalName": "b_y#EXT#@x", "userType": "Member"},
        {"id": "u3", "userPrincipalName": "c@x"}]}"##;
    let groups = r#"[{"id": "G1", "groupTypes": [], "members": ["u3"]},
        {"id": "G2", "members": [{"id": "g1"}, {"id": "u3"}]},
        {"id": "G3", "members": ["g2"]}]"#;
    let tenant = read(&[("users.json", users), ("groups.json", groups)]);
    has(&tenant, "readiness.tenant-unknown-method", "telepathy");
    let [a, b, c] = tenant.people.as_slice() else { panic!("{:?}", tenant.people) };
    assert_eq!(a.groups.as_deref().unwrap(), ["g1", "G2", "G3"]);
    assert_eq!(a.roles.as_deref().unwrap(), ["t"]);
    assert_eq!(a.external, Some(false));
    let modes: Vec<_> = a.registered.iter().flatten().map(|method| method.mode.as_str()).collect();
    let expected =
        ["fido2", "sms", "voice", "temporaryAccessPassOneTime", "windowsHelloForBusiness"];
    assert_eq!(modes, expected);
    assert!(a.registered.as_ref().unwrap()[0].aaguid.is_some());
    assert_eq!((b.external, b.registered.as_ref()), (Some(true), None));
    assert_eq!(c.groups.as_deref().unwrap(), ["G1", "G2", "G3"]);
    assert_eq!(c.external, None);
}

#[test]
fn circles_of_groups_end_and_are_named() {
    let groups = r#"[{"id": "a", "members": ["b", "u"]}, {"id": "b", "members": ["a"]},
        {"id": "c", "members": ["c"]}, {"id": "d", "members": ["a"]}]"#;
    let tenant = read(&[("groups.json", groups), ("users.json", r#"[{"id": "u"}]"#)]);
    let circles: Vec<_> =
        tenant.findings.iter().filter(|f| f.id() == "readiness.tenant-group-circle").collect();
    assert_eq!(circles.len(), 3, "{circles:?}");
    assert_eq!(tenant.people[0].groups.as_deref().unwrap(), ["a", "b", "d"]);
}

#[test]
fn a_person_in_two_files_is_one() {
    let users = r#"[{"id": "U", "displayName": "Ada", "groups": ["g"], "userType": "Guest"}]"#;
    let report = r#"{"value": [{"id": "u", "userPrincipalName": "ada@x",
        "methodsRegistered": ["passKeyDeviceBound", "mobilePhone"]}]}"#;
    let tenant = read(&[("users.json", users), ("userRegistrationDetails.json", report)]);
    assert_eq!(tenant.people.len(), 1);
    let ada = &tenant.people[0];
    assert_eq!(ada.registered.as_ref().unwrap().len(), 3);
    assert_eq!((ada.external, ada.groups.as_deref()), (Some(true), Some(&["g".to_owned()][..])));
    let twice = r#"[{"id": "u", "userPrincipalName": "ada@x", "groups": ["g"]},
        {"id": "u", "userPrincipalName": "ada@x", "groups": ["h"]}]"#;
    has(&read(&[("users.json", twice)]), "readiness.tenant-person-twice", "ada@x");
}

#[test]
fn method_configurations_are_read_from_the_methods_policy() {
    let fido2 = String::from_utf8(FIDO2.to_vec()).unwrap();
    let text = format!(
        r##"{{"id": "authenticationMethodsPolicy", "authenticationMethodConfigurations": [{fido2},
        {{"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
          "id": "TemporaryAccessPass", "state": "enabled", "isUsableOnce": true,
          "includeTargets": [{{"id": "all_users"}}], "excludeTargets": [{{"id": "g"}}]}},
        {{"id": "Sms", "state": "disabled", "includeTargets": []}}]}}"##
    );
    let tenant = read(&[("authenticationMethodsPolicy.json", &text)]);
    assert!(tenant.passkeys.is_some());
    let [tap, sms] = tenant.methods.as_slice() else { panic!("{:?}", tenant.methods) };
    assert_eq!(
        (tap.id.as_str(), tap.enabled, tap.usable_once),
        ("TemporaryAccessPass", Some(true), Some(true))
    );
    assert_eq!(
        (tap.include.as_slice(), tap.exclude.as_slice()),
        (&["all_users".to_owned()][..], &["g".to_owned()][..])
    );
    assert_eq!(sms.enabled, Some(false));
}

#[test]
fn the_order_of_files_policies_and_members_changes_nothing() {
    let (a, b) = (policy(""), policy(r#", "times": [1]"#).replace("\"p\"", "\"q\""));
    let there = read(&[("a.json", &a), ("b.json", &b)]);
    assert_eq!(read(&[("b.json", &b), ("a.json", &a)]), there);
    let turned = r#"{"grantControls": {"builtInControls": ["mfa"], "operator": "OR"}, "conditions":
        {"applications": {"includeApplications": ["All"]}, "users": {"includeUsers": ["All"]}},
        "state": "enabled", "displayName": "P", "id": "p"}"#;
    assert_eq!(read(&[("a.json", turned)]), read(&[("a.json", &a)]));
}

#[test]
fn findings_are_counted_beyond_a_limit() {
    let users: Vec<String> =
        (0..700).map(|i| format!(r#"{{"id": "u{i}", "methods": ["m{i}"]}}"#)).collect();
    let tenant = read(&[("users.json", &format!("[{}]", users.join(",")))]);
    has(&tenant, "readiness.tenant-more-findings", "more");
    assert_eq!(tenant.findings.len(), 501);
}
