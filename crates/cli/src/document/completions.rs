//! The document of `keyvet completions`.

use serde::Serialize;

/// What `keyvet completions --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompletionsDocument {
    /// `keyvet.completions/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The shell, as given.
    pub shell: String,
    /// The script to be sourced by the shell.
    pub script: String,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.completions/1";
