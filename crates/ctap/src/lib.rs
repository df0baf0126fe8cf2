//! CTAP2 and WebAuthn wire types; one file per command (CTAP 2.3, WebAuthn L3).
//!
//! Bytes in, values out: no I/O, no clock, no crypto. Signed bytes are kept as received. What the
//! specification forbids but a reader can live with becomes a [`Finding`](keyvet_finding::Finding);
//! what it cannot is an error with a [`Kind`](keyvet_finding::Kind). Registry values are newtypes, so
//! unknown ones survive.
//!
//! `serde_json::Value` is part of the interface: getInfo is read from metadata's JSON form and shown
//! as JSON.
//!
//! ```
//! use keyvet_ctap::GetInfo;
//! let answer = [0xa2, 0x01, 0x81, 0x68, b'F', b'I', b'D', b'O', b'_', b'2', b'_', b'0', 0x03, 0x50,
//!     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
//! let info = GetInfo::parse(&answer)?;
//! assert_eq!(info.versions.as_deref(), Some(&["FIDO_2_0".to_owned()][..]));
//! assert_eq!(info.findings.first().map(|finding| finding.id()), Some("ctap.get-info.zero-aaguid"));
//! # Ok::<(), keyvet_ctap::GetInfoError>(())
//! ```

mod aaguid;
mod attestation_object;
mod authenticator_data;
mod canonical;
mod cose_algorithm;
mod cose_key;
mod extensions;
mod get_info;
mod hex;
pub mod kinds;
mod make_credential;
mod member_key;
mod status_code;

pub use aaguid::{Aaguid, AaguidParseError};
pub use attestation_object::{
    AttestationFormat, AttestationObject, AttestationObjectError, MemberName,
};
pub use authenticator_data::{
    AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags,
};
pub use cose_algorithm::CoseAlgorithm;
pub use cose_key::{CoseKeyError, CosePublicKey, KeyMaterial};
pub use extensions::{CredBlob, CredProtect, ExtensionOutputs, HmacSecret};
pub use get_info::{
    GetInfo, GetInfoError, GetInfoJsonError, Options, PublicKeyCredentialParameters, UvModality,
};
#[doc(no_inline)]
pub use kinds::KINDS;
pub use make_credential::{LargeBlobKey, MakeCredentialResponse};
pub use member_key::MemberKey;
pub use status_code::StatusCode;
