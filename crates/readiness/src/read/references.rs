//! Ids that are used twice or that lead nowhere, and parts that are not there.

use super::documents::HALF_EXPORT;
use super::label;
use super::sink::Sink;
use crate::{Part, Tenant};
use keyvet_finding::{Culprit, Kind, Severity};
use std::fmt::Debug;

/// Leaves out exact repetitions. Things that differ under one id are all kept, and that is said.
pub(super) fn once<T: Debug + PartialEq>(
    things: Vec<T>,
    what: &str,
    id: fn(&T) -> &str,
    sink: &mut Sink,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    let mut ids = std::collections::HashMap::<String, Vec<usize>>::new();
    for thing in things {
        let same_id = ids.entry(id(&thing).to_ascii_lowercase()).or_default();
        let is_repeated = !same_id.is_empty() && !id(&thing).is_empty();
        let known = same_id.iter().any(|index| kept.get(*index) == Some(&thing));
        if is_repeated {
            let how = if known { "the same twice" } else { "different things" };
            sink.say(&TWICE, format!("{what} {}: {how}", id(&thing)));
        }
        if !(is_repeated && known) {
            same_id.push(kept.len());
            kept.push(thing);
        }
    }
    kept
}

/// What policies refer to, and what an answer will miss.
pub(super) fn check(tenant: &Tenant, sink: &mut Sink) {
    for part in [Part::Passkeys, Part::Policies] {
        if tenant.absent.contains(&part) {
            sink.say(&HALF_EXPORT, format!("{} is absent", part.as_str()));
        }
    }
    for policy in &tenant.policies {
        let locations =
            policy.locations.iter().flat_map(|lists| lists.include.iter().chain(&lists.exclude));
        let lost = locations.filter(|id| !is_word(id) && !is_known(tenant, id));
        for id in lost {
            sink.say(&LOCATION_GONE, format!("{}: named location {id}", label(policy)));
        }
    }
}

fn is_word(id: &str) -> bool {
    // the zero id stands for the trusted addresses of the per-user MFA settings
    ["All", "AllTrusted", "00000000-0000-0000-0000-000000000000"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(id))
}

fn is_known(tenant: &Tenant, id: &str) -> bool {
    tenant.locations.iter().any(|location| location.id.eq_ignore_ascii_case(id))
}

pub(crate) static TWICE: Kind = Kind {
    id: "readiness.tenant-id-twice",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "One id stands for two things in the export. Repetitions count once; where they differ, all count.",
    next_step: "Remove the older export from the folder.",
    source: "Microsoft Graph reference, entity",
};

pub(crate) static LOCATION_GONE: Kind = Kind {
    id: "readiness.tenant-location-gone",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "A policy names a location that the export does not hold, so whether it is trusted is not known.",
    next_step: "Export the named locations as well, or say in the attempt where the person is.",
    source: "Microsoft Graph reference, namedLocation",
};
