//! WebAuthn attestation statements and the assessment of one registration.
//!
//! [`assess`] takes a registration and answers three separate questions: does the attestation statement hold
//! ([`Statement`]), where does its certificate chain end ([`Trust`]), may the AAGUID be believed
//! ([`AaguidStanding`]). What was found on the way is in [`Assessment::findings`], in the order of the checks.
//!
//! One file per statement format, named as WebAuthn L3 §8 names it: packed, tpm, android-key,
//! android-safetynet (retired, never trusted), fido-u2f, none, apple, compound. It knows no policy: whether a
//! tenant accepts the key is for `keyvet-policy`.
//!
//! Rules of ours, where the specification leaves room:
//! - deviations of a certificate from its profile are warnings and leave the statement valid; a certificate
//!   for another AAGUID makes it invalid;
//! - a chain is followed only under a valid statement, and one that reaches another model's anchor is never
//!   trusted;
//! - an AAGUID is proven when the certificate names it, or when the anchor belongs to this model alone.
//!
//! ```
//! use keyvet_attestation::{Context, Statement, assess};
//! use keyvet_evidence::Registration;
//! let registration = Registration::new(vec![0xa0]);
//! let at = time::OffsetDateTime::UNIX_EPOCH;
//! let assessment = assess(&registration, &mut Context::new(None, at));
//! assert_eq!(assessment.statement, Statement::Malformed);
//! ```

mod aaguid_extension;
mod android_key;
mod android_safetynet;
mod apple;
mod assess;
mod assessment;
mod att_stmt;
mod ceremony_checks;
mod chain;
mod client_data;
mod compound;
mod context;
mod der;
mod fido_u2f;
mod format;
mod judgement;
mod key_description;
mod key_info;
pub mod kinds;
mod leaf_profile;
mod metadata_status;
mod model;
mod none;
mod packed;
mod public_key;
mod signature;
mod tpm;
mod tpm_structures;
mod verification;

pub use assess::assess;
pub use assessment::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
pub use context::Context;
#[doc(no_inline)]
pub use kinds::KINDS;
