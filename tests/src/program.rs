//! The built program, run with an empty home and nothing on its standard input.

use crate::sources::root;
use serde_json::Value;
use std::ffi::OsStr;
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
    let output = Command::new(program())
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program().display()));
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
    PROGRAM.get_or_init(|| std::env::var_os("KEYVET_BIN").map_or_else(built, PathBuf::from))
}

fn built() -> PathBuf {
    let build = ["build", "--quiet", "--locked", "--package", "keyvet-cli", "--bin", "keyvet"];
    let status =
        Command::new(env!("CARGO")).args(build).current_dir(root()).status().expect("cargo runs");
    assert!(status.success(), "keyvet does not build");
    let test = std::env::current_exe().expect("this test is a file");
    let profile = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    profile.join("keyvet")
}
