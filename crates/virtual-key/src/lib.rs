//! Real firmware as software security keys, and a hostile one; for tests and demonstrations, never published.
//!
//! A [`VirtualKey`] runs the firmware of a real product on a thread of its own and speaks 64-byte CTAPHID reports
//! through that firmware's own framing (CTAP 2.2 §11.2), so that a client under test meets what a HID node would carry:
//!
//! | [`Firmware`] | firmware | framing |
//! |---|---|---|
//! | [`Firmware::FidoAuthenticator`] | Nitrokey 3, Solo 2: `fido-authenticator` on `trussed` | `usbd-ctaphid`, its USB class |
//! | [`Firmware::OpenSk`] | Google OpenSK: `opensk` | `opensk` |
//! | [`Firmware::Hostile`] | none: [`hostile`], of ours | of ours |
//!
//! Under control are attestation, AAGUID, touch, PIN at the start, clock, power and plug; see [`KeyOptions`] and
//! [`VirtualKey`]. The same seed gives the same credentials, in the same order of commands.
//!
//! A key can be a card too, in a reader of ours or of the system: see [`card`].
//!
//! # Time
//! The firmware runs on the real clock, moved forward by [`VirtualKey::advance_clock`]; it knows nothing of a paused
//! tokio clock, which would jump to the next deadline while the firmware thread works. Tests that use a virtual key
//! therefore use tokio's real clock, and let deadlines be long where none is expected to pass.
//!
//! # Example
//! ```
//! use keyvet_hid::ReportLink;
//! use keyvet_virtual_key::{Firmware, KeyOptions, VirtualKey};
//!
//! # #[cfg(feature = "opensk")]
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let key = VirtualKey::start(KeyOptions::new(Firmware::OpenSk)).unwrap();
//! let mut link = key.link();
//! let mut init = [0; 64];
//! init[..7].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x86, 0, 8]); // CTAPHID_INIT, nonce of zeros
//! link.send(&init).await.unwrap();
//! assert_eq!(link.receive().await.unwrap()[4], 0x86);
//! # });
//! ```
//!
//! # Features
//! `fido-authenticator` (needs a C compiler and libclang) and `opensk` (Rust alone), both on by default.

pub mod card;
mod fault;
#[cfg(feature = "fido-authenticator")]
mod fido_authenticator;
pub mod fixtures;
mod host;
pub mod hostile;
mod hostile_run;
mod key;
mod link;
#[cfg(feature = "opensk")]
mod opensk;
mod options;
mod port;
mod prepare;
#[cfg(any(feature = "fido-authenticator", feature = "opensk"))]
mod rng;
mod serve;
mod wires;

pub use fault::{Fault, Place, Way};
pub use key::VirtualKey;
pub use link::MemoryLink;
pub use options::{Attestation, Firmware, KeyOptions, StartError, Touch};
pub use port::PowerEvent;
pub use serve::UdpServer;
pub use wires::{NodeOptions, ReportDescriptor, Wired};
