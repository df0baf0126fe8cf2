//! What one registration left behind, and the files it travels in.
//!
//! [`read`] takes an evidence file, a browser's `RegistrationResponseJSON` (alone or wrapped), an
//! object with `attestationObject` and `clientDataJSON`, or a raw attestation object, and gives a
//! [`Registration`]: signed bytes exactly as they were. [`write()`] makes an evidence file. Nothing is
//! decoded or judged here.
//!
//! An evidence file is a JSON object with `"schema": "keyvet.evidence/1"`; byte strings are base64url:
//! `attestationObject` (required), `clientDataJSON` or `clientDataHash`, `getInfo`, `credentialId`,
//! `transport`, `time` (RFC 3339), `client` {`name`, `version`}, `requestedAlgorithms` (COSE numbers),
//! `rpId`; of a registration that keyvet made itself also `request` (as sent), `answer` (as received),
//! `device` {`name`, `product`, `manufacturer`, `serial`, `usb`} and `judgedBy` {`at`, `metadataNo`,
//! `metadataSha256`, `policySha256`}.
//!
//! ```
//! let file = r#"{"attestationObject": "oA==", "clientDataJSON": "e30"}"#;
//! let registration = keyvet_evidence::read(file.as_bytes())?;
//! assert_eq!(registration.attestation_object, [0xa0]);
//! assert_eq!(registration.client_data_json.as_deref(), Some(&b"{}"[..]));
//! # Ok::<(), keyvet_evidence::EvidenceError>(())
//! ```

mod base64;
mod client_data;
mod error;
mod json;
pub mod kinds;
mod reader;
mod registration;
mod writer;

pub use client_data::{ClientData, ClientDataError};
pub use error::EvidenceError;
#[doc(no_inline)]
pub use kinds::KINDS;
pub use reader::{MAX_LEN, read};
pub use registration::{ClientVersion, DeviceRecord, Form, JudgedBy, Registration};
pub use writer::write;

/// What an evidence file calls itself.
pub const SCHEMA: &str = "keyvet.evidence/1";
