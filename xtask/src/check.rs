//! `cargo xtask test`: everything continuous integration runs.

use crate::paths::target;
use crate::process::{self, cargo, command};
use crate::rig::{self, parts};
use crate::steps::Steps;
use crate::system::{
    C_COMPILER, CHROMIUM, GIT, KILL, LIBCLANG, LIBFIDO2, LIBUDEV, PCSCLITE, PYTHON, require,
};
use crate::tools;
use std::path::PathBuf;

/// Runs every step, and fails when one of them did.
pub(crate) fn run() -> Result<(), String> {
    require(&[C_COMPILER, CHROMIUM, KILL, LIBCLANG, LIBFIDO2, LIBUDEV, PCSCLITE, PYTHON])?;
    let mut steps = Steps::default();
    steps.step("format", || run_cargo(&["fmt", "--all", "--check"]));
    steps.step("lints", || {
        run_cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    steps.step("build the tests and the program", build);
    steps.step("tests", || parts::counted(cargo_test().arg("--no-fail-fast")).result());
    steps.step("second opinion of python-fido2", second_opinion);
    steps.step("the page in Chromium", page_in_chromium);
    steps.step("other clients on the same keys", other_clients);
    steps.rig("kernel for the rig", rig::uml::step);
    steps.rig("rig hid", rig::hid::suite);
    steps.rig("rig nfc", rig::nfc::suite);
    steps.step("rustdoc", || {
        let arguments = ["doc", "--locked", "--workspace", "--no-deps"];
        process::run(cargo().args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.step("licences and sources", || deny(&[], &["licenses", "sources"]));
    steps.step("bans", || deny(&WITHOUT_FIRMWARE, &["bans"]));
    steps.not_run("advisories", "the database comes from the network: cargo xtask advisories");
    steps.finish()
}

/// Looks the dependencies up in the advisory database.
pub(crate) fn advisories() -> Result<(), String> {
    require(&[PYTHON, GIT])?;
    deny(&[], &["advisories"])
}

/// The ceremonies on keys that are plugged in, those that `file` allows.
pub(crate) fn hardware(file: &str) -> Result<(), String> {
    require(&[C_COMPILER, LIBCLANG])?;
    let file = std::path::absolute(file).map_err(|error| format!("{file}: {error}"))?;
    let arguments = ["test", "--locked", "--package", "keyvet-key-tests", "--test", "hardware"];
    let mut test = cargo();
    test.args(arguments).env("KEYVET_TEST_WIRE", "hardware").env("KEYVET_HW_ALLOW", file);
    process::run(&mut test)
}

fn build() -> Result<(), String> {
    run_cargo(&["test", "--locked", "--workspace", "--no-run"])?;
    let missing =
        [KEYVET, VIRTUAL_KEY, CLIENT].map(built).into_iter().find(|program| !program.is_file());
    missing.map_or(Ok(()), |program| Err(format!("{} was not built", program.display())))
}

/// The test that compares with python-fido2 is ignored unless it is asked for, with an interpreter that has it. It is
/// picked by name and not by file: with other targets cargo would choose other features and build much anew.
fn second_opinion() -> Result<(), String> {
    let python = tools::python()?;
    process::run(
        cargo_test()
            .args(["--quiet", "--tests", "--", "--ignored", "--exact", SECOND_OPINION])
            .env("KEYVET_PYTHON", python),
    )
}

/// The page is loaded by a real browser: its cells, its paths, its console, its requests.
fn page_in_chromium() -> Result<(), String> {
    process::run(cargo_test().args(["--quiet", "--tests", "--", "--ignored", CHROMIUM_PREFIX]))
}

/// python-fido2, libfido2 and ctap-hid-fido2 talk to the virtual keys that keyvet talks to, and must agree with it.
fn other_clients() -> Result<(), String> {
    let mut run = command(tools::python()?);
    run.arg("tests/oracle/run.py").arg("--virtual-key").arg(built(VIRTUAL_KEY));
    process::run(run.arg("--keyvet").arg(built(CLIENT)).arg("--work").arg(target().join("oracle")))
}

fn deny(without: &[&str], checks: &[&str]) -> Result<(), String> {
    let program = tools::cargo_deny()?;
    let mut deny = command(program);
    deny.args(["--workspace", "--locked"]).args(without).arg("check").args(checks);
    process::run(&mut deny)
}

/// What is banned is banned from the product; the firmware of the virtual keys has its own generations of crypto.
const WITHOUT_FIRMWARE: [&str; 4] =
    ["--exclude", "keyvet-virtual-key", "--exclude", "keyvet-key-tests"];

/// `cargo test` of the workspace, with the programs that were built along.
fn cargo_test() -> std::process::Command {
    let mut test = cargo();
    test.args(["test", "--locked", "--workspace"])
        .env("KEYVET_BIN", built(KEYVET))
        .env("KEYVET_VIRTUAL_KEY_BIN", built(VIRTUAL_KEY));
    test
}

fn built(program: &str) -> PathBuf {
    target().join("debug").join(program)
}

fn run_cargo(arguments: &[&str]) -> Result<(), String> {
    process::run(cargo().args(arguments))
}

/// The programs that the tests run.
const KEYVET: &str = "keyvet";
const VIRTUAL_KEY: &str = "keyvet-virtual-key";
/// keyvet's client with one operation per run, for the comparison with other clients.
const CLIENT: &str = "keyvet-oracle-client";

/// What the tests in `tests/cases/readiness_page.rs` begin with.
const CHROMIUM_PREFIX: &str = "in_chromium_";

/// The test in `tests/cases/second_opinion.rs`.
const SECOND_OPINION: &str = "agrees_with_python_fido2_but_for_the_explained_exceptions";

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the step would run nothing and pass.
    #[test]
    fn the_tests_of_the_page_have_the_names_they_are_picked_by() {
        let file = crate::paths::root().join("tests/cases/readiness_page.rs");
        let text = std::fs::read_to_string(file).unwrap();
        let ignored = text.matches("\n#[ignore").count();
        assert!(ignored > 0, "no test of the page is left");
        assert_eq!(ignored, text.matches(&format!("\nfn {CHROMIUM_PREFIX}")).count());
    }

    /// Otherwise the step would run nothing and pass.
    #[test]
    fn the_second_opinion_has_the_name_it_is_picked_by() {
        let file = crate::paths::root().join("tests/cases/second_opinion.rs");
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("\n#[ignore") && text.contains(&format!("\nfn {SECOND_OPINION}()")));
    }
}
