//! Reports of a recording, as if a key sent them.

use async_trait::async_trait;
use keyvet_hid::framing::{
    ChannelId, Command, DeviceEvent, DeviceSide, Message, NONCE_LEN, Packet, Reports,
};
use keyvet_hid::{Report, ReportLink};
use keyvet_transport::{ChannelError, Phase};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::player::Player;
use super::silence::{before_cancel, waiting};
use crate::asks::Asks;
use crate::exchange::{Exchange, Reply};
use crate::follow::Kind;

/// The key's end of the line: what comes is compared by command alone, what goes is what was recorded.
pub(super) struct ReplayLink {
    player: Arc<Mutex<Player>>,
    hears: DeviceSide,
    inbox: VecDeque<Report>,
    /// What came only after the request was cancelled.
    after_cancel: VecDeque<Report>,
    /// What is told when there is nothing more: the recording has no more to say either.
    silence: Option<Phase>,
}

impl ReplayLink {
    pub(super) fn new(player: Arc<Mutex<Player>>) -> Self {
        Self {
            player,
            hears: DeviceSide::new(),
            inbox: VecDeque::new(),
            after_cancel: VecDeque::new(),
            silence: None,
        }
    }

    fn request(&mut self, message: &Message) -> Result<(), ChannelError> {
        if message.command == Command::CANCEL {
            self.inbox.append(&mut self.after_cancel);
            return Ok(());
        }
        let kind = Kind::Hid { channel: message.channel, command: message.command };
        let asks = Asks::of(kind, &message.payload);
        let (exchange, again) = {
            let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
            (player.play(asks)?, player.has(asks))
        };
        let cancelled = before_cancel(&exchange);
        let reports = |replies: &[Reply]| {
            replies.iter().filter_map(|reply| adapted(reply, &exchange, message)).collect()
        };
        let (before, after) =
            exchange.replies.split_at_checked(cancelled).unwrap_or((&exchange.replies, &[]));
        let mut before: VecDeque<_> = reports(before);
        self.after_cancel = reports(after);
        self.silence = silence(&exchange, again);
        if let Some(echo) = echo(&exchange, message) {
            before = echo;
        }
        self.inbox.append(&mut before);
        Ok(())
    }
}

#[async_trait]
impl ReportLink for ReplayLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        match self.hears.push(report) {
            DeviceEvent::Request(message) => self.request(&message),
            _ => Ok(()),
        }
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        match (self.inbox.pop_front(), self.silence) {
            (Some(report), _) => Ok(report),
            // nobody waits for what is known not to come
            (None, Some(phase)) => Err(ChannelError::Timeout { phase }),
            (None, None) => std::future::pending().await,
        }
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        Ok(self.inbox.pop_front())
    }
}

/// A recorded report on the channel of today and with the nonce of today.
fn adapted(reply: &Reply, exchange: &Exchange, now: &Message) -> Option<Report> {
    let mut report = Report::try_from(reply.bytes.as_slice()).ok()?;
    let Kind::Hid { channel: then, .. } = exchange.request.kind else { return None };
    let packet = Packet::of(&report);
    let is_init = matches!(packet, Packet::Initialization { command: Command::INIT, .. });
    let (here, channel) = (packet.channel() == then, now.channel);
    if here {
        put(&mut report, 0, &channel.0.to_be_bytes());
    }
    let nonce = exchange.request.payload.get(..NONCE_LEN);
    if here && is_init && nonce.is_some() && report.get(DATA..DATA_NONCE) == nonce {
        put(&mut report, DATA, now.payload.get(..NONCE_LEN)?);
    }
    Some(report)
}

fn put(report: &mut Report, at: usize, bytes: &[u8]) {
    for (slot, byte) in report.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}

/// The echo of what is sent today, when what was sent then came back as it was.
fn echo(exchange: &Exchange, now: &Message) -> Option<VecDeque<Report>> {
    let (_, answer) = exchange.answer()?;
    let came_back = now.command == Command::PING && answer.payload == exchange.request.payload;
    let channel = ChannelId(now.channel.0);
    let reports = came_back.then(|| Reports::new(channel, Command::PING, &now.payload))?;
    reports.ok().map(Iterator::collect)
}

/// What was waited for in vain, when nothing ended the request. The opening of a channel is tried again when it was then.
fn silence(exchange: &Exchange, again: bool) -> Option<Phase> {
    let cancelled = before_cancel(exchange);
    let is_init = matches!(exchange.request.kind, Kind::Hid { command: Command::INIT, .. });
    match exchange.answer() {
        Some((at_us, _)) if !is_after(exchange, cancelled, at_us) => None,
        _ if is_init => (!again).then_some(Phase::Opening),
        _ => Some(waiting(exchange.replies.get(..cancelled).unwrap_or_default())),
    }
}

/// Whether what came at `at_us` came only after the cancel.
fn is_after(exchange: &Exchange, cancelled: usize, at_us: u64) -> bool {
    exchange.replies.get(cancelled).is_some_and(|first| at_us >= first.at_us)
}

/// Where the data of an initialization packet begins.
const DATA: usize = 7;
/// Where the nonce in it ends.
const DATA_NONCE: usize = DATA + NONCE_LEN;
