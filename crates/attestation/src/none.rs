//! Format `none` (WebAuthn L3 §8.7): no attestation; the statement is an empty map.

use keyvet_cbor::Item;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::assessment::AttestationType;
use crate::att_stmt::malformed;
use crate::verification::Verification;

/// A `none` statement with members.
pub static NONE_NOT_EMPTY: Kind = Kind {
    id: "attestation.none-not-empty",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "The format is `none`, yet the statement has members. It must be an empty map.",
    next_step: "Register again with a current client; a proxy or script may have altered the object.",
    source: "WebAuthn L3 §8.7",
};

/// No attestation was given.
pub static NO_ATTESTATION: Kind = Kind {
    id: "attestation.no-attestation",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The registration carries no attestation. Nothing proves which model made it.",
    next_step: "If a proven model is needed, register with attestation `direct`.",
    source: "WebAuthn L3 §8.7",
};

/// Checks the empty statement.
pub(crate) fn verify(statement: &Item<'_>) -> Verification {
    Verification::run(AttestationType::None, |verification| {
        let members = statement
            .as_map()
            .ok_or_else(|| malformed(format!("attStmt is {}, not a map", statement.type_name())))?;
        verification.report(match members.len() {
            0 => Finding::new(&NO_ATTESTATION, "format none"),
            more => Finding::new(&NONE_NOT_EMPTY, format!("{more} members")),
        });
        Ok(())
    })
}
