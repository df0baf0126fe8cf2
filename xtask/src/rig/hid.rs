//! `cargo xtask rig hid`: a machine whose kernel has virtual keys plugged in, as HID nodes like those of real keys.

use super::machine::{Job, Machine, boot};
use super::qemu::Qemu;
use super::uml::Uml;
use crate::paths::{root, target};
use crate::process::{self, cargo};
use crate::system::{C_COMPILER, LIBCLANG, require};
use std::env;
use std::process::ExitCode;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
  hid [OPTION …] -- COMMAND …
               run COMMAND on a machine that has keyvet on its PATH and one virtual key of each firmware plugged in; its
               output and exit code are the command's
      --wire uhid|gadget|usbip|none   how the keys are plugged in (uhid); none: no keys
      --with uml|qemu                 which machine (User-Mode Linux when a kernel for it is there, else QEMU)
      --user                          run COMMAND as an ordinary user, not as root
      --limit SECONDS                 when to give up (1800)
";

/// What was asked for.
struct Asked {
    wire: String,
    with: Option<String>,
    user: bool,
    limit: Duration,
    command: Vec<String>,
}

/// Runs a command on the rig.
///
/// # Errors
/// When the rig cannot run here, or the guest did not report.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode, String> {
    let asked = asked(arguments)?;
    require(&[C_COMPILER, LIBCLANG])?;
    process::run(cargo().args(BUILD))?;
    let machine = machine(asked.with.as_deref())?;
    eprintln!("rig hid: {}", machine.name());
    let script = root().join(WITH_KEYS).display().to_string();
    let user = if asked.user { "1000" } else { "0" };
    let words = [script, asked.wire, user.to_owned()];
    let job = Job {
        command: words.into_iter().chain(asked.command).collect(),
        folder: env::current_dir().map_err(|error| error.to_string())?,
        environment: environment(),
        limit: asked.limit,
    };
    boot(&*machine, &job).map(ExitCode::from)
}

fn asked(arguments: &[&str]) -> Result<Asked, String> {
    let mut asked = Asked {
        wire: "uhid".to_owned(),
        with: None,
        user: false,
        limit: Duration::from_secs(1800),
        command: Vec::new(),
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().ok_or_else(|| format!("{word} needs a value"));
        match *word {
            "--wire" => asked.wire = one_of(value()?, &["uhid", "gadget", "usbip", "none"])?,
            "--with" => asked.with = Some(one_of(value()?, &["uml", "qemu"])?),
            "--user" => asked.user = true,
            "--limit" => {
                asked.limit =
                    Duration::from_secs(value()?.parse().map_err(|_| "--limit needs seconds")?)
            }
            "--" => asked.command = words.by_ref().map(|word| (*word).to_owned()).collect(),
            other => return Err(format!("no option {other:?}; see cargo xtask rig help")),
        }
    }
    if asked.command.is_empty() {
        Err("no command: cargo xtask rig hid -- COMMAND".to_owned())
    } else {
        Ok(asked)
    }
}

fn one_of(word: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&word) {
        Ok(word.to_owned())
    } else {
        Err(format!("{word:?} is none of {}", known.join(", ")))
    }
}

/// The fast machine where it works, else the one that always does; or the one that was asked for.
///
/// # Errors
/// Why this computer has none.
fn machine(with: Option<&str>) -> Result<Box<dyn Machine>, String> {
    let uml = || -> Result<Box<dyn Machine>, String> { Ok(Box::new(Uml::ready()?)) };
    let qemu = || -> Result<Box<dyn Machine>, String> { Ok(Box::new(Qemu::ready()?)) };
    match with {
        Some("uml") => uml(),
        Some(_) => qemu(),
        None => uml().or_else(|_| qemu()),
    }
}

/// Programs of ours first, and what of our environment is meant for them.
fn environment() -> Vec<(String, String)> {
    let path = format!("{}:{SYSTEM}", target().join("debug").display());
    let ours = env::vars().filter(|(name, _)| {
        PASSED.contains(&name.as_str()) || name.starts_with("KEYVET_") && name != "KEYVET_UML"
    });
    ours.chain([("PATH".to_owned(), path)]).collect()
}

const BUILD: [&str; 6] =
    ["build", "--locked", "--package", "keyvet-cli", "--package", "keyvet-virtual-key"];
const WITH_KEYS: &str = "tests/rigs/hid/with-keys";
const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PASSED: [&str; 5] = ["RUST_BACKTRACE", "RUST_LOG", "TERM", "NO_COLOR", "LANG"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_dashes_is_the_command_whatever_it_looks_like() {
        let asked = asked(&["--wire", "gadget", "--user", "--", "keyvet", "--with", "x"]).unwrap();
        assert_eq!((asked.wire.as_str(), asked.user, asked.with), ("gadget", true, None));
        assert_eq!(asked.command, ["keyvet", "--with", "x"]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let error = |words: &[&str]| asked(words).map(|_| ()).unwrap_err();
        assert!(error(&["--wire", "string", "--", "true"]).contains("\"string\" is none of uhid"));
        assert!(error(&["--fast", "--", "true"]).contains("\"--fast\""));
        assert!(error(&["--limit"]).contains("needs a value"));
        assert!(error(&[]).starts_with("no command"));
    }
}
