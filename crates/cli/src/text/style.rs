//! Colour, when it is wanted; the words alone carry the meaning.

use std::fmt;

/// Colours text, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    color: bool,
}

impl Style {
    pub(crate) const fn new(color: bool) -> Self {
        Self { color }
    }

    /// A yes.
    pub(crate) fn good(self, text: impl fmt::Display) -> String {
        self.paint("1;32", text)
    }

    /// A no.
    pub(crate) fn bad(self, text: impl fmt::Display) -> String {
        self.paint("1;31", text)
    }

    /// A don't-know, or a warning.
    pub(crate) fn doubt(self, text: impl fmt::Display) -> String {
        self.paint("1;33", text)
    }

    /// A heading.
    pub(crate) fn strong(self, text: impl fmt::Display) -> String {
        self.paint("1", text)
    }

    /// Of lesser weight.
    pub(crate) fn dim(self, text: impl fmt::Display) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: impl fmt::Display) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_the_text_is_unchanged() {
        assert_eq!(Style::new(false).bad("no"), "no");
        assert_eq!(Style::new(true).bad("no"), "\u{1b}[1;31mno\u{1b}[0m");
    }
}
