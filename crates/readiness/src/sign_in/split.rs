//! Cuts a JSON export into its records without holding more than one of them.
//!
//! Taken are an array of records, Graph's page (`{"value": [...]}`), several pages one after the other, one
//! record per line (JSON Lines), and single records.

use super::limits::RECORD_BYTES;

/// Something found in the text, with the line it begins on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Piece {
    /// One record, not parsed yet.
    Record { line: u64, bytes: Vec<u8> },
    /// Something that is no record.
    Broken { line: u64, cause: &'static str },
    /// A record longer than any real one; it was skipped.
    TooLong { line: u64 },
    /// The text cannot be followed from this line on.
    Lost { line: u64, cause: &'static str },
    /// The text ends inside a record or before the end of its list.
    Cut { line: u64 },
    /// A page says that more pages follow.
    MorePages,
}

/// Containers may nest this deep; Graph's records need 6.
const DEPTH: usize = 100;
/// Members whose array holds records.
const LISTS: [&[u8]; 3] = [b"value", b"signIns", b"directoryAudits"];

/// Follows the text byte by byte.
#[derive(Debug)]
pub(super) struct Splitter {
    line: u64,
    /// Every container that is open, by its first byte.
    open: Vec<u8>,
    /// How many containers are around records: none, an array, or a page and its array.
    around: usize,
    /// The record being read, and the line where it began.
    record: Vec<u8>,
    began: u64,
    too_long: bool,
    /// Inside a page, but not in its list.
    in_page: bool,
    in_text: bool,
    escaped: bool,
    /// The last byte that is neither blank nor inside a text; `"` for a text.
    last: u8,
    /// The text read last, where it may be the name of a list.
    name: Vec<u8>,
    stray: bool,
    lost: bool,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            line: 1,
            open: Vec::new(),
            around: 0,
            record: Vec::new(),
            began: 1,
            too_long: false,
            in_page: false,
            in_text: false,
            escaped: false,
            last: 0,
            name: Vec::new(),
            stray: false,
            lost: false,
        }
    }
}

impl Splitter {
    /// Reads on; what is found goes to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(Piece)) {
        for byte in bytes {
            if self.lost {
                return;
            }
            match self.in_text {
                true => self.text(*byte, out),
                false => self.outside(*byte, out),
            }
            if *byte == b'\n' {
                self.line = self.line.saturating_add(1);
            }
        }
    }

    /// Says whether the text ended where it may.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(Piece)) {
        if !self.lost && (self.in_text || !self.open.is_empty()) {
            out(Piece::Cut { line: self.line });
        }
    }

    fn text(&mut self, byte: u8, out: &mut impl FnMut(Piece)) {
        match byte {
            b'\n' | b'\r' => return self.broken("a line break inside a text", out),
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_text = false;
                self.last = b'"';
                if self.name == b"@odata.nextLink" && self.around == 0 && self.open.len() == 1 {
                    out(Piece::MorePages);
                }
            }
            _ if self.name.len() < 16 => self.name.push(byte),
            _ => {}
        }
        self.keep(byte);
    }

    fn outside(&mut self, byte: u8, out: &mut impl FnMut(Piece)) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.keep(byte),
            b'{' | b'[' => self.opened(byte, out),
            b'}' | b']' => self.closed(byte, out),
            b'"' => {
                self.in_text = true;
                self.name.clear();
                self.plain(byte, out);
            }
            _ => {
                self.last = byte;
                self.plain(byte, out);
            }
        }
    }

    /// A byte of a record, or something stray between records.
    fn plain(&mut self, byte: u8, out: &mut impl FnMut(Piece)) {
        if self.open.len() > self.around || self.in_page {
            return self.keep(byte);
        }
        match byte {
            b',' => self.stray = false,
            _ if !self.stray => {
                self.stray = true;
                out(Piece::Broken { line: self.line, cause: "no object" });
            }
            _ => {}
        }
    }

    fn opened(&mut self, byte: u8, out: &mut impl FnMut(Piece)) {
        if self.open.len() >= DEPTH {
            return self.broken("nested too deep", out);
        }
        if self.around == 0 && self.opens_list(byte) {
            self.around = self.open.len().saturating_add(1);
            self.in_page = false;
            self.record.clear();
        } else if self.open.len() == self.around {
            self.begin();
        } else if self.around == 0 && !self.in_page && self.is_misplaced() {
            // JSON Lines of which one is cut: the next record begins here
            self.broken("it has no end", out);
            self.begin();
        }
        self.open.push(byte);
        self.last = byte;
        self.keep(byte);
    }

    /// Whether records follow: a list at the top, or the one of a page.
    fn opens_list(&self, byte: u8) -> bool {
        byte == b'['
            && match self.open.as_slice() {
                [] => true,
                [b'{'] => self.last == b':' && LISTS.contains(&self.name.as_slice()),
                _ => false,
            }
    }

    /// Whether no container may begin here.
    fn is_misplaced(&self) -> bool {
        match self.open.last() {
            Some(b'{') => self.last != b':',
            _ => !matches!(self.last, b',' | b'['),
        }
    }

    fn begin(&mut self) {
        self.record.clear();
        self.began = self.line;
        self.too_long = false;
        self.stray = false;
    }

    fn closed(&mut self, byte: u8, out: &mut impl FnMut(Piece)) {
        let fits = matches!((self.open.last(), byte), (Some(b'{'), b'}') | (Some(b'['), b']'));
        if !fits {
            return self.broken("a bracket that closes nothing", out);
        }
        let ends_record = self.open.len() == self.around.saturating_add(1) && !self.in_page;
        self.keep(byte);
        self.open.pop();
        self.last = byte;
        if ends_record {
            self.emit(out);
        } else if self.open.len() < self.around {
            // the list ends: a page goes on after it
            self.around = 0;
            self.in_page = !self.open.is_empty();
        } else if self.open.is_empty() {
            self.in_page = false;
        }
    }

    fn emit(&mut self, out: &mut impl FnMut(Piece)) {
        let bytes = std::mem::take(&mut self.record);
        let line = self.began;
        out(if self.too_long { Piece::TooLong { line } } else { Piece::Record { line, bytes } });
        self.too_long = false;
    }

    fn keep(&mut self, byte: u8) {
        if self.in_page || self.open.len() <= self.around || self.too_long {
            return;
        }
        self.record.push(byte);
        if self.record.len() > RECORD_BYTES {
            self.record = Vec::new();
            self.too_long = true;
        }
    }

    /// Inside a list the rest is lost; between single records the next one can be found.
    fn broken(&mut self, cause: &'static str, out: &mut impl FnMut(Piece)) {
        let line = self.line;
        if self.around > 0 || self.in_page {
            self.lost = true;
            return out(Piece::Lost { line, cause });
        }
        let line = if self.open.is_empty() { line } else { self.began };
        out(Piece::Broken { line, cause });
        self.open.clear();
        self.begin();
        self.in_text = false;
        self.escaped = false;
        self.last = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let whole = cut_every(text, usize::MAX);
        assert_eq!(cut_every(text, 1), whole, "chunks must not matter");
        whole
    }

    fn cut_every(text: &str, chunk: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut splitter = Splitter::default();
        let mut out = |piece| {
            found.push(match piece {
                Piece::Record { line, bytes } => {
                    format!("{line}:{}", String::from_utf8(bytes).unwrap())
                }
                other => format!("{other:?}"),
            });
        };
        for bytes in text.as_bytes().chunks(chunk) {
            splitter.push(bytes, &mut out);
        }
        splitter.finish(&mut out);
        found
    }

    #[test]
    fn arrays_pages_lines_and_single_records_give_the_same_records() {
        let wanted = ["{\"a\":1}", "{\"b\":[{\"c\":\"}\\\"]\"}]}"];
        let [a, b] = wanted;
        for text in [
            format!("[{a},{b}]"),
            format!(" [ {a} ,\n {b} ]\n"),
            format!("{{\"@odata.context\":\"x\",\"value\":[{a},{b}]}}"),
            format!("{{\"value\" : [{a}],\"n\":{{\"value\":[1]}}}}\n{{\"value\":[{b}]}}"),
            format!("{{\"signIns\":[{a}],\"directoryAudits\":[{b}]}}"),
            format!("{a}\n{b}\n"),
            format!("{a}\r\n\r\n{b}"),
            format!("{a}{b}"),
        ] {
            let records: Vec<String> = pieces(&text)
                .iter()
                .map(|piece| {
                    piece.split_once(':').map_or(piece.clone(), |(_, json)| json.to_owned())
                })
                .collect();
            assert_eq!(records, wanted, "{text}");
        }
    }

    #[test]
    fn one_broken_line_does_not_lose_the_next() {
        for cut in ["{\"a\":\"b", "{\"a\":1", "{\"a\":1,", "{\"a\":[1", "{\"a\":1}}"] {
            let found = pieces(&format!("{cut}\n{{\"b\":2}}\n"));
            assert_eq!(found.last().map(String::as_str), Some("2:{\"b\":2}"), "{cut}: {found:?}");
            assert!(
                found[..found.len() - 1].iter().any(|piece| piece.contains("Broken")),
                "{cut}: {found:?}"
            );
        }
    }

    #[test]
    fn half_a_file_is_cut_and_what_came_before_is_kept() {
        assert_eq!(pieces("[{\"a\":1},{\"b\":"), ["1:{\"a\":1}", "Cut { line: 1 }"]);
        assert_eq!(pieces("{\"value\":[{\"a\":1}"), ["1:{\"a\":1}", "Cut { line: 1 }"]);
        assert_eq!(pieces("\n{\"a"), ["Cut { line: 2 }"]);
    }

    #[test]
    fn what_is_no_record_is_named_once() {
        assert_eq!(pieces("[1, {\"a\":1}]")[1], "1:{\"a\":1}");
        assert_eq!(pieces("[1, \"x\"]").len(), 2);
        assert!(pieces("[{\"a\":\"\n\"},{}]")[0].starts_with("Lost"));
        assert_eq!(pieces("[]"), Vec::<String>::new());
        assert!(pieces(&"[".repeat(200))[0].starts_with("Lost"));
    }

    #[test]
    fn a_page_that_is_not_the_last_says_so() {
        let found =
            pieces("{\"@odata.nextLink\":\"https://x\",\"value\":[{\"@odata.nextLink\":1}]}");
        assert_eq!(found, ["MorePages", "1:{\"@odata.nextLink\":1}"]);
    }

    #[test]
    fn a_record_beyond_the_limit_is_skipped_and_told() {
        let long = format!("[{{\"a\":\"{}\"}},{{\"b\":1}}]", "x".repeat(RECORD_BYTES));
        let found = cut_every(&long, 4096);
        assert_eq!(found, ["TooLong { line: 1 }", "1:{\"b\":1}"]);
    }
}
