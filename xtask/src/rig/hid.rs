//! `cargo xtask rig hid`: a machine whose kernel has virtual keys plugged in, as HID nodes like those of real keys.

use super::Ran;
use super::lanes;
use super::machine::{Job, Machine, boot};
use super::nfc;
use super::parts;
use super::processor::kept_on;
use super::qemu::Qemu;
use super::suite::{self, Half};
use super::udev;
use super::uml::Uml;
use crate::paths::{root, target};
use crate::process::{self, cargo, command};
use crate::system::{
    C_COMPILER, FIDO2_TOOLS, LIBCLANG, LIBFIDO2, LIBUDEV, PCSCD, PYTHON, USBIP, require,
};
use crate::tools;
use std::env;
use std::ffi::OsStr;
use std::process::{Command, ExitCode};
use std::time::Duration;

pub(crate) const USAGE: &str = "\
  hid          test keyvet and other clients on HID nodes, as `cargo xtask test` does
  hid PART …   only these parts, in one boot; a part is the beginning of its name
      --half 1|2                      the parts of one of the two machines that share the suite in `cargo xtask test`
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
    half: Option<Half>,
    parts: Vec<String>,
    command: Vec<String>,
}

/// Runs a command on the rig.
///
/// # Errors
/// When the rig cannot run here, or the guest did not report.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode, String> {
    let asked = asked(arguments)?;
    if asked.command.is_empty() {
        return test(asked);
    }
    require(&[C_COMPILER, LIBCLANG])?;
    if asked.wire == "usbip" {
        require(&[USBIP])?;
    }
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

/// The suite by hand: what it needs is built first.
fn test(asked: Asked) -> Result<ExitCode, String> {
    require(&[C_COMPILER, LIBCLANG, LIBFIDO2, LIBUDEV, PYTHON])?;
    process::run(cargo().args(["test", "--locked", "--workspace", "--no-run"]))?;
    if asked.parts.is_empty() && asked.half.is_none() && asked.with.is_none() {
        return match suite()? {
            Ran::Passed => Ok(ExitCode::SUCCESS),
            Ran::Skipped(why) => Err(format!("skipped: {why}")),
        };
    }
    let machine = machine(asked.with.as_deref())?;
    build_clients()?;
    if asked.half.is_none() {
        fetch();
    }
    let half = asked.half.map(|half| half.word().to_owned());
    guest(&*machine, half.into_iter().collect(), &asked.parts, asked.limit).map(ExitCode::from)
}

/// The suite as a step of `cargo xtask test`, which has built what it needs.
///
/// # Errors
/// When a case failed, or the guest did not report.
pub(crate) fn suite() -> Result<Ran, String> {
    let machine = match machine(None) {
        Ok(machine) => machine,
        Err(why) => return Ok(Ran::Skipped(why)),
    };
    build_clients()?;
    // what both machines would fetch at once
    fetch();
    let lanes = if machine.is_fast() {
        two_machines()?
    } else {
        vec![vec![again(&[], &["--with", "qemu"])?]]
    };
    let count = lanes::run(lanes);
    println!("\nrig hid: {}", count.text());
    count.result().map(|()| Ran::Passed)
}

/// A machine of User-Mode Linux uses one processor, so two share the suite, each on one of its own; beside them the other
/// machine is shown to work.
fn two_machines() -> Result<Vec<Vec<Command>>, String> {
    let smoke = match Qemu::ready() {
        Ok(_) => again(&[], &["--with", "qemu", suite::SMOKE])?,
        Err(why) => saying(&format!("skipped: smoke test under QEMU: {why}")),
    };
    let half = |nth, half| again(&kept_on(nth), &["--half", half]);
    Ok(vec![vec![smoke, half(0, "1")?], vec![half(1, "2")?]])
}

/// This program, for one machine.
fn again(kept: &[String], words: &[&str]) -> Result<Command, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let rig = [own.as_os_str(), "rig".as_ref(), "hid".as_ref()];
    let before = kept.iter().map(OsStr::new).chain(rig);
    Ok(parts::in_one(before.chain(words.iter().map(OsStr::new))))
}

fn saying(text: &str) -> Command {
    let mut say = command("printf");
    say.args(["%s\n", text]);
    say
}

/// What the guest finds only when it is here already: udev, and the driver of virtual card readers. The cases that need
/// them are skipped without.
fn fetch() {
    let driver = require(&[PCSCD]).and_then(|()| nfc::driver().map(|_| ()));
    for missing in [udev::fetch_all(), driver].into_iter().filter_map(Result::err) {
        println!("not here: {missing}");
    }
}

/// Runs the suite in the guest: this program again.
fn guest(
    machine: &dyn Machine,
    mut words: Vec<String>,
    parts: &[String],
    limit: Duration,
) -> Result<u8, String> {
    println!("rig hid: {}", machine.name());
    require(&[FIDO2_TOOLS, USBIP])?;
    let own = env::current_exe().map_err(|error| error.to_string())?;
    words.extend(tests()?);
    if !machine.is_fast() {
        words.push("short".to_owned());
    }
    let before = [own.display().to_string(), "rig".to_owned(), "inside".to_owned()];
    let command = before.into_iter().chain(words).chain(["--".to_owned()]);
    let job = Job {
        command: command.chain(parts.iter().cloned()).collect(),
        folder: root(),
        environment: environment(),
        limit,
    };
    boot(machine, &job)
}

/// The clients of other people, with their own ways to a node.
fn build_clients() -> Result<(), String> {
    let mut build = command(tools::python()?);
    build.args([
        "tests/oracle/run.py",
        "--build-only",
        "--virtual-key",
        "-",
        "--keyvet",
        "-",
        "--work",
    ]);
    process::run(build.arg(target().join("oracle")))
}

/// The test programs, each as `NAME=PATH`: cargo names them when nothing is left to build.
fn tests() -> Result<Vec<String>, String> {
    let mut list = cargo();
    list.args(["test", "--locked", "--workspace", "--no-run"]).env("CARGO_TERM_COLOR", "never");
    let output = list.output().map_err(|error| error.to_string())?;
    Ok(executables(&String::from_utf8_lossy(&output.stderr)))
}

/// `Executable cases/client/main.rs (target/debug/deps/client-0123)` is `client=…/target/debug/deps/client-0123`.
fn executables(said: &str) -> Vec<String> {
    let named = |line: &str| {
        let (source, path) = line.trim().strip_prefix("Executable ")?.split_once(" (")?;
        let path = root().join(path.strip_suffix(')')?);
        let (name, _) = path.file_name()?.to_str()?.rsplit_once('-')?;
        (!source.starts_with("unittests")).then(|| format!("{name}={}", path.display()))
    };
    said.lines().filter_map(named).collect()
}

fn asked(arguments: &[&str]) -> Result<Asked, String> {
    let mut asked = Asked {
        wire: "uhid".to_owned(),
        with: None,
        user: false,
        limit: LIMIT,
        half: None,
        parts: Vec::new(),
        command: Vec::new(),
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().ok_or_else(|| format!("{word} needs a value"));
        match *word {
            "--wire" => asked.wire = one_of(value()?, &["uhid", "gadget", "usbip", "none"])?,
            "--with" => asked.with = Some(one_of(value()?, &["uml", "qemu"])?),
            "--half" => asked.half = Some(half(value()?)?),
            "--user" => asked.user = true,
            "--limit" => {
                asked.limit =
                    Duration::from_secs(value()?.parse().map_err(|_| "--limit needs seconds")?)
            }
            "--" => asked.command = words.by_ref().map(|word| (*word).to_owned()).collect(),
            option if option.starts_with('-') => {
                return Err(format!("no option {option:?}; see cargo xtask rig help"));
            }
            part => asked.parts.push(part.to_owned()),
        }
    }
    Ok(asked)
}

fn half(word: &str) -> Result<Half, String> {
    one_of(word, &["1", "2"]).map(|word| if word == "1" { Half::First } else { Half::Second })
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
    let debug = |name: &str| target().join("debug").join(name).display().to_string();
    let programs = [
        ("KEYVET_BIN".to_owned(), debug("keyvet")),
        ("KEYVET_VIRTUAL_KEY_BIN".to_owned(), debug("keyvet-virtual-key")),
        ("PATH".to_owned(), path),
    ];
    ours.chain(programs).chain(udev::environment()).collect()
}

const BUILD: [&str; 6] =
    ["build", "--locked", "--package", "keyvet-cli", "--package", "keyvet-virtual-key"];
const WITH_KEYS: &str = "tests/rigs/hid/with-keys";
/// The suite's time: several times what it takes.
const LIMIT: Duration = Duration::from_secs(1800);
const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PASSED: [&str; 6] =
    ["CARGO_TARGET_DIR", "LANG", "NO_COLOR", "RUST_BACKTRACE", "RUST_LOG", "TERM"];

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
    fn test_programs_are_found_by_what_cargo_says() {
        let said = "   Compiling x\n  Executable unittests src/lib.rs (target/debug/deps/keyvet_hid-1)\n  \
                    Executable cases/client/main.rs (/t/debug/deps/client-0a1b)\n";
        assert_eq!(executables(said), ["client=/t/debug/deps/client-0a1b"]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let error = |words: &[&str]| asked(words).map(|_| ()).unwrap_err();
        assert!(error(&["--wire", "string", "--", "true"]).contains("\"string\" is none of uhid"));
        assert!(error(&["--fast", "--", "true"]).contains("\"--fast\""));
        assert!(error(&["--limit"]).contains("needs a value"));
        assert_eq!(asked(&["udev", "tools"]).unwrap().parts, ["udev", "tools"]);
    }
}
