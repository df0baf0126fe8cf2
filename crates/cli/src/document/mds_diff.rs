//! The document of `keyvet mds diff`.

use super::{Finding, verify::MetadataUsed};
use serde::Serialize;

/// What `keyvet mds diff --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsDiffDocument {
    /// `keyvet.mds-diff/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// The older BLOB.
    pub old: MetadataUsed,
    /// The newer BLOB.
    pub new: MetadataUsed,
    /// Models that came.
    pub added: Vec<Model>,
    /// Models that went.
    pub removed: Vec<Model>,
    /// Models that changed.
    pub changed: Vec<Change>,
    /// What was noticed about the two BLOBs.
    pub findings: Vec<Finding>,
}

/// One model, as its entry names it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Model {
    /// AAGUID, AAID, key identifier, or place in the file.
    pub id: String,
    /// The maker's description.
    pub description: Option<String>,
    /// `fido2`, `u2f` or `uaf`.
    pub protocol_family: String,
    /// Best certification; null when none is reported.
    pub level: Option<String>,
    /// Whether the model is revoked.
    pub revoked: bool,
}

/// What changed about one model.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The model, as the newer BLOB has it.
    pub model: Model,
    /// Statuses that came, with their days.
    pub status_added: Vec<Status>,
    /// Statuses that went.
    pub status_removed: Vec<Status>,
    /// How many anchors came.
    pub anchors_added: usize,
    /// How many anchors went.
    pub anchors_removed: usize,
    /// Other members that changed.
    pub members: Vec<Member>,
}

/// One status report.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The status, as written.
    pub status: String,
    /// The day it took effect, as written.
    pub effective_date: Option<String>,
}

/// One member before and after; absent is empty.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// Its name in the metadata.
    pub name: &'static str,
    /// Before.
    pub old: String,
    /// After.
    pub new: String,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-diff/1";
