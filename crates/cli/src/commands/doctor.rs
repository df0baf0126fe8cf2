//! `keyvet doctor`: what on this machine stops security keys from working, and the command that mends it.
//!
//! It changes nothing and sends nothing to a key. Nothing found that blocks is exit code 0; something that does is 6.

use crate::{
    args::DoctorArgs,
    commands::Outcome,
    context::Context,
    document::{
        Document,
        doctor::{DoctorDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    input,
};
use keyvet_doctor::{System, diagnose};
use keyvet_finding::{Culprit, Kind, Severity};
use std::{env, path::PathBuf};

/// Looks at this machine, or at the one that the hidden option describes.
///
/// # Errors
/// When that description cannot be read.
pub fn run(args: &DoctorArgs, context: &Context) -> Result<Outcome, CliError> {
    let system = match &args.made_up {
        None => System::this_machine(helper()),
        Some(path) => {
            let text = context.inputs.read(path, input::MAX_DOCUMENT_BYTES)?;
            made_up(&String::from_utf8_lossy(&text))?
        }
    };
    let diagnosis = diagnose(&system);
    let exit = if diagnosis.is_blocked() { Exit::Permission } else { Exit::Ok };
    let document = DoctorDocument {
        schema: SCHEMA,
        exit: exit.code(),
        findings: diagnosis.findings.iter().map(Into::into).collect(),
        checked: diagnosis.checked.into_iter().map(Into::into).collect(),
    };
    Ok(Outcome { document: Document::Doctor(Box::new(document)), exit })
}

fn made_up(text: &str) -> Result<System, CliError> {
    System::made_up(text).map_err(|error| CliError::usage(&BAD_MACHINE, error))
}

/// The program for card readers: where the variable says, or beside this one.
fn helper() -> Option<PathBuf> {
    if let Some(path) = env::var_os("KEYVET_PCSC").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let beside = env::current_exe().ok()?;
    Some(beside.with_file_name(format!("keyvet-pcsc{}", env::consts::EXE_SUFFIX)))
}

/// The description of a machine cannot be read.
pub(crate) static BAD_MACHINE: Kind = Kind {
    id: "cli.bad-machine",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The description of a made-up machine, which only tests and documents use, has a line that says nothing.",
    next_step: "Leave --made-up away to look at this machine, or mend the line; crates/doctor documents the words.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_cannot_be_read_is_a_usage_error() {
        let error = made_up("uid 1000\nfrobnicate").err().unwrap();
        assert_eq!(error.finding().id(), "cli.bad-machine");
        assert_eq!(error.exit(), Exit::Usage);
    }
}
