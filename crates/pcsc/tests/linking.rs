//! Who needs the system's smart card library: the helper program, and not `keyvet`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests throughout")]

use std::fs;
use std::path::Path;

/// A program names what the loader is to load by file name.
fn needs_the_library(program: &Path) -> bool {
    // the standard library is optimised where a search of ours in a development build is not
    String::from_utf8_lossy(&fs::read(program).unwrap()).contains(LIBRARY)
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
