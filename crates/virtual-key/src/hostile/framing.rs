//! The device's side of CTAPHID (CTAP 2.2 §11.2.4), written apart from the client's so that no mistake hides in both.

use std::time::Duration;

use super::{Quirk, Report};

/// A channel number as it stands in reports.
pub(super) type Channel = [u8; 4];

/// What a report of the host completes.
pub(super) enum Heard {
    /// Nothing yet.
    Nothing,
    /// A message.
    Message {
        /// Its channel.
        channel: Channel,
        /// Its command, bit 7 clear.
        command: u8,
        /// Its bytes.
        payload: Vec<u8>,
    },
    /// Something that an honest device answers by this error code.
    Wrong {
        /// The channel.
        channel: Channel,
        /// The code.
        code: u8,
    },
}

/// Puts the host's reports together.
#[derive(Debug, Default)]
pub(super) struct Listener {
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    channel: Channel,
    command: u8,
    len: usize,
    payload: Vec<u8>,
    sequence: u8,
}

impl Listener {
    /// Takes one report.
    pub(super) fn push(&mut self, report: &Report) -> Heard {
        let [a, b, c, d, kind, rest @ ..] = report;
        let channel = [*a, *b, *c, *d];
        if kind & 0x80 != 0 {
            return self.begin(channel, kind & 0x7f, rest);
        }
        let Some(begun) = self.begun.as_mut().filter(|begun| begun.channel == channel) else {
            return Heard::Nothing;
        };
        if begun.sequence != *kind {
            self.begun = None;
            return Heard::Wrong { channel, code: INVALID_SEQUENCE };
        }
        begun.sequence = begun.sequence.saturating_add(1);
        begun.payload.extend_from_slice(rest);
        self.complete()
    }

    fn begin(&mut self, channel: Channel, command: u8, rest: &[u8; 59]) -> Heard {
        let [high, low, data @ ..] = rest;
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        if len > MAX_LEN {
            return Heard::Wrong { channel, code: INVALID_LENGTH };
        }
        self.begun = Some(Begun { channel, command, len, payload: data.to_vec(), sequence: 0 });
        self.complete()
    }

    fn complete(&mut self) -> Heard {
        match self.begun.take() {
            Some(begun) if begun.payload.len() >= begun.len => {
                let Begun { channel, command, len, mut payload, .. } = begun;
                payload.truncate(len);
                Heard::Message { channel, command, payload }
            }
            unfinished => {
                self.begun = unfinished;
                Heard::Nothing
            }
        }
    }
}

/// A message as reports.
pub(super) fn split(channel: Channel, command: u8, payload: &[u8]) -> Vec<Report> {
    let declared = u16::try_from(payload.len()).unwrap_or(u16::MAX);
    let (first, rest) = payload.split_at(payload.len().min(57));
    let mut reports = vec![first_of(channel, command, declared, first)];
    reports
        .extend((0_u8..0x80).zip(rest.chunks(59)).map(|(n, data)| continuation(channel, n, data)));
    reports
}

/// One message that fits its first packet.
pub(super) fn short(channel: Channel, command: u8, payload: &[u8]) -> Report {
    first_of(channel, command, u16::try_from(payload.len()).unwrap_or(u16::MAX), payload)
}

fn first_of(channel: Channel, command: u8, declared: u16, data: &[u8]) -> Report {
    filled(&[&channel[..], &[command | 0x80], &declared.to_be_bytes(), data].concat())
}

fn continuation(channel: Channel, sequence: u8, data: &[u8]) -> Report {
    filled(&[&channel[..], &[sequence], data].concat())
}

fn filled(bytes: &[u8]) -> Report {
    let mut report = [0; 64];
    report.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    report
}

/// What becomes of the reports of a CBOR answer: each with the time after which it follows the one before.
pub(super) fn bend(
    quirk: Quirk,
    channel: Channel,
    answer: &[u8],
    reports: Vec<Report>,
) -> Vec<(Duration, Report)> {
    let mut reports = reports;
    let keepalive = short(channel, KEEPALIVE, &[1]);
    let foreign = |n: usize| vec![short(FOREIGN, CBOR, &[0x00]); n];
    match quirk {
        Quirk::SeqSkip => set_sequence(&mut reports, 1),
        Quirk::SeqRepeat => insert(&mut reports, 1, |reports| reports.get(1).copied()),
        Quirk::ContinuationFirst => reports.insert(0, continuation(channel, 0, b"early")),
        Quirk::InitInside => insert(&mut reports, 1, |reports| reports.first().copied()),
        Quirk::KeepaliveInside => insert(&mut reports, 1, |_| Some(keepalive)),
        Quirk::ForeignFlood => {
            insert(&mut reports, 1, |_| foreign(1).pop());
            reports.splice(0..0, foreign(200));
        }
        Quirk::BcntOver => {
            reports = vec![first_of(channel, CBOR, u16::MAX, answer.get(..57).unwrap_or(answer))]
        }
        Quirk::BcntZero => {
            reports = vec![first_of(channel, CBOR, 0, answer.get(..57).unwrap_or(answer))]
        }
        Quirk::MessageUnfinished | Quirk::Vanish => reports.truncate(1),
        Quirk::OtherCommand => reports = split(channel, MSG, answer),
        Quirk::AnswerTwice => reports.extend_from_within(..),
        _ => {}
    }
    let gap = if quirk == Quirk::SlowPackets { Duration::from_secs(3600) } else { Duration::ZERO };
    reports
        .into_iter()
        .enumerate()
        .map(|(n, report)| (if n == 0 { Duration::ZERO } else { gap }, report))
        .collect()
}

fn insert(reports: &mut Vec<Report>, at: usize, what: impl FnOnce(&[Report]) -> Option<Report>) {
    if let Some(report) = what(reports) {
        reports.insert(at.min(reports.len()), report);
    }
}

fn set_sequence(reports: &mut [Report], sequence: u8) {
    if let Some([_, _, _, _, first, ..]) = reports.get_mut(1) {
        *first = sequence;
    }
}

/// The tail of a report filled with what an honest device leaves zero; only the last report of a message has one.
pub(super) fn leak(report: &mut Report) {
    let used = report.iter().rposition(|byte| *byte != 0).map_or(0, |at| at.saturating_add(1));
    report.iter_mut().skip(used.max(7)).for_each(|byte| *byte = 0x5a);
}

pub(super) const BROADCAST: Channel = [0xff; 4];
pub(super) const FOREIGN: Channel = [0x0f, 0x0e, 0x16, 0x17];
pub(super) const PING: u8 = 0x01;
pub(super) const MSG: u8 = 0x03;
pub(super) const INIT: u8 = 0x06;
pub(super) const WINK: u8 = 0x08;
pub(super) const CBOR: u8 = 0x10;
pub(super) const CANCEL: u8 = 0x11;
pub(super) const KEEPALIVE: u8 = 0x3b;
pub(super) const ERROR: u8 = 0x3f;

pub(super) const INVALID_COMMAND: u8 = 0x01;
pub(super) const INVALID_LENGTH: u8 = 0x03;
pub(super) const INVALID_SEQUENCE: u8 = 0x04;
pub(super) const CHANNEL_BUSY: u8 = 0x06;
pub(super) const LOCK_NEEDED: u8 = 0x0a;
pub(super) const INVALID_CHANNEL: u8 = 0x0b;

/// 57 + 128 × 59.
const MAX_LEN: usize = 7609;
