//! `keyvet man [--dir DIR]`: the manual page, or one page per command in a folder.
//!
//! The pages are made from the same definitions as `--help`.

use crate::{
    args::{Cli, ManArgs},
    commands::Outcome,
    document::{
        Document,
        man::{ManDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    input::shown,
};
use clap::CommandFactory;
use keyvet_finding::{Culprit, Kind, Severity};
use std::{fs, path::Path};

/// Prints `keyvet.1`, or writes all pages into `args.dir`.
///
/// # Errors
/// When the folder cannot be written.
pub fn run(args: &ManArgs) -> Result<Outcome, CliError> {
    let mut command = Cli::command();
    command.build();
    let (written, page) = match &args.dir {
        Some(dir) => (write_pages(&command, dir)?, None),
        None => (Vec::new(), Some(page(&command)?)),
    };
    let document = ManDocument { schema: SCHEMA, written, page };
    Ok(Outcome::ok(Document::Man(Box::new(document))))
}

fn page(command: &clap::Command) -> Result<String, CliError> {
    let mut roff = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut roff).map_err(CliError::internal)?;
    String::from_utf8(roff).map_err(CliError::internal)
}

/// Writes the page of `command` and of every command below it; returns the file names.
fn write_pages(command: &clap::Command, dir: &Path) -> Result<Vec<String>, CliError> {
    fs::create_dir_all(dir).map_err(|error| not_written(dir, &error))?;
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let file = dir.join(format!("{name}.1"));
    fs::write(&file, page(command)?).map_err(|error| not_written(&file, &error))?;
    let mut written = vec![shown(&file)];
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        written.extend(write_pages(below, dir)?);
    }
    Ok(written)
}

fn not_written(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(&NOT_WRITTEN, format_args!("{}: {error}", shown(path)), Exit::Permission)
}

/// A page could not be written.
pub(crate) static NOT_WRITTEN: Kind = Kind {
    id: "cli.file-not-written",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A file could not be written where the command line asks for it.",
    next_step: "Name a folder that you may write to, and check that the disk has room.",
    source: "keyvet",
};
