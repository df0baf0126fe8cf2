//! Whether Entra takes a model while attestation is enforced: the published table, and the
//! documented rule as a prediction where the table is silent.
//!
//! Microsoft documents both a rule (certified at any level; in FIDO metadata; FIDO 2.0 or later; user
//! verification or client PIN; resident keys; hmac-secret or PRF) and the list it led to. The rule does
//! not reproduce the list, so the list decides. Against metadata no 291 the two compare as follows
//! (348 FIDO2 entries; `tests/key_table.rs` keeps the count true):
//!
//! | rule | table | entries |
//! |---|---|---|
//! | holds | listed | 250 |
//! | fails | not listed | 82 |
//! | holds | not listed | 1: WebComm OETHenticator, whose entry changed after the page's date |
//! | fails | listed | 15: nine with incomplete getInfo, six never certified |
//!
//! No listed model is absent from no 291. Against an older copy the same count was 243, 73, 0, 18 and
//! four absent: the four have arrived since, and three of the eighteen have been certified.

use super::key_table::{KeyRow, KeyTable};
use super::known;
use crate::facts::{Entry, Metadata};
use keyvet_ctap::Aaguid;
use keyvet_mds::Catalogue;
use std::fmt;

/// Where one model stands while attestation is enforced.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Attestable {
    /// The AAGUID is all zero: no model is named, so none can be looked up.
    Unidentified,
    /// Microsoft Authenticator: attested by its own app, and only when registered in the app.
    InAppOnly,
    /// In the published table.
    Listed(KeyRow),
    /// Not in the table; in metadata, and the documented rule holds: in metadata, not yet in Entra.
    PredictedNotListed {
        /// Number of the metadata file asked.
        mds_no: u64,
    },
    /// Not in the table; in metadata, and the documented rule fails.
    RuleFails {
        /// Number of the metadata file asked.
        mds_no: u64,
        /// The terms that fail, never empty.
        terms: Vec<RuleTerm>,
    },
    /// Neither in the table nor in metadata.
    NotInMetadata {
        /// Number of the metadata file asked.
        mds_no: u64,
    },
    /// Not in the table, and there was no metadata to ask.
    NotListed,
}

/// One term of the documented rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RuleTerm {
    /// The metadata entry is of the FIDO2 family.
    Fido2Family,
    /// getInfo names a version from FIDO 2.0 on.
    Fido2Version,
    /// getInfo has the option `uv` or `clientPin`.
    UserVerification,
    /// getInfo says that resident keys are supported.
    ResidentKeys,
    /// getInfo names the extension hmac-secret or prf.
    HmacSecret,
    /// Some status report is a FIDO certification.
    Certified,
}

impl fmt::Display for RuleTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fido2Family => "metadata is not of the fido2 family",
            Self::Fido2Version => "metadata names no version from FIDO 2.0 on",
            Self::UserVerification => "metadata shows neither uv nor clientPin",
            Self::ResidentKeys => "metadata shows no resident keys (rk)",
            Self::HmacSecret => "metadata shows neither hmac-secret nor prf",
            Self::Certified => "not FIDO certified",
        })
    }
}

/// Whether a model would be taken while attestation is enforced, by its AAGUID alone.
///
/// This is the question before a purchase; a registration has to prove its AAGUID on top of it.
#[must_use]
pub fn attestable(aaguid: Aaguid, table: &KeyTable, catalogue: Option<&Catalogue>) -> Attestable {
    let metadata = catalogue.map(|catalogue| Metadata::of(catalogue, Some(aaguid)));
    standing(aaguid, table, metadata.as_ref())
}

/// Looks one model up in the table, and in the metadata where the table is silent.
pub(crate) fn standing(
    aaguid: Aaguid,
    table: &KeyTable,
    metadata: Option<&Metadata>,
) -> Attestable {
    if aaguid.is_zero() {
        return Attestable::Unidentified;
    }
    if known::is_authenticator_app(aaguid) {
        return Attestable::InAppOnly;
    }
    if let Some(row) = table.row(aaguid) {
        return Attestable::Listed(row.clone());
    }
    let Some(metadata) = metadata else { return Attestable::NotListed };
    let mds_no = metadata.no;
    match metadata.entry.as_ref().map(failing_terms) {
        None => Attestable::NotInMetadata { mds_no },
        Some(terms) if terms.is_empty() => Attestable::PredictedNotListed { mds_no },
        Some(terms) => Attestable::RuleFails { mds_no, terms },
    }
}

/// The terms of the documented rule that this entry fails.
pub(crate) fn failing_terms(entry: &Entry) -> Vec<RuleTerm> {
    let option = |name: &str| entry.options.iter().find(|(key, _)| key == name).map(|o| o.1);
    let extension = |name: &str| entry.extensions.iter().any(|e| e == name);
    let terms = [
        (RuleTerm::Fido2Family, entry.protocol_family == "fido2"),
        (RuleTerm::Fido2Version, entry.versions.iter().any(|v| v.starts_with("FIDO_2"))),
        (RuleTerm::UserVerification, option("uv").or(option("clientPin")).is_some()),
        (RuleTerm::ResidentKeys, option("rk") == Some(true)),
        (RuleTerm::HmacSecret, extension("hmac-secret") || extension("prf")),
        // FIDO_CERTIFIED or a level; NOT_FIDO_CERTIFIED starts otherwise
        (RuleTerm::Certified, entry.statuses.iter().any(|s| s.0.starts_with("FIDO_CERTIFIED"))),
    ];
    terms.into_iter().filter(|(_, holds)| !holds).map(|(term, _)| term).collect()
}
