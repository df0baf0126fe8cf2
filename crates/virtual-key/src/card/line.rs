//! A CTAPHID channel to a key, for a thread that may block.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use keyvet_hid::Report;
use keyvet_hid::framing::{Assembler, ChannelId, Command, InitReply, Pushed, Reports};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::port::Port;

/// A channel of its own to one key, which it does not keep running.
pub(super) struct Line {
    port: Arc<Port>,
    plugged: u64,
    input: UnboundedReceiver<Report>,
    channel: ChannelId,
    assembler: Assembler,
}

/// What is heard on the line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Heard {
    /// A message: the answer.
    Answer(Vec<u8>),
    /// `CTAPHID_KEEPALIVE` with this status.
    KeepAlive(u8),
    /// `CTAPHID_ERROR`, or bytes that are no message.
    Error,
    /// Nothing in the time given.
    Nothing,
    /// The key is gone.
    Gone,
}

impl Line {
    /// Allocates a channel; `None` when the key does not answer before `deadline`.
    pub(super) fn open(port: &Arc<Port>, deadline: Instant) -> Option<Self> {
        let (plugged, input) = port.open();
        let channel = ChannelId::BROADCAST;
        let assembler = Assembler::of(channel);
        let mut line = Self { port: Arc::clone(port), plugged, input, channel, assembler };
        line.send(Command::INIT, &NONCE).then_some(())?;
        // others may be answered at the same time
        for _ in 0..MOST_ANSWERS {
            let Heard::Answer(answer) = line.hear(Command::INIT, deadline) else { return None };
            if let Ok(Some(reply)) = InitReply::parse(&answer, NONCE) {
                line.channel = reply.channel;
                line.assembler = Assembler::of(reply.channel);
                return Some(line);
            }
        }
        None
    }

    /// Sends a message; whether the key is there.
    pub(super) fn send(&mut self, command: Command, message: &[u8]) -> bool {
        let Ok(reports) = Reports::new(self.channel, command, message) else { return false };
        reports.into_iter().all(|report| self.port.write(self.plugged, &report).is_ok())
    }

    /// What is heard next about `command`, by `deadline`.
    pub(super) fn hear(&mut self, command: Command, deadline: Instant) -> Heard {
        loop {
            match self.report(deadline) {
                Err(ended) => return ended,
                Ok(report) => {
                    if let Some(heard) = self.heard(command, &report) {
                        return heard;
                    }
                }
            }
        }
    }

    /// The next report, for a thread that may block, also one of a runtime.
    fn report(&mut self, deadline: Instant) -> Result<Report, Heard> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            match self.input.poll_recv(&mut Context::from_waker(&waker)) {
                Poll::Ready(report) => return report.ok_or(Heard::Gone),
                Poll::Pending => {}
            }
            match deadline.saturating_duration_since(Instant::now()) {
                Duration::ZERO => return Err(Heard::Nothing),
                left => thread::park_timeout(left),
            }
        }
    }

    fn heard(&mut self, command: Command, report: &[u8; 64]) -> Option<Heard> {
        match self.assembler.push(report) {
            Ok(Pushed::Complete(message)) if message.command == command => {
                Some(Heard::Answer(message.payload))
            }
            Ok(Pushed::Complete(message)) if message.command == Command::KEEPALIVE => {
                Some(Heard::KeepAlive(message.payload.first().copied().unwrap_or_default()))
            }
            Ok(Pushed::Complete(message)) if message.command == Command::ERROR => {
                Some(Heard::Error)
            }
            // the rest of a message, others' reports
            Ok(_) => None,
            Err(_) => Some(Heard::Error),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

const NONCE: [u8; 8] = *b"nfc-card";
const MOST_ANSWERS: usize = 64;
