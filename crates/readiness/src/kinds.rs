//! Every kind of finding and error this crate can raise.

use crate::{attempt_error, read_attempt};
use keyvet_finding::Kind;

/// Every [`Kind`] declared in this crate.
pub static KINDS: &[&Kind] = &[
    &attempt_error::UNREADABLE,
    &attempt_error::WORD,
    &attempt_error::INCOMPLETE,
    &read_attempt::UNKNOWN_MEMBER,
    &read_attempt::UNKNOWN_MODE,
    &read_attempt::ASSUMED,
];
