//! The commands, one file each. They return data; nothing here prints or exits.

#[cfg(feature = "hid")]
pub mod check;
#[cfg(feature = "hid")]
mod check_before;
#[cfg(feature = "hid")]
mod check_save;
mod client_data;
pub mod completions;
#[cfg(feature = "hid")]
pub mod doctor;
pub mod explain;
#[cfg(feature = "hid")]
pub mod identify;
pub mod info;
#[cfg(feature = "hid")]
mod info_live;
mod judge;
#[cfg(feature = "hid")]
pub mod list;
#[cfg(feature = "hid")]
mod list_watch;
pub mod man;
pub mod mds_diff;
pub mod mds_import;
pub mod mds_show;
pub mod mds_status;
pub mod readiness;
pub mod sign_in;
#[cfg(feature = "hid")]
pub mod trace;
#[cfg(feature = "hid")]
mod trace_registration;
pub mod verify;
pub(crate) mod verify_result;

use crate::{
    args::{Command, MdsCommand, SignInCommand},
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
        #[cfg(feature = "hid")]
        Command::List(args) => list::run(args, context),
        #[cfg(feature = "hid")]
        Command::Check(args) => check::run(args, context),
        #[cfg(feature = "hid")]
        Command::Identify(args) => identify::run(args, context),
        #[cfg(feature = "hid")]
        Command::Doctor(args) => doctor::run(args, context),
        #[cfg(feature = "hid")]
        Command::Trace(command) => trace::run(command, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Mds(command) => mds(command, context),
        Command::Readiness(args) => readiness::run(args, context),
        Command::SignIn(SignInCommand::Explain(args)) => sign_in::run(args, context),
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

/// The kinds of the commands that talk to keys.
#[cfg(feature = "hid")]
pub(crate) static KEY_KINDS: &[&Kind] =
    &[&doctor::BAD_MACHINE, &check_save::EXISTS, &check_save::NOT_WRITTEN];

/// The kinds that commands declare.
pub(crate) static KINDS: &[&Kind] = &[
    &client_data::TWICE,
    &explain::UNKNOWN_ID,
    &info::BAD_HEX,
    &judge::OTHER_METADATA,
    &judge::OTHER_POLICY,
    &man::NOT_WRITTEN,
    &mds_diff::ARCHIVED,
    &mds_show::BAD_ID,
    &mds_show::NOT_LISTED,
];
