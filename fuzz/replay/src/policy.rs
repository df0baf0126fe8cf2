//! Tenant policies and AAGUID lists.

use crate::checks;
use keyvet_policy::{MAX_LEN_BYTES, read};

/// Reads a policy. Reading is a function of the bytes, bounded in size, and what it says is printable.
pub fn policy_json(data: &[u8]) {
    let policy = match read(data) {
        Ok(policy) => policy,
        Err(error) => return checks::error(data, &error),
    };
    assert!(data.len() <= MAX_LEN_BYTES, "more than the limit was read");
    assert_eq!(read(data).as_ref(), Ok(&policy), "the same bytes read differently");
    assert!(policy.profiles.len() <= data.len().saturating_add(1), "more profiles than bytes");
    checks::findings(data, &policy.findings);
}
