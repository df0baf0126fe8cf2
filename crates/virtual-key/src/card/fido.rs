//! fido-authenticator as a card: its own APDU dispatch and NFC application.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::{Card, PowerFrom, atr};
use crate::port::{Field, Port};
use crate::{Firmware, StartError, VirtualKey};

/// fido-authenticator through its own APDU dispatch, contactless. The authenticator is the one on the key's HID side, so
/// that one key can be seen over both at once; while it waits for a touch for one, it is busy for the other.
///
/// It does not keep the key running.
///
/// As in the firmware, SELECT says `U2F_V2`, there are no keep-alives, and a command that waits for a touch blocks.
pub struct FidoCard {
    port: Arc<Port>,
    power: PowerFrom,
    atr: Vec<u8>,
}

impl FidoCard {
    /// `key` as a card, with its power from elsewhere.
    ///
    /// # Errors
    /// [`StartError::Unsupported`] when its firmware is another one.
    pub fn new(key: &VirtualKey) -> Result<Self, StartError> {
        if *key.firmware() != Firmware::FidoAuthenticator {
            let what = "APDUs of its own; put an applet before it";
            return Err(StartError::Unsupported { firmware: key.firmware().clone(), what });
        }
        // the historical bytes of a Nitrokey 3
        let atr = atr(b"\x80\x73\xc8\x21\x40\x10\x00");
        Ok(Self { port: key.shared_port(), power: PowerFrom::Elsewhere, atr })
    }

    /// The same card with its power from `power`.
    #[must_use]
    pub fn powered_from(mut self, power: PowerFrom) -> Self {
        self.power = power;
        self
    }

    /// The same card with another answer to reset.
    #[must_use]
    pub fn with_atr(mut self, atr: Vec<u8>) -> Self {
        self.atr = atr;
        self
    }
}

impl Card for FidoCard {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power_up(&mut self) {
        match self.power {
            PowerFrom::Field => self.port.power_cycle_untold(),
            PowerFrom::Elsewhere => drop(self.port.ask(Field::Reset)),
        }
    }

    fn power_down(&mut self) {
        self.power_up();
    }

    fn reset(&mut self) {
        self.power_up();
    }

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        let (answer, answered) = sync_channel(1);
        if !self.port.ask(Field::Apdu { command: command.to_vec(), answer }) {
            return Vec::new();
        }
        // without an answer the power went, or the firmware stopped
        answered.recv().unwrap_or_default()
    }

    fn is_present(&self) -> bool {
        self.port.is_alive()
    }
}

impl std::fmt::Debug for FidoCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FidoCard").field("power", &self.power).finish_non_exhaustive()
    }
}
