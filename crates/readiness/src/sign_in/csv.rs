//! Rows of a CSV file, cut as they come: quoted fields, line breaks in them, any of three separators.

use super::limits::RECORD_BYTES;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Most columns of a row; the portal's widest export has about 200.
const COLUMNS: usize = 2_000;
/// How much of a file is looked at to find its separator.
const LEAD: usize = 64 * 1024;

/// One row, or what is there instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Row {
    /// The fields, and the line the row begins on.
    Fields { line: u64, fields: Vec<String> },
    /// Longer or wider than any real one; it was skipped.
    TooLong { line: u64 },
    /// Not UTF-8.
    NotText { line: u64 },
}

/// Follows a CSV file.
#[derive(Debug)]
pub(super) struct Rows {
    /// The beginning, until the separator is known.
    lead: Vec<u8>,
    reader: Option<Box<Reader>>,
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    too_long: bool,
    /// The line that the row being read begins on.
    line: u64,
    /// Whether the last byte read was the end of a line.
    line_ended: bool,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            lead: Vec::new(),
            reader: None,
            text: vec![0; 4096],
            text_len: 0,
            ends: vec![0; 64],
            ends_len: 0,
            too_long: false,
            line: 1,
            line_ended: true,
        }
    }
}

impl Rows {
    /// Reads on; rows go to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(Row)) {
        if self.reader.is_some() {
            return self.follow(bytes, out);
        }
        self.lead.extend_from_slice(bytes);
        if self.lead.len() >= LEAD || self.lead.contains(&b'\n') {
            self.start(out);
        }
    }

    /// Ends the file; whether its last row had its line break.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(Row)) -> bool {
        if self.reader.is_none() {
            self.start(out);
        }
        // an empty input says that nothing follows; at most one row can still come
        for _ in 0..2 {
            self.step(&[], out);
        }
        self.line_ended
    }

    fn start(&mut self, out: &mut impl FnMut(Row)) {
        let lead = std::mem::take(&mut self.lead);
        let separator = separator(&lead);
        self.reader = Some(Box::new(ReaderBuilder::new().delimiter(separator).build()));
        self.follow(&lead, out);
    }

    fn follow(&mut self, bytes: &[u8], out: &mut impl FnMut(Row)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let read = self.step(rest, out);
            rest = rest.get(read..).unwrap_or_default();
        }
        if let Some(last) = bytes.last() {
            self.line_ended = matches!(last, b'\n' | b'\r');
        }
    }

    /// One call of the state machine; how many bytes it took.
    fn step(&mut self, input: &[u8], out: &mut impl FnMut(Row)) -> usize {
        let Some(reader) = self.reader.as_mut() else { return input.len() };
        let text = self.text.get_mut(self.text_len..).unwrap_or_default();
        let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
        let (result, read, written, ended) = reader.read_record(input, text, ends);
        self.text_len = self.text_len.saturating_add(written);
        self.ends_len = self.ends_len.saturating_add(ended);
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull => self.grow_text(),
            ReadRecordResult::OutputEndsFull => self.grow_ends(),
            ReadRecordResult::Record => {
                let next = reader.line();
                self.emit(out);
                self.line = next;
            }
        }
        read
    }

    fn grow_text(&mut self) {
        if self.text.len() < RECORD_BYTES {
            self.text.resize(self.text.len().saturating_mul(2), 0);
        } else {
            self.too_long = true;
            self.text_len = 0;
        }
    }

    fn grow_ends(&mut self) {
        if self.ends.len() < COLUMNS {
            self.ends.resize(self.ends.len().saturating_mul(2), 0);
        } else {
            self.too_long = true;
            self.ends_len = 0;
        }
    }

    fn emit(&mut self, out: &mut impl FnMut(Row)) {
        let ends = self.ends.get(..self.ends_len).unwrap_or_default();
        let mut start = 0;
        let mut fields = Vec::with_capacity(ends.len());
        for end in ends {
            let field = self.text.get(start..*end).and_then(|bytes| str::from_utf8(bytes).ok());
            fields.extend(field.map(str::to_owned));
            start = *end;
        }
        let line = self.line;
        let complete = fields.len() == ends.len();
        let too_long = std::mem::take(&mut self.too_long);
        (self.text_len, self.ends_len) = (0, 0);
        out(match (too_long, complete) {
            (true, _) => Row::TooLong { line },
            (false, false) => Row::NotText { line },
            (false, true) => Row::Fields { line, fields },
        });
    }
}

/// The separator that the first line uses most: comma, semicolon (European Excel) or tab.
fn separator(lead: &[u8]) -> u8 {
    let first = lead.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8], chunk: usize) -> (Vec<Row>, bool) {
        let mut found = Vec::new();
        let mut rows = Rows::default();
        for bytes in text.chunks(chunk) {
            rows.push(bytes, &mut |row| found.push(row));
        }
        let ended = rows.finish(&mut |row| found.push(row));
        (found, ended)
    }

    fn fields(text: &str) -> Vec<Vec<String>> {
        let whole = rows(text.as_bytes(), usize::MAX);
        for chunk in [1, 2, 7] {
            assert_eq!(rows(text.as_bytes(), chunk), whole, "chunks must not matter");
        }
        let fields = |row| match row {
            Row::Fields { fields, .. } => fields,
            other => panic!("{other:?}"),
        };
        whole.0.into_iter().map(fields).collect()
    }

    #[test]
    fn quotes_line_breaks_and_separators_are_followed() {
        assert_eq!(fields("a,b\n1,2\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(
            fields("a;b\r\n\"1;\r\nx\";\"say \"\"no\"\"\"\r\n")[1],
            ["1;\r\nx", "say \"no\""]
        );
        assert_eq!(fields("a\tb,c\td\n1\t2\t3")[1], ["1", "2", "3"]);
        assert_eq!(fields(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_row_beyond_the_limit_is_skipped_and_told() {
        let long = format!("a,b\n{},2\n3,4\n", "x".repeat(3 * RECORD_BYTES));
        let found = rows(long.as_bytes(), 5000).0;
        assert_eq!(found[1], Row::TooLong { line: 2 });
        assert_eq!(found[2], Row::Fields { line: 3, fields: vec!["3".into(), "4".into()] });
        let wide = format!("a,b\n{}\n3,4\n", ",".repeat(5 * COLUMNS));
        assert_eq!(rows(wide.as_bytes(), 999).0.len(), 3);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        assert_eq!(rows(b"a,b\n\xff,2\n", 9).0[1], Row::NotText { line: 2 });
    }

    #[test]
    fn a_last_row_without_its_line_break_is_noticed() {
        assert!(rows(b"a,b\n1,2\n", 3).1);
        assert!(!rows(b"a,b\n1,2", 3).1);
    }
}
