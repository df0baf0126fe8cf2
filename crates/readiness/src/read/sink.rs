//! Where findings go while a tenant is read, and reading members that may be anything.

use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_json::{At, Json};
use std::collections::HashSet;

/// Most findings that are kept; a file of ten thousand people can repeat one defect as often.
const MAX_FINDINGS: usize = 500;

/// Longest detail of a finding, and longest name of the thing it is about: outside text is as long as it likes.
const MAX_DETAIL_CHARS: usize = 240;
const MAX_NAME_CHARS: usize = 80;

/// Collects findings, each once.
#[derive(Debug, Default)]
pub(super) struct Sink {
    findings: Vec<Finding>,
    said: HashSet<(&'static str, String)>,
    left_out: usize,
}

impl Sink {
    pub(super) fn say(&mut self, kind: &'static Kind, detail: String) {
        let detail = shortened(detail, MAX_DETAIL_CHARS);
        if !self.said.insert((kind.id, detail.clone())) {
            return;
        }
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding::new(kind, detail));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// In an order that does not depend on the order of files or of what is in them.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (a.id(), a.detail()).cmp(&(b.id(), b.detail())));
        if self.left_out > 0 {
            let detail = format!("{} more", self.left_out);
            self.findings.push(Finding::new(&MORE_FINDINGS, detail));
        }
        self.findings
    }
}

/// Reads the members of one thing: what cannot be read is said and remembered by name.
pub(super) struct Reading<'s> {
    pub sink: &'s mut Sink,
    /// What is being read, for findings: `policy 'Block legacy' (5eed…)`.
    pub of: String,
    /// Names of members that could not be read.
    pub unreadable: Vec<String>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(sink: &'s mut Sink, of: String) -> Self {
        let of = shortened(of, MAX_NAME_CHARS);
        Self { sink, of, unreadable: Vec::new() }
    }

    pub(super) fn say(&mut self, kind: &'static Kind, detail: impl std::fmt::Display) {
        let detail = format!("{}: {detail}", self.of);
        self.sink.say(kind, detail);
    }

    /// A text, `None` when absent.
    pub(super) fn text(&mut self, at: &At<'_>, name: &str) -> Option<String> {
        let member = member(at, name)?;
        match member.json {
            Json::Text(text) => Some(text.clone()),
            _ => self.unreadable(&member, name, "a string"),
        }
    }

    pub(super) fn flag(&mut self, at: &At<'_>, name: &str) -> Option<bool> {
        let member = member(at, name)?;
        match member.json {
            Json::Bool(value) => Some(*value),
            Json::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.unreadable(&member, name, "a boolean"),
        }
    }

    /// Strings: an array of them, or one string with commas, as flags are written and as PowerShell
    /// writes an array of one.
    pub(super) fn strings(&mut self, at: &At<'_>, name: &str) -> Vec<String> {
        let Some(member) = member(at, name) else { return Vec::new() };
        let read = match member.json {
            Json::Text(text) if !is_cut_off(text) => {
                let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
                Some(words.map(str::to_owned).collect())
            }
            Json::Array(items) => items
                .iter()
                .map(|item| match item {
                    Json::Text(text) if !is_cut_off(text) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        read.or_else(|| self.unreadable(&member, name, "an array of strings")).unwrap_or_default()
    }

    /// An object that says something; one whose members are all empty counts as absent, because
    /// PowerShell's module writes those for `null`.
    pub(super) fn object<'a>(&mut self, at: &At<'a>, name: &str) -> Option<At<'a>> {
        let member = member(at, name).filter(|member| !is_void(member.json))?;
        match member.json {
            Json::Object(_) => Some(member),
            _ => self.unreadable(&member, name, "an object"),
        }
    }

    /// The items of an array; one object stands for an array of one.
    pub(super) fn items<'a>(&mut self, at: &At<'a>, name: &str) -> Vec<At<'a>> {
        let Some(member) = member(at, name) else { return Vec::new() };
        match member.json {
            Json::Array(_) => member.array().unwrap_or_default(),
            Json::Object(_) => vec![member],
            _ => self.unreadable(&member, name, "an array").unwrap_or_default(),
        }
    }

    /// Strings as they stand, commas and all: an array of them, or one alone.
    pub(super) fn items_or_text(&mut self, at: &At<'_>, name: &str) -> Vec<String> {
        match member(at, name).map(|member| member.json) {
            Some(Json::Text(text)) if !is_cut_off(text) => vec![text.clone()],
            _ => self.strings(at, name),
        }
    }

    /// Says which members that hold something are in none of these lists, and gives their names.
    pub(super) fn unknown(
        &mut self,
        at: &At<'_>,
        known: &[&str],
        kind: &'static Kind,
    ) -> Vec<String> {
        let Json::Object(members) = at.json else { return Vec::new() };
        let is_known = |name: &str| {
            name.contains('@')
                || known.iter().any(|known| known.eq_ignore_ascii_case(name))
                || is_sdk_noise(name)
        };
        let strange = members.iter().filter(|(name, json)| !is_known(name) && !is_void(json));
        let names: Vec<String> = strange.map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.say(kind, name);
        }
        names
    }

    fn unreadable<T>(&mut self, member: &At<'_>, name: &str, expected: &str) -> Option<T> {
        self.unreadable.push(name.to_owned());
        let cut_off = matches!(member.json, Json::Text(text) if is_cut_off(text))
            || matches!(member.json, Json::Array(items) if items.iter().any(|item| {
                matches!(item, Json::Text(text) if is_cut_off(text))
            }));
        let kind = if cut_off { &CUT_OFF } else { &UNREADABLE };
        let what = format!("{} is {}, expected {expected}", member.path, member.json.type_name());
        self.say(kind, what);
        None
    }
}

/// A member by name in any case, or of `AdditionalProperties`, where PowerShell's module puts what a base type
/// does not know.
pub(super) fn member<'a>(at: &At<'a>, name: &str) -> Option<At<'a>> {
    at.member(name).or_else(|| at.member("AdditionalProperties")?.member(name))
}

pub(super) fn text_of<'a>(at: &At<'a>, name: &str) -> Option<&'a str> {
    member(at, name)?.text().ok()
}

/// Whether a value says nothing: null, empty, or made of such.
pub(super) fn is_void(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.iter().all(|(_, json)| is_void(json)),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// What `ConvertTo-Json` writes for what lies deeper than `-Depth`.
fn is_cut_off(text: &str) -> bool {
    ["@{", "System.", "Microsoft.Graph."].iter().any(|prefix| text.starts_with(prefix))
}

fn shortened(text: String, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn is_sdk_noise(name: &str) -> bool {
    ["AdditionalProperties", "BackingStore"].iter().any(|noise| noise.eq_ignore_ascii_case(name))
}

pub(crate) static UNREADABLE: Kind = Kind {
    id: "readiness.tenant-unreadable-member",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A member holds another type than the Graph reference gives it, so keyvet takes it as not known.",
    next_step: "Export the object again with Graph and without editing.",
    source: "Microsoft Graph reference, conditionalAccessPolicy",
};

pub(crate) static CUT_OFF: Kind = Kind {
    id: "readiness.tenant-cut-off",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "PowerShell wrote the name of a type where a value belongs: the export was cut off below a depth.",
    next_step: "Export again with `ConvertTo-Json -Depth 20`.",
    source: "PowerShell documentation, ConvertTo-Json -Depth",
};

pub(crate) static MORE_FINDINGS: Kind = Kind {
    id: "readiness.tenant-more-findings",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The export has more oddities than are listed.",
    next_step: "Correct those listed and read it again.",
    source: "keyvet",
};
