//! The `keyvet` program; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyvet_cli::main()
}
