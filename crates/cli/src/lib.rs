//! The `keyvet` program: arguments, files, rendering, exit.
//!
//! `main` parses the command line, builds one [`Context`] and calls [`commands::run`];
//! a command returns a [`Document`](document::Document) and an [`Exit`] class; one renderer
//! prints it. Commands neither print nor exit, and nothing is started that the command does not use.
//!
//! | folder | holds |
//! |---|---|
//! | `commands/` | one file per command; each module doc is its manual |
//! | `document/` | one type per `--json` document; `schemas/` is generated from them |
//! | `text/` | the same documents as text for people |
//! | `html/` | the documents of `readiness` as a page |
//! | `keys/` | finding keys, choosing one, the person at it; nothing starts before it is needed |
//!
//! Features: `hid` (default) is what talks to keys: `list`, `info`, `check`, `identify`; `nfc` (default) is card
//! readers; `fetch` (default) is
//! `keyvet mds fetch` with its HTTPS client; `schema` derives JSON Schemas and is for tests only.

pub mod args;
mod cache;
pub mod commands;
pub mod context;
pub mod document;
pub mod error;
pub mod exit;
#[cfg(feature = "fetch")]
mod fetch;
mod html;
mod input;
#[cfg(feature = "hid")]
mod keys;
mod kinds;
mod render;
mod shell;
mod text;
mod time_text;
mod trust;

use args::Cli;
use clap::Parser;
use context::Context;
use error::{CliError, USAGE};
use exit::Exit;
use std::process::ExitCode;

#[cfg(feature = "hid")]
pub use keys::exit_of_client;
pub use kinds::every_kind;

/// Runs the program on the arguments of the process and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(&cli).into(),
        Err(error) => refuse(&error).into(),
    }
}

fn run(cli: &Cli) -> Exit {
    #[cfg(feature = "hid")]
    if let args::Command::Trace(args::TraceCommand::Replay(args)) = &cli.command {
        return replayed(cli, args);
    }
    #[cfg(feature = "hid")]
    return recorded(cli, None);
    #[cfg(not(feature = "hid"))]
    finished(&cli.command, &Context::new(cli.wants_json(), cli.color))
}

/// Runs another command on a recording.
#[cfg(feature = "hid")]
fn replayed(cli: &Cli, args: &args::TraceReplayArgs) -> Exit {
    let words = std::iter::once("keyvet".into()).chain(args.command.iter().cloned());
    match Cli::try_parse_from(words) {
        Ok(mut command) => {
            command.json |= cli.json;
            command.trace = command.trace.or_else(|| cli.trace.clone());
            recorded(&command, Some(&args.file))
        }
        Err(error) => refuse(&error),
    }
}

/// Runs a command that may be recorded, or played from a recording.
#[cfg(feature = "hid")]
fn recorded(cli: &Cli, replay: Option<&std::path::Path>) -> Exit {
    let mut context = Context::new(cli.wants_json(), cli.color);
    let renderer = context.renderer();
    match keys::tracing::Tracing::into_file(cli.trace.as_deref()) {
        Ok(tracing) => context.tracing = tracing.played_from(replay),
        Err(error) => return renderer.error(&error),
    }
    let exit = finished(&cli.command, &context);
    match context.tracing.end() {
        Ok(()) => exit,
        // the result is told already: this is about the recording alone
        Err(error) => {
            renderer.tell(error.finding().detail());
            exit.strictest(error.exit())
        }
    }
}

/// Runs a command and prints what it found out.
fn finished(command: &args::Command, context: &Context) -> Exit {
    let renderer = context.renderer();
    match commands::run(command, context) {
        Ok(outcome) => renderer.outcome(&outcome),
        Err(error) => renderer.error(&error),
    }
}

/// `--help` and `--version` end well; everything else clap says is a usage error.
fn refuse(error: &clap::Error) -> Exit {
    let json = asks_for_json(std::env::args_os().take_while(|arg| arg != "--"));
    if error.use_stderr() && json {
        let message = error.render().to_string();
        let first: Vec<_> = message.lines().map(str::trim).take_while(|l| !l.is_empty()).collect();
        let detail = first.join(" ");
        let detail = detail.strip_prefix("error: ").unwrap_or(&detail);
        return render::Renderer::new(true, args::ColorWhen::Never)
            .error(&CliError::usage(&USAGE, detail));
    }
    let shown = error.print();
    match (error.use_stderr(), shown) {
        (true, _) => Exit::Usage,
        (false, Err(error)) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Internal,
        (false, _) => Exit::Ok,
    }
}

/// Whether arguments that were not understood ask for JSON: `--json`, `--format json`, `--format=json`.
fn asks_for_json(arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let mut after_format = false;
    for argument in arguments {
        if argument == "--json" || argument == "--format=json" || after_format && argument == "json"
        {
            return true;
        }
        after_format = argument == "--format";
    }
    false
}
