//! Outside text made safe for a terminal, a log line or a table.

use std::fmt;

/// Shows outside text with every character that could drive a terminal or reorder a line escaped.
///
/// Control characters (C0, DEL, C1), bidirectional controls, zero-width and line/paragraph separator
/// characters appear as `\u{..}`; everything else is unchanged. Length is not limited here.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        let mut rest = self.0;
        // whole runs at once: names are printed for every registration, and nearly all are harmless
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            let (run, after) = rest.split_at_checked(at).unwrap_or_default();
            write!(f, "{run}{}", c.escape_unicode())?;
            rest = after.strip_prefix(c).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_are_shown_not_sent() {
        let hostile = "a\u{1b}[31m\u{202e}b\n\u{9b}c";
        assert_eq!(Printable(hostile).to_string(), "a\\u{1b}[31m\\u{202e}b\\u{a}\\u{9b}c");
    }

    #[test]
    fn ordinary_text_of_any_script_is_unchanged() {
        assert_eq!(Printable("Clé 鍵 key #1").to_string(), "Clé 鍵 key #1");
    }
}
