//! `authenticatorReset`, command 0x07 (CTAP 2.3 §6.6).

use crate::Command;

/// Asks for everything on the key to be erased: credentials, PIN, enrolments, configuration.
///
/// Without a display a key takes it only in the first 10 seconds after power-up and with a touch. The
/// answer has no map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reset;

impl Reset {
    /// The command.
    pub const COMMAND: Command = Command::RESET;

    /// The command byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Self::COMMAND.bare()
    }
}
