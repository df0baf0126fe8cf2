//! What was checked about a BLOB, kept next to the entries.

use keyvet_finding::{Finding, Printable};
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// The account of one verified BLOB.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BlobReport {
    /// `alg` of the signature, `RS256`.
    pub algorithm: String,
    /// The time for which the chain was judged.
    #[serde(with = "crate::stored::time")]
    pub checked_at: OffsetDateTime,
    /// The certificates that were used, signer first, trusted root not included.
    pub chain: Vec<ChainLink>,
    /// The trusted root the chain ends at: its label.
    pub root: String,
    /// The host name the signer's certificate was found to bear.
    pub host: Option<String>,
    /// Whether revocation lists were at hand for every certificate of the chain.
    pub revocation: Revocation,
    /// What else there is to say: revocation not checked, legal header, …
    #[serde(with = "crate::stored::findings")]
    pub findings: Vec<Finding>,
}

/// How far revocation was looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Revocation {
    /// No list fitted any certificate of the chain.
    NotChecked,
    /// Lists fitted some certificates of the chain.
    PartlyChecked,
    /// Every certificate of the chain was looked up.
    Checked,
}

/// One certificate, as a person compares it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChainLink {
    /// Subject, printable.
    pub subject: String,
    /// Issuer, printable.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Start of validity.
    #[serde(with = "crate::stored::time")]
    pub not_before: OffsetDateTime,
    /// End of validity.
    #[serde(with = "crate::stored::time")]
    pub not_after: OffsetDateTime,
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
}

impl fmt::Display for ChainLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, issuer) = (Printable(&self.subject), Printable(&self.issuer));
        let (from, to) = (self.not_before.date(), self.not_after.date());
        write!(f, "\"{subject}\" issued by \"{issuer}\" ({from} to {to})")
    }
}
