//! Channels to authenticators: the traits that every transport implements, the errors they share and the contract
//! they all prove (CTAP 2.2 §11).
//!
//! A [`Channel`] carries one CTAP message at a time to one authenticator and brings the answer back, within a deadline,
//! cancellable, with progress. A [`Discovery`] finds authenticators on one transport and opens channels to them. A
//! [`Selector`] names one of the devices found; it never guesses between two.
//!
//! No transport lives here: see `keyvet-hid`. With the feature `contract` there are the tests that every transport must
//! pass. Types of `tokio` ([`tokio::time::Instant`]), `tokio-util`
//! ([`tokio_util::sync::CancellationToken`]) and `futures-core` are part of the interface.

mod channel;
#[cfg(feature = "contract")]
pub mod contract;
mod device;
mod discovery;
mod error;
mod exchange;
mod seen;
mod selector;
mod tap;

pub use channel::{Channel, Limits};
pub use device::{
    CardInterface, Device, DeviceId, Identity, ParseTransportError, Transport, UsbAddress,
};
pub use discovery::{DeviceEvent, Discovery};
pub use error::{ChannelError, KINDS, Phase};
pub use exchange::{ChannelEvent, Exchange, Progress};
pub use seen::{Seen, unchanging};
pub use selector::{Candidate, ParseSelectorError, SelectionError, Selector};
pub use tap::{Direction, Packet, Tap};
