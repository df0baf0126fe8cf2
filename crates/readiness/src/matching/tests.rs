//! Matching policies: Microsoft's What If samples, then condition by condition.

use super::*;
use crate::{Device, NamedLocation, Person, Platform, Tenant};
use keyvet_json::{At, Json};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/entra/samples/", $name))
    };
}

/// The three examples that are about people: request, response.
const EXAMPLES: [(&[u8], &[u8]); 3] = [
    (
        sample!("ca-evaluate-request-application.json"),
        sample!("ca-evaluate-response-application.json"),
    ),
    (
        sample!("ca-evaluate-request-auth-context.json"),
        sample!("ca-evaluate-response-auth-context.json"),
    ),
    (
        sample!("ca-evaluate-request-register-security-info.json"),
        sample!("ca-evaluate-response-register-security-info.json"),
    ),
];

/// A What If request as a question. The person holds a role of "All admin roles", as example 3 implies.
struct Request {
    person: Person,
    device: Device,
    platform: Platform,
    client_app: String,
    context: (String, String),
}

fn text(at: &At<'_>, path: &[&str]) -> Option<String> {
    let member = path.iter().try_fold(at.clone(), |at, name| at.member(name));
    Some(member?.text().ok()?.to_owned())
}

impl Request {
    fn read(bytes: &[u8]) -> Self {
        let json: Json = keyvet_json::read(bytes, 1 << 20).unwrap();
        let at = At::root(&json);
        let condition = |name: &str| text(&at, &["signInConditions", name]);
        let platform = condition("devicePlatform").unwrap();
        let context = at.member("signInContext").unwrap();
        let app = context.member("includeApplications").map(|apps| apps.array().unwrap());
        let app = app.map(|apps| apps[0].text().unwrap().to_owned());
        Self {
            person: Person {
                id: text(&at, &["signInIdentity", "userId"]),
                roles: Some(vec!["62e90394-69f5-4237-9190-012177145e10".to_owned()]),
                groups: Some(Vec::new()),
                external: Some(false),
                ..Person::default()
            },
            device: Device {
                sign_in_risk: condition("signInRiskLevel"),
                user_risk: condition("userRiskLevel"),
                insider_risk: condition("insiderRiskLevel"),
                authentication_flow: text(
                    &at,
                    &["signInConditions", "authenticationFlow", "transferMethod"],
                ),
                ..Device::default()
            },
            platform: *Platform::ALL.iter().find(|known| known.as_str() == platform).unwrap(),
            client_app: condition("clientAppType").unwrap(),
            context: match (app, text(&context, &["userAction"])) {
                (Some(app), _) => ("application".to_owned(), app),
                (None, Some(action)) => ("action".to_owned(), action),
                (None, None) => {
                    ("context".to_owned(), text(&context, &["authenticationContextValue"]).unwrap())
                }
            },
        }
    }

    fn question<'a>(&'a self, tenant: &'a Tenant) -> Question<'a> {
        let target = match (self.context.0.as_str(), self.context.1.as_str()) {
            ("application", id) => Target::Resource(Some(id)),
            ("action", "registerSecurityInformation") => {
                Target::UserAction(UserAction::RegisterSecurityInfo)
            }
            (_, id) => Target::AuthenticationContext(id),
        };
        Question {
            person: &self.person,
            target,
            platform: self.platform,
            client_app: &self.client_app,
            device: &self.device,
            locations: &tenant.locations,
        }
    }
}

#[test]
fn our_matching_equals_the_what_if_samples_policy_by_policy() {
    let mut compared = 0;
    for (request, response) in EXAMPLES {
        let request = Request::read(request);
        let tenant = Tenant::read(&[("response.json", response)]).unwrap();
        let json = keyvet_json::read(response, 1 << 20).unwrap();
        let answers = At::root(&json).member("value").unwrap().array().unwrap();
        assert_eq!(answers.len(), tenant.policies.len());
        for (answer, policy) in answers.iter().zip(&tenant.policies) {
            assert_eq!(text(answer, &["id"]).as_deref(), Some(&*policy.id));
            let expected = answer.member("policyApplies").unwrap().boolean().unwrap();
            let question = request.question(&tenant);
            assert_eq!(matches(policy, &question) == Applies::Yes, expected, "{}", policy.name);
            // every policy of the samples only reports
            assert_eq!(applies(policy, &question), Applies::ReportOnly, "{}", policy.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

/// The examples are of one tenant and list applied policies only, so what one lists and another does not is a
/// "does not apply" of the other. The page says that responses may be shortened; the one exception is said below.
#[test]
fn policies_that_a_what_if_sample_does_not_list_do_not_match_its_question() {
    let files: Vec<(String, &[u8])> = EXAMPLES
        .iter()
        .enumerate()
        .map(|(i, (_, response))| (format!("{i}.json"), *response))
        .collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let all = Tenant::read(&files).unwrap();
    assert_eq!(all.policies.len(), 5, "the policy of two examples is one");
    let mut absent = Vec::new();
    for (number, (request, response)) in EXAMPLES.iter().enumerate() {
        let listed = Tenant::read(&[("r.json", *response)]).unwrap();
        let request = Request::read(request);
        for policy in &all.policies {
            let lists = listed.policies.iter().any(|known| known.id == policy.id);
            let matches = matches(policy, &request.question(&all)) == Applies::Yes;
            if lists != matches {
                absent.push((number + 1, &*policy.name));
            }
        }
    }
    // All resources, no conditions, and a role the person has in example 3: shortened away in example 1
    assert_eq!(absent, [(1, "All admin roles except au1_All resources_No conditions_MFA")]);
}

/// A policy from members of `conditions`, asked as it stands in `ask`.
struct Ask {
    person: Person,
    device: Device,
    platform: Platform,
    client_app: &'static str,
    target: Target<'static>,
    locations: Vec<NamedLocation>,
}

impl Ask {
    fn new() -> Self {
        Self {
            person: Person {
                id: Some("u1".to_owned()),
                groups: Some(vec!["G1".to_owned()]),
                roles: Some(vec!["r1".to_owned()]),
                external: Some(false),
                ..Person::default()
            },
            device: Device::default(),
            platform: Platform::Windows,
            client_app: "browser",
            target: Target::Resource(Some("app1")),
            locations: Vec::new(),
        }
    }

    fn of(&self, conditions: &str) -> Applies {
        self.stated("enabled", conditions)
    }

    fn stated(&self, state: &str, conditions: &str) -> Applies {
        let default = |name: &str, value: &str| {
            if conditions.contains(&format!("\"{name}\"")) {
                String::new()
            } else {
                value.to_owned()
            }
        };
        let users = default("users", r#""users": {"includeUsers": ["All"]},"#);
        let apps = default("applications", r#""applications": {"includeApplications": ["All"]},"#);
        let text = format!(
            r#"[{{"id": "p", "state": "{state}", "conditions": {{{users}{apps}{conditions} "clients": null}}}}]"#
        );
        let tenant = Tenant::read(&[("policies.json", text.as_bytes())]).unwrap();
        let question = Question {
            person: &self.person,
            target: self.target,
            platform: self.platform,
            client_app: self.client_app,
            device: &self.device,
            locations: &self.locations,
        };
        applies(&tenant.policies[0], &question)
    }
}

fn no(why: &'static str) -> Applies {
    Applies::No(why)
}

fn undecided(inputs: &[&str]) -> Applies {
    Applies::Undecided(inputs.iter().map(|input| (*input).to_owned()).collect())
}

#[test]
fn states_decide_whether_a_match_is_in_force() {
    let ask = Ask::new();
    assert_eq!(ask.of(""), Applies::Yes);
    assert_eq!(ask.stated("disabled", ""), no("disabled"));
    assert_eq!(ask.stated("enabledForReportingButNotEnforced", ""), Applies::ReportOnly);
    assert_eq!(ask.stated("soon", ""), undecided(&["policy.state (soon)"]));
    let never = r#""platforms": {"includePlatforms": ["linux"]},"#;
    assert_eq!(ask.stated("soon", never), no("platform not included"));
    assert_eq!(ask.stated("enabledForReportingButNotEnforced", never), no("platform not included"));
    let open = r#""userRiskLevels": ["high"],"#;
    assert_eq!(ask.stated("enabledForReportingButNotEnforced", open), Applies::ReportOnly);
}

#[test]
fn people_are_included_and_excluded_by_id_group_role_and_as_guests() {
    let ask = Ask::new();
    let not_included = no("user not included");
    for (users, expected) in [
        (r#""includeUsers": ["None"]"#, not_included.clone()),
        (r#""includeUsers": []"#, not_included.clone()),
        (r#""includeUsers": ["U1"]"#, Applies::Yes),
        (r#""includeUsers": ["u2"]"#, not_included.clone()),
        (r#""includeGroups": ["g1"]"#, Applies::Yes),
        (r#""includeGroups": ["g2"], "includeRoles": ["R1"]"#, Applies::Yes),
        (r#""includeUsers": ["All"], "excludeUsers": ["u1"]"#, no("user excluded")),
        (r#""includeUsers": ["All"], "excludeGroups": ["g2", "g1"]"#, no("user excluded")),
        (r#""includeUsers": ["All"], "excludeRoles": ["r1"]"#, no("user excluded")),
        (r#""includeUsers": ["GuestsOrExternalUsers"]"#, not_included.clone()),
        (r#""includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]"#, Applies::Yes),
        (
            r#""includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationGuest"}"#,
            not_included,
        ),
    ] {
        assert_eq!(ask.of(&format!(r#""users": {{{users}}},"#)), expected, "{users}");
    }
}

#[test]
fn what_is_not_said_of_a_person_is_asked_for_only_where_it_matters() {
    let mut ask = Ask::new();
    ask.person = Person::default();
    for (users, expected) in [
        (r#""includeUsers": ["All"]"#, Applies::Yes),
        (r#""includeUsers": ["All"], "excludeUsers": ["u2"]"#, undecided(&["user.id"])),
        (r#""includeUsers": ["None"], "excludeUsers": ["u2"]"#, no("user not included")),
        (
            r#""includeGroups": ["g"], "includeRoles": ["r"]"#,
            undecided(&["user.groups", "user.roles"]),
        ),
        (
            r#""includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]"#,
            undecided(&["user.external"]),
        ),
    ] {
        assert_eq!(ask.of(&format!(r#""users": {{{users}}},"#)), expected, "{users}");
    }
    ask.person.external = Some(true);
    let guests = |types: &str, tenants: &str| {
        format!(
            r#""users": {{"includeGuestsOrExternalUsers": {{"guestOrExternalUserTypes": "{types}"{tenants}}}}},"#
        )
    };
    let all = "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider";
    assert_eq!(ask.of(&guests(all, "")), Applies::Yes);
    assert_eq!(
        all,
        crate::read::GUEST_TYPES.join(","),
        "one list for the reader and for who is meant"
    );
    assert_eq!(ask.of(&guests("internalGuest", "")), undecided(&["user.guestType"]));
    let some = r#", "externalTenants": {"membershipKind": "enumerated", "members": ["t"]}"#;
    assert_eq!(ask.of(&guests(all, some)), undecided(&["user.homeTenant"]));
    let every = r#", "externalTenants": {"membershipKind": "all"}"#;
    assert_eq!(ask.of(&guests(all, every)), Applies::Yes);
}

#[test]
fn resources_are_named_one_by_one_by_suite_or_all() {
    let mut ask = Ask::new();
    let app = |ask: &Ask, apps: &str| ask.of(&format!(r#""applications": {{{apps}}},"#));
    let all_but = r#""includeApplications": ["All"], "excludeApplications": ["APP1"]"#;
    assert_eq!(app(&ask, all_but), no("resource excluded"));
    assert_eq!(app(&ask, r#""includeApplications": ["App1"]"#), Applies::Yes);
    assert_eq!(app(&ask, r#""includeApplications": ["None"]"#), no("resource not included"));
    let suite = r#""includeApplications": ["Office365"]"#;
    assert_eq!(app(&ask, suite), undecided(&["whether the resource is in Office365"]));
    ask.target = Target::Resource(Some("00000003-0000-0FF1-ce00-000000000000"));
    assert_eq!(app(&ask, suite), Applies::Yes);
    assert_eq!(
        app(&ask, r#""includeApplications": ["MicrosoftAdminPortals"]"#),
        no("resource not included")
    );
    let without = r#""includeApplications": ["All"], "excludeApplications": ["Office365"]"#;
    assert_eq!(app(&ask, without), no("resource excluded"));
    ask.target = Target::Resource(Some("ea890292-c8c8-4433-b5ea-b09d0668e1a6"));
    assert_eq!(app(&ask, suite), no("resource not included"));
    let filtered =
        r#""includeApplications": ["All"], "applicationFilter": {"mode": "exclude", "rule": "x"}"#;
    assert_eq!(app(&ask, filtered), undecided(&["resource.customSecurityAttributes"]));
    ask.target = Target::Resource(None);
    assert_eq!(app(&ask, all_but), Applies::Yes, "exclusions are of resources that are named");
    assert_eq!(app(&ask, suite), no("resource not included"));
}

#[test]
fn user_actions_are_named_or_come_under_all_resources() {
    let mut ask = Ask::new();
    let action = |ask: &Ask, apps: &str| ask.of(&format!(r#""applications": {{{apps}}},"#));
    ask.target = Target::UserAction(UserAction::RegisterSecurityInfo);
    let named = r#""includeUserActions": ["urn:user:registersecurityinfo"]"#;
    assert_eq!(action(&ask, named), Applies::Yes);
    assert_eq!(
        action(&ask, r#""includeApplications": ["All"], "excludeApplications": ["x"]"#),
        Applies::Yes
    );
    assert_eq!(action(&ask, r#""includeApplications": ["app1"]"#), no("user action not included"));
    assert_eq!(
        action(&ask, r#""includeUserActions": ["urn:user:registerdevice"]"#),
        no("user action not included")
    );
    ask.target = Target::Resource(Some("app1"));
    assert_eq!(action(&ask, named), no("resource not included"));
    ask.target = Target::UserAction(UserAction::RegisterDevice);
    assert_eq!(action(&ask, named), no("user action not included"));
    assert!(matches!(action(&ask, r#""includeApplications": ["All"]"#), Applies::Undecided(_)));
    ask.target = Target::AuthenticationContext("c1");
    assert_eq!(
        action(&ask, r#""includeAuthenticationContextClassReferences": ["C1"]"#),
        Applies::Yes
    );
    assert_eq!(
        action(&ask, r#""includeApplications": ["All"]"#),
        no("authentication context not included")
    );
}

#[test]
fn platforms_and_client_apps_limit_where_they_are_listed() {
    let mut ask = Ask::new();
    let but =
        r#""platforms": {"includePlatforms": ["all"], "excludePlatforms": ["android", "iOS"]},"#;
    assert_eq!(ask.of(but), Applies::Yes);
    ask.platform = Platform::Ios;
    assert_eq!(ask.of(but), no("platform excluded"));
    assert_eq!(ask.of(r#""platforms": {"includePlatforms": ["IOS"]},"#), Applies::Yes);
    assert_eq!(ask.of(r#""clientAppTypes": ["all"],"#), Applies::Yes);
    assert_eq!(ask.of(r#""clientAppTypes": ["other"],"#), no("client app not included"));
    ask.client_app = "";
    assert_eq!(ask.of(r#""clientAppTypes": ["other"],"#), undecided(&["clientAppType"]));
}

#[test]
fn locations_are_named_all_or_trusted() {
    let mut ask = Ask::new();
    let named =
        |id: &str, trusted| NamedLocation { id: id.to_owned(), name: id.to_owned(), trusted };
    ask.locations = vec![named("office", Some(true)), named("country", None)];
    let outside =
        r#""locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},"#;
    let office = r#""locations": {"includeLocations": ["OFFICE"]},"#;
    assert_eq!(ask.of(outside), undecided(&["trustedLocation"]));
    assert_eq!(ask.of(office), undecided(&["locations"]));
    ask.device.trusted_location = Some(false);
    assert_eq!(ask.of(outside), Applies::Yes);
    assert_eq!(ask.of(office), no("location not included"));
    ask.device.trusted_location = None;
    ask.device.locations = Some(vec!["office".to_owned()]);
    assert_eq!(ask.of(outside), no("location excluded"));
    assert_eq!(ask.of(office), Applies::Yes);
    ask.device.locations = Some(vec!["country".to_owned()]);
    assert_eq!(ask.of(outside), Applies::Yes);
    ask.device.locations = Some(vec!["not exported".to_owned()]);
    assert_eq!(ask.of(outside), undecided(&["trustedLocation"]));
}

#[test]
fn risks_and_flows_are_compared_and_asked_for() {
    let mut ask = Ask::new();
    let risky = r#""userRiskLevels": ["high"], "signInRiskLevels": ["medium", "high"],"#;
    assert_eq!(ask.of(risky), undecided(&["signInRiskLevel", "userRiskLevel"]));
    ask.device.sign_in_risk = Some("low".to_owned());
    assert_eq!(ask.of(risky), no("risk level not included"));
    ask.device.sign_in_risk = Some("High".to_owned());
    ask.device.user_risk = Some("high".to_owned());
    assert_eq!(ask.of(risky), Applies::Yes);
    assert_eq!(
        ask.of(r#""insiderRiskLevels": "minor,elevated","#),
        undecided(&["insiderRiskLevel"])
    );
    let flow =
        r#""authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"},"#;
    assert_eq!(ask.of(flow), no("authentication flow not included"));
    ask.device.authentication_flow = Some("deviceCodeFlow".to_owned());
    assert_eq!(ask.of(flow), Applies::Yes);
}

#[test]
fn one_condition_that_fails_decides_whatever_else_is_open() {
    let mut ask = Ask::new();
    ask.platform = Platform::Linux;
    let text = r#""userRiskLevels": ["high"], "times": {"x": 1},
        "platforms": {"includePlatforms": ["windows"]},"#;
    assert_eq!(ask.of(text), no("platform not included"));
    ask.platform = Platform::Windows;
    assert_eq!(ask.of(text), undecided(&["userRiskLevel", "times"]));
    let filter =
        r#""devices": {"deviceFilter": {"mode": "exclude", "rule": "device.model -eq \"X\""}},"#;
    assert_eq!(ask.of(filter), undecided(&["device.model"]));
    ask.device.properties = vec![("model".to_owned(), "x".to_owned())];
    assert_eq!(ask.of(filter), no("device excluded by the filter"));
}
