//! The payload of the BLOB: number, date, legal header, and every entry.
//!
//! Read in one pass that borrows; only when that fails is the payload cut into raw entries, so that what
//! one entry did costs that entry alone.

use crate::entry::Entry;
use crate::error::MdsError;
use crate::json::{Json, Name, read_tolerantly};
use crate::{statement, status};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use time::Date;

/// What the payload says, entries in file order.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) no: u64,
    pub(crate) next_update: Date,
    pub(crate) legal_header: Option<String>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads a payload whose signature has been judged already.
pub(crate) fn read(bytes: &[u8]) -> Result<Payload, MdsError> {
    match parse(bytes, Pass::Borrowing) {
        Ok(draft) => draft.finish(),
        Err(_) => read_cut(bytes),
    }
}

/// The second pass; text that is not UTF-8 is replaced, which is said.
fn read_cut(bytes: &[u8]) -> Result<Payload, MdsError> {
    let text = String::from_utf8_lossy(bytes);
    let draft = parse(text.as_bytes(), Pass::Cutting);
    let mut draft = draft.map_err(|error| MdsError::Payload { reason: error.to_string() })?;
    if text.as_bytes() != bytes {
        draft.findings.push(Finding::new(&PAYLOAD_NOT_UTF8, "replaced where it is not"));
    }
    draft.finish()
}

fn parse(bytes: &[u8], pass: Pass) -> Result<Draft, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let draft = deserializer.deserialize_map(PayloadVisitor(pass))?;
    deserializer.end().map(|()| draft)
}

#[derive(Clone, Copy)]
enum Pass {
    Borrowing,
    Cutting,
}

/// The payload before its two indispensable members are known to be there.
#[derive(Default)]
struct Draft {
    no: Vec<Result<u64, &'static str>>,
    next_update: Vec<Result<String, &'static str>>,
    legal_header: Option<String>,
    lists: usize,
    entries: Vec<Entry>,
    findings: Vec<Finding>,
}

impl Draft {
    fn finish(self) -> Result<Payload, MdsError> {
        let no = once(self.no, "no")?;
        let text = once(self.next_update, "nextUpdate")?;
        let next_update = status::parse_date(&text)
            .ok_or_else(|| refused(format!("nextUpdate is not a date: {text}")))?;
        if self.lists != 1 {
            return Err(refused(format!("{} members named entries", self.lists)));
        }
        let Self { legal_header, entries, findings, .. } = self;
        Ok(Payload { no, next_update, legal_header, entries, findings })
    }

    fn unknown(&mut self, name: &str) {
        self.findings.push(Finding::new(&PAYLOAD_MEMBER_UNKNOWN, name));
    }
}

/// Two values would let two readers see two BLOBs.
fn once<T>(values: Vec<Result<T, &'static str>>, name: &str) -> Result<T, MdsError> {
    match <[_; 1]>::try_from(values) {
        Ok([value]) => value.map_err(|got| refused(format!("{name} is {got}"))),
        Err(values) => Err(refused(format!("{} members named {name}", values.len()))),
    }
}

fn refused(reason: String) -> MdsError {
    MdsError::Payload { reason }
}

struct PayloadVisitor(Pass);

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a metadata BLOB payload object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut draft = Draft::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "entries" => {
                    draft.lists = draft.lists.saturating_add(1);
                    map.next_value_seed(EntriesSeed { pass: self.0, into: &mut draft.entries })?;
                }
                "no" => draft.no.push(number(&map.next_value()?)),
                "nextUpdate" => draft.next_update.push(text(&map.next_value()?)),
                "legalHeader" => draft.legal_header = text(&map.next_value()?).ok(),
                other => {
                    map.next_value::<IgnoredAny>()?;
                    draft.unknown(other);
                }
            }
        }
        Ok(draft)
    }
}

fn number(value: &Json<'_>) -> Result<u64, &'static str> {
    match value {
        Json::Unsigned(number) => Ok(*number),
        other => Err(other.type_name()),
    }
}

fn text(value: &Json<'_>) -> Result<String, &'static str> {
    match value {
        Json::Text(text) => Ok(text.to_string()),
        other => Err(other.type_name()),
    }
}

struct EntriesSeed<'a> {
    pass: Pass,
    into: &'a mut Vec<Entry>,
}

impl<'de> DeserializeSeed<'de> for EntriesSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for EntriesSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(value) = next(self.pass, &mut items)? {
            let position = u32::try_from(self.into.len()).unwrap_or(u32::MAX);
            self.into.push(statement::read(position, value));
        }
        Ok(())
    }
}

fn next<'de, A: SeqAccess<'de>>(pass: Pass, items: &mut A) -> Result<Option<Json<'de>>, A::Error> {
    match pass {
        Pass::Borrowing => items.next_element(),
        Pass::Cutting => Ok(items.next_element::<&RawValue>()?.map(read_tolerantly)),
    }
}

/// The payload is not UTF-8.
pub(crate) static PAYLOAD_NOT_UTF8: Kind = Kind {
    id: "mds.payload-not-utf8",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The metadata is not UTF-8 throughout; text that is not was replaced by a marker.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "RFC 8259 §8.1",
};

/// The payload has a member besides the known ones.
pub(crate) static PAYLOAD_MEMBER_UNKNOWN: Kind = Kind {
    id: "mds.payload-member-unknown",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The metadata has a top-level member that keyvet does not know.",
    next_step: "Nothing to do; an update of keyvet may know it.",
    source: "MDS 3.0 §3.1.6",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(entries: &str) -> Payload {
        let json = format!(r#"{{"no":1,"nextUpdate":"2026-01-01","entries":[{entries}]}}"#);
        read(json.as_bytes()).unwrap()
    }

    fn ids(entry: &Entry) -> Vec<&str> {
        entry.defects.iter().map(Finding::id).collect()
    }

    #[test]
    fn no_shape_of_entry_is_dropped_or_fails_the_file() {
        let found = payload(r#"null, 7, "text", [], {}, {"aaguid":5}, {"aaguid":"zz"}"#);
        assert_eq!(found.entries.len(), 7);
        for entry in &found.entries[..4] {
            assert_eq!(ids(entry), ["mds.entry-not-object"]);
        }
        assert!(found.entries[4..].iter().all(|e| ids(e).contains(&"mds.entry-without-id")));
    }

    #[test]
    fn json_that_cannot_be_a_value_costs_its_own_member_only() {
        let good = r#"{"aaguid":"00000000-0000-0000-0000-000000000001"}"#;
        let bad = r#"{"aaguid":"00000000-0000-0000-0000-000000000002","statusReports":[{"status":
            "REVOKED","url":"\ud800"}],"metadataStatement":{"schema":1e999,"description":"kept"}}"#;
        let found = payload(&format!("{good},{bad},{good}"));
        let entry = &found.entries[1];
        assert_eq!(found.entries.len(), 3);
        assert_eq!(entry.aaguid.unwrap().0[15], 2);
        assert_eq!(entry.status_reports[0].status, "REVOKED");
        assert_eq!(entry.description.as_deref(), Some("kept"));
        assert_eq!(ids(entry).iter().filter(|id| **id == "mds.member-wrong-type").count(), 2);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced_and_said() {
        let json = b"{\"no\":1,\"nextUpdate\":\"2026-01-01\",\"entries\":[{\"aaid\":\"\xff\"}]}";
        let found = read(json).unwrap();
        assert_eq!(found.entries[0].aaid.as_deref(), Some("\u{fffd}"));
        assert_eq!(found.findings[0].id(), "mds.payload-not-utf8");
    }

    #[test]
    fn a_second_list_of_reports_is_not_lost() {
        let found = payload(
            r#"{"aaid":"a","statusReports":[{"status":"FIDO_CERTIFIED"}],
                "statusReports":[{"status":"REVOKED"}]}"#,
        );
        let entry = &found.entries[0];
        assert_eq!(entry.status_reports.len(), 2);
        assert!(ids(entry).contains(&"mds.member-duplicate"));
    }

    #[test]
    fn what_two_readers_could_see_differently_is_refused() {
        for json in [
            r#"{"no":1,"no":2,"nextUpdate":"2026-01-01","entries":[]}"#,
            r#"{"no":1,"nextUpdate":"2026-01-01","nextUpdate":"2027-01-01","entries":[]}"#,
            r#"{"no":1,"nextUpdate":"2026-01-01","entries":[],"entries":[]}"#,
            r#"{"no":1,"nextUpdate":"2026-01-01","entries":[]} {}"#,
        ] {
            assert!(matches!(read(json.as_bytes()), Err(MdsError::Payload { .. })), "{json}");
        }
    }

    #[test]
    fn a_payload_without_its_number_date_or_list_is_refused() {
        for json in [
            "",
            "[]",
            "{",
            r#"{"nextUpdate":"2026-01-01","entries":[]}"#,
            r#"{"no":-1,"nextUpdate":"2026-01-01","entries":[]}"#,
            r#"{"no":1,"nextUpdate":"tomorrow","entries":[]}"#,
            r#"{"no":1,"nextUpdate":"2026-01-01"}"#,
            r#"{"no":1,"nextUpdate":"2026-01-01","entries":{}}"#,
        ] {
            assert!(matches!(read(json.as_bytes()), Err(MdsError::Payload { .. })), "{json}");
        }
    }
}
