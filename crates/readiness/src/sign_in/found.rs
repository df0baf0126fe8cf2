//! What the reader of a file finds, and what is said about the rest.

use super::{
    AuthStep, File, Format, Record, Time,
    csv::Row,
    findings::Findings,
    json::{self, Object},
    limits::{self, ITEMS, RECORD_BYTES, RECORDS},
    split::Piece,
    table::{Columns, Entry, Sheet},
};
use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};
use keyvet_json::JsonError;
use std::collections::BTreeSet;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    records: Vec<Record>,
    steps: Vec<(String, AuthStep)>,
    findings: Findings,
    unknown_members: BTreeSet<String>,
    foreign: u64,
    surplus: u64,
    columns: Option<Columns>,
    /// The columns are of no known file; its rows say nothing.
    lost: bool,
    /// A row shorter than the first, which may be cut when it is the last.
    short: Option<u64>,
}

impl Found {
    /// The file holds nothing but blanks.
    pub(super) fn nothing(&mut self) {
        self.findings.add(&NOT_A_LOG, "it holds nothing");
    }

    pub(super) fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Record { line, bytes } => self.json(line, &bytes),
            Piece::Broken { line, cause } => self.broken(line, &cause),
            Piece::TooLong { line } => self.too_long(line),
            Piece::Lost { line, cause } => {
                self.findings.add(&CUT, format_args!("not JSON from line {line} on: {cause}"));
            }
            Piece::Cut { line } => {
                self.findings
                    .add(&CUT, format_args!("it ends inside a record or list, line {line}"));
            }
            Piece::MorePages => self.findings.add(&MORE_PAGES, "it has a member @odata.nextLink"),
        }
    }

    fn json(&mut self, line: u64, bytes: &[u8]) {
        let json = match keyvet_json::read(bytes, RECORD_BYTES) {
            Ok(json) => json,
            Err(JsonError::NotJson { line: inner, cause, .. }) => {
                let line = line.saturating_add(u64::try_from(inner).unwrap_or(1)).saturating_sub(1);
                return self.broken(line, &format_args!("not JSON: {cause}"));
            }
            Err(error) => return self.broken(line, &error),
        };
        match json::object(&json) {
            Object::Foreign => self.foreign = self.foreign.saturating_add(1),
            Object::Record(record, remarks) => {
                for wrong in remarks.wrong {
                    self.findings.add(&MEMBER_TYPE, format_args!("line {line}: {wrong}"));
                }
                self.unknown_members.extend(remarks.unknown);
                while self.unknown_members.len() > ITEMS {
                    self.unknown_members.pop_last();
                }
                self.keep(record);
            }
        }
    }

    pub(super) fn row(&mut self, row: Row) {
        if self.lost {
            return;
        }
        if let Some(line) = self.short.take() {
            self.broken(line, &"fewer fields than columns");
        }
        match row {
            Row::TooLong { line } => self.too_long(line),
            Row::NotText { line } => self.broken(line, &"not UTF-8"),
            Row::Fields { line, fields } => self.fields(line, &fields),
        }
    }

    fn fields(&mut self, line: u64, fields: &[String]) {
        let Some(columns) = &self.columns else { return self.header(fields) };
        if fields.len() < columns.count {
            self.short = Some(line);
        } else if fields.len() > columns.count {
            self.broken(line, &"more fields than columns");
        } else {
            match columns.entry(fields) {
                Some(Entry::Record(record)) => self.keep(record),
                Some(Entry::Step(id, step)) if self.steps.len() < RECORDS => {
                    self.steps.push((id, step))
                }
                Some(Entry::Step(..)) => self.surplus = self.surplus.saturating_add(1),
                None => self.foreign = self.foreign.saturating_add(1),
            }
        }
    }

    fn header(&mut self, names: &[String]) {
        let columns = Columns::read(names);
        let Some(columns) = columns else {
            self.lost = true;
            let first: Vec<_> =
                names.iter().take(6).map(|name| format!("'{}'", name.trim())).collect();
            let kind = if names.len() > 2 { &COLUMNS_UNKNOWN } else { &NOT_A_LOG };
            return self
                .findings
                .add(kind, format_args!("it begins with {}", limits::text(&first.join(", "))));
        };
        if !columns.missing.is_empty() {
            self.findings.add(&COLUMN_MISSING, columns.missing.join(", "));
        }
        if columns.sheet == Sheet::SignIns {
            self.findings.add(&NO_POLICIES, "CSV has no names and results of policies");
        }
        self.columns = Some(columns);
    }

    /// A short last row without a line break is where a copy was cut.
    pub(super) fn end_of_rows(&mut self, ended: bool) {
        match self.short.take() {
            Some(line) if !ended => {
                self.findings.add(&CUT, format_args!("it ends inside the row of line {line}"));
            }
            Some(line) => self.broken(line, &"fewer fields than columns"),
            None => {}
        }
    }

    fn keep(&mut self, record: Record) {
        if self.records.len() < RECORDS {
            self.records.push(record);
        } else {
            self.surplus = self.surplus.saturating_add(1);
        }
    }

    fn broken(&mut self, line: u64, cause: &dyn std::fmt::Display) {
        self.findings.add(&RECORD_BROKEN, format_args!("line {line}: {cause}"));
    }

    fn too_long(&mut self, line: u64) {
        let what = format_args!("line {line}: more than {RECORD_BYTES} bytes or 2000 columns");
        self.findings.add(&RECORD_TOO_LONG, what);
    }

    pub(super) fn finish(mut self, format: Option<Format>) -> File {
        self.settle_times();
        if !self.unknown_members.is_empty() {
            let names: Vec<String> = self
                .unknown_members
                .iter()
                .take(20)
                .map(|name| Printable(name).to_string())
                .collect();
            self.findings.add(&MEMBER_UNKNOWN, names.join(", "));
        }
        if self.foreign > 0 {
            self.findings.add(&FOREIGN, format_args!("{} of them", self.foreign));
        }
        if self.surplus > 0 {
            let what = format_args!("{} records beyond the first {RECORDS}", self.surplus);
            self.findings.add(&TOO_MANY, what);
        }
        let empty = self.records.is_empty() && self.steps.is_empty();
        let mut findings = self.findings.into_list();
        if empty && findings.is_empty() {
            findings.push(Finding::new(&EMPTY, "no record in it"));
        }
        File { format, records: self.records, steps: self.steps, findings }
    }

    /// Gives a place to times like 12/4/2025, where one in the file tells the order of day and month.
    fn settle_times(&mut self) {
        let open = |time: &Time| !time.is_placed();
        let orders: Vec<_> =
            self.records.iter().filter_map(|record| record.time().day_order()).collect();
        let agreed = orders.first().filter(|first| orders.iter().all(|order| order == *first));
        if let Some(order) = agreed {
            for record in &mut self.records {
                record.time_mut().settle(*order);
            }
        }
        let unplaced: Vec<_> =
            self.records.iter().map(Record::time).filter(|time| open(time)).collect();
        if let Some(first) = unplaced.first() {
            let what = format!("{} of them, first: '{}'", unplaced.len(), first.text());
            self.findings.add(&TIME_OPEN, what);
        }
    }
}

/// The file is no log.
pub(super) static NOT_A_LOG: Kind = Kind {
    id: "readiness.sign-in-not-a-log",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is neither JSON nor a CSV file with columns.",
    next_step: "Export the sign-in log or the audit log again, as JSON or CSV, from the admin centre or \
                with Graph (auditLogs/signIns, auditLogs/directoryAudits).",
    source: "Graph reference, signIn and directoryAudit",
};

/// The log has no records.
pub(super) static EMPTY: Kind = Kind {
    id: "readiness.sign-in-no-records",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The file has the form of a log, and no record is in it.",
    next_step: "Check the time range and the filters of the export.",
    source: "keyvet",
};

/// The columns are of no file keyvet knows.
pub(super) static COLUMNS_UNKNOWN: Kind = Kind {
    id: "readiness.sign-in-columns-unknown",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The names of the columns are of no export that keyvet knows. The admin centre names \
              columns in the language of its user.",
    next_step: "Set the portal to English and export again, or export JSON, whose names are the same in \
                every language.",
    source: "Microsoft Entra admin centre, Download of sign-in and audit logs",
};

/// Columns are missing.
pub(super) static COLUMN_MISSING: Kind = Kind {
    id: "readiness.sign-in-column-missing",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Columns that the export normally has are not in the file, so explanations lack what they \
              say.",
    next_step: "Export again without removing columns, or export JSON.",
    source: "Microsoft Entra admin centre, Download of sign-in and audit logs",
};

/// The export has no policies.
pub(super) static NO_POLICIES: Kind = Kind {
    id: "readiness.sign-in-no-policies",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The portal's CSV says whether Conditional Access let a sign-in pass, and not which \
              policy decided or what it asked for.",
    next_step: "Export the sign-ins as JSON to see the policies.",
    source: "Microsoft Entra admin centre, Download of sign-in logs",
};

/// The file ends too early.
pub(super) static CUT: Kind = Kind {
    id: "readiness.sign-in-file-cut",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file cannot be followed to its end: a copy was cut, or a line in its middle is \
              broken. What came before is explained.",
    next_step: "Export or copy the file again.",
    source: "RFC 8259; RFC 4180",
};

/// A record cannot be read.
pub(super) static RECORD_BROKEN: Kind = Kind {
    id: "readiness.sign-in-record-broken",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "One record of the file is broken; the others are explained.",
    next_step: "Export again; if the record stays broken, look it up in the admin centre.",
    source: "RFC 8259; RFC 4180",
};

/// A record is too long.
pub(super) static RECORD_TOO_LONG: Kind = Kind {
    id: "readiness.sign-in-record-too-long",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "One record is far longer than any real one; keyvet did not read it.",
    next_step: "Check that this is the file you meant.",
    source: "keyvet",
};

/// More pages follow.
pub(super) static MORE_PAGES: Kind = Kind {
    id: "readiness.sign-in-more-pages",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Graph answered with the first of several pages, and the file says that more follow. \
              Sign-ins may be missing here.",
    next_step: "Follow @odata.nextLink until the last page, and give keyvet all of them.",
    source: "Graph, paging",
};

/// A member has another type.
pub(super) static MEMBER_TYPE: Kind = Kind {
    id: "readiness.sign-in-member-type",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A member of a record is of another type than Graph's reference says; it was left out.",
    next_step: "Export again with Graph or the admin centre; tools in between may change types.",
    source: "Graph reference, signIn and directoryAudit",
};

/// A member is unknown.
pub(super) static MEMBER_UNKNOWN: Kind = Kind {
    id: "readiness.sign-in-member-unknown",
    severity: Severity::Note,
    culprit: Culprit::Us,
    meaning: "Records have members that keyvet does not know. They are not used.",
    next_step: "Look them up in Graph's reference; a newer keyvet may know them.",
    source: "Graph reference, signIn and directoryAudit",
};

/// Some records are about something else.
pub(super) static FOREIGN: Kind = Kind {
    id: "readiness.sign-in-other-records",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The file has records that are neither sign-ins of people nor audit entries: sign-ins of \
              programs, or other objects. They are left out.",
    next_step: "Nothing, if you expected them.",
    source: "Graph reference, signIn and directoryAudit",
};

/// There are too many records.
pub(super) static TOO_MANY: Kind = Kind {
    id: "readiness.sign-in-too-many",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file has more records than keyvet keeps; those at its end are not explained.",
    next_step: "Export a shorter time or fewer people.",
    source: "keyvet",
};

/// Times cannot be ordered.
pub(super) static TIME_OPEN: Kind = Kind {
    id: "readiness.sign-in-time-open",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Times are missing, or written so that day and month cannot be told apart. Such records \
              stand first in their story.",
    next_step: "Export JSON, whose times are unambiguous.",
    source: "RFC 3339",
};
