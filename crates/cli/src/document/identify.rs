//! The document of `keyvet identify`.

use super::key::Key;
use serde::Serialize;

/// What `keyvet identify --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentifyDocument {
    /// `keyvet.identify/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// How the key showed itself.
    pub how: How,
    /// Which one it is.
    pub key: Key,
}

/// How a key showed itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was told to blink, and said that it did.
    Blink,
    /// Somebody touched it.
    Touch,
    /// It lies on the card reader that its name tells.
    Reader,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.identify/1";
