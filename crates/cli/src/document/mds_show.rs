//! The document of `keyvet mds show`.

use super::{
    Finding,
    verify::{Certificate, MetadataUsed, Status},
};
use serde::Serialize;

/// What `keyvet mds show --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsShowDocument {
    /// `keyvet.mds-show/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// The time the statuses are read for, RFC 3339.
    pub at: String,
    /// The identifier asked for.
    pub id: String,
    /// The metadata it was looked up in.
    pub metadata: MetadataUsed,
    /// The entries found: one, or several for a certificate key identifier that models share.
    pub entries: Vec<Entry>,
    /// What was noticed about the metadata as a whole.
    pub findings: Vec<Finding>,
}

/// One entry of the metadata.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// AAGUID of a FIDO2 model, dashed.
    pub aaguid: Option<String>,
    /// AAID of a UAF model.
    pub aaid: Option<String>,
    /// Key identifiers of the attestation certificates of a U2F model, hexadecimal.
    pub key_identifiers: Vec<String>,
    /// The maker's description.
    pub description: Option<String>,
    /// `fido2`, `u2f` or `uaf`.
    pub protocol_family: String,
    /// The firmware the statement describes.
    pub authenticator_version: Option<u64>,
    /// Certification, read over all reports.
    pub status: Status,
    /// Every report, in the order of the file.
    pub status_reports: Vec<StatusReport>,
    /// When the reports last changed, as written.
    pub time_of_last_status_change: Option<String>,
    /// How the model attests, as in `basic_full`.
    pub attestation_types: Vec<String>,
    /// How it verifies a person.
    pub user_verification: Vec<String>,
    /// How it protects keys.
    pub key_protection: Vec<String>,
    /// How it is attached.
    pub attachment_hint: Vec<String>,
    /// Protocol versions it speaks, from its getInfo.
    pub versions: Vec<String>,
    /// Extensions it supports, from its getInfo.
    pub extensions: Vec<String>,
    /// Transports it has, from its getInfo.
    pub transports: Vec<String>,
    /// The certificates its attestation leads to.
    pub anchors: Vec<Certificate>,
    /// What is wrong with the entry.
    pub defects: Vec<Finding>,
}

/// One status report.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusReport {
    /// The status, as written.
    pub status: String,
    /// The day it took effect, as written.
    pub effective_date: Option<String>,
    /// The firmware it speaks of.
    pub authenticator_version: Option<u64>,
    /// Number of the certificate issued.
    pub certificate_number: Option<String>,
    /// More about it.
    pub url: Option<String>,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-show/1";
