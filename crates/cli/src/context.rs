//! What a command may use of the world around it.

use crate::{args::ColorWhen, error::CliError, input::Inputs, render::Renderer, time_text};
use std::io::{self, IsTerminal};
use time::OffsetDateTime;

#[cfg(feature = "hid")]
use crate::{document::Document, keys::tracing::Tracing};

/// Built once by `main` and lent to the command.
#[derive(Debug)]
pub struct Context {
    pub(crate) inputs: Inputs,
    renderer: Renderer,
    quiet: bool,
    /// What is recorded, and what is played.
    #[cfg(feature = "hid")]
    pub(crate) tracing: Tracing,
}

impl Context {
    /// A context; `json` also silences what is drawn, but never what a person has to do.
    #[must_use]
    pub fn new(json: bool, color: ColorWhen) -> Self {
        Self {
            inputs: Inputs::default(),
            renderer: Renderer::new(json, color),
            quiet: json,
            #[cfg(feature = "hid")]
            tracing: Tracing::default(),
        }
    }

    /// The one that prints.
    pub(crate) fn renderer(&self) -> Renderer {
        self.renderer
    }

    /// Prints a document while the command goes on; whether anybody still reads.
    #[cfg(feature = "hid")]
    pub(crate) fn emit(&self, document: &Document) -> bool {
        self.renderer.line(document)
    }

    /// Whether the answer is printed as JSON.
    #[must_use]
    pub fn prints_json(&self) -> bool {
        self.quiet
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
