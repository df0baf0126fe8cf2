//! A recording as exchanges: each request with everything that came back until the next one.

use keyvet_hid::framing::Command;
use keyvet_transport::Direction;

use crate::follow::{Follower, Kind, Message, Step};
use crate::{RecordedDevice, Recording};

/// A request and what came back.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// When its first packet was sent.
    pub(crate) at_us: u64,
    pub(crate) request: Message,
    /// Everything that was heard until the next request, packet by packet.
    pub(crate) replies: Vec<Reply>,
    /// Where the request was cancelled: how many replies came before.
    pub(crate) cancelled: Option<usize>,
}

/// A packet that came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) at_us: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) what: What,
}

/// What a packet that came back is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A part of a message that goes on.
    Part,
    /// The end of a message.
    Message(Message),
    /// A part of no message.
    Stray,
    /// Another program's.
    Foreign,
    /// The card was taken away.
    Gone,
}

/// The exchanges with `device`, in order.
pub(crate) fn exchanges(recording: &Recording, device: &RecordedDevice) -> Vec<Exchange> {
    let mut building = Building::default();
    let mut follower = Follower::of(device.transport);
    for (number, packet) in (0..).zip(recording.packets_of(device.number)) {
        let step = follower.push(number, packet.direction, &packet.bytes).step;
        match packet.direction {
            Direction::Out => building.out(packet.at_us, step),
            Direction::In => building.back(packet.at_us, &packet.bytes, step),
        }
    }
    building.done
}

#[derive(Default)]
struct Building {
    done: Vec<Exchange>,
    /// When the request began whose packets are on their way.
    begun: Option<u64>,
    /// What came before the first request.
    early: Vec<Reply>,
}

impl Building {
    fn out(&mut self, at_us: u64, step: Step) {
        match step {
            Step::Part => {
                self.begun.get_or_insert(at_us);
            }
            Step::Whole(message) if is_cancel(&message) => self.cancelled(),
            Step::Cancel => self.cancelled(),
            Step::Whole(request) => {
                let at_us = self.begun.take().unwrap_or(at_us);
                let replies = std::mem::take(&mut self.early);
                self.done.push(Exchange { at_us, request, replies, cancelled: None });
            }
            Step::Bare | Step::Gone | Step::Stray | Step::Foreign => {}
        }
    }

    fn cancelled(&mut self) {
        if let Some(exchange) = self.done.last_mut() {
            exchange.cancelled.get_or_insert(exchange.replies.len());
        }
    }

    fn back(&mut self, at_us: u64, bytes: &[u8], step: Step) {
        let what = match step {
            Step::Part => What::Part,
            Step::Whole(message) => What::Message(message),
            Step::Stray => What::Stray,
            Step::Foreign => What::Foreign,
            Step::Gone => What::Gone,
            // says that the next part of a request may come
            Step::Bare | Step::Cancel => return,
        };
        let replies = match self.done.last_mut() {
            Some(exchange) => &mut exchange.replies,
            None => &mut self.early,
        };
        replies.push(Reply { at_us, bytes: bytes.to_vec(), what });
    }
}

fn is_cancel(message: &Message) -> bool {
    matches!(message.kind, Kind::Hid { command: Command::CANCEL, .. })
}

impl Exchange {
    /// The messages that came back whole.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.replies.iter().filter_map(Reply::message)
    }

    /// The answer, when there is one: a message of the request's own sort, or a refusal on the line.
    pub(crate) fn answer(&self) -> Option<(u64, &Message)> {
        let own = |message: &&Message| match (self.request.kind, message.kind) {
            (Kind::Hid { command: asked, .. }, Kind::Hid { command, .. }) => {
                command == asked && self.is_reply(message) || command == Command::ERROR
            }
            (asked, kind) => asked == kind,
        };
        self.replies
            .iter()
            .find_map(|reply| reply.message().filter(own).map(|message| (reply.at_us, message)))
    }

    /// Everybody's replies to INIT are heard; ours begins with our nonce.
    fn is_reply(&self, message: &Message) -> bool {
        let init = matches!(self.request.kind, Kind::Hid { command: Command::INIT, .. });
        !init || message.payload.starts_with(&self.request.payload)
    }
}

impl Reply {
    pub(crate) fn message(&self) -> Option<&Message> {
        match &self.what {
            What::Message(message) => Some(message),
            _ => None,
        }
    }
}
