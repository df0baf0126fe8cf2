//! Bytes of a log as UTF-8: without its byte order mark, and from UTF-16 where Windows PowerShell wrote it.

/// Turns chunks of a file into chunks of UTF-8.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    form: Form,
    /// Bytes that wait for the next chunk.
    rest: Vec<u8>,
    /// The first half of a character of two units.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Form {
    #[default]
    Unknown,
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

impl Decoder {
    /// The text of this chunk; UTF-8 passes as it is, and whoever reads it checks it.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        if matches!(self.form, Form::Unknown) && self.rest.len() >= 3 {
            self.recognize();
        }
        match self.form {
            Form::Unknown => Vec::new(),
            Form::Utf8 => std::mem::take(&mut self.rest),
            Form::Utf16(unit) => self.units(unit),
        }
    }

    /// What was still waiting; half a character becomes the replacement character.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if matches!(self.form, Form::Unknown) {
            self.recognize();
        }
        let mut text = self.push(&[]);
        if self.high.take().is_some() || !self.rest.is_empty() {
            text.extend("\u{fffd}".bytes());
        }
        self.rest.clear();
        text
    }

    fn recognize(&mut self) {
        let (form, mark) = match self.rest.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (Form::Utf8, 3),
            [0xff, 0xfe, ..] => (Form::Utf16(u16::from_le_bytes), 2),
            [0xfe, 0xff, ..] => (Form::Utf16(u16::from_be_bytes), 2),
            _ => (Form::Utf8, 0),
        };
        self.form = form;
        self.rest.drain(..mark);
    }

    fn units(&mut self, unit: fn([u8; 2]) -> u16) -> Vec<u8> {
        let (pairs, rest) = self.rest.as_chunks::<2>();
        let units: Vec<u16> =
            self.high.take().into_iter().chain(pairs.iter().map(|pair| unit(*pair))).collect();
        self.rest = rest.to_vec();
        let (last, all_but_last) =
            units.split_last().map_or((0, [].as_slice()), |(last, all)| (*last, all));
        let complete = match (0xd800..0xdc00).contains(&last) {
            true => {
                self.high = Some(last);
                all_but_last
            }
            false => units.as_slice(),
        };
        String::from_utf16_lossy(complete).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], chunk: usize) -> String {
        let mut decoder = Decoder::default();
        let mut text: Vec<u8> = bytes.chunks(chunk).flat_map(|chunk| decoder.push(chunk)).collect();
        text.extend(decoder.finish());
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn every_encoding_gives_the_same_text_however_it_is_cut() {
        let text = "Zoë,鍵,😀\r\n";
        let little: Vec<u8> =
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        for chunk in 1..9 {
            assert_eq!(decoded(text.as_bytes(), chunk), text);
            assert_eq!(decoded(format!("\u{feff}{text}").as_bytes(), chunk), text);
            assert_eq!(decoded(&little, chunk), text);
            assert_eq!(decoded(&big, chunk), text);
        }
    }

    #[test]
    fn half_a_character_is_not_silently_dropped() {
        assert_eq!(decoded(&[0xff, 0xfe, b'a', 0, b'b'], 2), "a\u{fffd}");
        assert_eq!(decoded(&[0xff, 0xfe, 0x3d, 0xd8], 2), "\u{fffd}");
        assert_eq!(decoded(b"a", 1), "a");
        assert_eq!(decoded(b"", 1), "");
    }
}
