//! The hostile key: an authenticator of ours that misbehaves on purpose, one named [`Quirk`] at a time.
//!
//! Without a quirk it is an honest, small CTAP2 key: getInfo, makeCredential (packed), getAssertion, clientPIN with both
//! protocols and a retry counter, selection. It shares no framing and no CBOR writer with the client, because those of the
//! client refuse to be wrong.
//!
//! [`HostileKey`] does no I/O and reads no clock: reports and times go in, reports come out. [`HostileLink`] is a line to
//! one within the same task, on tokio's clock, so that a test with a paused clock waits for nothing.
//!
//! ```
//! use keyvet_virtual_key::hostile::{HostileKey, HostileOptions, Next, Quirk};
//! use std::time::Duration;
//! let mut key = HostileKey::new(HostileOptions::with(&[Quirk::InitShort]));
//! let mut init = [0; 64];
//! init[..7].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x86, 0, 8]);
//! key.report(Duration::ZERO, &init);
//! let Next::Report(answer) = key.next(Duration::ZERO) else { panic!("an answer") };
//! assert_eq!(answer[5..7], [0, 12]); // 17 bytes are demanded
//! ```

mod assertion;
mod authenticator;
mod bend;
mod cbor;
mod client_pin;
mod credential;
mod framing;
mod get_info;
mod key;
mod link;
mod quirk;

pub use key::{HostileKey, HostileOptions, Next};
pub use link::{HostileHandle, HostileLink};
pub use quirk::{ParseQuirkError, Quirk};

/// 64 bytes of CTAPHID.
type Report = [u8; 64];
