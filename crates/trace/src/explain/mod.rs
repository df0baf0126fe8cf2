//! A recording, command by command.

mod words;

use keyvet_ctap::StatusCode;
use keyvet_hid::framing::{self, ErrorCode};

use crate::asks::Asks;
use crate::exchange::{Exchange, What, exchanges};
use crate::follow::{CardMessage, Kind, Message};
use crate::{RecordedDevice, Recording};

/// One command of a recording and what became of it. Texts are printable.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Explained {
    /// Microseconds since the recording began.
    pub at_us: u64,
    /// Number of the device.
    pub device: u32,
    /// The command, with its subcommand.
    pub command: String,
    /// Its parameters, in words.
    pub parameters: Option<String>,
    /// Length of the request, in bytes.
    pub request_len: usize,
    /// Reports or APDUs of the request.
    pub request_packets: usize,
    /// The answer; none when none came.
    pub answer: Option<ExplainedAnswer>,
    /// Keep-alives while it was worked on.
    pub keep_alives: usize,
    /// Whether the key asked for a touch.
    pub touch: bool,
    /// Whether it was cancelled from this side.
    pub cancelled: bool,
    /// The longest silence before the answer was whole, in microseconds.
    pub longest_silence_us: u64,
    /// What went wrong on the line.
    pub troubles: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExplainedAnswer {
    /// Microseconds from the first packet of the request to the last of the answer.
    pub after_us: u64,
    /// Its status by name and number.
    pub status: Option<String>,
    /// What it says, in words.
    pub says: Option<String>,
    /// Its length, in bytes.
    pub len: usize,
}

/// Every command of `recording`, in the order of time.
#[must_use]
pub fn explain(recording: &Recording) -> Vec<Explained> {
    let of = |device: &RecordedDevice| -> Vec<Explained> {
        let exchanges = exchanges(recording, device);
        exchanges.iter().map(|exchange| explained(device.number, exchange)).collect()
    };
    let mut all: Vec<_> = recording.devices.iter().flat_map(of).collect();
    all.sort_by_key(|one| one.at_us);
    all
}

fn explained(device: u32, exchange: &Exchange) -> Explained {
    let request = &exchange.request;
    let asks = Asks::of(request.kind, &request.payload);
    let keep_alives = || exchange.messages().filter(|message| is_keep_alive(message));
    let touch = |message: &Message| message.payload.first() == Some(&WAITS_FOR_TOUCH);
    Explained {
        at_us: exchange.at_us,
        device,
        command: asks.to_string(),
        parameters: match asks {
            Asks::Ctap { command, .. } => words::request(command, &request.payload),
            _ => None,
        },
        request_len: request.payload.len(),
        request_packets: request.parts.len(),
        answer: exchange.answer().map(|(at_us, answer)| ExplainedAnswer {
            after_us: at_us.saturating_sub(exchange.at_us),
            status: status(answer),
            says: match asks {
                Asks::Ctap { command, .. } if is_ctap(answer) => {
                    words::answer(command, &answer.payload)
                }
                _ => None,
            },
            len: answer.payload.len(),
        }),
        keep_alives: keep_alives().count(),
        touch: keep_alives().any(touch),
        cancelled: exchange.cancelled.is_some(),
        longest_silence_us: longest_silence(exchange),
        troubles: troubles(exchange, asks),
    }
}

fn status(answer: &Message) -> Option<String> {
    let first = answer.payload.first().copied();
    match answer.kind {
        Kind::Hid { command: framing::Command::ERROR, .. } => {
            let code = ErrorCode(first.unwrap_or_default());
            Some(format!("{} {:#04x} of CTAPHID", code.name(), code.0))
        }
        _ if is_ctap(answer) => first.map(|byte| match StatusCode(byte).name() {
            Some(name) => format!("{name} {byte:#04x}"),
            None => format!("{byte:#04x}, which has no name"),
        }),
        _ => None,
    }
}

fn is_ctap(message: &Message) -> bool {
    matches!(
        message.kind,
        Kind::Hid { command: framing::Command::CBOR, .. } | Kind::Card(CardMessage::Ctap)
    )
}

fn is_keep_alive(message: &Message) -> bool {
    matches!(
        message.kind,
        Kind::Hid { command: framing::Command::KEEPALIVE, .. } | Kind::Card(CardMessage::KeepAlive)
    )
}

/// Between two packets until the answer, the request's first among them.
fn longest_silence(exchange: &Exchange) -> u64 {
    let until = exchange.answer().map_or(u64::MAX, |(at_us, _)| at_us);
    let times = exchange.replies.iter().map(|reply| reply.at_us).filter(|at_us| *at_us <= until);
    let mut before = exchange.at_us;
    let mut longest = 0;
    for at_us in times {
        longest = longest.max(at_us.saturating_sub(before));
        before = at_us;
    }
    longest
}

fn troubles(exchange: &Exchange, asks: Asks) -> Vec<String> {
    let count =
        |what: fn(&What) -> bool| exchange.replies.iter().filter(|reply| what(&reply.what)).count();
    let own = exchange.answer().map(|(_, answer)| answer.kind);
    if count(|what| matches!(what, What::Gone)) > 0 {
        return vec![String::from("the card was taken away")];
    }
    let others = exchange.messages().filter(|message| {
        !is_keep_alive(message) && Some(message.kind) != own && !is_ours(asks, message)
    });
    let mut troubles = Vec::new();
    let mut tell = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => troubles.push(format!("1 {one}")),
        _ => troubles.push(format!("{count} {many}")),
    };
    let stray = count(|what| matches!(what, What::Stray));
    tell(stray, "packet that is part of no message", "packets that are part of no message");
    let foreign = count(|what| matches!(what, What::Foreign));
    tell(foreign, "packet for another program", "packets for other programs");
    tell(others.count(), "message of another sort", "messages of another sort");
    let answers = exchange.messages().filter(|message| Some(message.kind) == own).count();
    let more = if matches!(asks, Asks::Line(_)) { 0 } else { answers.saturating_sub(1) };
    tell(more, "answer more than was asked for", "answers more than were asked for");
    if exchange.answer().is_none() && !matches!(asks, Asks::Line(framing::Command::CANCEL)) {
        troubles.push(String::from("no answer"));
    }
    troubles
}

/// Replies to the opening of channels are heard by everybody.
fn is_ours(asks: Asks, message: &Message) -> bool {
    asks == Asks::Line(framing::Command::INIT)
        && matches!(message.kind, Kind::Hid { command: framing::Command::INIT, .. })
}

/// Keep-alive status of a key that waits (CTAP 2.2 §11.2.9.1.7).
const WAITS_FOR_TOUCH: u8 = 0x02;
