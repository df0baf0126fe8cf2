//! The document of `keyvet info`.

use super::{Finding, key::Key, verify::MetadataUsed};
use serde::Serialize;
use serde_json::{Map, Value};

/// What `keyvet info --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InfoDocument {
    /// `keyvet.info/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The key that was asked; absent when the answer was given with `--from-cbor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// What the metadata calls the model of the AAGUID that the key claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The metadata the model is named by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataUsed>,
    /// How many wrong PINs in a row the key still takes before it blocks; asked of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_retries: Option<u64>,
    /// The same for its fingerprint reader or other built-in verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uv_retries: Option<u64>,
    /// The members by the specification's names, in the order of their numbers; only those present.
    /// Byte strings are hexadecimal, the AAGUID is dashed.
    pub members: Map<String, Value>,
    /// Members the specification does not name, and members of the wrong type, by their keys.
    pub unknown_members: Map<String, Value>,
    /// The same members as received: CBOR in hexadecimal.
    pub unknown_members_cbor: Map<String, Value>,
    /// Oddities.
    pub findings: Vec<Finding>,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.info/1";
