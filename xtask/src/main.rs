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
mod rig;
mod steps;
mod system;
mod tools;
mod virtual_key;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  demo         build keyvet and show its main job on a virtual key and on real input
  test         everything continuous integration runs
  hw-tests     FILE: the ceremonies on the keys of yours that FILE allows; see docs/test-against-virtual-keys.md
  rig          a machine with virtual keys to try anything on: cargo xtask rig help
  book         write the generated parts of docs/ and README.md again
  advisories   look the dependencies up in the advisory database (needs the network)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (first, rest) =
        arguments.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    let well = |result: Result<(), String>| result.map(|()| ExitCode::SUCCESS);
    let result = match (first, rest) {
        ("demo", []) => well(demo::run()),
        ("test", []) => well(check::run()),
        ("rig", rest) => rig::run(rest),
        ("hw-tests", [file]) => well(check::hardware(file)),
        ("book", []) => well(book::run()),
        ("advisories", []) => well(check::advisories()),
        ("help" | "--help" | "-h", []) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
