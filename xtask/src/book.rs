//! `cargo xtask book`: the parts of the documentation that the program writes.

use crate::process;

/// Writes the findings reference and the output blocks again; the tests then find them current.
pub(crate) fn run() -> Result<(), String> {
    let arguments = ["test", "--locked", "--workspace", "--test", "book"];
    process::run(process::cargo().args(arguments).env("KEYVET_BLESS", "1"))
}
