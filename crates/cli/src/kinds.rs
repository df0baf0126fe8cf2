//! Everything keyvet can say, and where it is declared.

#[cfg(feature = "fetch")]
use crate::fetch;
#[cfg(feature = "hid")]
use crate::keys;
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

/// The kinds of what talks to keys.
#[cfg(feature = "hid")]
static KEYS: [&[&Kind]; 8] = [
    keys::KINDS,
    commands::KEY_KINDS,
    keyvet_transport::KINDS,
    keyvet_hid::KINDS,
    keyvet_pin_uv::KINDS,
    keyvet_client::KINDS,
    keyvet_doctor::KINDS,
    keyvet_trace::KINDS,
];
#[cfg(not(feature = "hid"))]
static KEYS: [&[&Kind]; 0] = [];

/// The kinds of card readers.
#[cfg(feature = "nfc")]
static CARDS: [&[&Kind]; 1] = [keyvet_nfc::KINDS];
#[cfg(not(feature = "nfc"))]
static CARDS: [&[&Kind]; 0] = [];

/// Every kind of every crate, in the order of the ids.
#[must_use]
pub fn every_kind() -> Vec<&'static Kind> {
    let lists: [&[&Kind]; 12] = [
        FRAME,
        FETCH,
        commands::KINDS,
        commands::readiness::KINDS,
        keyvet_ctap::KINDS,
        keyvet_evidence::KINDS,
        keyvet_x509::KINDS,
        keyvet_mds::KINDS,
        keyvet_attestation::KINDS,
        keyvet_policy::KINDS,
        keyvet_readiness::KINDS,
        keyvet_readiness::sign_in::KINDS,
    ];
    let lists = lists.into_iter().chain(KEYS).chain(CARDS);
    let mut kinds: Vec<_> = lists.flatten().copied().collect();
    kinds.sort_by_key(|kind| kind.id);
    kinds
}
