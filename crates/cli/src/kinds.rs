//! Everything keyvet can say, and where it is declared.

#[cfg(feature = "fetch")]
use crate::fetch;
use crate::{
    cache,
    commands::{explain, info, man},
    error, input, time_text,
};
use keyvet_finding::Kind;

/// The kinds this crate declares.
pub static KINDS: &[&Kind] = &[
    &error::INTERNAL,
    &error::USAGE,
    &input::MISSING,
    &input::UNREADABLE,
    &input::NOT_A_FILE,
    &input::EMPTY,
    &input::TOO_LARGE,
    &input::STDIN_TWICE,
    &time_text::BAD_TIME,
    &explain::UNKNOWN_ID,
    &info::BAD_HEX,
    &man::NOT_WRITTEN,
    &cache::NO_FOLDER,
    &cache::UNREADABLE,
    &cache::NOT_WRITTEN,
    #[cfg(feature = "fetch")]
    &fetch::ADDRESS,
    #[cfg(feature = "fetch")]
    &fetch::UNREACHABLE,
    #[cfg(feature = "fetch")]
    &fetch::TIMEOUT,
    #[cfg(feature = "fetch")]
    &fetch::TLS,
    #[cfg(feature = "fetch")]
    &fetch::STATUS,
    #[cfg(feature = "fetch")]
    &fetch::TOO_LARGE,
    #[cfg(feature = "fetch")]
    &fetch::FAILED,
];

/// Every kind of every crate, in the order of the ids.
#[must_use]
pub fn every_kind() -> Vec<&'static Kind> {
    let lists: [&[&Kind]; 4] =
        [KINDS, keyvet_ctap::KINDS, keyvet_policy::KINDS, keyvet_x509::KINDS];
    let mut kinds: Vec<_> = lists.into_iter().flatten().copied().collect();
    kinds.sort_by_key(|kind| kind.id);
    kinds
}
