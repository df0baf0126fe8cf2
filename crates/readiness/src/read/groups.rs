//! Groups that carry members, nested ones and circles among them.

use super::sink::{Sink, member, text_of};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::{At, Json};
use std::collections::{BTreeMap, BTreeSet};

/// Which groups contain which person or group, by ids in lower case; groups also as written.
#[derive(Debug, Default)]
pub(super) struct Groups {
    parents: BTreeMap<String, BTreeSet<String>>,
    written: BTreeMap<String, String>,
}

impl Groups {
    pub(super) fn read(groups: &[At<'_>], sink: &mut Sink) -> Self {
        let mut read = Self::default();
        for at in groups {
            let Some(id) = text_of(at, "id") else { continue };
            read.written.entry(key(id)).or_insert_with(|| id.to_owned());
            for name in ["members", "transitiveMembers"] {
                for inner in members(at, name) {
                    read.parents.entry(key(inner)).or_default().insert(key(id));
                }
            }
            for name in ["memberOf", "transitiveMemberOf"] {
                for outer in members(at, name) {
                    read.parents.entry(key(id)).or_default().insert(key(outer));
                }
            }
        }
        read.say_circles(sink);
        read
    }

    /// Whether memberships are known from here.
    pub(super) fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// Every group that contains the person, or contains a group that does. Ids as written where known.
    pub(super) fn closure(&self, person: Option<&str>, direct: Vec<String>) -> Vec<String> {
        let mut as_written: BTreeMap<String, String> =
            direct.into_iter().map(|id| (key(&id), id)).collect();
        let mut open: Vec<String> = as_written.keys().cloned().collect();
        open.extend(person.map(key));
        // each group is opened once, so circles end
        while let Some(inner) = open.pop() {
            for outer in self.parents.get(&inner).into_iter().flatten() {
                if !as_written.contains_key(outer) {
                    let written = self.written.get(outer).unwrap_or(outer).clone();
                    as_written.insert(outer.clone(), written);
                    open.push(outer.clone());
                }
            }
        }
        as_written.into_values().collect()
    }

    fn say_circles(&self, sink: &mut Sink) {
        for group in self.written.keys() {
            let around = self.closure(Some(group), Vec::new());
            if around.iter().any(|outer| key(outer) == *group) {
                sink.say(&CIRCLE, format!("group {}", self.written.get(group).unwrap_or(group)));
            }
        }
    }
}

fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// Ids in a list of texts or of objects with an id.
fn members<'a>(at: &At<'a>, name: &str) -> Vec<&'a str> {
    let items = member(at, name).and_then(|list| list.array().ok()).unwrap_or_default();
    let id = |item: At<'a>| match item.json {
        Json::Text(text) => Some(text.as_str()),
        _ => text_of(&item, "id"),
    };
    items.into_iter().filter_map(id).collect()
}

pub(crate) static CIRCLE: Kind = Kind {
    id: "readiness.tenant-group-circle",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A group is a member of itself, through other groups; everyone in the circle is in all of its groups.",
    next_step: "Check the groups named: one membership is a mistake.",
    source: "keyvet",
};
