//! CTAP over smart card readers (CTAP 2.2 §11.3).
//!
//! [`iso7816`] carries CTAP2 messages in APDUs, without I/O. [`CardChannel`] drives it over any [`CardLink`] and keeps the
//! contract of [`keyvet_transport::Channel`]. [`CardDiscovery`] finds the keys among the cards in [`Readers`], which are
//! those of this machine ([`HelperReaders`]), or a test's. No C library is linked here.
//!
//! CTAP1 messages are not sent; whether a card takes them is in its limits.
//!
//! ```
//! use keyvet_nfc::iso7816::{Encoding, Form, Message, MessageStep};
//! let form = Form { encoding: Encoding::Short, keep_alives: true };
//! let (mut message, first) = Message::new(&[0x04], form);
//! assert_eq!(first, [0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00]);
//! let more = message.push(&[0x00, 0xa1, 0x61, 0x02]);
//! assert_eq!(more, Ok(MessageStep::Send(vec![0x00, 0xc0, 0x00, 0x00, 0x02])));
//! let answer = message.push(&[0x01, 0x80, 0x90, 0x00]);
//! assert_eq!(answer, Ok(MessageStep::Answer(vec![0x00, 0xa1, 0x01, 0x80])));
//! ```

mod channel;
mod discovery;
mod helper;
pub mod helper_protocol;
pub mod iso7816;
mod link;
mod readers;
mod tapped;

pub use channel::{CardChannel, ReaderMemory, Settings, Timing};
pub use discovery::CardDiscovery;
pub use helper::HelperReaders;
pub use link::CardLink;
pub use readers::{CardId, ReaderState, Readers};
pub use tapped::TappedLink;

pub use iso7816::KINDS;
