//! Reports of CTAPHID, as somebody hears them who stands beside the line.

use keyvet_hid::Report;
use keyvet_hid::framing::{ChannelId, Command, MAX_MESSAGE_LEN, Packet};
use keyvet_transport::Direction;
use std::collections::VecDeque;
use std::ops::Range;

use super::{Followed, Kind, Message, Part, Step};

/// Follows one opener of a key: what it says, what it is told, and that everything else is not its own.
#[derive(Debug, Default)]
pub(crate) struct HidFollower {
    /// Channels that this opener spoke on.
    ours: VecDeque<ChannelId>,
    out: Option<Growing>,
    back: Option<Growing>,
}

#[derive(Debug)]
struct Growing {
    message: Message,
    channel: ChannelId,
    len: usize,
    sequence: u8,
}

impl HidFollower {
    pub(super) fn push(&mut self, packet: u64, direction: Direction, bytes: &[u8]) -> Followed {
        let Ok(report) = <&Report>::try_from(bytes) else {
            return Followed::new(Vec::new(), Step::Stray);
        };
        let place = Place { packet, direction };
        match Packet::of(report) {
            parsed if direction == Direction::In && self.is_foreign(&parsed) => {
                Followed::new(Vec::new(), Step::Foreign)
            }
            Packet::Initialization { channel, command, len, data } => {
                self.begin(place, channel, command, len, data)
            }
            Packet::Continuation { channel, sequence, data } => {
                self.go_on(place, channel, sequence, data)
            }
        }
    }

    pub(super) fn end(&mut self) -> Vec<Message> {
        let left = [self.out.take(), self.back.take()];
        left.into_iter().flatten().map(|growing| growing.message).collect()
    }

    /// Everybody hears the replies on the broadcast channel, and only `CTAPHID_INIT` has some there.
    fn is_foreign(&self, packet: &Packet<'_>) -> bool {
        match packet {
            Packet::Initialization {
                channel: ChannelId::BROADCAST,
                command: Command::INIT | Command::ERROR,
                ..
            } => false,
            packet => !self.ours.contains(&packet.channel()),
        }
    }

    fn begin(
        &mut self,
        place: Place,
        channel: ChannelId,
        command: Command,
        len: usize,
        data: &[u8],
    ) -> Followed {
        let broken = self.broken_by(place.direction, command);
        if place.direction == Direction::Out {
            self.remember(channel);
        }
        if len > MAX_MESSAGE_LEN {
            return Followed::new(broken, Step::Stray);
        }
        let message = Message {
            direction: place.direction,
            kind: Kind::Hid { channel, command },
            payload: Vec::with_capacity(len),
            parts: Vec::new(),
            complete: false,
        };
        let growing = Growing { message, channel, len, sequence: 0 };
        Followed::new(broken, self.take(growing, place, INITIALIZATION_HEAD, data))
    }

    /// A new request ends what was being answered; a cancel does not, because the answer to it is that answer.
    fn broken_by(&mut self, direction: Direction, command: Command) -> Vec<Message> {
        let broken = match direction {
            Direction::Out if command == Command::CANCEL => [self.out.take(), None],
            Direction::Out => [self.out.take(), self.back.take()],
            Direction::In => [None, self.back.take()],
        };
        broken.into_iter().flatten().map(|growing| growing.message).collect()
    }

    fn go_on(&mut self, place: Place, channel: ChannelId, sequence: u8, data: &[u8]) -> Followed {
        let slot = match place.direction {
            Direction::Out => &mut self.out,
            Direction::In => &mut self.back,
        };
        match slot.take() {
            Some(mut growing) if growing.channel == channel && growing.sequence == sequence => {
                growing.sequence = sequence.saturating_add(1);
                let step = self.take(growing, place, CONTINUATION_HEAD, data);
                Followed::new(Vec::new(), step)
            }
            Some(growing) if growing.channel == channel => {
                Followed::new(vec![growing.message], Step::Stray)
            }
            other => {
                *slot = other;
                Followed::new(Vec::new(), Step::Stray)
            }
        }
    }

    fn take(&mut self, mut growing: Growing, place: Place, at: usize, data: &[u8]) -> Step {
        let message = &mut growing.message;
        let missing = growing.len.saturating_sub(message.payload.len());
        let len = missing.min(data.len());
        message.payload.extend(data.iter().take(len));
        message.parts.push(Part { packet: place.packet, at, len });
        if missing <= data.len() {
            message.complete = true;
            return Step::Whole(growing.message);
        }
        match place.direction {
            Direction::Out => self.out = Some(growing),
            Direction::In => self.back = Some(growing),
        }
        Step::Part
    }

    fn remember(&mut self, channel: ChannelId) {
        if self.ours.contains(&channel) {
            return;
        }
        if self.ours.len() >= MOST_CHANNELS {
            self.ours.pop_front();
        }
        self.ours.push_back(channel);
    }
}

#[derive(Clone, Copy)]
struct Place {
    packet: u64,
    direction: Direction,
}

/// Channel, and command and length or sequence number.
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges that has one")]
pub(super) fn frame(bytes: &[u8]) -> Vec<Range<usize>> {
    let Ok(report) = <&Report>::try_from(bytes) else { return Vec::new() };
    match Packet::of(report) {
        // what keeps other programs waiting is of interest and says nothing of them
        Packet::Initialization { command: Command::KEEPALIVE | Command::ERROR, .. } => {
            vec![0..INITIALIZATION_HEAD.saturating_add(1)]
        }
        Packet::Initialization { .. } => vec![0..INITIALIZATION_HEAD],
        Packet::Continuation { .. } => vec![0..CONTINUATION_HEAD],
    }
}

const INITIALIZATION_HEAD: usize = 7;
const CONTINUATION_HEAD: usize = 5;
/// More than one opener uses in a run; the oldest are forgotten first.
const MOST_CHANNELS: usize = 1024;
