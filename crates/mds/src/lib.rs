//! FIDO metadata: signed BLOB, entries, statuses, catalogue, cache.
//!
//! Bytes in, values out: nothing here reads a file, a clock or the network. Every entry of a BLOB is
//! accounted for: it is in the [`Catalogue`], with what is wrong with it in [`Entry::defects`].
//!
//! Implements FIDO Metadata Service 3.0 §3.1 (BLOB) and the FIDO Metadata Statement it carries.
//!
//! ```
//! use keyvet_mds::{Level, danger_read_unsigned_payload};
//! let payload = br#"{"no": 7, "nextUpdate": "2026-12-01", "entries": [
//!     {"aaguid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
//!      "statusReports": [{"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2020-01-01"}]}, 5]}"#;
//! let (catalogue, _findings) = danger_read_unsigned_payload(payload)?;
//! assert_eq!(catalogue.len(), 2);
//! let entry = catalogue.by_aaguid(&"2fc0579f-8113-47ea-b116-bb5a8db9202a".parse()?).unwrap();
//! let now = catalogue.next_update.midnight().assume_utc();
//! assert_eq!(entry.status_summary(now).best_level, Some(Level::L1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod catalogue;
mod certificate_text;
mod crl;
mod der;
mod diff;
mod entry;
mod error;
mod freshness;
mod get_info;
mod json;
mod jws;
mod kinds;
mod payload;
mod reader;
mod report;
mod signer;
mod statement;
mod status;
mod stored;
mod trust;
mod verify;

pub use cache::{Cached, decode_cache, encode_cache};
pub use catalogue::{AnchorRef, Catalogue};
pub use diff::{Diff, EntryChange, MemberChange, diff};
pub use entry::{Entry, ProtocolFamily};
pub use error::MdsError;
pub use freshness::{Change, Source};
pub use get_info::GetInfoSummary;
pub use jws::MAX_BLOB_LEN;
pub use kinds::KINDS;
pub use report::{BlobReport, ChainLink, Revocation};
pub use status::{Compromise, CompromiseReport, Level, Status, StatusReport, StatusSummary};
pub use trust::{MDS_HOST, Trust, pinned_roots};
pub use verify::{Examination, examine_blob, verify_blob};

use keyvet_finding::Finding;

/// Reads a payload that nobody signed: for tests, and for showing a file that is not trusted.
///
/// # Errors
/// [`MdsError::Payload`] when it is no metadata payload at all; single entries never fail it.
pub fn danger_read_unsigned_payload(json: &[u8]) -> Result<(Catalogue, Vec<Finding>), MdsError> {
    let mut payload = payload::read(json)?;
    let findings = std::mem::take(&mut payload.findings);
    Ok((Catalogue::new(payload), findings))
}
