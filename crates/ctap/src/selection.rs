//! `authenticatorSelection`, command 0x0B (CTAP 2.1 §6.9).

use crate::Command;

/// Asks for a touch and nothing else: success says that this key was chosen. The answer has no map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Selection;

impl Selection {
    /// The command.
    pub const COMMAND: Command = Command::SELECTION;

    /// The command byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Self::COMMAND.bare()
    }
}
