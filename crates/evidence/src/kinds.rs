//! Every kind this crate can raise; each is declared beside the check that raises it.

use keyvet_finding::Kind;

pub use crate::{
    client_data::CLIENT_DATA_MALFORMED,
    error::{
        CLIENT_DATA_HASH, DUPLICATE_MEMBER, NO_ATTESTATION_OBJECT, NOT_BASE64, NOT_JSON,
        NOT_RECOGNISED, SEVERAL, TOO_LONG, UNKNOWN_SCHEMA, WRONG_TYPE,
    },
};

/// Every kind this crate can raise, by file.
pub static KINDS: &[&Kind] = &[
    &CLIENT_DATA_MALFORMED,
    &TOO_LONG,
    &NOT_RECOGNISED,
    &NOT_JSON,
    &SEVERAL,
    &NO_ATTESTATION_OBJECT,
    &UNKNOWN_SCHEMA,
    &DUPLICATE_MEMBER,
    &WRONG_TYPE,
    &NOT_BASE64,
    &CLIENT_DATA_HASH,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_start_with_the_crate() {
        let ids: std::collections::BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), KINDS.len());
        assert!(ids.iter().all(|id| id.starts_with("evidence.")));
    }
}
