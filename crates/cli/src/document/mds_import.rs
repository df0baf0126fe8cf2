//! The document of `keyvet mds import` and `keyvet mds fetch`.

use super::mds_status::MdsStatusDocument;
use serde::Serialize;

/// What `keyvet mds import --json` and `keyvet mds fetch --json` print.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsImportDocument {
    /// `keyvet.mds-import/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// What became of the stored metadata.
    pub outcome: ImportOutcome,
    /// Number of the metadata that was stored before.
    pub previous_no: Option<u64>,
    /// The file that now holds the metadata.
    pub stored: String,
    /// The metadata as it is now.
    pub status: MdsStatusDocument,
}

/// What became of the stored metadata.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// There was none; this one is stored.
    Stored,
    /// A newer one replaced it.
    Updated,
    /// The same one was already there.
    Unchanged,
    /// An older or another one of the same number replaced it, as was demanded.
    RolledBack,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-import/1";
