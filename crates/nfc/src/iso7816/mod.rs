//! The client's and the card's side of CTAP over ISO 7816 (CTAP 2.2 §11.3) without I/O: bytes in, steps out.
//!
//! [`Transfer`] carries one command and brings its whole answer back, over chains, `61xx` and `6Cxx`. [`Message`] carries
//! one CTAP2 message, with keep-alives and cancel; [`Selection`] selects the FIDO application. [`Forms`] decides in which
//! form a message is tried next where a card or reader refuses one. [`CardSide`] is the other end: what a card hears.

mod card;
mod command;
mod error;
mod forms;
mod message;
mod response;
mod select;
mod transfer;

pub use card::{CardEvent, CardSide};
pub use command::{
    CHUNK, Command, Encoding, GET_RESPONSE, NFCCTAP_CONTROL, NFCCTAP_GETRESPONSE, NFCCTAP_MSG,
    SELECT,
};
pub use error::{CardError, KINDS};
pub use forms::{ApduMode, Form, Forms, ParseApduModeError};
pub use message::{Message, MessageStep, deselect};
pub use response::{Response, StatusWord};
pub use select::{AID, Application, Selected, Selection};
pub use transfer::{MOST_STEPS, Transfer, TransferStep};

/// The longest CTAP message in either direction, in bytes: what CTAPHID carries, so that nothing works on one transport
/// only.
pub const MAX_MESSAGE_LEN: usize = 7609;
