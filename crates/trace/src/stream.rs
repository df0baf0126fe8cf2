//! One line, packet by packet: what is heard is held back until its message is whole and was redacted.

use keyvet_transport::{Direction, Transport};
use std::collections::VecDeque;

use crate::follow::{Follower, Message, Step};
use crate::redact::{FILLER, Redactor, Why};

/// One line.
#[derive(Debug)]
pub(crate) struct Stream {
    follower: Follower,
    redactor: Redactor,
    held: VecDeque<Held>,
    /// Number of the next packet.
    next: u64,
}

/// A packet that may be written down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Ready {
    pub(crate) at_us: u64,
    pub(crate) direction: Direction,
    pub(crate) bytes: Vec<u8>,
    pub(crate) why: Option<Why>,
}

#[derive(Debug)]
struct Held {
    number: u64,
    original: Vec<u8>,
    /// Begins as filler.
    ready: Ready,
    resolved: bool,
}

impl Stream {
    /// A line of `transport`.
    pub(crate) fn of(transport: Transport) -> Self {
        Self {
            follower: Follower::of(transport),
            redactor: Redactor::default(),
            held: VecDeque::new(),
            next: 0,
        }
    }

    /// Takes a packet, and gives those that may be written down by now, in the order in which they came.
    pub(crate) fn push(&mut self, at_us: u64, direction: Direction, bytes: &[u8]) -> Vec<Ready> {
        let number = self.next;
        self.next = number.saturating_add(1);
        self.hold(number, at_us, direction, bytes);
        let followed = self.follower.push(number, direction, bytes);
        followed.broken.iter().for_each(|message| self.resolve(message));
        match followed.step {
            Step::Part => {}
            Step::Whole(message) => self.resolve(&message),
            Step::Bare | Step::Cancel | Step::Gone => self.settle(number, None),
            Step::Stray => self.settle(number, Some(Why::Stray)),
            Step::Foreign => self.settle(number, Some(Why::Foreign)),
        }
        if self.held.len() > MOST_HELD {
            self.give_up();
        }
        self.release()
    }

    /// Nothing follows.
    pub(crate) fn end(&mut self) -> Vec<Ready> {
        self.give_up();
        self.release()
    }

    fn give_up(&mut self) {
        self.follower.end().iter().for_each(|message| self.resolve(message));
    }

    fn hold(&mut self, number: u64, at_us: u64, direction: Direction, bytes: &[u8]) {
        let mut shown = vec![FILLER; bytes.len()];
        for range in self.follower.frame(direction, bytes) {
            if let (Some(to), Some(from)) = (shown.get_mut(range.clone()), bytes.get(range)) {
                to.copy_from_slice(from);
            }
        }
        let ready = Ready { at_us, direction, bytes: shown, why: None };
        self.held.push_back(Held { number, original: bytes.to_vec(), ready, resolved: false });
    }

    /// Writes a message, redacted, into its packets.
    fn resolve(&mut self, message: &Message) {
        let redacted = self.redactor.message(message);
        let mut rest = redacted.bytes.as_slice();
        let last = message.parts.last().map(|part| part.packet);
        for part in &message.parts {
            let (bytes, behind) = rest.split_at_checked(part.len).unwrap_or((rest, &[]));
            rest = behind;
            let Some(held) = self.held(part.packet) else { continue };
            let end = part.at.saturating_add(bytes.len());
            if let Some(to) = held.ready.bytes.get_mut(part.at..end) {
                to.copy_from_slice(bytes);
            }
            held.ready.why = redacted.why;
            held.resolved = true;
            if message.complete && last == Some(part.packet) {
                held.pad(end);
            }
        }
    }

    fn settle(&mut self, number: u64, why: Option<Why>) {
        if let Some(held) = self.held(number) {
            held.ready.why = why;
            held.resolved = true;
        }
    }

    fn held(&mut self, number: u64) -> Option<&mut Held> {
        let first = self.held.front()?.number;
        self.held.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    fn release(&mut self) -> Vec<Ready> {
        let mut ready = Vec::new();
        while self.held.front().is_some_and(|held| held.resolved) {
            ready.extend(self.held.pop_front().map(|held| held.ready));
        }
        ready
    }
}

impl Held {
    /// Zeros behind the end of a message stay zeros; anything else there is what the key forgot to wipe. The status word
    /// of a card's answer stands there too.
    fn pad(&mut self, end: usize) {
        let padding = self.original.iter().zip(&mut self.ready.bytes).skip(end);
        let mut leaks = false;
        for (was, shown) in padding {
            if *was == 0 {
                *shown = 0;
            }
            leaks |= *was != *shown;
        }
        if leaks {
            self.ready.why = self.ready.why.or(Some(Why::Padding));
        }
    }
}

/// More than any message has; what is held beyond that is not waited for.
const MOST_HELD: usize = 1024;
