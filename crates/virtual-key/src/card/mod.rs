//! Keys as smart cards: what a reader meets when a key is held to it (ISO 7816-4, CTAP 2.2 §11.3).
//!
//! | card | what answers | why |
//! |---|---|---|
//! | [`FidoCard`] | fido-authenticator through its own APDU dispatch; the same authenticator as on its HID side | real firmware; it sends no keep-alives and knows no NFCCTAP_GETRESPONSE |
//! | [`AppletCard`] | an applet of ours that passes messages on to any key over CTAPHID | any firmware behind NFCCTAP_GETRESPONSE, with the firmware's own keep-alives; the hostile key too |
//! | [`FaultyCard`] | any of them, with [`CardFault`]s | what cards and readers do wrong |
//!
//! [`Vpcd`] puts a card into a slot of `vpcd`, the reader driver of the vsmartcard project, and so before a real `pcscd`.
//!
//! ```
//! # #[cfg(feature = "opensk")]
//! # {
//! use keyvet_virtual_key::card::{AppletCard, Card};
//! use keyvet_virtual_key::{KeyOptions, VirtualKey};
//!
//! let key = VirtualKey::start(KeyOptions::default()).unwrap();
//! let mut card = AppletCard::new(&key);
//! card.power_up();
//! let answer = card.apdu(&[0, 0xa4, 4, 0, 8, 0xa0, 0, 0, 6, 0x47, 0x2f, 0, 1, 0]);
//! assert_eq!(answer, b"FIDO_2_0\x90\x00");
//! # }
//! ```

mod applet;
mod atr;
mod command;
mod fault;
mod faulty;
#[cfg(feature = "fido-authenticator")]
mod fido;
mod line;
mod status;
mod vpcd;

pub use applet::{AppletCard, Selection};
pub use atr::atr;
pub use fault::{Bend, CardFault, ParseCardFaultError};
pub use faulty::{FaultSwitch, FaultyCard};
#[cfg(feature = "fido-authenticator")]
pub use fido::FidoCard;
pub use vpcd::Vpcd;

/// A card in the field of a reader.
///
/// The calls block for as long as the card takes.
pub trait Card: Send {
    /// What it answers to a reset (ISO 7816-3).
    fn atr(&self) -> Vec<u8>;

    /// It is put into the field, without power yet.
    fn enter(&mut self) {}

    /// The reader gives it power.
    fn power_up(&mut self);

    /// The reader takes its power, or it is taken out of the field.
    fn power_down(&mut self);

    /// The reader resets it.
    fn reset(&mut self) {
        self.power_down();
        self.power_up();
    }

    /// Answers one command APDU. An answer shorter than 2 bytes is a mute or broken card.
    fn apdu(&mut self, command: &[u8]) -> Vec<u8>;

    /// Whether it is in the field still.
    fn is_present(&self) -> bool {
        true
    }
}

impl Card for Box<dyn Card> {
    fn atr(&self) -> Vec<u8> {
        (**self).atr()
    }

    fn enter(&mut self) {
        (**self).enter();
    }

    fn power_up(&mut self) {
        (**self).power_up();
    }

    fn power_down(&mut self) {
        (**self).power_down();
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        (**self).apdu(command)
    }

    fn is_present(&self) -> bool {
        (**self).is_present()
    }
}

/// Where a key that is used as a card has its power from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PowerFrom {
    /// The field alone: it goes off with the reader's power, and its clock, tokens and channels with it.
    Field,
    /// Elsewhere, as a key that is plugged in and held to a reader too: the field powers the card's half alone.
    Elsewhere,
}
