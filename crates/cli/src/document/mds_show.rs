//! The document of `keyvet mds show`.
use serde::Serialize;
/// What `keyvet mds show --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsShowDocument {
    /// `keyvet.mds-show/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
}
/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-show/1";
