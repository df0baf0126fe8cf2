//! Every kind of finding, provoked: by a real record, by one that was altered, or by a home-made authenticator.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot be set up must fail"
)]

mod altered;
mod authenticator;
mod cases;
mod ceremonies;
mod chains;
mod formats;
mod hostile;
mod metadata;
mod statements;

use std::collections::BTreeSet;

use keyvet_attestation::{KINDS, Statement, assess};
use keyvet_finding::Severity;

use cases::Case;

#[test]
fn every_kind_is_provoked_and_the_statement_comes_out_as_expected() {
    for case in all() {
        let assessment = case.assess();
        let ids: Vec<_> = assessment.findings.iter().map(|finding| finding.id()).collect();
        assert!(ids.contains(&case.id), "{} is not among {:#?}", case.id, assessment.findings);
        assert_eq!(assessment.statement, case.statement, "{}: {:#?}", case.id, assessment.findings);
    }
}

#[test]
fn no_kind_is_left_out() {
    let provoked: BTreeSet<_> = all().iter().map(|case| case.id).collect();
    let declared: BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
    assert_eq!(declared.difference(&provoked).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(provoked.difference(&declared).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(declared.len(), KINDS.len(), "an id is listed twice");
}

#[test]
fn a_valid_statement_has_no_error_before_its_chain() {
    for case in all().into_iter().filter(|case| case.statement == Statement::Valid) {
        let assessment = case.assess();
        let errors = assessment.findings.iter().filter(|f| f.severity() == Severity::Error);
        let about_trust = |id: &str| {
            id.starts_with("x509.")
                || id.starts_with("attestation.status-")
                || id.starts_with("attestation.chain-")
                || id == "attestation.anchored-elsewhere"
        };
        let others: Vec<_> = errors.filter(|finding| !about_trust(finding.id())).collect();
        assert!(others.is_empty(), "{}: {others:?}", case.id);
    }
}

fn all() -> Vec<Case> {
    [formats::cases(), statements::cases(), ceremonies::cases(), chains::cases(), metadata::cases()]
        .concat()
}
