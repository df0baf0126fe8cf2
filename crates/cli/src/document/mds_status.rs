//! The document of `keyvet mds status`.

use super::{Error, Finding};
use serde::Serialize;

/// What `keyvet mds status --json` prints. Members that are not known are null.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MdsStatusDocument {
    /// `keyvet.mds-status/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program.
    pub exit: u8,
    /// The file it came from; `cache` for the imported one.
    pub source: String,
    /// The time the judgement speaks of, RFC 3339.
    pub at: String,
    /// Serial number of the BLOB.
    pub no: Option<u64>,
    /// The day after which it is stale.
    pub next_update: Option<String>,
    /// Whether that day has passed.
    pub stale: Option<bool>,
    /// How many entries the BLOB has.
    pub entries: Option<usize>,
    /// How many of them are kept; the others have no usable identity.
    pub kept: Option<usize>,
    /// How many of the kept ones have a defect.
    pub with_defects: Option<usize>,
    /// The entries by protocol family.
    pub by_protocol: Option<ByProtocol>,
    /// Whether the signature is one by the first certificate of the file.
    pub signature: Check,
    /// Whether that certificate leads to a trusted root, at `at`.
    pub chain: Check,
    /// Signature algorithm, as in `RS256`.
    pub algorithm: Option<String>,
    /// The certificates of the signer, signer first: those of the chain without the trusted root, or, when
    /// there is no chain, those in the file.
    pub certificates: Vec<ChainCertificate>,
    /// The trusted root at which the chain ends.
    pub root: Option<String>,
    /// The host name that the signer's certificate bears.
    pub host: Option<String>,
    /// How far revocation of the signer was looked at: `checked`, `partly-checked`, `not-checked`.
    pub revocation: Option<&'static str>,
    /// When the signature was checked, RFC 3339.
    pub verified_at: Option<String>,
    /// SHA-256 of the BLOB as received, hexadecimal.
    pub sha256: Option<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Why the metadata cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// Entries by protocol family.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ByProtocol {
    /// FIDO2 models, known by AAGUID.
    pub fido2: usize,
    /// U2F models, known by certificate key identifier.
    pub u2f: usize,
    /// UAF models, known by AAID.
    pub uaf: usize,
    /// Entries of another or no stated family.
    pub other: usize,
}

/// What became of one check of a BLOB. Only both together, `valid`, make it one to use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It holds.
    Valid,
    /// It fails.
    Invalid,
    /// There is nothing to check.
    Missing,
}

/// One certificate of the signer's chain.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainCertificate {
    /// Subject name.
    pub subject: String,
    /// Issuer name.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First moment of validity, RFC 3339.
    pub not_before: String,
    /// Last moment of validity, RFC 3339.
    pub not_after: String,
    /// SHA-256 of the DER certificate, hexadecimal.
    pub sha256: String,
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.mds-status/1";
