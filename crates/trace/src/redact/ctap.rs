//! CTAP2 messages: command and parameters, status and answer.

use keyvet_cbor::{Mode, decode};
use keyvet_ctap::Command;

use super::canvas::Canvas;
use super::{Redacted, Why, paint, rules, structure};

/// What was asked: an answer can only be read by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    command: Command,
    /// Whether attestation that names this very key was asked for.
    enterprise: bool,
}

/// A request: command byte and parameters.
pub(super) fn request(message: &[u8]) -> (Redacted, Option<Asked>) {
    let mut canvas = Canvas::new(message);
    canvas.keep(0..BODY);
    let Some((command, body)) = message.split_first() else { return (done(canvas, None), None) };
    let command = Command(*command);
    let mut asked = Asked { command, enterprise: false };
    let why = match (rules::request(command), body) {
        (None, _) => Some(Why::UnknownCommand),
        (Some(_), []) => None,
        (Some(rule), body) => match decode(body, Mode::Tolerant) {
            Ok(decoded) => {
                asked.enterprise = decoded.item.get_int(rules::ENTERPRISE_ATTESTATION).is_some();
                paint::message(&mut canvas, &decoded.item, rule, asked.enterprise);
                None
            }
            Err(_) => Some(Why::Undecodable),
        },
    };
    (done(canvas, why), Some(asked))
}

/// An answer to what was asked: status byte and map.
pub(super) fn answer(message: &[u8], asked: Option<Asked>) -> Redacted {
    let mut canvas = Canvas::new(message);
    canvas.keep(0..BODY);
    let Some((status, body)) = message.split_first() else { return done(canvas, None) };
    if body.is_empty() {
        return done(canvas, None);
    }
    let Some(asked) = asked else { return done(canvas, Some(Why::Unasked)) };
    let why = match (rules::answer(asked.command), *status) {
        (None, _) => Some(Why::UnknownCommand),
        (Some(rule), SUCCESS) => match decode(body, Mode::Tolerant) {
            Ok(decoded) => {
                let enterprise = asked.enterprise
                    || asked.command == Command::MAKE_CREDENTIAL
                        && paint::says_enterprise(&decoded.item);
                paint::message(&mut canvas, &decoded.item, rule, enterprise);
                None
            }
            Err(_) if asked.command == Command::GET_INFO => {
                structure::bones(&mut canvas, body, BODY);
                Some(Why::Undecodable)
            }
            Err(_) => Some(Why::Undecodable),
        },
        (Some(_), _) => Some(Why::Failure),
    };
    done(canvas, why)
}

fn done(canvas: Canvas<'_>, why: Option<Why>) -> Redacted {
    Redacted { bytes: canvas.finish(), why }
}

/// Where parameters and answers begin: behind command and status.
pub(super) const BODY: usize = 1;
const SUCCESS: u8 = 0x00;
