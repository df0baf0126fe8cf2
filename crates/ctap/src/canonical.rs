//! Findings for departures from canonical CBOR, whatever message they were met in.

use keyvet_cbor::{Decoded, Deviation, DeviationKind};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// Map keys are not in canonical order.
pub static CBOR_KEY_ORDER: Kind = Kind {
    id: "ctap.cbor-key-order",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The members of a map are not in the order that CTAP2 prescribes. They were read all the same.",
    next_step: "Nothing to do for this key; a strict program may refuse it, so tell the vendor.",
    source: "CTAP 2.2 §8",
};

/// An integer or length is longer than needed.
pub static CBOR_NON_MINIMAL: Kind = Kind {
    id: "ctap.cbor-non-minimal",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "A number or a length is not written in its shortest form, as CTAP2 prescribes. It was read all the same.",
    next_step: "Nothing to do for this key; a strict program may refuse it, so tell the vendor.",
    source: "CTAP 2.2 §8",
};

/// Maps and arrays are nested deeper than CTAP2 allows.
pub static CBOR_DEPTH: Kind = Kind {
    id: "ctap.cbor-depth",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "Maps and arrays are nested deeper than the four levels that CTAP2 allows. They were read all the same.",
    next_step: "Nothing to do for this key; a strict program may refuse it, so tell the vendor.",
    source: "CTAP 2.2 §8",
};

/// One finding per deviation of `decoded`, which was read as `what`.
pub(crate) fn findings(what: &str, decoded: &Decoded<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        decoded.deviations.iter().map(|deviation| finding(what, deviation)).collect();
    if let (Some(last), 1..) = (findings.last(), decoded.more_deviations) {
        let detail =
            format!("{what}: and {} more departures from canonical CBOR", decoded.more_deviations);
        findings.push(Finding::new(last.kind(), detail));
    }
    findings
}

fn finding(what: &str, deviation: &Deviation) -> Finding {
    let kind = match deviation.kind {
        DeviationKind::NonMinimal => &CBOR_NON_MINIMAL,
        DeviationKind::Depth => &CBOR_DEPTH,
        _ => &CBOR_KEY_ORDER,
    };
    let path = deviation.path.as_str();
    let member = if path.is_empty() { String::new() } else { format!(" {path}") };
    Finding::new(kind, format!("{what}{member}, byte {}", deviation.offset))
}
