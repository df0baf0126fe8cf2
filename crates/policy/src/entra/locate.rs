//! Finding the passkey policy in what an administrator exports.

use crate::error::PolicyError;
use keyvet_json::{At, Json};

/// The `fido2AuthenticationMethodConfiguration` in `json`: the object itself, an element of
/// `authenticationMethodConfigurations`, of `value`, or of a top-level array.
pub(crate) fn fido2_configuration(json: &Json) -> Result<Config<'_>, PolicyError> {
    let mut found = Vec::new();
    collect(At::root(json), MAX_WRAPPERS, &mut found)?;
    let count = found.len();
    match (found.pop(), count) {
        (Some(at), 1) => Ok(Config { extra: at.member("AdditionalProperties"), at }),
        (None, _) => Err(PolicyError::NotAPolicy { what: describe(json) }),
        _ => Err(PolicyError::Several { count }),
    }
}

/// A configuration object. The Graph PowerShell module puts what it has no type for under
/// `AdditionalProperties`; both places are looked at.
pub(crate) struct Config<'a> {
    at: At<'a>,
    extra: Option<At<'a>>,
}

impl<'a> Config<'a> {
    pub(crate) fn member(&self, name: &str) -> Option<At<'a>> {
        let extra = || self.extra.as_ref().and_then(|extra| extra.member(name));
        self.at.member(name).or_else(extra)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.at.names().chain(self.extra.iter().flat_map(At::names))
    }

    /// A whole object says whether the method is on and for whom; a change request usually does not.
    pub(crate) fn is_whole(&self) -> bool {
        self.member("state").is_some() && self.member("includeTargets").is_some()
    }
}

fn collect<'a>(at: At<'a>, depth: usize, found: &mut Vec<At<'a>>) -> Result<(), PolicyError> {
    if is_fido2(&at) {
        found.push(at);
        return Ok(());
    }
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    let inside = [at.member("authenticationMethodConfigurations"), at.member("value")];
    for item in inside.into_iter().flatten() {
        collect(item, depth, found)?;
    }
    if matches!(at.json, Json::Array(_)) {
        for item in at.array()? {
            collect(item, depth, found)?;
        }
    }
    Ok(())
}

fn is_fido2(at: &At<'_>) -> bool {
    let says = |name: &str, tail: &str| {
        at.member(name).and_then(|member| member.text().ok().map(|text| ends_with(text, tail)))
    };
    let typed = at.member("AdditionalProperties").and_then(|extra| {
        extra.member("@odata.type").and_then(|member| member.text().ok().map(is_fido2_type))
    });
    let plain = at.member("@odata.type").and_then(|m| m.text().ok().map(is_fido2_type));
    plain.or(typed).or_else(|| says("id", "fido2")).unwrap_or_else(|| has_fido2_member(at))
}

fn is_fido2_type(text: &str) -> bool {
    ends_with(text, "fido2AuthenticationMethodConfiguration")
}

/// A change request need not name its type. One profile alone also has `keyRestrictions`.
fn has_fido2_member(at: &At<'_>) -> bool {
    let has = |name: &&str| at.member(name).is_some();
    FIDO2_MEMBERS.iter().any(has) && !has(&"attestationEnforcement")
}

fn ends_with(text: &str, tail: &str) -> bool {
    let start = text.len().checked_sub(tail.len());
    start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
}

fn describe(json: &Json) -> String {
    let at = At::root(json);
    let text = |name: &str| at.member(name).and_then(|m| m.text().ok().map(str::to_owned));
    if let Some(found) = text("@odata.type").or_else(|| text("@odata.context")) {
        return format!("an object of type {}", shortened(&found));
    }
    if at.member("attestationEnforcement").is_some() {
        return "one passkey profile, without the policy that assigns it".to_owned();
    }
    let names: Vec<&str> = at.names().take(5).collect();
    if names.is_empty() {
        return format!("{} without a fido2 configuration", json.type_name());
    }
    format!("an object with {}", shortened(&names.join(", ")))
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

/// `value` around a policy around its configurations around one: each also an array.
const MAX_WRAPPERS: usize = 5;

const FIDO2_MEMBERS: &[&str] =
    &["isAttestationEnforced", "keyRestrictions", "passkeyProfiles", "defaultPasskeyProfile"];
