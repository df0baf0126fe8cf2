//! `keyvet-pcsc`: serves the card readers of this machine to `keyvet` on standard input and output.

use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    if stdin().is_terminal() || stdout().is_terminal() {
        // keyvet starts it with two pipes; frames are nothing for a terminal
        return ExitCode::from(2);
    }
    match keyvet_pcsc::serve(stdin().lock(), stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
