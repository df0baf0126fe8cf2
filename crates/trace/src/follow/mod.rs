//! Following a line that somebody else speaks on: packets of both directions in, whole messages out.

mod apdu;
mod card;
mod hid;

use keyvet_hid::framing::{ChannelId, Command};
use keyvet_transport::{Direction, Transport};
use std::ops::Range;

pub(crate) use apdu::Apdu;
pub(crate) use card::{CardMessage, is_cancel};

/// Follows one line.
#[derive(Debug)]
pub(crate) enum Follower {
    /// Reports of CTAPHID.
    Hid(hid::HidFollower),
    /// APDUs of a card.
    Card(card::CardFollower),
}

/// A message put together from packets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Message {
    pub(crate) direction: Direction,
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
    /// Where its bytes lie, in order.
    pub(crate) parts: Vec<Part>,
    /// Whether all of it is there.
    pub(crate) complete: bool,
}

/// What sort of message it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A message of CTAPHID.
    Hid { channel: ChannelId, command: Command },
    /// A message of a card.
    Card(CardMessage),
}

/// Where a part of a message lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    /// Number of the packet on its line.
    pub(crate) packet: u64,
    /// First byte in the packet.
    pub(crate) at: usize,
    /// How many.
    pub(crate) len: usize,
}

/// What one packet did.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Messages that will not be completed any more.
    pub(crate) broken: Vec<Message>,
    pub(crate) step: Step,
}

/// What a packet is.
#[derive(Debug)]
pub(crate) enum Step {
    /// A part of a message that goes on.
    Part,
    /// The last part, or all, of a message.
    Whole(Message),
    /// Nothing but its frame.
    Bare,
    /// A request that a card is to be done with what it works on.
    Cancel,
    /// In the place of an answer: the card was taken away.
    Gone,
    /// A part of no message.
    Stray,
    /// Between the key and another program.
    Foreign,
}

impl Follower {
    /// Follows a line of `transport`.
    pub(crate) fn of(transport: Transport) -> Self {
        match transport {
            Transport::Nfc => Self::Card(card::CardFollower::default()),
            _ => Self::Hid(hid::HidFollower::default()),
        }
    }

    /// Takes packet number `packet`.
    pub(crate) fn push(&mut self, packet: u64, direction: Direction, bytes: &[u8]) -> Followed {
        match self {
            Self::Hid(follower) => follower.push(packet, direction, bytes),
            Self::Card(follower) => follower.push(packet, direction, bytes),
        }
    }

    /// Nothing follows: what was not completed.
    pub(crate) fn end(&mut self) -> Vec<Message> {
        match self {
            Self::Hid(follower) => follower.end(),
            Self::Card(follower) => follower.end(),
        }
    }

    /// The parts of a packet that frame the message and are none of it.
    pub(crate) fn frame(&self, direction: Direction, bytes: &[u8]) -> Vec<Range<usize>> {
        match self {
            Self::Hid(_) => hid::frame(bytes),
            Self::Card(_) => apdu::frame(direction, bytes),
        }
    }
}

impl Followed {
    pub(crate) fn new(broken: Vec<Message>, step: Step) -> Self {
        Self { broken, step }
    }
}
