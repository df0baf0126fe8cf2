//! A card that knows when the moment of a cell has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::matrix::Doing;
use keyvet_virtual_key::card::Card;

/// A card that calls somebody just before the command at which it strikes; once.
///
/// At [`Doing::Touch`] nobody is called: the key itself is seen to wait.
pub(crate) struct Watched {
    card: Box<dyn Card>,
    doing: Doing,
    strike: Strike,
    heard: Heard,
    /// The next command carries on with a message.
    in_chain: bool,
    /// The last message was makeCredential.
    made: bool,
}

/// Who is called.
pub(crate) type Strike = Box<dyn Fn() + Send>;

/// What the card was asked for so far.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    commands: Arc<AtomicUsize>,
    messages: Arc<AtomicUsize>,
    pins: Arc<AtomicUsize>,
    struck: Arc<AtomicBool>,
}

impl Heard {
    /// Commands, whatever they were.
    pub(crate) fn commands(&self) -> usize {
        self.commands.load(Ordering::SeqCst)
    }

    /// CTAP2 messages.
    pub(crate) fn messages(&self) -> usize {
        self.messages.load(Ordering::SeqCst)
    }

    /// How often a PIN came and was not refused for its lengths: a card that does that has not done it (ISO 7816-4 §5.6).
    pub(crate) fn pins(&self) -> usize {
        self.pins.load(Ordering::SeqCst)
    }

    /// Whether the moment has come.
    pub(crate) fn struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }
}

impl Watched {
    pub(crate) fn new(card: impl Card + 'static, doing: Doing, strike: Strike) -> Self {
        let card = Box::new(card);
        Self { card, doing, strike, heard: Heard::default(), in_chain: false, made: false }
    }

    /// What it was asked for, told also when it is in a reader.
    pub(crate) fn heard(&self) -> Heard {
        self.heard.clone()
    }

    /// What the command is a part of, told by the first bytes of the message in it.
    fn hear(&mut self, command: &[u8]) -> Option<Doing> {
        let first =
            !std::mem::replace(&mut self.in_chain, is_chained(command)) && is_message(command);
        if !first {
            let fetches = matches!(command, [_, 0xc0, ..]) && std::mem::take(&mut self.made);
            return fetches.then_some(Doing::Long);
        }
        self.heard.messages.fetch_add(1, Ordering::SeqCst);
        let message = data(command);
        self.made = message.starts_with(&[0x01]);
        match message {
            [0x04] => Some(Doing::GetInfo),
            // clientPIN that asks for a token with a PIN (CTAP 2.2 §6.5.5.7)
            [0x06, _, 0x01, _, 0x02, 0x05 | 0x09, ..] => Some(Doing::Pin),
            _ => None,
        }
    }
}

impl Card for Watched {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn enter(&mut self) {
        self.card.enter();
    }

    fn power_up(&mut self) {
        self.card.power_up();
    }

    fn power_down(&mut self) {
        self.card.power_down();
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        self.heard.commands.fetch_add(1, Ordering::SeqCst);
        let moment = self.hear(command);
        if moment == Some(self.doing) && !self.heard.struck.swap(true, Ordering::SeqCst) {
            (self.strike)();
        }
        let answer = self.card.apdu(command);
        let refused = matches!(answer.as_slice(), [.., 0x67, 0x00] | [.., 0x6c, _]);
        if moment == Some(Doing::Pin) && !refused {
            self.heard.pins.fetch_add(1, Ordering::SeqCst);
        }
        answer
    }

    fn is_present(&self) -> bool {
        self.card.is_present()
    }
}

/// NFCCTAP_MSG (CTAP 2.2 §11.3.7.1).
fn is_message(command: &[u8]) -> bool {
    matches!(command, [0x80 | 0x90, 0x10, ..])
}

fn is_chained(command: &[u8]) -> bool {
    command.first().is_some_and(|class| class & 0x10 != 0)
}

/// What a command brings: in an extended one after a length of three bytes, otherwise of one.
fn data(command: &[u8]) -> &[u8] {
    let (len, rest) = match command {
        [_, _, _, _, 0, a, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        [_, _, _, _, len, rest @ ..] => (usize::from(*len), rest),
        _ => (0, &[][..]),
    };
    &rest[..len.min(rest.len())]
}
