//! `keyvet completions SHELL`: a completion script on standard output.
//!
//! For bash: `keyvet completions bash > ~/.local/share/bash-completion/completions/keyvet`.

use crate::{
    args::{Cli, CompletionsArgs},
    commands::Outcome,
    document::{
        Document,
        completions::{CompletionsDocument, SCHEMA},
    },
    error::CliError,
};
use clap::CommandFactory;

/// Writes the script for `args.shell`.
///
/// # Errors
/// When the generator produces something that is not text, which would be a mistake of ours.
pub fn run(args: &CompletionsArgs) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "keyvet", &mut script);
    let script = String::from_utf8(script).map_err(CliError::internal)?;
    let document = CompletionsDocument { schema: SCHEMA, shell: args.shell.to_string(), script };
    Ok(Outcome::ok(Document::Completions(Box::new(document))))
}
