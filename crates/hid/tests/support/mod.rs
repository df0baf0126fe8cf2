//! A line in memory, and authenticators of ours at its other end.
#![allow(dead_code, reason = "every test program uses its own part")]

use async_trait::async_trait;
use keyvet_finding::Coded;
use keyvet_hid::framing::{
    Capabilities, ChannelId, Command, DeviceEvent, DeviceSide, ErrorCode, InitReply, Message,
    Reports,
};
use keyvet_hid::{HidChannel, Report, ReportLink};
use keyvet_transport::{ChannelError, DeviceId, Exchange, Transport};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The client's end of a line in memory; counts what it carries.
pub(crate) struct MemoryLink {
    out: UnboundedSender<Report>,
    reports: UnboundedReceiver<Report>,
    pub counters: Arc<Counters>,
}

/// Reports sent and received by the client.
#[derive(Default)]
pub(crate) struct Counters {
    pub sent: AtomicUsize,
    pub received: AtomicUsize,
}

/// The authenticator's end.
pub(crate) struct DeviceEnd {
    pub reports: UnboundedReceiver<Report>,
    pub out: UnboundedSender<Report>,
}

/// Both ends of a line.
pub(crate) fn line() -> (MemoryLink, DeviceEnd) {
    let (out, device_in) = unbounded_channel();
    let (device_out, reports) = unbounded_channel();
    let link = MemoryLink { out, reports, counters: Arc::default() };
    (link, DeviceEnd { reports: device_in, out: device_out })
}

#[async_trait]
impl ReportLink for MemoryLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.counters.sent.fetch_add(1, Ordering::Relaxed);
        self.out.send(*report).map_err(|_| ChannelError::Removed)
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        let report = self.reports.recv().await.ok_or(ChannelError::Removed)?;
        self.counters.received.fetch_add(1, Ordering::Relaxed);
        Ok(report)
    }
}

impl Counters {
    /// Sent and received.
    pub(crate) fn both(&self) -> (usize, usize) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }
}

/// An authenticator that answers each request with what `handler` returns, and opens channels as it should where
/// `handler` returns nothing.
pub(crate) fn authenticator(
    mut handler: impl FnMut(&Message) -> Option<Vec<Report>> + Send + 'static,
) -> MemoryLink {
    let (link, mut end) = line();
    tokio::spawn(async move {
        let (mut side, mut channels) = (DeviceSide::new(), 0x10);
        while let Some(report) = end.reports.recv().await {
            let answer = match side.push(&report) {
                DeviceEvent::Nothing => continue,
                DeviceEvent::Refuse { channel, code } => refuse(channel, code),
                DeviceEvent::Request(message) => {
                    handler(&message).unwrap_or_else(|| usual(&message, &mut channels))
                }
            };
            for report in answer {
                if end.out.send(report).is_err() {
                    return;
                }
            }
        }
    });
    link
}

/// What every authenticator does: channels, echoes, winks; a CTAP2 message is answered with its own bytes reversed.
pub(crate) fn usual(message: &Message, channels: &mut u32) -> Vec<Report> {
    match message.command {
        Command::INIT => {
            let given = if message.channel == ChannelId::BROADCAST {
                *channels += 1;
                ChannelId(*channels)
            } else {
                message.channel
            };
            init_reply(message, given)
        }
        Command::CANCEL => Vec::new(),
        Command::CBOR => {
            let answer: Vec<u8> =
                [0].into_iter().chain(message.payload.iter().rev().copied()).collect();
            reports(message.channel, Command::CBOR, &answer)
        }
        command => reports(message.channel, command, &message.payload),
    }
}

/// The reply to an INIT that gives `channel`.
pub(crate) fn init_reply(message: &Message, channel: ChannelId) -> Vec<Report> {
    let nonce = message.payload.as_slice().try_into().expect("a nonce has 8 bytes");
    let reply = InitReply::new(nonce, channel, Capabilities(0x05));
    reports(message.channel, Command::INIT, &reply.encode())
}

/// A message as reports.
pub(crate) fn reports(channel: ChannelId, command: Command, payload: &[u8]) -> Vec<Report> {
    Reports::new(channel, command, payload).expect("the message fits").collect()
}

/// A keep-alive.
pub(crate) fn keep_alive(channel: ChannelId, status: u8) -> Vec<Report> {
    reports(channel, Command::KEEPALIVE, &[status])
}

/// A refusal.
pub(crate) fn refuse(channel: ChannelId, code: ErrorCode) -> Vec<Report> {
    reports(channel, Command::ERROR, &[code.0])
}

/// The channel on `link`.
pub(crate) async fn open(link: MemoryLink) -> Result<HidChannel<MemoryLink>, ChannelError> {
    let cancel = CancellationToken::new();
    HidChannel::open(link, device(), exchange(&cancel, 10)).await
}

/// The name of the authenticator.
pub(crate) fn device() -> DeviceId {
    DeviceId::new(Transport::Memory, "test")
}

/// An exchange of at most so many seconds.
pub(crate) fn exchange(cancel: &CancellationToken, seconds: u64) -> Exchange<'_> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    Exchange { deadline, cancel, progress: &() }
}

/// The stable id of an error.
pub(crate) fn id<T: std::fmt::Debug>(outcome: Result<T, ChannelError>) -> &'static str {
    outcome.expect_err("it must fail").kind().id
}
