//! Format `compound` (WebAuthn L3 §8.9): several statements about one credential.
//!
//! The specification leaves it to the relying party how many must hold. Here all must: a part that fails says
//! that something altered the whole. One part with a trusted chain is enough to trust the model.

use keyvet_cbor::Item;
use keyvet_ctap::AttestationFormat;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::assessment::AttestationType;
use crate::att_stmt::{malformed, text};
use crate::format;
use crate::verification::{Ceremony, STATEMENT_MALFORMED, Stop, Verification};

/// Fewer than two parts.
pub static COMPOUND_TOO_FEW: Kind = Kind {
    id: "attestation.compound-too-few",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A compound statement holds at least two statements, and this one holds fewer.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §8.9",
};

/// More parts than any authenticator makes, or a compound inside a compound.
pub static COMPOUND_STRUCTURE: Kind = Kind {
    id: "attestation.compound-structure",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A compound statement may not hold another compound statement, and keyvet reads at most eight parts.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §8.9",
};

/// How one part came out.
pub static COMPOUND_PART: Kind = Kind {
    id: "attestation.compound-part",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The result of one statement inside a compound statement. What was found in it follows.",
    next_step: "Nothing to do; read the findings that follow.",
    source: "WebAuthn L3 §8.9",
};

/// Checks every part.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::None, |verification| {
        let parts = parts(statement)?;
        for (index, part) in parts.iter().enumerate() {
            let (format, inner) = take_apart(part)?;
            let outcome = format::verify(&format, inner, ceremony);
            let detail = format!("part {index} ({format}): {}", outcome.statement.as_str());
            verification.report(Finding::new(&COMPOUND_PART, detail));
            verification.lower(outcome.statement);
            verification.findings.extend(outcome.findings.iter().cloned());
            verification.parts.push(outcome);
        }
        Ok(())
    })
}

fn parts<'i, 'a>(statement: &'i Item<'a>) -> Result<&'i [Item<'a>], Stop> {
    let parts = statement
        .as_array()
        .ok_or_else(|| malformed(format!("attStmt is {}, not an array", statement.type_name())))?;
    match parts.len() {
        0 | 1 => {
            let detail = format!("{} parts", parts.len());
            Err(Stop::Invalid(Finding::new(&COMPOUND_TOO_FEW, detail)))
        }
        more if more > MAX_PARTS => {
            Err(Stop::Invalid(Finding::new(&COMPOUND_STRUCTURE, format!("{more} parts"))))
        }
        _ => Ok(parts),
    }
}

fn take_apart<'i, 'a>(part: &'i Item<'a>) -> Result<(AttestationFormat, &'i Item<'a>), Stop> {
    let format = AttestationFormat::from(text(part, "fmt")?);
    if format == AttestationFormat::COMPOUND {
        return Err(Stop::Invalid(Finding::new(&COMPOUND_STRUCTURE, "compound in compound")));
    }
    let inner = part.get_text("attStmt").ok_or_else(|| {
        Stop::Malformed(Finding::new(&STATEMENT_MALFORMED, "a part has no attStmt"))
    })?;
    Ok((format, inner))
}

/// Authenticators make two or three.
const MAX_PARTS: usize = 8;
