//! People whom a tenant cannot tell apart: of one kin.
//!
//! No policy asks for anything of a person but what it names. So a person without the groups, roles and id that
//! nothing in the tenant names gets every answer that the person gets, and so does everybody else who is left with
//! the same. This is what makes a large tenant cheap: each kin is asked once.

use crate::{Attempt, Lists, MethodMode, Person, RegisteredMethod, Tenant};
use keyvet_policy::Policy;
use std::collections::HashSet;

/// What a tenant names, in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    groups: HashSet<String>,
    roles: HashSet<String>,
    people: HashSet<String>,
}

/// What is left of a person.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Kin {
    id: Option<String>,
    groups: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    external: Option<bool>,
    registered: Option<Vec<(MethodMode, Option<[u8; 16]>)>>,
    enabled_modes: Option<Vec<MethodMode>>,
}

impl Named {
    pub(crate) fn by(tenant: &Tenant) -> Self {
        let mut named = Self::default();
        for policy in &tenant.policies {
            add(&mut named.groups, &policy.users.groups);
            add(&mut named.roles, &policy.users.roles);
            add(&mut named.people, &policy.users.users);
        }
        for method in &tenant.methods {
            let targets = method.include.iter().chain(&method.exclude);
            named.groups.extend(targets.map(|id| id.to_ascii_lowercase()));
        }
        tenant.passkeys.iter().for_each(|policy| targets(policy, &mut named.groups));
        named
    }

    /// The person without what nothing names. What is not said stays not said.
    pub(crate) fn reduce(&self, person: &Person) -> Person {
        let known = |id: &String| match self.people.contains(&id.to_ascii_lowercase()) {
            true => id.to_ascii_lowercase(),
            false => NOBODY.to_owned(),
        };
        Person {
            id: person.id.as_ref().map(known),
            name: None,
            groups: only(person.groups.as_deref(), &self.groups),
            roles: only(person.roles.as_deref(), &self.roles),
            ..person.clone()
        }
    }

    /// The attempt of somebody of the same kin.
    pub(crate) fn reduce_attempt(&self, attempt: &Attempt) -> Attempt {
        Attempt { person: self.reduce(&attempt.person), ..attempt.clone() }
    }
}

impl Kin {
    /// Of a person that [`Named::reduce`] has reduced.
    pub(crate) fn of(reduced: &Person) -> Self {
        let method =
            |method: &RegisteredMethod| (method.mode.clone(), method.aaguid.map(|id| id.0));
        Self {
            id: reduced.id.clone(),
            groups: reduced.groups.clone(),
            roles: reduced.roles.clone(),
            external: reduced.external,
            registered: reduced.registered.as_ref().map(|all| all.iter().map(method).collect()),
            enabled_modes: reduced.enabled_modes.clone(),
        }
    }
}

/// Stands for every id that nothing names.
const NOBODY: &str = "";

fn add(named: &mut HashSet<String>, lists: &Lists) {
    named.extend(lists.include.iter().chain(&lists.exclude).map(|id| id.to_ascii_lowercase()));
}

fn targets(policy: &Policy, groups: &mut HashSet<String>) {
    let lists = [policy.include.value(), policy.exclude.value()];
    let targets = lists.into_iter().flatten().flatten();
    groups.extend(targets.map(|target| target.id.to_ascii_lowercase()));
}

/// Those that are named, in lower case and in order, so that the order of an export tells nobody apart.
fn only(held: Option<&[String]>, named: &HashSet<String>) -> Option<Vec<String>> {
    let lower = held?.iter().map(|id| id.to_ascii_lowercase());
    let mut kept: Vec<String> = lower.filter(|id| named.contains(id)).collect();
    kept.sort();
    kept.dedup();
    Some(kept)
}
