//! APDUs of a card (CTAP 2.2 §11.3), as somebody hears them who stands beside the reader.

use keyvet_transport::Direction;

use super::apdu::STATUS;
use super::{Apdu, Followed, Kind, Message, Part, Step};

/// What sort of message a card is sent, or answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CardMessage {
    /// An applet is chosen.
    Select,
    /// A CTAP2 message.
    Ctap,
    /// A CTAP1 message with this instruction.
    U2f(u8),
    /// Still working.
    KeepAlive,
    /// Anything else.
    Other,
}

/// Follows one connection.
#[derive(Debug, Default)]
pub(crate) struct CardFollower {
    out: Option<Message>,
    back: Option<Message>,
    /// What the next answer is one to.
    asked: Option<Sent>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sent {
    /// A part of a command that goes on.
    Half,
    /// A command.
    Whole(CardMessage),
}

impl CardFollower {
    pub(super) fn push(&mut self, packet: u64, direction: Direction, bytes: &[u8]) -> Followed {
        match direction {
            Direction::Out => self.command(packet, bytes),
            Direction::In => self.answer(packet, bytes),
        }
    }

    pub(super) fn end(&mut self) -> Vec<Message> {
        [self.out.take(), self.back.take()].into_iter().flatten().collect()
    }

    fn command(&mut self, packet: u64, bytes: &[u8]) -> Followed {
        let Some(apdu) = Apdu::of(bytes) else {
            self.asked = None;
            return Followed::new(self.end(), Step::Stray);
        };
        let Some(kind) = CardMessage::of(&apdu) else {
            return Followed::new(Vec::new(), going_on(&apdu));
        };
        let mut broken: Vec<_> = self.back.take().into_iter().collect();
        let same = self.out.as_ref().is_none_or(|out| out.kind == Kind::Card(kind));
        if !same {
            broken.extend(self.out.take());
        }
        let begun = self.out.take().unwrap_or_else(|| blank(Direction::Out, kind));
        let mut message = grown(begun, packet, apdu.data.start, bytes.get(apdu.data.clone()));
        if apdu.is_chained() && message.payload.len() <= LONGEST {
            self.asked = Some(Sent::Half);
            self.out = Some(message);
            return Followed::new(broken, Step::Part);
        }
        self.asked = Some(Sent::Whole(kind));
        message.complete = message.payload.len() <= LONGEST;
        Followed::new(broken, Step::Whole(message))
    }

    fn answer(&mut self, packet: u64, bytes: &[u8]) -> Followed {
        if bytes.is_empty() {
            return Followed::new(self.end(), Step::Gone);
        }
        let data = bytes.len().saturating_sub(STATUS);
        let status = bytes.get(data..).unwrap_or_default();
        let kind = match self.asked {
            Some(Sent::Whole(kind)) => kind,
            Some(Sent::Half) if data == 0 => return Followed::new(Vec::new(), Step::Bare),
            _ => return Followed::new(Vec::new(), Step::Stray),
        };
        if status == KEEP_ALIVE {
            let blank = blank(Direction::In, CardMessage::KeepAlive);
            let mut message = grown(blank, packet, 0, bytes.get(..data));
            message.complete = true;
            return Followed::new(Vec::new(), Step::Whole(message));
        }
        let begun = self.back.take().unwrap_or_else(|| blank(Direction::In, kind));
        let mut message = grown(begun, packet, 0, bytes.get(..data));
        if status.first() == Some(&MORE) && message.payload.len() <= LONGEST {
            self.back = Some(message);
            return Followed::new(Vec::new(), Step::Part);
        }
        // a refusal holds nothing that could be read
        message.complete =
            status == DONE && message.payload.len() <= LONGEST || message.payload.is_empty();
        Followed::new(Vec::new(), Step::Whole(message))
    }
}

/// What a command is that begins nothing: it asks for the rest of the answer, whether there is one, or for an end.
fn going_on(apdu: &Apdu) -> Step {
    match apdu.data.is_empty() {
        true if is_cancel(apdu) => Step::Cancel,
        true => Step::Bare,
        false => Step::Stray,
    }
}

/// Whether a command asks for an end of what the card works on.
pub(crate) fn is_cancel(apdu: &Apdu) -> bool {
    (apdu.class, apdu.instruction, apdu.p1) == (0x80, NFCCTAP_GETRESPONSE, CANCEL)
}

impl CardMessage {
    /// What a command begins; none when it goes on with the one before.
    pub(crate) fn of(apdu: &Apdu) -> Option<Self> {
        let class = apdu.class & !0x10;
        Some(match (class, apdu.instruction) {
            (0x80, 0x10) => Self::Ctap,
            (0x80, NFCCTAP_GETRESPONSE) | (_, 0xc0) => return None,
            (0x00, 0xa4) => Self::Select,
            (0x00, instruction @ 0x01..=0x03) => Self::U2f(instruction),
            _ => Self::Other,
        })
    }
}

fn blank(direction: Direction, kind: CardMessage) -> Message {
    let (payload, parts) = (Vec::new(), Vec::new());
    Message { direction, kind: Kind::Card(kind), payload, parts, complete: false }
}

fn grown(mut message: Message, packet: u64, at: usize, data: Option<&[u8]>) -> Message {
    let data = data.unwrap_or_default();
    message.payload.extend_from_slice(data);
    message.parts.push(Part { packet, at, len: data.len() });
    message
}

/// `NFCCTAP_GETRESPONSE`, and its first parameter when it cancels (CTAP 2.2 §11.3.7.2, §11.3.7.3).
const NFCCTAP_GETRESPONSE: u8 = 0x11;
const CANCEL: u8 = 0x11;
/// More than any message of CTAP has.
const LONGEST: usize = 1 << 17;
const DONE: [u8; 2] = [0x90, 0x00];
const KEEP_ALIVE: [u8; 2] = [0x91, 0x00];
const MORE: u8 = 0x61;
