//! People, their methods, and the groups they are in.

use super::groups::Groups;
use super::sink::{Reading, Sink, member, text_of};
use crate::{MethodMode, Person, RegisteredMethod};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::{At, Json};
use std::collections::BTreeMap;

/// Everyone in the export, by id where they have one. Two objects of one person (a user, and the report on
/// their registration) make one.
pub(super) fn read(users: &[At<'_>], groups: &Groups, sink: &mut Sink) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for at in users {
        let person = person(at, groups, sink);
        let known = person.id.as_ref().and_then(|id| by_id.get(&id.to_ascii_lowercase()).copied());
        match known.and_then(|index| people.get_mut(index)) {
            Some(known) => join(known, person, sink),
            None => {
                if let Some(id) = &person.id {
                    by_id.insert(id.to_ascii_lowercase(), people.len());
                }
                people.push(person);
            }
        }
    }
    people
}

fn join(known: &mut Person, other: Person, sink: &mut Sink) {
    let twice = known.registered.is_some() && other.registered.is_some()
        || known.groups.is_some() && other.groups.is_some() && known.groups != other.groups;
    if twice && *known != other {
        let name = known.name.as_deref().or(known.id.as_deref()).unwrap_or_default();
        sink.say(&PERSON_TWICE, format!("'{name}'"));
    }
    let joined = |known: Option<Vec<String>>, other: Option<Vec<String>>| match (known, other) {
        (Some(mut known), Some(other)) => {
            known.extend(other);
            known.sort();
            known.dedup();
            Some(known)
        }
        (known, other) => known.or(other),
    };
    known.name = known.name.take().or(other.name);
    known.groups = joined(known.groups.take(), other.groups);
    known.roles = joined(known.roles.take(), other.roles);
    known.external = known.external.or(other.external);
    known.registered = known.registered.take().or(other.registered);
    known.enabled_modes = known.enabled_modes.take().or(other.enabled_modes);
}

fn person(at: &At<'_>, groups: &Groups, sink: &mut Sink) -> Person {
    let name = text_of(at, "userPrincipalName").or_else(|| text_of(at, "displayName"));
    let id = text_of(at, "id").or(name).map(str::to_owned);
    let label = name.or(id.as_deref()).unwrap_or("without a name");
    let mut reading = Reading::new(sink, format!("person '{label}'"));
    let modes = member(at, "enabledModes").map(|_| reading.strings(at, "enabledModes"));
    Person {
        groups: groups_of(at, id.as_deref(), groups, &mut reading),
        roles: roles_of(at, &mut reading),
        external: external(at),
        registered: registered(at, &mut reading),
        enabled_modes: modes.map(|modes| modes.iter().map(|mode| MethodMode::new(mode)).collect()),
        name: name.map(str::to_owned),
        id,
    }
}

/// Direct and nested: Conditional Access counts members of member groups.
fn groups_of(
    at: &At<'_>,
    id: Option<&str>,
    groups: &Groups,
    reading: &mut Reading<'_>,
) -> Option<Vec<String>> {
    let mut direct = Vec::new();
    let mut said = !groups.is_empty();
    for name in ["groups", "memberOf", "transitiveMemberOf"] {
        let Some(list) = member(at, name) else { continue };
        said = true;
        direct.extend(ids(&list, name, reading, |kind| kind.is_empty() || kind.ends_with("group")));
    }
    said.then(|| groups.closure(id, direct))
}

/// By role template, which policies name. Where memberships are given, roles are among them.
fn roles_of(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Vec<String>> {
    let mut roles = Vec::new();
    let mut said = false;
    for name in ["roles", "directoryRoles", "memberOf", "transitiveMemberOf"] {
        let Some(list) = member(at, name) else { continue };
        said = true;
        let is_plain = matches!(name, "roles" | "directoryRoles");
        roles.extend(ids(&list, name, reading, |kind| {
            kind.ends_with("directoryrole") || is_plain && kind.is_empty()
        }));
    }
    roles.sort();
    roles.dedup();
    said.then_some(roles)
}

/// Ids in a list of texts or of objects of a type that is wanted.
fn ids(
    list: &At<'_>,
    name: &str,
    reading: &mut Reading<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let Ok(items) = list.array() else {
        reading.say(&super::sink::UNREADABLE, format_args!("{name} is {}", list.json.type_name()));
        return Vec::new();
    };
    let id = |item: At<'_>| match item.json {
        Json::Text(text) => wanted("").then(|| text.clone()),
        _ => {
            let kind = text_of(&item, "@odata.type").unwrap_or_default().to_ascii_lowercase();
            let id = text_of(&item, "roleTemplateId").or_else(|| text_of(&item, "id"));
            id.filter(|_| wanted(&kind)).map(str::to_owned)
        }
    };
    items.into_iter().filter_map(id).collect()
}

/// A guest, or a member whose account is another tenant's.
fn external(at: &At<'_>) -> Option<bool> {
    if let Some(Json::Bool(external)) = member(at, "external").map(|member| member.json) {
        return Some(*external);
    }
    let elsewhere = text_of(at, "userPrincipalName").is_some_and(|name| name.contains("#EXT#"));
    let kind = text_of(at, "userType")?;
    Some(elsewhere || kind.eq_ignore_ascii_case("guest"))
}

/// Graph's method objects, words of the registration report, or `{mode, aaguid}`.
fn registered(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Vec<RegisteredMethod>> {
    let lists = [
        member(at, "registered"),
        member(at, "methods"),
        member(at, "authenticationMethods"),
        member(at, "authentication").and_then(|at| member(&at, "methods")),
        member(at, "methodsRegistered"),
    ];
    let mut methods = Vec::new();
    let mut said = false;
    for list in lists.into_iter().flatten() {
        said = true;
        for item in list.array().unwrap_or_default() {
            methods.extend(method(&item, reading));
        }
    }
    said.then_some(methods)
}

fn method(at: &At<'_>, reading: &mut Reading<'_>) -> Vec<RegisteredMethod> {
    let word = match at.json {
        Json::Text(word) => Some(word.as_str()),
        _ => text_of(at, "mode"),
    };
    let aaguid = text_of(at, "aaGuid").and_then(|text| text.parse().ok());
    let kind = text_of(at, "@odata.type").and_then(|kind| kind.rsplit(['.', '#']).next());
    let modes: Vec<MethodMode> = match (word, kind) {
        (Some(word), _) => from_word(word),
        (None, Some(kind)) => from_type(kind, at),
        (None, None) => Vec::new(),
    };
    if modes.is_empty() || modes.iter().any(|mode| !mode.is_known()) {
        let what = word.or(kind).unwrap_or("an object without @odata.type");
        reading.say(&UNKNOWN_METHOD, what);
    }
    modes.into_iter().map(|mode| RegisteredMethod { mode, aaguid }).collect()
}

/// Subtypes of `authenticationMethod` as modes.
fn from_type(kind: &str, at: &At<'_>) -> Vec<MethodMode> {
    let once =
        matches!(member(at, "isUsableOnce").map(|member| member.json), Some(Json::Bool(true)));
    let office = text_of(at, "phoneType").is_some_and(|kind| kind.eq_ignore_ascii_case("office"));
    let modes: &[&str] = match kind.to_ascii_lowercase().trim_end_matches("authenticationmethod") {
        "fido2" | "passkey" => &["fido2"],
        "password" => &["password"],
        "microsoftauthenticator" => &["microsoftAuthenticatorPush"],
        "passwordlessmicrosoftauthenticator" => &["deviceBasedPush"],
        "phone" if office => &["voice"],
        "phone" => &["sms", "voice"],
        "temporaryaccesspass" if once => &["temporaryAccessPassOneTime"],
        "temporaryaccesspass" => &["temporaryAccessPassMultiUse"],
        // macOS Platform Credential counts as Windows Hello for Business (R21)
        "windowshelloforbusiness" | "platformcredential" => &["windowsHelloForBusiness"],
        "softwareoath" => &["softwareOath"],
        "hardwareoath" => &["hardwareOath"],
        "email" => &["email"],
        "qrcodepin" => &["qrCodePin"],
        _ => &[],
    };
    modes.iter().map(|mode| MethodMode::new(mode)).collect()
}

/// A mode, or a word of `userRegistrationDetails.methodsRegistered`.
fn from_word(word: &str) -> Vec<MethodMode> {
    let modes: &[&str] = match word.to_ascii_lowercase().as_str() {
        "passkeydevicebound"
        | "passkeydeviceboundauthenticator"
        | "passkeydeviceboundwindowshello"
        | "passkeysynced"
        | "fido2securitykey" => &["fido2"],
        "microsoftauthenticatorpasswordless" => &["deviceBasedPush"],
        "softwareonetimepasscode" => &["softwareOath"],
        "hardwareonetimepasscode" => &["hardwareOath"],
        "mobilephone" | "alternatemobilephone" => &["sms", "voice"],
        "officephone" => &["voice"],
        "macossecureenclavekey" => &["windowsHelloForBusiness"],
        _ => return vec![MethodMode::new(word)],
    };
    modes.iter().map(|mode| MethodMode::new(mode)).collect()
}

pub(crate) static UNKNOWN_METHOD: Kind = Kind {
    id: "readiness.tenant-unknown-method",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A person has a method that keyvet does not know; it satisfies nothing in the answers.",
    next_step: "Check whether the method counts for the person's policies; tell us its name.",
    source: "Microsoft Graph reference, authenticationMethod, userRegistrationDetails",
};

pub(crate) static PERSON_TWICE: Kind = Kind {
    id: "readiness.tenant-person-twice",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "One person is described twice and not in the same way: groups are joined, methods are the first's.",
    next_step: "Export people once.",
    source: "keyvet",
};
