//! Redaction by meaning: a whole message is decoded, and everything that is not known to be harmless is replaced by filler
//! of the same length.
//!
//! It begins with nothing and lets parts show, so what no rule knows stays hidden. Lengths, framing and the structure of
//! CBOR stay true. What stays, and what does not:
//!
//! | stays | is replaced |
//! |---|---|
//! | commands, statuses, numbers, truth values, lengths | `pinHashEnc`, `newPinEnc`, `pinUvAuthParam`, tokens |
//! | everything in getInfo that the specification names, but | `encIdentifier`, `encCredStoreState` |
//! | key agreement: public, and new in every session | credential ids wherever they are, U2F key handles |
//! | AAGUID, flags and signature counter in `authData` | public keys of credentials, signatures: they lead to an account |
//! | certificates of a batch of keys | certificates where enterprise attestation was asked for or given |
//! | the throw-away relying party `keyvet.invalid` | every other relying party, its hash, every user, client data hashes |
//! | names of formats, types, transports | salts and outputs of `hmac-secret`, `credBlob`, large blobs and their keys |
//! | | members and commands that no specification names, also those of vendors |

mod canvas;
mod ctap;
mod paint;
mod rules;
mod structure;
#[cfg(test)]
mod tests;
mod u2f;

use keyvet_hid::framing::Command;
use keyvet_transport::Direction;

use crate::follow::{CardMessage, Kind, Message};
pub(crate) use canvas::FILLER;
pub(crate) use ctap::Asked;

/// Remembers what was asked on one line, and redacts what follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    asked: Option<Asked>,
    instruction: Option<u8>,
}

/// A message that may be written down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Redacted {
    /// As long as it was.
    pub(crate) bytes: Vec<u8>,
    /// Why nothing is left of it, when that is so.
    pub(crate) why: Option<Why>,
}

/// Why nothing is left of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    /// No specification names the command.
    UnknownCommand,
    /// It is not CBOR as CTAP has it.
    Undecodable,
    /// It answers nothing that was heard.
    Unasked,
    /// An answer that tells of a failure holds more than that.
    Failure,
    /// It did not end.
    Incomplete,
    /// It is between the key and another program.
    Foreign,
    /// It belongs to no message.
    Stray,
    /// Bytes behind the end of a message that should be zero.
    Padding,
}

impl Why {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCommand => "redacted: unknown command",
            Self::Undecodable => "redacted: cannot be decoded",
            Self::Unasked => "redacted: answers nothing that was heard",
            Self::Failure => "redacted: a failure that says more than its status",
            Self::Incomplete => "redacted: incomplete message",
            Self::Foreign => "redacted: another program's",
            Self::Stray => "redacted: part of no message",
            Self::Padding => "redacted: bytes behind the end of the message",
        }
    }
}

impl Redactor {
    /// The message without what it must not tell. Of an incomplete one nothing stays.
    pub(crate) fn message(&mut self, message: &Message) -> Redacted {
        let bytes = &message.payload;
        if !message.complete {
            return hidden(bytes, Why::Incomplete);
        }
        match (message.kind, message.direction) {
            (Kind::Hid { command: Command::CBOR, .. } | Kind::Card(CardMessage::Ctap), way) => {
                self.ctap(bytes, way)
            }
            (Kind::Hid { command: Command::MSG, .. }, Direction::Out) => {
                self.instruction = bytes.get(1).copied();
                u2f::request(bytes)
            }
            (Kind::Hid { command: Command::MSG, .. }, Direction::In) => {
                u2f::answer(bytes, self.instruction.take())
            }
            (Kind::Hid { command, .. }, _) => of_the_line(command, bytes),
            (Kind::Card(card), way) => of_the_card(card, way, bytes),
        }
    }

    fn ctap(&mut self, bytes: &[u8], way: Direction) -> Redacted {
        match way {
            Direction::Out => {
                let (redacted, asked) = ctap::request(bytes);
                self.asked = asked;
                redacted
            }
            // a key may say it twice
            Direction::In => ctap::answer(bytes, self.asked),
        }
    }
}

/// CTAPHID's own messages.
fn of_the_line(command: Command, bytes: &[u8]) -> Redacted {
    match command {
        Command::PING => first(bytes, bytes.len()),
        Command::INIT => first(bytes, INIT_REPLY),
        Command::KEEPALIVE | Command::ERROR | Command::LOCK => first(bytes, 1),
        Command::WINK | Command::CANCEL => first(bytes, 0),
        _ => hidden(bytes, Why::UnknownCommand),
    }
}

fn of_the_card(card: CardMessage, way: Direction, bytes: &[u8]) -> Redacted {
    match (card, way) {
        (CardMessage::Select, Direction::Out) if bytes == FIDO_APPLET => first(bytes, bytes.len()),
        (CardMessage::Select | CardMessage::U2f(u2f::VERSION), Direction::In)
            if bytes.len() <= u2f::LONGEST_VERSION =>
        {
            first(bytes, bytes.len())
        }
        (CardMessage::KeepAlive, _) => first(bytes, 1),
        (CardMessage::U2f(_), _) => first(bytes, 0),
        _ if bytes.is_empty() => first(bytes, 0),
        _ => hidden(bytes, Why::UnknownCommand),
    }
}

/// The first `len` bytes show.
fn first(bytes: &[u8], len: usize) -> Redacted {
    let shown = bytes.iter().take(len).copied();
    let filler = std::iter::repeat_n(FILLER, bytes.len().saturating_sub(len));
    Redacted { bytes: shown.chain(filler).collect(), why: None }
}

fn hidden(bytes: &[u8], why: Why) -> Redacted {
    Redacted { bytes: vec![FILLER; bytes.len()], why: (!bytes.is_empty()).then_some(why) }
}

/// Bytes of the reply to `CTAPHID_INIT`.
const INIT_REPLY: usize = 17;
/// The applet of FIDO (CTAP 2.2 §11.3.3).
const FIDO_APPLET: [u8; 8] = [0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01];
