//! `cargo xtask`: set-up, demo and test of keyvet, with no dependencies.
//!
//! Each command installs what it needs (system packages through apt-get when root or password-less sudo allows it) and
//! otherwise prints the exact command to type and stops.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod book;
mod check;
mod demo;
mod paths;
mod process;
mod steps;
mod system;
mod tools;
mod virtual_key;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  demo         build keyvet and show its main job on a virtual key and on real input
  test         everything continuous integration runs
  book         write the generated parts of docs/ and README.md again
  advisories   look the dependencies up in the advisory database (needs the network)
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match (arguments.next().as_deref(), arguments.next()) {
        (Some("demo"), None) => demo::run(),
        (Some("test"), None) => check::run(),
        (Some("book"), None) => book::run(),
        (Some("advisories"), None) => check::advisories(),
        (Some("help" | "--help" | "-h"), None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
