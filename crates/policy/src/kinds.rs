//! Every kind of finding, reason and error this crate can raise.

use crate::{entra, error};
use keyvet_finding::Kind;

/// Every [`Kind`] declared in this crate.
pub static KINDS: &[&Kind] = &[
    &error::TOO_LARGE,
    &error::NOT_TEXT,
    &error::NOT_JSON,
    &error::WRONG_TYPE,
    &error::NOT_A_POLICY,
    &error::SEVERAL,
    &error::LIST_ROW,
    &error::LIST_EMPTY,
    &entra::graph::MEMBER_MISSING,
    &entra::graph::DEFAULT_ASSUMED,
    &entra::graph::UNKNOWN_VALUE,
    &entra::graph::UNKNOWN_MEMBER,
    &entra::contradiction::LEGACY_DISAGREES,
    &entra::contradiction::TYPES_GREW,
];
