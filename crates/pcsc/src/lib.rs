//! Card readers over PC/SC: the one crate that links with the system's smart card library.
//!
//! [`DirectReaders`] are the card readers of this process; [`serve`] offers them to another one over two pipes, which is
//! all that the program `keyvet-pcsc` does ([`keyvet_nfc::helper_protocol`]). There is no CTAP here and no ISO 7816: APDUs
//! go through as they are.
//!
//! - A thread per connection: calls of the library block, and a card that waits for a touch blocks them for long.
//! - A connection is shared with other programs; a transaction keeps them out from
//!   [`begin`](keyvet_nfc::CardLink::begin) to [`end`](keyvet_nfc::CardLink::end).
//! - A card is left as it is, powered, when its connection is closed; it is reset when something went wrong or an answer
//!   was abandoned, so that nobody meets it in the middle of a message.
//! - After the first sign that the card left or was reset, a connection stays failed: what came into the reader since is
//!   another card, whatever it is.

mod atr;
mod connection;
mod errors;
mod names;
mod readers;
mod serve;
mod status;
mod wait;

pub use readers::DirectReaders;
pub use serve::serve;
