//! CTAPHID (CTAP 2.2 §11.2): framing without I/O, and drivers for HID nodes and UDP.
//!
//! [`framing`] turns messages into reports and reports into messages, in both directions, without I/O. [`HidChannel`]
//! speaks the client's side over any [`ReportLink`] and keeps the contract of
//! [`keyvet_transport::Channel`]. Links come from the features:
//!
//! - `hidapi` (default): nodes of the operating system, found by usage page F1D0, never by a list of vendors;
//! - `udp` (default): one report per datagram, as firmware simulators speak it.
//!
//! CTAP1 messages (`CTAPHID_MSG`) are not sent; whether a key takes them is in its limits.
//!
//! ```
//! use keyvet_hid::framing::{Assembler, ChannelId, Command, Pushed, Reports};
//! let channel = ChannelId(0x0022_0002);
//! let mut assembler = Assembler::of(channel);
//! let mut message = None;
//! for report in Reports::new(channel, Command::PING, &[7; 100]).expect("100 bytes fit") {
//!     if let Ok(Pushed::Complete(complete)) = assembler.push(&report) {
//!         message = Some(complete);
//!     }
//! }
//! assert_eq!(message.expect("two reports make one message").payload, [7; 100]);
//! ```

mod channel;
pub mod descriptor;
pub mod framing;
mod link;
#[cfg(feature = "hidapi")]
mod node;
mod tapped;
#[cfg(feature = "udp")]
mod udp;

pub use channel::{HidChannel, Timing};
pub use framing::Report;
pub use link::ReportLink;
#[cfg(feature = "hidapi")]
pub use node::{HidDiscovery, HidapiLink};
pub use tapped::TappedLink;
#[cfg(feature = "udp")]
pub use udp::{ParseUdpAddressError, UdpAddress, UdpDiscovery, UdpLink};

pub use framing::KINDS;
