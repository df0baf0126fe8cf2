//! The document printed when a command could not do its work.

use super::{Error, key::Candidate};
use serde::Serialize;

/// What any command prints with `--json` when it could not do its work.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorDocument {
    /// `keyvet.error/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// What happened.
    pub error: Error,
    /// The keys that may have been meant, when which one is not clear.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.error/1";
