//! The commands, one file each. They return data; nothing here prints or exits.

mod client_data;
pub mod completions;
pub mod explain;
pub mod info;
pub mod man;
pub mod mds_diff;
pub mod mds_import;
pub mod mds_show;
pub mod mds_status;
pub mod verify;
mod verify_result;

use crate::{
    args::{Command, MdsCommand},
    context::Context,
    document::Document,
    error::CliError,
    exit::Exit,
};
use keyvet_finding::Kind;

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
        Command::Verify(args) => verify::run(args, context),
        Command::Mds(command) => mds(command, context),
        Command::Info(args) => info::run(args, context),
        Command::Explain(args) => explain::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

fn mds(command: &MdsCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        MdsCommand::Import(args) => mds_import::run(args, context),
        #[cfg(feature = "fetch")]
        MdsCommand::Fetch(args) => mds_import::fetch(args, context),
        MdsCommand::Status(args) => mds_status::run(args, context),
        MdsCommand::Show(args) => mds_show::run(args, context),
        MdsCommand::Diff(args) => mds_diff::run(args, context),
    }
}

/// The kinds that commands declare.
pub(crate) static KINDS: &[&Kind] = &[
    &client_data::TWICE,
    &explain::UNKNOWN_ID,
    &info::BAD_HEX,
    &man::NOT_WRITTEN,
    &mds_diff::ARCHIVED,
    &mds_show::BAD_ID,
    &mds_show::NOT_LISTED,
];
