//! Reading the members of an attestation statement.

use keyvet_cbor::Item;
use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::Certificate;

use crate::verification::{STATEMENT_MALFORMED, Stop, Verification};

/// `x5c` is there and empty.
pub static X5C_EMPTY: Kind = Kind {
    id: "attestation.x5c-empty",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The statement has a certificate list without a certificate, so nothing can verify its signature.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §8.2",
};

/// `x5c` is longer than any real one.
pub static X5C_TOO_LARGE: Kind = Kind {
    id: "attestation.x5c-too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The certificate list holds more than 32 certificates, or one above 64 KiB. Real ones hold up to five of 2 KiB.",
    next_step: "Ask where this registration comes from; it was not made by a real key.",
    source: "keyvet",
};

/// The attestation certificate cannot be read.
pub static CERTIFICATE_MALFORMED: Kind = Kind {
    id: "attestation.certificate-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation certificate, first in x5c, is not an X.509 certificate that can be read.",
    next_step: "Register the key again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §8.2",
};

/// A later certificate of `x5c` cannot be read.
pub static CHAIN_CERTIFICATE_MALFORMED: Kind = Kind {
    id: "attestation.chain-certificate-malformed",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "A certificate after the first in x5c cannot be read. It is left out when the chain is built.",
    next_step: "If the chain reaches no anchor, report the certificate to the vendor.",
    source: "keyvet",
};

/// Most certificates a statement may carry.
pub(crate) const MAX_CERTIFICATES: usize = 32;
/// Most bytes a certificate may have.
pub(crate) const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// A byte string member that must be there.
pub(crate) fn bytes<'a>(statement: &Item<'a>, name: &str) -> Result<&'a [u8], Stop> {
    let member = required(statement, name)?;
    member.as_bytes().ok_or_else(|| wrong_type(name, "a byte string", member))
}

/// A text member that must be there.
pub(crate) fn text<'a>(statement: &Item<'a>, name: &str) -> Result<&'a str, Stop> {
    let member = required(statement, name)?;
    member.as_text().ok_or_else(|| wrong_type(name, "text", member))
}

/// The `alg` member.
pub(crate) fn algorithm(statement: &Item<'_>) -> Result<CoseAlgorithm, Stop> {
    let member = required(statement, "alg")?;
    member.as_i64().map(CoseAlgorithm).ok_or_else(|| wrong_type("alg", "an integer", member))
}

/// Reads `x5c` into the verification, leaf first. At least the leaf is there afterwards.
pub(crate) fn read_x5c(statement: &Item<'_>, verification: &mut Verification) -> Result<(), Stop> {
    let ders = x5c(statement)?;
    for (index, der) in ders.iter().enumerate() {
        match (index, Certificate::parse(der)) {
            (_, Ok(certificate)) => verification.certificates.push(certificate),
            (0, Err(error)) => {
                let detail = format!("x5c[0]: {error}");
                return Err(Stop::Invalid(Finding::new(&CERTIFICATE_MALFORMED, detail)));
            }
            (_, Err(error)) => {
                let detail = format!("x5c[{index}]: {error}");
                verification.report(Finding::new(&CHAIN_CERTIFICATE_MALFORMED, detail));
            }
        }
    }
    Ok(())
}

/// The certificates of `x5c` as received: between 1 and [`MAX_CERTIFICATES`].
pub(crate) fn x5c<'a>(statement: &Item<'a>) -> Result<Vec<&'a [u8]>, Stop> {
    let member = required(statement, "x5c")?;
    let items = member.as_array().ok_or_else(|| wrong_type("x5c", "an array", member))?;
    if items.is_empty() {
        return Err(Stop::Invalid(Finding::new(&X5C_EMPTY, "x5c is []")));
    }
    if items.len() > MAX_CERTIFICATES {
        let detail = format!("{} certificates", items.len());
        return Err(Stop::Invalid(Finding::new(&X5C_TOO_LARGE, detail)));
    }
    items.iter().map(certificate_bytes).collect()
}

/// The leaf that [`read_x5c`] has put there.
pub(crate) fn leaf(verification: &Verification) -> Result<&Certificate, Stop> {
    let first = verification.certificates.first();
    first.ok_or_else(|| Stop::Invalid(Finding::new(&X5C_EMPTY, "no certificate")))
}

fn certificate_bytes<'a>(item: &Item<'a>) -> Result<&'a [u8], Stop> {
    let der = item.as_bytes().ok_or_else(|| wrong_type("x5c", "an array of byte strings", item))?;
    if der.len() > MAX_CERTIFICATE_BYTES {
        let detail = format!("a certificate of {} bytes", der.len());
        return Err(Stop::Invalid(Finding::new(&X5C_TOO_LARGE, detail)));
    }
    Ok(der)
}

fn required<'i, 'a>(statement: &'i Item<'a>, name: &str) -> Result<&'i Item<'a>, Stop> {
    statement.get_text(name).ok_or_else(|| malformed(format!("{name} is missing")))
}

fn wrong_type(name: &str, wanted: &str, got: &Item<'_>) -> Stop {
    malformed(format!("{name} is {}, not {wanted}", got.type_name()))
}

/// A stop for a statement whose members are not those of its format.
pub(crate) fn malformed(detail: String) -> Stop {
    Stop::Malformed(Finding::new(&STATEMENT_MALFORMED, detail))
}
