//! The documents of `readiness` as a page: one file that loads nothing and runs nothing.
//!
//! Everything that comes from outside goes through [`escape`]; the page forbids scripts and every request by its
//! own Content-Security-Policy, so that a name which should slip through is still only text. A cell of the matrix
//! leads to its path by a plain link.

mod icon;
mod matrix;
mod page;
mod path;
mod plan;
mod readiness;
#[cfg(test)]
pub(crate) mod sample;
mod table;

use keyvet_finding::Printable;

pub(crate) use matrix::matrix;
pub(crate) use plan::plan;
pub(crate) use readiness::attempts;

/// Outside text for an element or a quoted attribute: no markup, no control or bidirectional character.
pub(crate) fn escape(text: &str) -> String {
    let shown = Printable(text).to_string();
    let mut safe = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_quotes_and_bidi_are_only_text() {
        let hostile = "<img src=x onerror=\"a\">'&amp;\u{202e}\u{0}";
        let safe = escape(hostile);
        assert_eq!(safe, "&lt;img src=x onerror=&quot;a&quot;&gt;&#39;&amp;amp;\\u{202e}\\u{0}");
    }
}
