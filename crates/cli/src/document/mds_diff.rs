//! The document of `keyvet mds diff`.
use serde::Serialize;
/// What `keyvet mds diff --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsDiffDocument {
    /// `keyvet.mds-diff/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
}
/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-diff/1";
