//! `platforms` and `locations`.

use super::condition::{Holds, any, contains, except};
use super::question::Question;
use crate::{Lists, Platform};

/// A platform list that includes nothing limits nothing.
pub(super) fn platform(lists: Option<&Lists>, platform: Platform) -> Holds {
    let Some(lists) = lists else { return Holds::Yes };
    let named = |list: &[String]| contains(list, "all") || contains(list, platform.as_str());
    let included = lists.include.is_empty() || named(&lists.include);
    except(
        Holds::when(included, "platform not included"),
        Holds::when(named(&lists.exclude), ""),
        "platform excluded",
    )
}

/// Where the sign-in comes from, as far as the input says.
pub(super) fn location(lists: Option<&Lists>, question: &Question<'_>) -> Holds {
    let Some(lists) = lists else { return Holds::Yes };
    let included = if lists.include.is_empty() {
        Holds::Yes
    } else {
        any(lists.include.iter().map(|id| is_at(id, question)), "location not included")
    };
    let excluded = any(lists.exclude.iter().map(|id| is_at(id, question)), "");
    except(included, excluded, "location excluded")
}

/// Whether the sign-in comes from a location, by id or by one of the two words.
fn is_at(id: &str, question: &Question<'_>) -> Holds {
    if id.eq_ignore_ascii_case("All") {
        return Holds::Yes;
    }
    if id.eq_ignore_ascii_case("AllTrusted") {
        return match trusted(question) {
            Some(trusted) => Holds::when(trusted, ""),
            None => Holds::undecided("trustedLocation"),
        };
    }
    let known = question.locations.iter().find(|location| location.id.eq_ignore_ascii_case(id));
    let is_trusted = known.and_then(|location| location.trusted) == Some(true);
    match &question.device.locations {
        Some(at) => Holds::when(contains(at, id), ""),
        // a trusted place is nowhere near somebody who is at none
        None if is_trusted && question.device.trusted_location == Some(false) => Holds::No(""),
        None => Holds::undecided("locations"),
    }
}

fn trusted(question: &Question<'_>) -> Option<bool> {
    question.device.trusted_location.or_else(|| {
        let at = question.device.locations.as_ref()?;
        let trust = |id: &String| {
            question.locations.iter().find(|known| known.id.eq_ignore_ascii_case(id))?.trusted
        };
        let known: Vec<Option<bool>> = at.iter().map(trust).collect();
        if known.contains(&Some(true)) {
            return Some(true);
        }
        // a named location without the flag (countries) cannot be trusted; one the export lacks might be
        let all_known = at
            .iter()
            .all(|id| question.locations.iter().any(|known| known.id.eq_ignore_ascii_case(id)));
        all_known.then_some(false)
    })
}
