//! Tenant policies on passkeys: one model, an importer per provider, and the verdict.
//!
//! [`read`] makes a [`Policy`] of a document: Microsoft Entra's `fido2AuthenticationMethodConfiguration`
//! as Graph returns or accepts it, deprecated form and profiles, or a plain list of AAGUIDs. Nothing
//! here does I/O, knows the time or asks a network.
//!
//! Conditional Access is not judged here: a credential that this policy lets sign in may still be
//! refused by an authentication strength.
//!
//! ```
//! let policy = keyvet_policy::read(br#"{"id": "Fido2", "state": "enabled", "includeTargets": []}"#)?;
//! assert_eq!(policy.provider, keyvet_policy::Provider::EntraLegacy);
//! # Ok::<(), keyvet_policy::PolicyError>(())
//! ```

mod aaguid_list;
mod decide;
mod document;
pub mod entra;
mod error;
mod facts;
mod kinds;
mod model;
mod predict;
mod text;
mod unjudged;

mod verdict;

pub use decide::{Subject, decide};
pub use document::{MAX_LEN_BYTES, read, read_graph};
pub use error::PolicyError;
pub use kinds::KINDS;
pub use model::*;
pub use predict::{Prediction, Prospect, ProspectAttestation, predict};
pub use verdict::{Answer, Decision, Effect, Reason, Scope, Verdict};
