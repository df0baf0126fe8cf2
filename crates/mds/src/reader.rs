//! Reads members of an entry by shape; what does not fit becomes a defect and is left out.

use crate::json::{Json, Member};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// Collects the defects of one entry while its members are read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) defects: Vec<Finding>,
}

impl Reader {
    pub(crate) fn defect(&mut self, kind: &'static Kind, detail: impl std::fmt::Display) {
        self.defects.push(Finding::new(kind, detail));
    }

    fn wrong<T>(&mut self, name: &str, expected: &str, got: &Json<'_>) -> Option<T> {
        let detail = match got {
            Json::Unreadable(why) => format!("{name}: {why}"),
            other => format!("{name}: expected {expected}, got {}", other.type_name()),
        };
        self.defect(&MEMBER_WRONG_TYPE, detail);
        None
    }

    pub(crate) fn text(&mut self, name: &str, value: Json<'_>) -> Option<String> {
        match value {
            Json::Text(text) => Some(text.into_owned()),
            other => self.wrong(name, "a text", &other),
        }
    }

    pub(crate) fn flag(&mut self, name: &str, value: Json<'_>) -> Option<bool> {
        match value {
            Json::Bool(flag) => Some(flag),
            other => self.wrong(name, "a boolean", &other),
        }
    }

    pub(crate) fn unsigned(&mut self, name: &str, value: Json<'_>) -> Option<u64> {
        match value {
            Json::Unsigned(number) => Some(number),
            other => self.wrong(name, "a whole number of at most 64 bits", &other),
        }
    }

    pub(crate) fn signed(&mut self, name: &str, value: Json<'_>) -> Option<i64> {
        match value {
            Json::Negative(number) => Some(number),
            Json::Unsigned(number) if i64::try_from(number).is_ok() => i64::try_from(number).ok(),
            other => self.wrong(name, "a whole number", &other),
        }
    }

    pub(crate) fn items<'a>(&mut self, name: &str, value: Json<'a>) -> Vec<Json<'a>> {
        match value {
            Json::Array(items) => items,
            other => self.wrong(name, "a list", &other).unwrap_or_default(),
        }
    }

    pub(crate) fn texts(&mut self, name: &str, value: Json<'_>) -> Vec<String> {
        let items = self.items(name, value);
        items.into_iter().filter_map(|item| self.text(name, item)).collect()
    }

    pub(crate) fn numbers(&mut self, name: &str, value: Json<'_>) -> Vec<i64> {
        let items = self.items(name, value);
        items.into_iter().filter_map(|item| self.signed(name, item)).collect()
    }

    /// The members of an object, each name once: a second one is a defect and left out.
    pub(crate) fn members<'a>(&mut self, name: &str, value: Json<'a>) -> Option<Vec<Member<'a>>> {
        let Json::Object(mut members) = value else {
            return self.wrong(name, "an object", &value);
        };
        let mut at = 0;
        while let Some((member, _)) = members.get(at) {
            let known = members.iter().take(at).any(|(earlier, _)| earlier == member);
            if known {
                self.defect(&MEMBER_DUPLICATE, format!("{name}.{member}"));
                members.remove(at);
            } else {
                at = at.saturating_add(1);
            }
        }
        Some(members)
    }

    /// An object of equal values, in file order.
    pub(crate) fn pairs<T>(
        &mut self,
        name: &str,
        value: Json<'_>,
        read: fn(&mut Self, &str, Json<'_>) -> Option<T>,
    ) -> Vec<(String, T)> {
        let members = self.members(name, value).unwrap_or_default();
        let pair = |(member, value): Member<'_>| {
            read(self, &format!("{name}.{member}"), value).map(|value| (member.into_owned(), value))
        };
        members.into_iter().filter_map(pair).collect()
    }
}

/// A member has another type than the specification gives it.
pub(crate) static MEMBER_WRONG_TYPE: Kind = Kind {
    id: "mds.member-wrong-type",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "A member of this entry does not have the type it should have and was left out.",
    next_step: "Treat the member as unknown; tell the vendor or the FIDO Alliance.",
    source: "MDS 3.0, metadata statement",
};

/// A member stands twice in one object.
pub(crate) static MEMBER_DUPLICATE: Kind = Kind {
    id: "mds.member-duplicate",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "A member stands twice in one object of this entry; the first one was taken (status reports: all).",
    next_step: "Treat the member with care: other programs may take the second one.",
    source: "RFC 8259 §4",
};
