//! The built program, run with an empty home and nothing on its standard input.

use crate::sources::root;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// How one run of `keyvet` ended.
#[derive(Debug)]
pub struct Run {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Run {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `keyvet` in the root of the repository with an empty cache.
///
/// # Panics
/// When the program cannot be started.
#[must_use]
pub fn keyvet<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    let home = tempfile::tempdir().expect("a folder can be made");
    keyvet_in(home.path(), arguments)
}

/// Runs `keyvet` in the root of the repository with `home` as the folder of everything it keeps.
///
/// # Panics
/// When the program cannot be started, or writes what is not UTF-8.
#[must_use]
pub fn keyvet_in<S: AsRef<OsStr>>(home: &Path, arguments: impl IntoIterator<Item = S>) -> Run {
    run(keyvet_command(home).args(arguments), "")
}

/// `keyvet`, to be run in the root of the repository with `home` as the folder of everything it keeps and nothing else in
/// its environment. The smart card service of the machine is not its own: there is none where the program looks.
#[must_use]
pub fn keyvet_command(home: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(root()).env_clear().env("HOME", home);
    command.env("PCSCLITE_CSOCK_NAME", home.join("no-pcscd.comm"));
    command
}

/// Runs `command` to its end, with `input` on its standard input.
///
/// # Panics
/// When the program cannot be started, or writes what is not UTF-8.
#[must_use]
pub fn run(command: &mut Command, input: &str) -> Run {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // a program that does not read ends the pipe early
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("keyvet writes UTF-8");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The program: `KEYVET_BIN` when set, else built now (once).
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        std::env::var_os("KEYVET_BIN").map_or_else(|| built("keyvet-cli", "keyvet"), PathBuf::from)
    })
}

/// Builds program `name` of `package` and gives its path.
pub(crate) fn built(package: &str, name: &str) -> PathBuf {
    let build = ["build", "--quiet", "--locked", "--package", package, "--bin", name];
    let status =
        Command::new(env!("CARGO")).args(build).current_dir(root()).status().expect("cargo runs");
    assert!(status.success(), "{name} does not build");
    let test = std::env::current_exe().expect("this test is a file");
    let profile = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    profile.join(name)
}
