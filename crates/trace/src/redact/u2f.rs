//! CTAP1 messages: of a registration or a signature nothing stays but what sort it is.

use super::Redacted;
use super::canvas::Canvas;

/// A request: a command APDU.
pub(super) fn request(message: &[u8]) -> Redacted {
    let mut canvas = Canvas::new(message);
    canvas.keep(0..HEADER);
    Redacted { bytes: canvas.finish(), why: None }
}

/// An answer to the instruction asked: a response APDU.
pub(super) fn answer(message: &[u8], instruction: Option<u8>) -> Redacted {
    let mut canvas = Canvas::new(message);
    let status = message.len().saturating_sub(2);
    canvas.keep(status..message.len());
    if instruction == Some(VERSION) && status <= LONGEST_VERSION {
        canvas.keep(0..status);
    }
    Redacted { bytes: canvas.finish(), why: None }
}

/// Class, instruction and two parameters.
const HEADER: usize = 4;
/// `U2F_VERSION`.
pub(crate) const VERSION: u8 = 0x03;
/// `U2F_V2`, and room for another.
pub(crate) const LONGEST_VERSION: usize = 16;
