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
//! Requests are structs whose `encode` gives the command byte and canonical CBOR. An answer is split
//! into status and map, and the map is read by the response type of its command.
//!
//! ```
//! use keyvet_ctap::{GetInfo, GetInfoRequest, StatusCode, split_answer};
//! assert_eq!(GetInfoRequest.encode(), [0x04]);
//! let answer = [0x00,
//!     0xa2, 0x01, 0x81, 0x68, b'F', b'I', b'D', b'O', b'_', b'2', b'_', b'0', 0x03, 0x50,
//!     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
//! let (status, map) = split_answer(&answer)?;
//! assert_eq!(status, StatusCode::OK);
//! let info = GetInfo::parse(map)?;
//! assert_eq!(info.versions.as_deref(), Some(&["FIDO_2_0".to_owned()][..]));
//! assert_eq!(info.findings.first().map(|finding| finding.id()), Some("ctap.get-info.zero-aaguid"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aaguid;
mod answer;
mod attestation_object;
mod authenticator_config;
mod authenticator_data;
mod canonical;
mod client_pin;
mod command;
mod cose_algorithm;
mod cose_key;
mod cose_key_agreement;
mod credential_management;
mod entities;
mod extension_inputs;
mod extensions;
mod get_assertion;
mod get_info;
mod hex;
pub mod kinds;
mod large_blob_array;
mod make_credential;
mod member_key;
mod reset;
mod selection;
mod status_code;

pub use aaguid::{Aaguid, AaguidParseError};
pub use answer::{AnswerError, ResponseError, split_answer};
pub use attestation_object::{
    AttestationFormat, AttestationObject, AttestationObjectError, MemberName,
};
pub use authenticator_config::{AuthenticatorConfig, SetMinPinLength};
pub use authenticator_data::{
    AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags,
};
pub use client_pin::{ClientPin, ClientPinResponse, Permissions};
pub use command::Command;
pub use cose_algorithm::CoseAlgorithm;
pub use cose_key::{CoseKeyError, CosePublicKey, KeyMaterial};
pub use cose_key_agreement::{CoseKeyAgreement, CoseKeyAgreementError};
pub use credential_management::{CredentialManagement, CredentialManagementResponse};
pub use entities::{CredentialDescriptor, PinUvAuth, RelyingParty, User};
pub use extension_inputs::{GetAssertionExtensions, HmacSecretInput, MakeCredentialExtensions};
pub use extensions::{CredBlob, CredProtect, ExtensionOutputs, HmacSecret};
pub use get_assertion::{GetAssertion, GetAssertionResponse, GetNextAssertion};
pub use get_info::{
    GetInfo, GetInfoError, GetInfoJsonError, GetInfoRequest, Options,
    PublicKeyCredentialParameters, UvModality,
};
#[doc(no_inline)]
pub use kinds::KINDS;
pub use large_blob_array::{LargeBlob, LargeBlobArray, LargeBlobArrayError, LargeBlobEntry};
pub use make_credential::{
    EnterpriseAttestation, LargeBlobKey, MakeCredential, MakeCredentialResponse,
};
pub use member_key::MemberKey;
pub use reset::Reset;
pub use selection::Selection;
pub use status_code::StatusCode;
