//! `conditions.users`: people, groups, directory roles, guests.

use super::condition::{Holds, any, contains, except};
use crate::read::GUEST_TYPES;
use crate::{Guests, Lists, Person, UserCondition};

pub(super) fn apply(condition: &UserCondition, person: &Person) -> Holds {
    let included = side(condition, person, |lists| &lists.include, &condition.include_guests);
    let included = match included {
        Holds::No(_) => Holds::No("user not included"),
        other => other,
    };
    let excluded = side(condition, person, |lists| &lists.exclude, &condition.exclude_guests);
    except(included, excluded, "user excluded")
}

/// Whether one side, included or excluded, names the person.
fn side(
    condition: &UserCondition,
    person: &Person,
    pick: fn(&Lists) -> &Vec<String>,
    guests: &Option<Guests>,
) -> Holds {
    let users = pick(&condition.users);
    if contains(users, "All") {
        return Holds::Yes;
    }
    let legacy_guests = contains(users, "GuestsOrExternalUsers");
    let ids = users.iter().any(|id| !is_word(id));
    any(
        [
            listed(ids.then_some(users), person.id.as_ref().map(std::slice::from_ref), "user.id"),
            listed(Some(pick(&condition.groups)), person.groups.as_deref(), "user.groups"),
            listed(Some(pick(&condition.roles)), person.roles.as_deref(), "user.roles"),
            if legacy_guests { is_external(person) } else { Holds::No("") },
            guests.as_ref().map_or(Holds::No(""), |guests| is_guest(guests, person)),
        ],
        "",
    )
}

fn is_word(id: &str) -> bool {
    ["None", "GuestsOrExternalUsers"].iter().any(|word| word.eq_ignore_ascii_case(id))
}

/// Whether one of `held` is in `list`; open when the list is not empty and the input does not say what is held.
fn listed(list: Option<&Vec<String>>, held: Option<&[String]>, input: &str) -> Holds {
    let Some(list) = list.filter(|list| !list.is_empty()) else { return Holds::No("") };
    match held {
        Some(held) => Holds::when(held.iter().any(|id| contains(list, id)), ""),
        None => Holds::undecided(input),
    }
}

fn is_external(person: &Person) -> Holds {
    match person.external {
        Some(external) => Holds::when(external, ""),
        None => Holds::undecided("user.external"),
    }
}

/// The input tells guests from others and not one kind of guest from another, nor their home tenants.
fn is_guest(guests: &Guests, person: &Person) -> Holds {
    let holds = is_external(person);
    if holds != Holds::Yes || guests.types.is_empty() {
        return if guests.types.is_empty() { Holds::No("") } else { holds };
    }
    if guests.some_tenants {
        return Holds::undecided("user.homeTenant");
    }
    match GUEST_TYPES.iter().all(|word| contains(&guests.types, word)) {
        true => Holds::Yes,
        false => Holds::undecided("user.guestType"),
    }
}
