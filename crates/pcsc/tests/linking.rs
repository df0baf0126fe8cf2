//! Who needs the system's smart card library: the helper program, and not `keyvet`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests throughout")]

use std::path::Path;
use std::process::Command;

/// The loader of Linux lists what it would load, and runs nothing.
fn needs_the_library(program: &Path) -> bool {
    let listed = Command::new(program).env("LD_TRACE_LOADED_OBJECTS", "1").output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("libc.so"), "{} is not of this system: {listed}", program.display());
    listed.contains(LIBRARY)
}

#[test]
fn the_helper_program_needs_the_smart_card_library_and_keyvet_does_not() {
    assert!(needs_the_library(Path::new(env!("CARGO_BIN_EXE_keyvet-pcsc"))));
    match std::env::var_os("KEYVET_BIN") {
        Some(keyvet) => assert!(!needs_the_library(Path::new(&keyvet))),
        None => println!("KEYVET_BIN names no program: keyvet itself was not looked at"),
    }
}

const LIBRARY: &str = "libpcsclite.so";
