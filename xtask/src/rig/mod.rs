//! `cargo xtask rig`: machines with virtual keys, for the tests and for anybody who wants to try something.
//!
//! Each rig leaves nothing on this machine: no mount, no process, no file but the caches that `docs/testing.md` names.

mod apt;
mod cpio;
pub(crate) mod hid;
mod lanes;
mod machine;
pub(crate) mod nfc;
pub(crate) mod parts;
mod processor;
mod qemu;
mod suite;
mod udev;
pub(crate) mod uml;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// How a rig's suite ended; a failure is an error.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Ran {
    /// Everything that ran passed.
    Passed,
    /// This machine cannot run it, for this reason.
    Skipped(String),
}

const USAGE: &str = "\
usage: cargo xtask rig RIG

  build-uml    build the fast kernel for `rig hid` into the cache (four minutes on two idle cores)
";

/// Runs what the words after `rig` ask for.
///
/// # Errors
/// When it could not be done; what a command on a rig ended with is the exit code.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["hid", rest @ ..] => hid::run(rest),
        ["nfc", rest @ ..] => nfc::run(rest),
        // what the guest runs: not for people
        ["inside", rest @ ..] => {
            let (tests, parts) =
                rest.split_at(rest.iter().take_while(|word| **word != "--").count());
            Ok(suite::run(tests, parts.get(1..).unwrap_or_default()))
        }
        ["build-uml"] => uml::build().map(|()| ExitCode::SUCCESS),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}{}{}", hid::USAGE, nfc::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{USAGE}{}{}", hid::USAGE, nfc::USAGE);
            Ok(ExitCode::from(2))
        }
    }
}

/// A folder that is deleted when dropped.
struct Work(PathBuf);

impl Work {
    fn new(folder: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // what cannot be deleted now is found by whoever looks at the folder
        let _ = fs::remove_dir_all(&self.0);
    }
}
