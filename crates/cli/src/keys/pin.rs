//! Where a PIN comes from: the terminal, standard input, or a file descriptor.
//!
//! Never an argument or a variable of the environment, which other programs can read. What was read is overwritten
//! when it is no longer needed, and is in no message.

use crate::{args::PinArgs, error::CliError};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_pin_uv::Pin;
use std::{
    fmt,
    fs::File,
    io::{self, Read},
};
use zeroize::Zeroizing;

/// Where a PIN comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PinSource {
    /// A person at the terminal is asked.
    Terminal,
    /// The first line of standard input.
    Stdin,
    /// The first line of a file descriptor.
    Descriptor(u32),
}

impl PinSource {
    /// The source that `args` name.
    pub(crate) fn of(args: &PinArgs) -> Self {
        match (args.pin_stdin, args.pin_fd) {
            (true, _) => Self::Stdin,
            (false, Some(descriptor)) => Self::Descriptor(descriptor),
            (false, None) => Self::Terminal,
        }
    }

    /// Whether it can be asked again after a wrong PIN.
    pub(crate) fn can_be_asked_again(self) -> bool {
        self == Self::Terminal
    }

    /// Reads the PIN; `prompt` is shown on the terminal. Nothing when the person left the prompt by Ctrl-C.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) fn read(self, prompt: &str) -> Result<Option<Pin>, CliError> {
        let line = match self {
            Self::Terminal => match rpassword::prompt_password(prompt) {
                Ok(line) => Zeroizing::new(line),
                // the prompt takes Ctrl-C as a key, so no signal comes
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
                Err(error) => {
                    let what = format_args!("no terminal can be asked: {error}");
                    return Err(CliError::usage(&NO_TERMINAL, what));
                }
            },
            Self::Stdin => first_line(io::stdin().lock(), "standard input")?,
            Self::Descriptor(number) => {
                first_line(descriptor(number)?, &format!("descriptor {number}"))?
            }
        };
        if line.is_empty() {
            return Err(CliError::usage(&NO_PIN, "the line is empty"));
        }
        Ok(Some(Pin::new(&line)))
    }
}

#[cfg(unix)]
fn descriptor(number: u32) -> Result<File, CliError> {
    File::open(format!("/dev/fd/{number}")).map_err(|error| {
        CliError::usage(&NO_PIN, format_args!("file descriptor {number}: {error}"))
    })
}

#[cfg(not(unix))]
fn descriptor(number: u32) -> Result<File, CliError> {
    let what = format_args!("file descriptor {number}: this system has none; use --pin-stdin");
    Err(CliError::usage(&NO_PIN, what))
}

/// The first line without its line break. A byte at a time: what follows belongs to somebody else, and no buffer
/// keeps a copy.
fn first_line(mut source: impl Read, name: &str) -> Result<Zeroizing<String>, CliError> {
    let refused =
        |what: fmt::Arguments<'_>| CliError::usage(&NO_PIN, format_args!("{name}: {what}"));
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_PIN_LINE_BYTES));
    let mut byte = Zeroizing::new([0]);
    while line.len() < MAX_PIN_LINE_BYTES {
        match source.read(byte.as_mut()) {
            Ok(0) => break,
            Ok(_) if byte.contains(&b'\n') => break,
            Ok(_) => line.extend_from_slice(byte.as_ref()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(format_args!("{error}"))),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let text = std::str::from_utf8(&line);
    let text = text.map_err(|_| refused(format_args!("the line is not UTF-8")))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// A PIN has at most 63 bytes; a line that is longer is refused later, with its length.
const MAX_PIN_LINE_BYTES: usize = 1024;

/// A PIN is needed and nobody can be asked.
pub(crate) static NO_TERMINAL: Kind = Kind {
    id: "cli.no-terminal-for-pin",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key wants its PIN, and there is no terminal to ask for it. No PIN was tried.",
    next_step: "Run the command in a terminal, or give the PIN with --pin-stdin or --pin-fd N.",
    source: "keyvet",
};

/// The PIN given cannot be read.
pub(crate) static NO_PIN: Kind = Kind {
    id: "cli.no-pin",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The place that --pin-stdin or --pin-fd names holds no PIN: the PIN is its first line. No PIN was tried.",
    next_step: "Write the PIN and a line break there, for example with `printf '%s\\n' \"$PIN\" | keyvet … --pin-stdin`.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_pin_is_the_first_line_without_its_break() {
        for text in ["1234", "1234\n", "1234\r\n", "1234\n5678\n"] {
            assert_eq!(first_line(text.as_bytes(), "x").unwrap().as_str(), "1234", "{text:?}");
        }
        assert_eq!(first_line(" 1 2 \n".as_bytes(), "x").unwrap().as_str(), " 1 2 ");
    }

    #[test]
    fn what_is_not_text_is_refused_without_being_shown() {
        let error = first_line(&b"1234\xff\n"[..], "x").unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), ("cli.no-pin", Exit::Usage));
        assert!(!error.finding().detail().contains("1234"));
    }

    #[test]
    #[cfg(unix)]
    fn a_descriptor_that_is_not_open_is_told() {
        let error = PinSource::Descriptor(987_654).read("").unwrap_err();
        assert_eq!(error.finding().id(), "cli.no-pin");
    }
}
