//! The commands, one file each. They return data; nothing here prints or exits.

pub mod completions;
pub mod explain;
pub mod info;
pub mod man;

use crate::{args::Command, context::Context, document::Document, error::CliError, exit::Exit};

/// What a command found out, and how the program ends.
#[derive(Debug)]
pub struct Outcome {
    /// What is printed.
    pub document: Document,
    /// How the program ends.
    pub exit: Exit,
}

impl Outcome {
    /// A result that ends well.
    #[must_use]
    pub fn ok(document: Document) -> Self {
        Self { document, exit: Exit::Ok }
    }
}

/// Runs one command.
///
/// # Errors
/// When the command could not do its work; a refusal is an [`Outcome`], not an error.
pub fn run(command: &Command, context: &Context) -> Result<Outcome, CliError> {
    match command {
        Command::Info(args) => info::run(args, context),
        Command::Explain(args) => explain::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        _ => Err(CliError::internal("not wired")),
    }
}
