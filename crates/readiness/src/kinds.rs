//! Every kind of finding and error this crate can raise.

use crate::{attempt_error, error, read, read_attempt};
use keyvet_finding::Kind;

/// Every [`Kind`] declared in this crate.
pub static KINDS: &[&Kind] = &[
    &attempt_error::UNREADABLE,
    &attempt_error::WORD,
    &attempt_error::INCOMPLETE,
    &read_attempt::UNKNOWN_MEMBER,
    &read_attempt::UNKNOWN_MODE,
    &read_attempt::ASSUMED,
    &error::NO_TENANT,
    &error::TOO_LARGE,
    &error::NOT_TEXT,
    &error::NOT_JSON,
    &read::conditions::NO_CONDITIONS,
    &read::documents::NOT_RECOGNISED,
    &read::documents::UNKNOWN_PART,
    &read::documents::HALF_EXPORT,
    &read::documents::GRAPH_ERROR,
    &read::groups::CIRCLE,
    &read::people::UNKNOWN_METHOD,
    &read::people::PERSON_TWICE,
    &read::policies::NO_ID,
    &read::policies::UNKNOWN_MEMBER,
    &read::policies::UNKNOWN_DEMAND,
    &read::policies::UNKNOWN_WORD,
    &read::policies::PREVIEW,
    &read::references::TWICE,
    &read::references::LOCATION_GONE,
    &read::sink::UNREADABLE,
    &read::sink::CUT_OFF,
    &read::sink::MORE_FINDINGS,
    &read::strengths::UNJUDGED,
    &read::strengths::BAD_AAGUID,
    &read::strengths::STRENGTH_DIFFERS,
    &read::strengths::STRENGTH_GONE,
];
