//! The document of `keyvet info`.

use super::Finding;
use serde::Serialize;
use serde_json::{Map, Value};

/// What `keyvet info --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InfoDocument {
    /// `keyvet.info/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
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
