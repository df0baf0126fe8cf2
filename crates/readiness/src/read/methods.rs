//! Configurations of methods other than passkeys, and named locations.

use super::policies::{NO_ID, UNKNOWN_MEMBER};
use super::sink::{Reading, Sink, text_of};
use crate::{MethodConfiguration, NamedLocation};
use keyvet_json::At;

/// One method's configuration. Members particular to a method are not looked at, but for the pass's.
pub(super) fn read(at: &At<'_>, sink: &mut Sink) -> MethodConfiguration {
    let id = text_of(at, "id").unwrap_or_default().to_owned();
    let mut reading = Reading::new(sink, format!("method '{id}'"));
    if id.is_empty() {
        reading.say(&NO_ID, &at.path);
    }
    let state = reading.text(at, "state");
    MethodConfiguration {
        enabled: state.map(|state| state.eq_ignore_ascii_case("enabled")),
        include: targets(at, "includeTargets", &mut reading),
        exclude: targets(at, "excludeTargets", &mut reading),
        usable_once: reading.flag(at, "isUsableOnce"),
        id,
    }
}

fn targets(at: &At<'_>, name: &str, reading: &mut Reading<'_>) -> Vec<String> {
    let items = reading.items(at, name);
    items.iter().filter_map(|item| text_of(item, "id")).map(str::to_owned).collect()
}

const KNOWN_LOCATION: [&str; 9] = [
    "id",
    "displayName",
    "createdDateTime",
    "modifiedDateTime",
    "deletedDateTime",
    "isTrusted",
    "ipRanges",
    "countriesAndRegions",
    "includeUnknownCountriesAndRegions",
];

/// One named location.
pub(super) fn location(at: &At<'_>, sink: &mut Sink) -> NamedLocation {
    let id = text_of(at, "id").unwrap_or_default().to_owned();
    let name = text_of(at, "displayName").unwrap_or(&id).to_owned();
    let mut reading = Reading::new(sink, format!("named location '{name}'"));
    if id.is_empty() {
        reading.say(&NO_ID, &at.path);
    }
    let known: Vec<_> = KNOWN_LOCATION.into_iter().chain(["countryLookupMethod"]).collect();
    reading.unknown(at, &known, &UNKNOWN_MEMBER);
    NamedLocation { trusted: reading.flag(at, "isTrusted"), id, name }
}
