//! What a person wants from a security key: what it says of itself, a registration with attestation, an assertion, a
//! PIN, a choice among several keys, a reset (CTAP 2.2 §6).
//!
//! A [`Client`] speaks through any [`keyvet_transport::Channel`]. A [`Ceremony`] holds the [`Person`], the time-outs,
//! the cancellation and what a PIN may be spent on. [`Client::preflight`] tells from getInfo alone what the key cannot
//! do; [`Client::register`] makes a throw-away registration and gives a [`keyvet_evidence::Registration`] for a judge.
//!
//! It judges no attestation and keeps no credential. It neither prints nor reads a clock but the one that deadlines run by.
//!
//! ```no_run
//! use keyvet_client::{Ceremony, Client, ClientError, Person, RegistrationRequest};
//! # async fn example(channel: Box<dyn keyvet_transport::Channel>, person: &dyn Person) -> Result<(), ClientError> {
//! let cancel = tokio_util::sync::CancellationToken::new();
//! let ceremony = Ceremony::new(person, &cancel);
//! let mut client = Client::connect(channel, &ceremony).await?;
//! let request = RegistrationRequest::throw_away();
//! if client.preflight(&request).is_empty() {
//!     let registered = client.register(&request, &ceremony).await?;
//!     assert!(registered.removed.is_none());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Types of `keyvet-ctap`, `keyvet-evidence`, `keyvet-finding`, `keyvet-pin-uv`, `keyvet-transport` and
//! `tokio_util::sync::CancellationToken` are part of the interface.

mod assertion;
mod attestation_object;
mod ceremony;
mod client;
mod client_data;
mod credential_list;
mod credentials;
mod error;
pub mod kinds;
mod pin;
mod preflight;
mod randomness;
mod register;
mod registration;
mod response;
mod selection;
mod token;
mod verification;

pub use assertion::{Asserted, Assertion, AssertionRequest};
pub use ceremony::{Ceremony, ClientEvent, Declined, Person, PinPolicy, PinRequest, Timeouts};
pub use client::Client;
pub use credentials::CredentialCount;
pub use error::{ClientError, Obstacle};
#[doc(no_inline)]
pub use kinds::KINDS;
pub use pin::PinRetries;
pub use randomness::{Randomness, RandomnessError, SystemRandomness};
pub use registration::{Registered, RegistrationRequest, Removal, THROW_AWAY_RP_ID};
pub use verification::{UserVerification, Verification};
