//! `cargo xtask rig nfc`: a real pcscd with virtual readers, and virtual keys as cards in them.
//!
//! Everything runs in mount, network and process namespaces of its own, so the readers' ports are open to nobody, the
//! machine's own daemon is not touched, and nothing outlives the command.

use super::parts::{self, Count};
use super::{Ran, Work, apt};
use crate::paths::{root, target};
use crate::process::{self, cargo, command, succeeds};
use crate::system::{C_COMPILER, IP, LIBCLANG, PCSCD, PCSCLITE, UNSHARE, require};
use crate::tools;
use std::env;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

pub(crate) const USAGE: &str = "  nfc [--readers N] [--keys N] [-- COMMAND …]
               run COMMAND beside a pcscd of its own, with keyvet on its PATH and virtual keys of both firmwares as cards
               in 2·N slots (8 readers, 2 keys); its output and exit code are the command's; without COMMAND a shell, or, without
               a terminal, the tests
";

/// Runs the suite.
///
/// # Errors
/// When a case failed, or something is missing that a person can install.
pub(crate) fn suite() -> Result<Ran, String> {
    let rig = match Rig::ready()? {
        Ok(rig) => rig,
        Err(why) => return Ok(Ran::Skipped(why)),
    };
    let real = parts::test_program("real")?;
    let client = parts::test_program("client")?;
    let mut all = Count::default();
    let daemons = [real.as_str(), "--ignored", "--test-threads=1", "--skip=the_other_program"];
    all.add(rig.part("pcscd: gone, killed, shared, sixteen readers", (0, 0), &daemons, None)?);
    for wire in ["pcsc-short", "pcsc-extended"] {
        let words = [client.as_str(), "--test-threads=4"];
        let name = format!("client over {wire}");
        all.add(rig.part(&name, (8, 0), &words, Some(("KEYVET_TEST_WIRE", wire)))?);
    }
    all.add(rig.program(&parts::test_program("program")?)?);
    all.add(rig.faults(&parts::test_program("faults")?)?);
    let python = tools::python_pcsc()?;
    let debug = |program: &str| target().join("debug").join(program).display().to_string();
    let (key, keyvet) = (debug("keyvet-virtual-key"), debug("keyvet-oracle-client"));
    let interpreter = python.display().to_string();
    let script = root().join("tests/rigs/nfc/pins.py").display().to_string();
    let words = [&interpreter, &script, "--virtual-key", &key, "--keyvet", &keyvet];
    let logged = Some(("KEYVET_RIG_PCSCD", "--apdu"));
    all.add(rig.part("commands that cross the wire", (4, 0), &words, logged)?);
    for firmware in ["opensk", "fido-authenticator"] {
        let words = others(&python.display().to_string(), firmware);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = format!("other clients on the same reader, {firmware}");
        all.add(rig.part(&name, (4, 0), &words, None)?);
    }
    println!("\nrig nfc: {}", all.text());
    all.result().map(|()| Ran::Passed)
}

fn others(python: &str, firmware: &str) -> Vec<String> {
    let debug = |program: &str| target().join("debug").join(program).display().to_string();
    let mut words = vec![
        python.to_owned(),
        root().join("tests/rigs/nfc/others.py").display().to_string(),
        "--virtual-key".to_owned(),
        debug("keyvet-virtual-key"),
        "--keyvet".to_owned(),
        debug("keyvet-oracle-client"),
        "--work".to_owned(),
        target().join("rig-nfc/others").display().to_string(),
        "--firmware".to_owned(),
        firmware.to_owned(),
    ];
    if let Ok(libfido2) = env::var("KEYVET_LIBFIDO2_PCSC") {
        words.extend(["--libfido2".to_owned(), libfido2]);
    }
    words
}

/// What was asked for.
struct Asked {
    readers: u8,
    keys: u8,
    command: Vec<String>,
}

/// Runs a command on the rig.
///
/// # Errors
/// When the rig cannot run here.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode, String> {
    if arguments.is_empty() && !std::io::stdin().is_terminal() {
        return suite().map(|_| ExitCode::SUCCESS);
    }
    let asked = asked(arguments)?;
    let rig = match Rig::ready()? {
        Ok(rig) => rig,
        Err(why) => return Err(format!("skipped: {why}")),
    };
    process::run(cargo().args(BUILD))?;
    let folder = env::current_dir().map_err(|error| error.to_string())?;
    let words: Vec<&str> = asked.command.iter().map(String::as_str).collect();
    let mut inside = rig.command(asked.readers, asked.keys, &words)?;
    inside.1.current_dir(folder).stdin(Stdio::inherit());
    let status = inside.1.status().map_err(|error| error.to_string())?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(KILLED)))
}

fn asked(arguments: &[&str]) -> Result<Asked, String> {
    let mut asked = Asked { readers: 8, keys: 2, command: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--readers" => asked.readers = number(word, words.next(), 8)?,
            "--keys" => asked.keys = number(word, words.next(), 16)?,
            "--" => asked.command = words.by_ref().map(|word| (*word).to_owned()).collect(),
            other => return Err(format!("no option {other:?}; see cargo xtask rig help")),
        }
    }
    if asked.keys > asked.readers.saturating_mul(2) {
        return Err("a reader has two slots: more keys than slots".to_owned());
    }
    if asked.command.is_empty() {
        asked.command = vec![shell()?];
    }
    Ok(asked)
}

fn number(option: &str, value: Option<&&str>, max: u8) -> Result<u8, String> {
    let number = value.and_then(|value| value.parse().ok()).filter(|number| *number <= max);
    number.ok_or_else(|| format!("{option} needs a number up to {max}"))
}

fn shell() -> Result<String, String> {
    if !std::io::stdin().is_terminal() {
        return Err(
            "no command, and no terminal for a shell: cargo xtask rig nfc -- COMMAND".into()
        );
    }
    Ok(env::var("SHELL").unwrap_or_else(|_| "sh".to_owned()))
}

/// A machine that can run the rig.
struct Rig {
    driver: PathBuf,
    /// Whether we are root in a user namespace only.
    mapped: bool,
}

impl Rig {
    /// Everything that is needed, or why this machine cannot have it.
    ///
    /// # Errors
    /// When something is missing that a person can install.
    fn ready() -> Result<Result<Self, String>, String> {
        if !cfg!(target_os = "linux") {
            return Ok(Err("pcscd's virtual readers are for Linux".to_owned()));
        }
        require(&[C_COMPILER, LIBCLANG, PCSCD, PCSCLITE, UNSHARE, IP])?;
        let rig = |mapped| Self { driver: PathBuf::new(), mapped };
        let Some(mut rig) = [rig(false), rig(true)].into_iter().find(Self::is_allowed) else {
            return Ok(Err(
                "this machine allows no namespaces, neither as this user nor mapped to \
                root (unshare --mount --net --pid)"
                    .to_owned(),
            ));
        };
        rig.driver = driver()?;
        Ok(Ok(rig))
    }

    fn is_allowed(&self) -> bool {
        succeeds(self.unshare().args([
            "sh",
            "-c",
            "PATH=$PATH:/usr/sbin:/sbin; mount -t tmpfs rig /run && ip link set lo up",
        ]))
    }

    fn unshare(&self) -> Command {
        let mut unshare = command("unshare");
        unshare.args(self.mapped.then_some("--map-root-user"));
        unshare.args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]);
        unshare
    }

    /// Runs `words` as a part of the suite, beside a daemon with this many readers and keys.
    fn part(
        &self,
        name: &str,
        (readers, keys): (u8, u8),
        words: &[&str],
        variable: Option<(&str, &str)>,
    ) -> Result<Count, String> {
        let (_work, inside) = self.command(readers, keys, words)?;
        let program = [inside.get_program()];
        let mut part = parts::in_one(program.into_iter().chain(inside.get_args()));
        let built = |name: &str| target().join("debug").join(name);
        part.env("KEYVET_BIN", built("keyvet"));
        part.env("KEYVET_VIRTUAL_KEY_BIN", built("keyvet-virtual-key"));
        part.envs(variable);
        Ok(parts::run(name, &mut part))
    }

    /// The cases of the program, on keys that are cards; in extended commands, because how APDUs are cut is the client's
    /// matter, whose cases go over both. One after the other: where no key is named, the program sees those of all.
    fn program(&self, cases: &str) -> Result<Count, String> {
        let mut words = vec![cases, "--test-threads=1"];
        for (skipped, why) in NOT_ON_CARDS {
            println!("\nnot run over pcsc-extended: program {skipped}: {why}");
            words.extend(["--skip", skipped]);
        }
        self.part("program over pcsc-extended", (8, 0), &words, WIRE_EXTENDED)
    }

    /// The cells of a card service: each starts and kills daemons of its own. And how long a cancel takes.
    fn faults(&self, cases: &str) -> Result<Count, String> {
        let one = "--test-threads=1";
        let service = [cases, one, "service::what_befalls"];
        let mut count = self.part("faults of the card service", (0, 0), &service, WIRE_EXTENDED)?;
        let short = Some(("KEYVET_TEST_WIRE", "pcsc-short"));
        count.add(self.part("the same in short commands", (0, 0), &service, short)?);
        let cancel = [cases, one, "cancel::"];
        count.add(self.part("cancel over pcsc-extended", (8, 0), &cancel, WIRE_EXTENDED)?);
        Ok(count)
    }

    /// `words`, to be run beside a daemon with this many readers and keys; without readers there is no daemon. The folder
    /// is deleted when dropped.
    ///
    /// # Errors
    /// When the folder cannot be made.
    fn command(&self, readers: u8, keys: u8, words: &[&str]) -> Result<(Work, Command), String> {
        let name = format!("rig-nfc/{}-{readers}-{keys}", std::process::id());
        let work = Work::new(target().join(name))?;
        let mut inside = self.unshare();
        inside.arg(root().join(INSIDE)).arg(&work.0).arg(target().join("debug")).arg(&self.driver);
        inside.args([readers.to_string(), keys.to_string()]).args(words);
        Ok((work, inside))
    }
}

/// The driver of virtual readers: the system's where it is installed. Otherwise the package is only taken apart, because
/// installing it would make the machine's own pcscd listen on the network.
///
/// # Errors
/// When it cannot be fetched.
pub(super) fn driver() -> Result<PathBuf, String> {
    match installed_driver() {
        Some(driver) => Ok(driver),
        None => apt::unpack("vsmartcard-vpcd", &folder()).map(|()| folder().join(DRIVER)),
    }
}

/// The driver, where it was fetched already.
pub(super) fn installed_driver() -> Option<PathBuf> {
    let places = [Path::new("/").join(DRIVER), folder().join(DRIVER)];
    places.into_iter().find(|place| place.is_file())
}

fn folder() -> PathBuf {
    target().join("tools/vsmartcard-vpcd")
}

const BUILD: [&str; 8] = [
    "build",
    "--locked",
    "--package",
    "keyvet-cli",
    "--package",
    "keyvet-pcsc",
    "--package",
    "keyvet-virtual-key",
];
/// Cases of the program that are not run on cards in pcscd as a whole. A single case that a card cannot carry stands in the
/// table of wires (`tests/keys/src/wire.rs`) and says so when it is run.
const NOT_ON_CARDS: [(&str, &str); 2] = [
    ("nfc::", "these readers are the test's own, so they are the same on every wire"),
    ("nfc_page::", "the same"),
];
const WIRE_EXTENDED: Option<(&str, &str)> = Some(("KEYVET_TEST_WIRE", "pcsc-extended"));
const INSIDE: &str = "tests/rigs/nfc/inside";
const DRIVER: &str = "usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// What a shell says of a command that a signal ended.
const KILLED: u8 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_dashes_is_the_command_whatever_it_looks_like() {
        let asked = asked(&["--keys", "16", "--", "keyvet", "--keys", "x"]).unwrap();
        assert_eq!((asked.readers, asked.keys), (8, 16));
        assert_eq!(asked.command, ["keyvet", "--keys", "x"]);
    }

    #[test]
    fn what_cannot_be_is_said() {
        let error = |words: &[&str]| asked(words).map(|_| ()).unwrap_err();
        assert!(error(&["--readers", "9", "--", "true"]).contains("up to 8"));
        assert!(error(&["--readers"]).contains("needs a number"));
        assert!(error(&["--readers", "1", "--keys", "3", "--", "true"]).contains("two slots"));
        assert!(error(&["--fast", "--", "true"]).contains("\"--fast\""));
    }
}
