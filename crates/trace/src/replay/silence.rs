//! What was waited for in vain.

use keyvet_hid::framing::Command;
use keyvet_transport::Phase;

use crate::exchange::{Exchange, Reply, What};
use crate::follow::{CardMessage, Kind};

/// How many replies came before the request was cancelled. What the key did all the same, quicker than the cancel, is
/// what it did: then all of them.
pub(super) fn before_cancel(exchange: &Exchange) -> usize {
    let all = exchange.replies.len();
    exchange.cancelled.filter(|_| !is_done(exchange)).unwrap_or(all)
}

/// Whether the answer, when ever it came, is one of success.
fn is_done(exchange: &Exchange) -> bool {
    exchange.answer().is_some_and(|(_, answer)| {
        let ctap = Kind::Card(CardMessage::Ctap);
        let is_ctap =
            matches!(answer.kind, Kind::Hid { command: Command::CBOR, .. }) || answer.kind == ctap;
        is_ctap && answer.payload.first() == Some(&SUCCESS)
    })
}

/// How far it was after `replies` that are no answer.
pub(super) fn waiting(replies: &[Reply]) -> Phase {
    replies.iter().fold(Phase::FirstReport, |phase, reply| match &reply.what {
        What::Part => Phase::MidMessage,
        What::Message(message) => match (message.kind, message.payload.first()) {
            (KEEP_ALIVE | Kind::Hid { command: Command::KEEPALIVE, .. }, Some(2)) => Phase::Touch,
            (KEEP_ALIVE | Kind::Hid { command: Command::KEEPALIVE, .. }, _) => Phase::Processing,
            _ => phase,
        },
        What::Stray | What::Foreign | What::Gone => phase,
    })
}

const KEEP_ALIVE: Kind = Kind::Card(CardMessage::KeepAlive);
/// `CTAP2_OK`.
const SUCCESS: u8 = 0x00;
