//! What a command may use of the world around it.

use crate::{error::CliError, input::Inputs, time_text};
use std::io::{self, IsTerminal};
use time::OffsetDateTime;

/// Built once by `main` and lent to the command.
#[derive(Debug)]
pub struct Context {
    pub(crate) inputs: Inputs,
    quiet: bool,
}

impl Context {
    /// A context; `json` also silences progress.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { inputs: Inputs::default(), quiet: json }
    }

    /// Whether progress may be drawn on standard error.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// The time to judge by: that of `--at`, or now.
    ///
    /// # Errors
    /// When the text of `--at` is not RFC 3339.
    pub fn at(&self, given: Option<&str>) -> Result<OffsetDateTime, CliError> {
        given.map_or_else(|| Ok(OffsetDateTime::now_utc()), time_text::parse)
    }
}
