//! Everything keyvet can say, and where it is declared.

#[cfg(feature = "fetch")]
use crate::fetch;
use crate::{cache, commands, error, input, time_text, trust};
use keyvet_finding::Kind;

/// The kinds of this crate that no command declares.
static FRAME: &[&Kind] = &[
    &error::INTERNAL,
    &error::USAGE,
    &input::MISSING,
    &input::UNREADABLE,
    &input::NOT_A_FILE,
    &input::EMPTY,
    &input::TOO_LARGE,
    &input::STDIN_TWICE,
    &time_text::BAD_TIME,
    &trust::NO_METADATA,
    &trust::SIGNER_WITHOUT_BLOB,
    &cache::NO_FOLDER,
    &cache::UNREADABLE,
    &cache::NOT_WRITTEN,
];

/// The kinds of the download.
#[cfg(feature = "fetch")]
static FETCH: &[&Kind] = fetch::KINDS;
#[cfg(not(feature = "fetch"))]
static FETCH: &[&Kind] = &[];

/// Every kind of every crate, in the order of the ids.
#[must_use]
pub fn every_kind() -> Vec<&'static Kind> {
    let lists: [&[&Kind]; 9] = [
        FRAME,
        FETCH,
        commands::KINDS,
        keyvet_ctap::KINDS,
        keyvet_evidence::KINDS,
        keyvet_x509::KINDS,
        keyvet_mds::KINDS,
        keyvet_attestation::KINDS,
        keyvet_policy::KINDS,
    ];
    let mut kinds: Vec<_> = lists.into_iter().flatten().copied().collect();
    kinds.sort_by_key(|kind| kind.id);
    kinds
}
