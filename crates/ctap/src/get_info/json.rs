//! getInfo as vendors write it into metadata statements (FIDO Metadata Statement §3.14): JSON with
//! the members' names.
//!
//! The object is turned into the CBOR that the authenticator would send, so that both forms are read
//! and judged by the same code. Byte strings are hexadecimal texts there.

use keyvet_cbor::{EncodeError, Out, encode};
use keyvet_finding::{Coded, Kind};
use serde_json::{Map, Value as Json};

use super::{GET_INFO_MALFORMED, GetInfo, GetInfoError, members::MEMBERS};
use crate::{Aaguid, hex::unhex};

/// Why a JSON value is not a getInfo answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GetInfoJsonError {
    /// Not an object.
    #[error("authenticatorGetInfo is not an object")]
    NotAnObject,
    /// A member is nested too deep to be CTAP2 CBOR.
    #[error("authenticatorGetInfo: {0}")]
    Encode(#[from] EncodeError),
    /// The members do not make an answer within the limits.
    #[error(transparent)]
    GetInfo(#[from] GetInfoError),
}

impl Coded for GetInfoJsonError {
    fn kind(&self) -> &'static Kind {
        &GET_INFO_MALFORMED
    }
}

impl GetInfo {
    /// Reads `authenticatorGetInfo` of a metadata statement.
    ///
    /// AAGUIDs may have dashes; a byte string that is not hexadecimal is taken as its UTF-8 bytes.
    /// [`GetInfo::unknown_members`] holds the CBOR made from the JSON.
    ///
    /// # Errors
    /// [`GetInfoJsonError`] when it is not an object within the limits of an answer.
    pub fn from_metadata_json(json: &Json) -> Result<Self, GetInfoJsonError> {
        let object = json.as_object().ok_or(GetInfoJsonError::NotAnObject)?;
        let mut info = Self::read(&encode(&answer(object))?)?;
        // Vendors leave encrypted identifiers empty here, since they change with every answer.
        info.note_oddities(&[0, 32]);
        Ok(info)
    }
}

fn answer(object: &Map<String, Json>) -> Out {
    Out::Map(object.iter().map(|(name, value)| member(name, value)).collect())
}

fn member(name: &str, value: &Json) -> (Out, Out) {
    let known = MEMBERS.iter().find(|member| member.name == name);
    let Some(known) = known else { return (name.into(), out(value)) };
    let value = match (known.name, value) {
        ("aaguid", Json::String(text)) => aaguid(text),
        ("encIdentifier" | "encCredStoreState" | "pinComplexityPolicyURL", Json::String(text)) => {
            bytes(text)
        }
        _ => out(value),
    };
    (Out::Unsigned(known.key.into()), value)
}

/// A text that is not an AAGUID stays a text, and so becomes a finding.
fn aaguid(text: &str) -> Out {
    text.parse().map_or_else(|_| text.into(), |Aaguid(bytes)| Out::Bytes(bytes.into()))
}

fn bytes(text: &str) -> Out {
    Out::Bytes(unhex(text).unwrap_or_else(|| text.as_bytes().into()))
}

fn out(value: &Json) -> Out {
    match value {
        Json::Null => Out::Null,
        Json::Bool(truth) => Out::Bool(*truth),
        Json::Number(number) => integer(number),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Out::Array(items.iter().map(out).collect()),
        Json::Object(pairs) => {
            Out::Map(pairs.iter().map(|(name, value)| (name.as_str().into(), out(value))).collect())
        }
    }
}

/// CTAP2 CBOR has no fractions: one stays a text, and so becomes a finding.
fn integer(number: &serde_json::Number) -> Out {
    let signed = number.as_i64().map(Out::from);
    signed
        .or_else(|| number.as_u64().map(Out::Unsigned))
        .unwrap_or_else(|| Out::Text(number.to_string()))
}
