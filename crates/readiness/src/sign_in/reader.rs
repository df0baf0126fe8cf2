//! Reads one file of a log, chunk by chunk.

use super::{AuthStep, Record, csv::Rows, decode::Decoder, found::Found, split::Splitter};
use keyvet_finding::{Finding, Severity};

/// Reads one file of a log: give it the bytes in chunks of any size, then ask for what was in it.
///
/// Memory: one record at a time, and of each record the members that explanations use. Records longer than 1 MiB
/// are skipped and told.
#[derive(Debug, Default)]
pub struct Reader {
    decoder: Decoder,
    follower: Follower,
    found: Found,
}

/// What one file holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct File {
    /// What sort of file it is; `None` when nothing in it tells.
    pub format: Option<Format>,
    /// Its records, in the order of the file.
    pub records: Vec<Record>,
    /// Steps of authentications and the request id of the sign-in that each belongs to.
    pub steps: Vec<(String, AuthStep)>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// The sorts of file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// JSON: an array, a page of Graph, one record per line.
    Json,
    /// CSV.
    Csv,
}

impl Format {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

impl File {
    /// Whether something in it could not be read: what is explained may not be all.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }
}

#[derive(Debug, Default)]
enum Follower {
    #[default]
    Unknown,
    Json(Splitter),
    Csv(Box<Rows>),
}

impl Reader {
    /// A reader at the beginning of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads on.
    pub fn push(&mut self, bytes: &[u8]) {
        let text = self.decoder.push(bytes);
        self.follow(&text);
    }

    /// Ends the file.
    #[must_use]
    pub fn finish(mut self) -> File {
        let text = self.decoder.finish();
        self.follow(&text);
        let found = &mut self.found;
        let format = match &mut self.follower {
            Follower::Unknown => {
                found.nothing();
                None
            }
            Follower::Json(splitter) => {
                splitter.finish(&mut |piece| found.piece(piece));
                Some(Format::Json)
            }
            Follower::Csv(rows) => {
                let ended = rows.finish(&mut |row| found.row(row));
                found.end_of_rows(ended);
                Some(Format::Csv)
            }
        };
        self.found.finish(format)
    }

    fn follow(&mut self, text: &[u8]) {
        if matches!(self.follower, Follower::Unknown) {
            match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return,
                Some(b'{' | b'[') => self.follower = Follower::Json(Splitter::default()),
                Some(_) => self.follower = Follower::Csv(Box::default()),
            }
        }
        let found = &mut self.found;
        match &mut self.follower {
            Follower::Unknown => {}
            Follower::Json(splitter) => splitter.push(text, &mut |piece| found.piece(piece)),
            Follower::Csv(rows) => rows.push(text, &mut |row| found.row(row)),
        }
    }
}
