//! Cases of the client on virtual keys.

mod asserting;
mod cancelling;
mod demo_set;
mod discoverable;
mod extensions;
mod hostile;
mod large_blobs;
mod lists;
mod live_reasons;
mod pin_change;
mod pins;
mod preflight;
mod registering;
mod reports;
mod selecting;
mod verifying;

use keyvet_finding::Coded;

/// The stable id of an error.
fn id(error: &impl Coded) -> &'static str {
    error.kind().id
}
