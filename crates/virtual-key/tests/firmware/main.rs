//! Both firmwares, through raw reports and their own framing.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must panic, in its helpers as well"
)]

mod attestation;
mod card;
mod framing;
mod host;
mod power;
mod prepare;
mod serve;
mod touch;
mod usbip;

use keyvet_virtual_key::Firmware;

/// The firmwares of this build.
const BOTH: &[Firmware] = &[
    #[cfg(feature = "opensk")]
    Firmware::OpenSk,
    #[cfg(feature = "fido-authenticator")]
    Firmware::FidoAuthenticator,
];
