//! `conditions.applications`: resources, user actions, authentication contexts.

use super::condition::{Holds, any, contains, except};
use super::question::{Target, UserAction};
use super::suites::{SUITES, Suite};
use crate::ApplicationCondition;

pub(super) fn apply(condition: &ApplicationCondition, target: Target<'_>) -> Holds {
    match target {
        Target::Resource(Some(id)) => resource(condition, id),
        Target::Resource(None) => {
            Holds::when(contains(&condition.resources.include, "All"), "resource not included")
        }
        Target::UserAction(action) => user_action(condition, action),
        Target::AuthenticationContext(id) => Holds::when(
            contains(&condition.authentication_contexts, id),
            "authentication context not included",
        ),
    }
}

fn resource(condition: &ApplicationCondition, id: &str) -> Holds {
    let lists = &condition.resources;
    let filter = |includes| {
        let has = condition.filter_includes == Some(includes);
        if has { Holds::undecided("resource.customSecurityAttributes") } else { Holds::No("") }
    };
    let included = if contains(&lists.include, "All") {
        Holds::Yes
    } else {
        any([named(&lists.include, id), filter(true)], "resource not included")
    };
    let excluded = any([named(&lists.exclude, id), filter(false)], "");
    except(included, excluded, "resource excluded")
}

/// Whether a list names the resource, itself or by a suite that it belongs to.
fn named(list: &[String], id: &str) -> Holds {
    if contains(list, id) {
        return Holds::Yes;
    }
    let suites = SUITES.iter().filter(|suite| contains(list, suite.name));
    any(suites.map(|suite| member(suite, id)), "")
}

fn member(suite: &Suite, id: &str) -> Holds {
    match suite.has(id) {
        Some(has) => Holds::when(has, ""),
        None => Holds::undecided(suite.question),
    }
}

/// Registering security information is reported under "All resources" as well (R25); exclusions of
/// resources do not take an action out.
fn user_action(condition: &ApplicationCondition, action: UserAction) -> Holds {
    if contains(&condition.user_actions, action.as_urn()) {
        return Holds::Yes;
    }
    match (contains(&condition.resources.include, "All"), action) {
        (false, _) => Holds::No("user action not included"),
        (true, UserAction::RegisterSecurityInfo) => Holds::Yes,
        // no sample and no page says whether All resources covers this one
        (true, UserAction::RegisterDevice) => Holds::undecided("All resources for registerDevice"),
    }
}
