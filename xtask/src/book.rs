//! `cargo xtask book`: the parts of the documentation that the program writes.

use crate::process;

/// Writes the findings reference, the table of reasons from live keys and the output blocks again; the tests then find
/// them current.
pub(crate) fn run() -> Result<(), String> {
    bless(&["--test", "book"])?;
    bless(&["--test", "client", "live_reasons"])
}

fn bless(tests: &[&str]) -> Result<(), String> {
    let arguments = ["test", "--locked", "--workspace"];
    process::run(process::cargo().args(arguments).args(tests).env("KEYVET_BLESS", "1"))
}
