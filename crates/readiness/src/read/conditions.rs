//! `conditions` of a policy. What cannot be evaluated is kept by name, so that the policy stays undecided.

use super::policies::{PREVIEW, UNKNOWN_WORD};
use super::sink::{Reading, is_void, member, text_of};
use super::words::{self, among};
use crate::{
    ApplicationCondition, ConditionalAccessPolicy, DeviceFilter, Guests, Lists, PolicyState,
    UserCondition,
};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::{At, Json};

/// Conditions that are evaluated; the last is about workload identities, which people are not.
const EVALUATED: [&str; 11] = [
    "users",
    "applications",
    "platforms",
    "locations",
    "clientAppTypes",
    "signInRiskLevels",
    "userRiskLevels",
    "insiderRiskLevels",
    "devices",
    "authenticationFlows",
    "servicePrincipalRiskLevels",
];

/// The policy without id, name, state and grant.
pub(super) fn read(at: &At<'_>, reading: &mut Reading<'_>) -> ConditionalAccessPolicy {
    let conditions = reading.object(at, "conditions");
    if conditions.is_none() && reading.unreadable.is_empty() {
        reading.say(&NO_CONDITIONS, "conditions");
    }
    let empty = Json::Null;
    let at = conditions.clone().unwrap_or_else(|| At { json: &empty, path: at.path.clone() });
    let mut unjudged = reading.unknown(&at, &EVALUATED, &PREVIEW);
    let policy = ConditionalAccessPolicy {
        id: "".into(),
        name: "".into(),
        state: PolicyState::Enabled,
        users: users(&at, reading),
        applications: applications(&at, reading),
        platforms: platforms(&at, reading),
        locations: lists(&at, "locations", "Locations", reading),
        client_apps: listed(&at, "clientAppTypes", &words::CLIENT_APPS, reading),
        sign_in_risks: listed(&at, "signInRiskLevels", &words::RISKS, reading),
        user_risks: listed(&at, "userRiskLevels", &words::RISKS, reading),
        insider_risks: listed(&at, "insiderRiskLevels", &words::RISKS, reading),
        device_filter: device_filter(&at, reading),
        authentication_flows: flows(&at, reading),
        unjudged: Vec::new(),
        grant: None,
    };
    for (name, part) in [("users", "conditions.users"), ("applications", "conditions.applications")]
    {
        if member(&at, name).is_none() && conditions.is_some() {
            reading.say(&NO_CONDITIONS, part);
        }
        if member(&at, name).is_none() {
            unjudged.push(part.to_owned());
        }
    }
    ConditionalAccessPolicy { unjudged, ..policy }
}

fn users(at: &At<'_>, reading: &mut Reading<'_>) -> UserCondition {
    let Some(users) = reading.object(at, "users") else { return UserCondition::default() };
    const KNOWN: [&str; 8] = [
        "includeUsers",
        "excludeUsers",
        "includeGroups",
        "excludeGroups",
        "includeRoles",
        "excludeRoles",
        "includeGuestsOrExternalUsers",
        "excludeGuestsOrExternalUsers",
    ];
    strange(&users, &KNOWN, "users", reading);
    UserCondition {
        users: pair(&users, "Users", reading),
        groups: pair(&users, "Groups", reading),
        roles: pair(&users, "Roles", reading),
        include_guests: guests(&users, "includeGuestsOrExternalUsers", reading),
        exclude_guests: guests(&users, "excludeGuestsOrExternalUsers", reading),
    }
}

fn guests(users: &At<'_>, name: &str, reading: &mut Reading<'_>) -> Option<Guests> {
    let guests = reading.object(users, name)?;
    let types = listed(&guests, "guestOrExternalUserTypes", &words::GUESTS, reading);
    let tenants = reading.object(&guests, "externalTenants");
    let kind = tenants.as_ref().and_then(|at| text_of(at, "membershipKind"));
    let some_tenants =
        tenants.is_some() && kind.is_none_or(|kind| !kind.eq_ignore_ascii_case("all"));
    let types: Vec<_> =
        types.into_iter().filter(|word| !word.eq_ignore_ascii_case("none")).collect();
    (!types.is_empty()).then_some(Guests { types, some_tenants })
}

fn applications(at: &At<'_>, reading: &mut Reading<'_>) -> ApplicationCondition {
    let Some(applications) = reading.object(at, "applications") else {
        return ApplicationCondition::default();
    };
    const KNOWN: [&str; 6] = [
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
        "includeAuthenticationContexts",
    ];
    strange(&applications, &KNOWN, "applications", reading);
    let filter = reading.object(&applications, "applicationFilter");
    let contexts = "includeAuthenticationContextClassReferences";
    let filter_includes = filter.and_then(|filter| mode(&filter, "applicationFilter", reading));
    ApplicationCondition {
        resources: pair(&applications, "Applications", reading),
        user_actions: listed(&applications, "includeUserActions", &words::ACTIONS, reading),
        authentication_contexts: reading.strings(&applications, contexts),
        filter_includes,
    }
}

fn platforms(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Lists> {
    let mut lists = lists(at, "platforms", "Platforms", reading)?;
    for word in lists.include.iter_mut().chain(&mut lists.exclude) {
        if !among(&words::PLATFORMS, word) {
            reading.say(&UNKNOWN_WORD, format_args!("platforms: '{word}'"));
        }
        word.make_ascii_lowercase();
    }
    Some(lists)
}

fn device_filter(at: &At<'_>, reading: &mut Reading<'_>) -> Option<DeviceFilter> {
    let devices = reading.object(at, "devices")?;
    strange(&devices, &["deviceFilter"], "devices", reading);
    let filter = reading.object(&devices, "deviceFilter")?;
    let includes = mode(&filter, "deviceFilter", reading)?;
    let rule = reading.text(&filter, "rule").unwrap_or_default();
    Some(DeviceFilter { includes, rule })
}

/// `mode` of a filter: whether what matches is included.
fn mode(filter: &At<'_>, name: &str, reading: &mut Reading<'_>) -> Option<bool> {
    let word = text_of(filter, "mode").unwrap_or("absent");
    match word.to_ascii_lowercase().as_str() {
        "include" => Some(true),
        "exclude" => Some(false),
        _ => {
            reading.say(&UNKNOWN_WORD, format_args!("{name}.mode '{word}'"));
            reading.unreadable.push(format!("{name}.mode"));
            None
        }
    }
}

fn flows(at: &At<'_>, reading: &mut Reading<'_>) -> Vec<String> {
    let Some(flows) = reading.object(at, "authenticationFlows") else { return Vec::new() };
    strange(&flows, &["transferMethods"], "authenticationFlows", reading);
    listed(&flows, "transferMethods", &words::FLOWS, reading)
}

/// Words of a closed list. One that nothing explains leaves the policy undecided.
fn listed(at: &At<'_>, name: &str, known: &[&str], reading: &mut Reading<'_>) -> Vec<String> {
    let list = reading.strings(at, name);
    for word in list.iter().filter(|word| !among(known, word)) {
        reading.say(&UNKNOWN_WORD, format_args!("{name}: '{word}'"));
        reading.unreadable.push(format!("{name} ({word})"));
    }
    list
}

/// `includeX` and `excludeX` of the object `name`; `None` when there is none.
fn lists(at: &At<'_>, name: &str, what: &str, reading: &mut Reading<'_>) -> Option<Lists> {
    let object = reading.object(at, name)?;
    strange(&object, &[&format!("include{what}"), &format!("exclude{what}")], name, reading);
    Some(pair(&object, what, reading))
}

fn pair(at: &At<'_>, what: &str, reading: &mut Reading<'_>) -> Lists {
    Lists {
        include: reading.strings(at, &format!("include{what}")),
        exclude: reading.strings(at, &format!("exclude{what}")),
    }
}

/// Members that cannot be evaluated leave the policy undecided.
fn strange(at: &At<'_>, known: &[&str], of: &str, reading: &mut Reading<'_>) {
    let Json::Object(members) = at.json else { return };
    let is_known = |name: &str| name.contains('@') || among(known, name) || is_noise(name);
    for (name, _) in members.iter().filter(|(name, json)| !is_known(name) && !is_void(json)) {
        reading.say(&PREVIEW, format_args!("{of}.{name}"));
        reading.unreadable.push(format!("{of}.{name}"));
    }
}

fn is_noise(name: &str) -> bool {
    among(&["AdditionalProperties", "BackingStore"], name)
}

pub(crate) static NO_CONDITIONS: Kind = Kind {
    id: "readiness.tenant-no-conditions",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A policy lacks the part that says for whom or for what it is, so whether it applies cannot be told.",
    next_step: "Export the policies whole, without `$select`.",
    source: "Microsoft Graph reference, conditionalAccessConditionSet",
};
