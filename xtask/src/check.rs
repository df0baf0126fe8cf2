//! `cargo xtask test`: everything continuous integration runs.

use crate::paths::target;
use crate::process::{self, cargo, command};
use crate::steps::Steps;
use crate::system::{C_COMPILER, GIT, PYTHON, require};
use crate::tools;
use std::path::PathBuf;

/// Runs every step, and fails when one of them did.
pub(crate) fn run() -> Result<(), String> {
    require(&[C_COMPILER, PYTHON])?;
    let mut steps = Steps::default();
    steps.step("format", || run_cargo(&["fmt", "--all", "--check"]));
    steps.step("lints", || {
        run_cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    steps.step("build the tests and the program", build);
    steps.step("tests", || process::run(cargo_test().arg("--no-fail-fast")));
    steps.step("second opinion of python-fido2", second_opinion);
    steps.step("rustdoc", || {
        let arguments = ["doc", "--locked", "--workspace", "--no-deps"];
        process::run(cargo().args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.step("licences, bans, sources", || deny(&["licenses", "bans", "sources"]));
    steps.not_run("advisories", "the database comes from the network: cargo xtask advisories");
    steps.finish()
}

/// Looks the dependencies up in the advisory database.
pub(crate) fn advisories() -> Result<(), String> {
    require(&[PYTHON, GIT])?;
    deny(&["advisories"])
}

fn build() -> Result<(), String> {
    run_cargo(&["test", "--locked", "--workspace", "--no-run"])?;
    if program().is_file() { Ok(()) } else { Err(format!("{} was not built", program().display())) }
}

/// The test that compares with python-fido2 is ignored unless an interpreter that has it is named.
fn second_opinion() -> Result<(), String> {
    let python = tools::python()?;
    process::run(
        cargo_test()
            .args(["--test", "second_opinion", "--", "--ignored"])
            .env("KEYVET_PYTHON", python),
    )
}

fn deny(checks: &[&str]) -> Result<(), String> {
    let program = tools::cargo_deny()?;
    process::run(command(program).args(["--workspace", "--locked", "check"]).args(checks))
}

/// `cargo test` of the workspace, with the program that was built along.
fn cargo_test() -> std::process::Command {
    let mut test = cargo();
    test.args(["test", "--locked", "--workspace"]).env("KEYVET_BIN", program());
    test
}

fn program() -> PathBuf {
    target().join("debug/keyvet")
}

fn run_cargo(arguments: &[&str]) -> Result<(), String> {
    process::run(cargo().args(arguments))
}
