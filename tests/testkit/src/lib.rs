//! What the tests of several crates share: where the vectors are, and a home-made signer of metadata.
//!
//! Not part of the product and never published. Everything here panics on trouble, because a test that cannot be set up
//! must fail, and loudly.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must fail at once; no outside data comes here"
)]

mod signer;
mod vectors;

pub use signer::{MDS_HOST, Signer, wrap_payload};
pub use vectors::{attestation_records, payload_291, vector, vectors};
