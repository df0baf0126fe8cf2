//! Every kind this crate can raise; each is declared beside the check that raises it.

use keyvet_finding::Kind;

pub use crate::{
    key_agreement::{INVALID_SCALAR, NOT_ON_CURVE},
    large_blobs::{
        LARGE_BLOB_ARRAY_CHECKSUM, LARGE_BLOB_CONTENT, LARGE_BLOB_OTHER_KEY, LARGE_BLOB_TOO_LARGE,
    },
    pin::{PIN_ENDS_IN_NUL, PIN_TOO_LONG, PIN_TOO_MANY_BYTES, PIN_TOO_SHORT},
    shared_secret::CIPHERTEXT_LENGTH,
    token::{ENCRYPTED_MEMBER_LENGTH, TOKEN_LENGTH},
};

/// Every kind this crate can raise, by file.
pub static KINDS: &[&Kind] = &[
    &NOT_ON_CURVE,
    &INVALID_SCALAR,
    &PIN_TOO_SHORT,
    &PIN_TOO_LONG,
    &PIN_TOO_MANY_BYTES,
    &PIN_ENDS_IN_NUL,
    &CIPHERTEXT_LENGTH,
    &TOKEN_LENGTH,
    &ENCRYPTED_MEMBER_LENGTH,
    &LARGE_BLOB_ARRAY_CHECKSUM,
    &LARGE_BLOB_OTHER_KEY,
    &LARGE_BLOB_CONTENT,
    &LARGE_BLOB_TOO_LARGE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_start_with_the_crate() {
        let ids: std::collections::BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), KINDS.len());
        assert!(ids.iter().all(|id| id.starts_with("pin-uv.")));
    }
}
