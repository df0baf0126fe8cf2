//! The one place that prints: a document as JSON or as text, an error where it belongs.

use crate::{
    args::ColorWhen,
    commands::Outcome,
    document::{Document, error},
    error::CliError,
    exit::Exit,
    text::{self, Style},
};
use keyvet_finding::Printable;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// How the result is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renderer {
    json: bool,
    color: ColorWhen,
}

impl Renderer {
    pub(crate) fn new(json: bool, color: ColorWhen) -> Self {
        Self { json, color }
    }

    /// Prints the result on standard output; says how the program ends.
    ///
    /// As text, the error of a document that still tells what is known goes to standard error.
    pub(crate) fn outcome(&self, outcome: &Outcome) -> Exit {
        if matches!(outcome.document, Document::Printed) {
            return outcome.exit;
        }
        if self.json {
            return match json(&outcome.document) {
                Ok(text) => print(io::stdout().lock(), &text, outcome.exit),
                Err(error) => self.error(&error),
            };
        }
        let text = text::document(&outcome.document, self.style(&io::stdout()));
        let exit = print(io::stdout().lock(), &text, outcome.exit);
        match outcome.document.error() {
            Some(error) => {
                let text = text::error(error, self.style(&io::stderr()));
                print(io::stderr().lock(), &text, exit)
            }
            None => exit,
        }
    }

    /// Prints a document while the command goes on: as text, or as JSON on one line. Whether anybody still reads.
    #[cfg(feature = "hid")]
    pub(crate) fn line(&self, document: &Document) -> bool {
        let text = match self.json {
            true => serde_json::to_string(document).map(|json| escaped(&json) + "\n"),
            false => Ok(text::document(document, self.style(&io::stdout()))),
        };
        let mut out = io::stdout().lock();
        text.is_ok_and(|text| out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok())
    }

    /// Tells the person at the key something, on standard error: it is printed with `--json` too.
    #[cfg(feature = "hid")]
    pub(crate) fn tell(&self, text: &str) {
        let text = format!("{}\n", self.style(&io::stderr()).strong(text));
        print(io::stderr().lock(), &text, Exit::Ok);
    }

    /// Prints an error: as text on standard error, or as a document on standard output.
    pub(crate) fn error(&self, error: &CliError) -> Exit {
        let document = error::ErrorDocument {
            schema: error::SCHEMA,
            exit: error.exit().code(),
            error: error.finding().into(),
            candidates: error.candidates().to_vec(),
        };
        let document = Document::Error(Box::new(document));
        if self.json {
            let text = json(&document).unwrap_or_default();
            return print(io::stdout().lock(), &text, error.exit());
        }
        let text = text::document(&document, self.style(&io::stderr()));
        print(io::stderr().lock(), &text, error.exit())
    }

    fn style(&self, stream: &impl IsTerminal) -> Style {
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Style::new(match self.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => wanted() && stream.is_terminal(),
        })
    }
}

/// A reader that went away is no error; a full disk is.
fn print(mut to: impl Write, text: &str, exit: Exit) -> Exit {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Internal,
        _ => exit,
    }
}

fn json(document: &Document) -> Result<String, CliError> {
    let pretty = serde_json::to_string_pretty(document);
    let mut text = escaped(&pretty.map_err(CliError::internal)?);
    text.push('\n');
    Ok(text)
}

/// JSON with the characters that drive a terminal written as `\uXXXX`: the same JSON, safe to show.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}'
            || Printable(c.encode_utf8(&mut [0; 4])).to_string().starts_with(c)
        {
            safe.push(c);
        } else {
            let mut units = [0; 2];
            safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes_what_drives_a_terminal_and_means_the_same() {
        let hostile = "a\u{1b}[31m\u{9b}\u{202e}\u{7f}\u{e0001}é鍵";
        let json = escaped(&serde_json::to_string(hostile).unwrap());
        assert_eq!(json, r#""a\u001b[31m\u009b\u202e\u007f\udb40\udc01é鍵""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }
}
