//! Who the question is about, and the gates before any profile: P1 to P4 of the decision.
//!
//! A person has every profile of every include target that holds him, in no order; an excluded group
//! blocks him entirely.

use super::graph::{MEMBER_MISSING, UNKNOWN_VALUE};
use crate::model::{Moment, Policy, Profile, Stated, Target};
use crate::verdict::{Effect, Reason, Scope};
use keyvet_finding::{Culprit, Kind, Severity};

/// The profiles the question is about, and what stands before them.
pub(crate) struct InScope<'a> {
    pub(crate) profiles: Vec<&'a Profile>,
    pub(crate) reasons: Vec<Reason>,
}

/// P1 to P4 for one moment.
pub(crate) fn resolve<'a>(policy: &'a Policy, scope: &Scope, moment: Moment) -> InScope<'a> {
    let mut reasons: Vec<Reason> = enabled(policy).into_iter().collect();
    reasons.extend(excluded(policy, scope));
    let mut found = match &scope.profile {
        Some(wanted) => one_profile(policy, scope, wanted),
        None => by_targets(policy, scope),
    };
    if moment == Moment::Registration {
        reasons.extend(self_service(policy));
    }
    reasons.append(&mut found.reasons);
    InScope { profiles: found.profiles, reasons }
}

/// Whether every refusal is about the profiles given (P3): another group would be another answer.
pub(crate) fn is_about_profiles(reasons: &[Reason]) -> bool {
    let refusals = reasons.iter().filter(|reason| reason.effect == Effect::Refuses);
    refusals.map(Reason::id).all(|id| id == NOT_INCLUDED.id || id == NO_PROFILE.id)
}

/// P1.
fn enabled(policy: &Policy) -> Option<Reason> {
    match &policy.enabled {
        Stated::Value(true) => None,
        Stated::Value(false) => Some(Reason::refuses(&METHOD_DISABLED, "state", "disabled")),
        Stated::Missing => Some(missing("state", "whether passkeys are on")),
        Stated::Unknown(text) => Some(unknown("state", text)),
    }
}

/// P2.
fn excluded(policy: &Policy, scope: &Scope) -> Option<Reason> {
    let targets = match &policy.exclude {
        Stated::Value(targets) => targets,
        Stated::Missing => return Some(missing("excludeTargets", "who is excluded")),
        Stated::Unknown(text) => return Some(unknown("excludeTargets", text)),
    };
    let hit = targets.iter().find(|target| target.is_everyone() || is_member(scope, target));
    match hit {
        Some(target) => Some(Reason::refuses(&EXCLUDED, "excludeTargets", &target.id)),
        None if targets.is_empty() => None,
        None => {
            let ids = ids(targets.iter());
            Some(Reason::note(&EXCLUSIONS, "excludeTargets", ids))
        }
    }
}

/// P4. Provisioning on somebody's behalf is refused too while this is off.
fn self_service(policy: &Policy) -> Option<Reason> {
    let place = "isSelfServiceRegistrationAllowed";
    match &policy.self_service {
        Stated::Value(true) => None,
        Stated::Value(false) => Some(Reason::refuses(&SELF_SERVICE_OFF, place, "false")),
        Stated::Missing => Some(missing(place, "whether passkeys can be set up")),
        Stated::Unknown(text) => Some(unknown(place, text)),
    }
}

fn one_profile<'a>(policy: &'a Policy, scope: &Scope, wanted: &str) -> InScope<'a> {
    let profiles = find_profile(policy, wanted);
    let reason = match *profiles.as_slice() {
        [profile] => return given_profile(policy, scope, profile),
        [] => format!("'{wanted}'; the policy has {}", names(policy.profiles.iter())),
        _ => format!("'{wanted}' names {} profiles; use an id", profiles.len()),
    };
    let reasons = vec![Reason::leaves_open(&PROFILE_NOT_FOUND, "passkeyProfiles", reason)];
    InScope { profiles: Vec::new(), reasons }
}

/// With groups too, the profile must be one that the groups are given.
fn given_profile<'a>(policy: &'a Policy, scope: &Scope, profile: &'a Profile) -> InScope<'a> {
    if scope.groups.is_empty() {
        return InScope { profiles: vec![profile], reasons: Vec::new() };
    }
    let mut found = by_targets(policy, scope);
    found.profiles.retain(|candidate| candidate.id == profile.id);
    let stated = policy.include.value().is_some();
    if found.profiles.is_empty() && stated {
        let detail = format!("profile '{}' for {}", profile.name, scope.groups.join(", "));
        found.reasons.push(Reason::refuses(&NO_PROFILE, "includeTargets", detail));
    }
    found
}

/// By id, else by name, else by name in any case; more than one when a name is ambiguous.
pub(crate) fn find_profile<'a>(policy: &'a Policy, wanted: &str) -> Vec<&'a Profile> {
    let by = |test: &dyn Fn(&Profile) -> bool| -> Vec<&'a Profile> {
        policy.profiles.iter().filter(|profile| test(profile)).collect()
    };
    [
        by(&|p| p.id.eq_ignore_ascii_case(wanted)),
        by(&|p| p.name == wanted),
        by(&|p| p.name.to_lowercase() == wanted.to_lowercase()),
    ]
    .into_iter()
    .find(|found| !found.is_empty())
    .unwrap_or_default()
}

/// P3.
fn by_targets<'a>(policy: &'a Policy, scope: &Scope) -> InScope<'a> {
    let targets = match &policy.include {
        Stated::Value(targets) => targets,
        Stated::Missing => {
            let reason = missing("includeTargets", "who is given which profile");
            return InScope { profiles: policy.profiles.iter().collect(), reasons: vec![reason] };
        }
        Stated::Unknown(text) => {
            let reasons = vec![unknown("includeTargets", text)];
            return InScope { profiles: policy.profiles.iter().collect(), reasons };
        }
    };
    let mut reasons: Vec<Reason> = stray_groups(policy, scope).into_iter().collect();
    let matched: Vec<&Target> =
        targets.iter().filter(|t| t.is_everyone() || is_member(scope, t)).collect();
    if matched.is_empty() && scope.groups.is_empty() && !targets.is_empty() {
        reasons.push(Reason::leaves_open(&GROUP_NEEDED, "includeTargets", ids(targets.iter())));
        let profiles = profiles_of(policy, targets.iter(), &mut reasons);
        return InScope { profiles, reasons };
    }
    if matched.is_empty() {
        reasons.push(Reason::refuses(&NOT_INCLUDED, "includeTargets", described(scope)));
        return InScope { profiles: Vec::new(), reasons };
    }
    let whom = ids(matched.iter().copied());
    let profiles = profiles_of(policy, matched.into_iter(), &mut reasons);
    reasons.push(match profiles.is_empty() {
        true => Reason::refuses(&NO_PROFILE, "includeTargets", whom),
        false => Reason::passes(&INCLUDED, "includeTargets", whom),
    });
    InScope { profiles, reasons }
}

/// The profiles of these targets, in the policy's order, each once.
fn profiles_of<'a, 'b>(
    policy: &'a Policy,
    targets: impl Iterator<Item = &'b Target>,
    reasons: &mut Vec<Reason>,
) -> Vec<&'a Profile> {
    let mut given = std::collections::HashSet::new();
    for target in targets {
        match &target.profiles {
            Some(ids) => given.extend(ids.iter().map(|id| id.to_ascii_lowercase())),
            None => reasons.push(missing(
                &format!("includeTargets '{}' allowedPasskeyProfiles", target.id),
                "which profiles it is given",
            )),
        }
    }
    policy.profiles.iter().filter(|p| given.contains(&p.id.to_ascii_lowercase())).collect()
}

/// A group that the policy does not name changes nothing; it may be a typing mistake.
fn stray_groups(policy: &Policy, scope: &Scope) -> Option<Reason> {
    let lists = [policy.include.value(), policy.exclude.value()];
    let named =
        |group: &&String| lists.iter().flatten().flat_map(|l| l.iter()).any(|t| t.is(group));
    let stray: Vec<&str> =
        scope.groups.iter().filter(|g| !named(g)).map(String::as_str).take(MAX_NAMED).collect();
    let detail = stray.join(", ");
    (!stray.is_empty()).then(|| Reason::note(&GROUP_NOT_NAMED, "includeTargets", detail))
}

fn is_member(scope: &Scope, target: &Target) -> bool {
    scope.groups.iter().any(|group| target.is(group))
}

fn described(scope: &Scope) -> String {
    match scope.groups.as_slice() {
        [] => "no target is included".to_owned(),
        groups => groups.join(", "),
    }
}

fn ids<'a>(targets: impl Iterator<Item = &'a Target>) -> String {
    let ids: Vec<&str> = targets.map(|target| target.id.as_str()).collect();
    some_of(&ids)
}

fn names<'a>(profiles: impl Iterator<Item = &'a Profile>) -> String {
    let names: Vec<String> = profiles.map(|profile| format!("'{}'", profile.name)).collect();
    some_of(&names)
}

fn some_of<T: AsRef<str>>(texts: &[T]) -> String {
    let shown: Vec<&str> = texts.iter().map(AsRef::as_ref).take(MAX_NAMED).collect();
    match texts.len().checked_sub(MAX_NAMED) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

pub(crate) fn missing(place: &str, what: &str) -> Reason {
    Reason::leaves_open(&MEMBER_MISSING, place, format_args!("{place}: {what} is not stated"))
}

pub(crate) fn unknown(place: &str, text: &str) -> Reason {
    let shown: String = text.chars().take(80).collect();
    Reason::leaves_open(&UNKNOWN_VALUE, place, format_args!("{place}: '{shown}'"))
}

/// Ids or names shown in one detail.
const MAX_NAMED: usize = 10;

pub(crate) static METHOD_DISABLED: Kind = Kind {
    id: "entra.method-disabled",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant has switched the passkey method off, so no passkey can be registered or used.",
    next_step: "Set state to enabled in the passkey (FIDO2) authentication method policy.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration: state",
};

pub(crate) static EXCLUDED: Kind = Kind {
    id: "entra.excluded",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The person belongs to an excluded target. Exclusion wins over every inclusion and blocks \
              registration and sign-in.",
    next_step: "Take the person out of the excluded group, or the group out of excludeTargets.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static EXCLUSIONS: Kind = Kind {
    id: "entra.exclusions",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy excludes groups. The answer holds for people outside them.",
    next_step: "Ask again with --group and an excluded group's id if the person may be in one.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static SELF_SERVICE_OFF: Kind = Kind {
    id: "entra.self-service-off",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Self-service set-up is off. People cannot register passkeys, and provisioning on their \
              behalf through Graph is refused too.",
    next_step: "Set isSelfServiceRegistrationAllowed to true before the first key is touched.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2; Microsoft Graph known issues",
};

pub(crate) static NOT_INCLUDED: Kind = Kind {
    id: "entra.not-included",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "No include target holds the person, so the policy gives no passkey.",
    next_step: "Add one of the person's groups, or all users, to includeTargets.",
    source: "Microsoft Graph reference, passkeyAuthenticationMethodTarget",
};

pub(crate) static NO_PROFILE: Kind = Kind {
    id: "entra.no-profile",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The person is included, but no such passkey profile is given to the targets that hold \
              him.",
    next_step: "Name the profile in allowedPasskeyProfiles of the target.",
    source: "Microsoft Graph reference, passkeyAuthenticationMethodTarget",
};

pub(crate) static INCLUDED: Kind = Kind {
    id: "entra.included",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "These include targets hold the person; the profiles they give were judged.",
    next_step: "Nothing: this check passed.",
    source: "Microsoft Entra documentation, how-to-synced-passkeys",
};

pub(crate) static GROUP_NEEDED: Kind = Kind {
    id: "entra.group-needed",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The policy gives passkeys to groups only, and no group was named. Every profile was \
              tried; the answer is refused only when all of them refuse.",
    next_step: "Ask again with --group and one of the ids named, or with --profile.",
    source: "keyvet; Microsoft Graph reference, passkeyAuthenticationMethodTarget",
};

pub(crate) static GROUP_NOT_NAMED: Kind = Kind {
    id: "entra.group-not-named",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The policy names no such group, so being in it changes nothing.",
    next_step: "Check the group's id; names are not known here, only ids.",
    source: "keyvet",
};

pub(crate) static PROFILE_NOT_FOUND: Kind = Kind {
    id: "entra.profile-not-found",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The profile asked for is not in the policy, or its name is not unique.",
    next_step: "Give the id or the exact name of one of the profiles.",
    source: "keyvet",
};
