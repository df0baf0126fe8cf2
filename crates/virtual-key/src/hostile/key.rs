//! The whole key: the line, keep-alives, cancel, and the authenticator behind it.

use std::collections::VecDeque;
use std::time::Duration;

use keyvet_ctap::Aaguid;

use super::authenticator::{Authenticator, Outcome};
use super::framing::{self, Channel, Heard, Listener};
use super::{Quirk, Report};
use crate::fixtures::{Leaf, model};

/// What a hostile key is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostileOptions {
    /// How it misbehaves.
    pub quirks: Vec<Quirk>,
    /// The CTAP command that the quirks of its answers are limited to; INIT and CTAPHID errors aside.
    pub only_on: Option<u8>,
    /// A PIN that is set.
    pub pin: Option<String>,
    /// What signs the attestation statement; the credential itself without.
    pub attestation: Option<Leaf>,
    /// The model.
    pub aaguid: Aaguid,
    /// What credentials and keys for key agreement are derived from.
    pub seed: u64,
    /// How long it waits for a touch that does not come.
    pub up_timeout: Duration,
}

impl HostileOptions {
    /// A key with these quirks, without PIN, self-attested.
    #[must_use]
    pub fn with(quirks: &[Quirk]) -> Self {
        Self {
            quirks: quirks.to_vec(),
            only_on: None,
            pin: None,
            attestation: None,
            aaguid: model(0xff),
            seed: 1,
            up_timeout: Duration::from_secs(30),
        }
    }
}

/// A hostile key without I/O and clock. Times are counted from any one moment.
pub struct HostileKey {
    authenticator: Authenticator,
    listener: Listener,
    channels: u32,
    queue: VecDeque<(Duration, Report)>,
    endless: Option<Endless>,
    waiting: Option<Waiting>,
    cbor_messages: u32,
    gone: bool,
}

/// What a key does next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Next {
    /// It sends this report.
    Report(Report),
    /// Nothing before this time.
    At(Duration),
    /// Nothing before it hears something.
    Idle,
    /// It is no longer there.
    Gone,
}

struct Endless {
    report: Report,
    next: Duration,
    every: Duration,
}

struct Waiting {
    channel: Channel,
    until: Duration,
}

impl HostileKey {
    /// A key that was just plugged in.
    #[must_use]
    pub fn new(options: HostileOptions) -> Self {
        Self {
            authenticator: Authenticator::new(options),
            listener: Listener::default(),
            channels: 0,
            queue: VecDeque::new(),
            endless: None,
            waiting: None,
            cbor_messages: 0,
            gone: false,
        }
    }

    /// Takes a report of the host at time `now`.
    pub fn report(&mut self, now: Duration, report: &Report) {
        match self.listener.push(report) {
            Heard::Nothing => {}
            Heard::Wrong { channel, code } => {
                self.send(now, framing::short(channel, framing::ERROR, &[code]))
            }
            Heard::Message { channel, command, payload } => {
                self.message(now, channel, command, &payload)
            }
        }
    }

    /// What it does next, at time `now`.
    pub fn next(&mut self, now: Duration) -> Next {
        if let Some((_, report)) = self.queue.pop_front_if(|(due, _)| *due <= now) {
            return Next::Report(report);
        }
        if self.gone && self.queue.is_empty() {
            return Next::Gone;
        }
        if let Some(waiting) = self.waiting.take_if(|waiting| waiting.until <= now) {
            self.endless = None;
            self.answer(now, waiting.channel, &[USER_ACTION_TIMEOUT]);
            return self.next(now);
        }
        if let Some(endless) = self.endless.as_mut().filter(|endless| endless.next <= now) {
            endless.next = now.saturating_add(endless.every);
            return Next::Report(endless.report);
        }
        let queued = self.queue.front().map(|(due, _)| *due);
        let times =
            [queued, self.endless.as_ref().map(|e| e.next), self.waiting.as_ref().map(|w| w.until)];
        times.into_iter().flatten().min().map_or(Next::Idle, Next::At)
    }

    /// Takes its power away and gives it back.
    pub fn power_cycle(&mut self) {
        self.authenticator.power_cycle();
        (self.queue, self.endless, self.waiting) = (VecDeque::new(), None, None);
        (self.listener, self.channels, self.cbor_messages, self.gone) =
            (Listener::default(), 0, 0, false);
    }

    /// The PIN retries that are really left, whatever the key says.
    #[must_use]
    pub fn pin_retries(&self) -> u8 {
        self.authenticator.pin.retries()
    }

    /// How many CTAP2 messages it has heard.
    #[must_use]
    pub fn messages(&self) -> u32 {
        self.cbor_messages
    }

    fn message(&mut self, now: Duration, channel: Channel, command: u8, payload: &[u8]) {
        if command == framing::INIT {
            return self.init(now, channel, payload);
        }
        if !self.is_allocated(channel) {
            return self
                .send(now, framing::short(channel, framing::ERROR, &[framing::INVALID_CHANNEL]));
        }
        match command {
            framing::CBOR => self.cbor(now, channel, payload),
            framing::CANCEL => self.cancel(now, channel),
            framing::PING => self.ping(now, channel, payload),
            framing::WINK => self.send(now, framing::short(channel, framing::WINK, &[])),
            _ => {
                self.send(now, framing::short(channel, framing::ERROR, &[framing::INVALID_COMMAND]))
            }
        }
    }

    fn is_allocated(&self, channel: Channel) -> bool {
        let number = u32::from_be_bytes(channel);
        number > FIRST_CHANNEL && number <= FIRST_CHANNEL.saturating_add(self.channels)
    }

    fn init(&mut self, now: Duration, channel: Channel, nonce: &[u8]) {
        if self.has(Quirk::InitSilent) {
            return;
        }
        (self.endless, self.waiting) = (None, None);
        let allocated = self.allocate(channel);
        if self.has(Quirk::LeftoverFrames) {
            self.leave(now, allocated);
        }
        for other in 1..=3_u8 {
            if self.has(Quirk::InitOthersFirst) {
                let answer = init_answer(&[other; 8], framing::FOREIGN, CAPABILITIES);
                self.send(now, framing::short(framing::BROADCAST, framing::INIT, &answer));
            }
        }
        let nonce = if self.has(Quirk::InitWrongNonce) { &[0xee; 8] } else { nonce };
        let capabilities = if self.has(Quirk::InitNoCbor) { 0x01 } else { CAPABILITIES };
        let mut answer = init_answer(nonce, allocated, capabilities);
        if self.has(Quirk::InitLong) {
            answer.extend([1, 2, 3]);
        }
        if self.has(Quirk::InitShort) {
            answer.truncate(12);
        }
        self.send(now, framing::short(channel, framing::INIT, &answer));
    }

    fn allocate(&mut self, channel: Channel) -> Channel {
        match () {
            () if self.has(Quirk::InitCidZero) => [0; 4],
            () if self.has(Quirk::InitCidBroadcast) => framing::BROADCAST,
            () if channel != framing::BROADCAST => channel,
            () => {
                self.channels = self.channels.saturating_add(1);
                FIRST_CHANNEL.saturating_add(self.channels).to_be_bytes()
            }
        }
    }

    /// What another program's message leaves on the line: its tail before INIT's answer, and one for our channel after.
    fn leave(&mut self, now: Duration, channel: Channel) {
        let message = framing::split(framing::FOREIGN, framing::CBOR, &[0x55; 200]);
        message.iter().skip(1).for_each(|report| self.send(now, *report));
        self.send(now, framing::short(channel, framing::CBOR, &[0x00, 0xa0]));
    }

    fn ping(&mut self, now: Duration, channel: Channel, payload: &[u8]) {
        if self.has(Quirk::LongPing) && payload.len() > 1024 {
            self.gone = true;
            return;
        }
        let mut echo = payload.to_vec();
        if let Some(last) = echo.last_mut().filter(|_| self.has(Quirk::PingAltered)) {
            *last ^= 0xff;
        }
        framing::split(channel, framing::PING, &echo)
            .into_iter()
            .for_each(|report| self.send(now, report));
    }

    fn cbor(&mut self, now: Duration, channel: Channel, message: &[u8]) {
        self.cbor_messages = self.cbor_messages.saturating_add(1);
        self.endless = None;
        let error = match () {
            () if self.has(Quirk::BusyForever) => Some(&[framing::CHANNEL_BUSY][..]),
            () if self.has(Quirk::BusyTwice) && self.cbor_messages <= 2 => {
                Some(&[framing::CHANNEL_BUSY][..])
            }
            () if self.has(Quirk::LockRequired) => Some(&[framing::LOCK_NEEDED][..]),
            () if self.has(Quirk::ErrorUnknown) => Some(&[0x42][..]),
            () if self.has(Quirk::ErrorEmpty) => Some(&[][..]),
            () => None,
        };
        if let Some(code) = error {
            return self.send(now, framing::short(channel, framing::ERROR, code));
        }
        match self.authenticator.answer(message) {
            Outcome::Answer(answer) => self.answer(now, channel, &answer),
            Outcome::Touch(answer) => self.touch(now, channel, &answer),
        }
    }

    fn touch(&mut self, now: Duration, channel: Channel, answer: &[u8]) {
        let keepalive = |status: &[u8]| framing::short(channel, framing::KEEPALIVE, status);
        let (report, waits) = match () {
            () if self.has(Quirk::KeepaliveEndless) => (keepalive(&[1]), false),
            () if self.has(Quirk::CancelIgnored) => (keepalive(&[2]), false),
            () if self.has(Quirk::TouchNever) => (keepalive(&[2]), true),
            () if self.has(Quirk::KeepaliveStop) => {
                return (0..3).for_each(|_| self.send(now, keepalive(&[2])));
            }
            () => {
                if self.has(Quirk::KeepaliveUnknown) {
                    self.send(now, keepalive(&[0x7e]));
                }
                if self.has(Quirk::KeepaliveEmpty) {
                    self.send(now, keepalive(&[]));
                }
                return self.answer(now, channel, answer);
            }
        };
        self.endless = Some(Endless { report, next: now, every: KEEPALIVE_EVERY });
        let until = now.saturating_add(self.authenticator.options.up_timeout);
        self.waiting = waits.then_some(Waiting { channel, until });
    }

    fn cancel(&mut self, now: Duration, channel: Channel) {
        if self.has(Quirk::CancelIgnored) {
            return;
        }
        let waited = self.waiting.take().is_some();
        if waited || self.endless.is_some() && self.has(Quirk::KeepaliveEndless) {
            self.endless = None;
            self.answer(now, channel, &[KEEPALIVE_CANCEL]);
        }
    }

    /// Sends the answer to a CBOR command, bent by the quirks of framing.
    fn answer(&mut self, now: Duration, channel: Channel, answer: &[u8]) {
        if self.meant(Quirk::Silent) {
            return;
        }
        if self.meant(Quirk::ForeignEndless) {
            let report = framing::short(framing::FOREIGN, framing::CBOR, &[0x00]);
            self.endless = Some(Endless { report, next: now, every: Duration::from_millis(1) });
            return;
        }
        let mut reports: Vec<_> = framing::split(channel, framing::CBOR, answer);
        let mut gaps = vec![Duration::ZERO; reports.len()];
        let quirks = self.authenticator.options.quirks.clone();
        for quirk in quirks.into_iter().filter(|quirk| self.meant(*quirk)) {
            (gaps, reports) = framing::bend(quirk, channel, answer, reports).into_iter().unzip();
        }
        let mut due = now;
        for (gap, report) in gaps.into_iter().zip(reports) {
            due = due.saturating_add(gap);
            self.send(due, report);
        }
        self.gone |= self.meant(Quirk::Vanish);
    }

    fn send(&mut self, due: Duration, mut report: Report) {
        if self.has(Quirk::PaddingLeak) {
            framing::leak(&mut report);
        }
        self.queue.push_back((due, report));
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.authenticator.options.quirks.contains(&quirk)
    }

    /// Whether the answer to the current CTAP command is to be bent in this way.
    fn meant(&self, quirk: Quirk) -> bool {
        self.authenticator.has(quirk)
    }
}

impl std::fmt::Debug for HostileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostileKey")
            .field("quirks", &self.authenticator.options.quirks)
            .finish_non_exhaustive()
    }
}

fn init_answer(nonce: &[u8], channel: Channel, capabilities: u8) -> Vec<u8> {
    [nonce, &channel, &[2, 1, 0, 0, capabilities]].concat()
}

/// WINK and CBOR, no MSG.
const CAPABILITIES: u8 = 0x01 | 0x04 | 0x08;
const FIRST_CHANNEL: u32 = 0x0100;
const KEEPALIVE_EVERY: Duration = Duration::from_millis(100);
const KEEPALIVE_CANCEL: u8 = 0x2d;
const USER_ACTION_TIMEOUT: u8 = 0x2f;
