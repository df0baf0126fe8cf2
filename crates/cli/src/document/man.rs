//! The document of `keyvet man`.

use serde::Serialize;

/// What `keyvet man --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ManDocument {
    /// `keyvet.man/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The files written, when a folder was given.
    pub written: Vec<String>,
    /// The manual page in roff, when no folder was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.man/1";
