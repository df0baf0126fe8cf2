//! All 113 records of real test suites: statement and chain end as recorded, or one line says why not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a record that cannot be read must fail the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyvet_attestation::{Assessment, Context, Trust, assess};
use keyvet_mds::{Catalogue, danger_read_unsigned_payload};
use keyvet_testkit::{attestation_records, payload_291, vectors};
use serde_json::Value;

#[test]
fn every_record_comes_out_as_recorded_or_is_explained() {
    let catalogue = catalogue();
    let mut differing = BTreeMap::new();
    let records = attestation_records();
    assert_eq!(records.len(), 113);
    for path in &records {
        let record = record(path);
        let assessment = judge(path, &catalogue);
        let found = differences(&record, &assessment);
        if !found.is_empty() {
            differing.insert(stem(path), format!("{found:?} {:#?}", assessment.findings));
        }
    }
    let exceptions = exceptions();
    let unexplained: BTreeMap<_, _> =
        differing.iter().filter(|(id, _)| !exceptions.contains_key(*id)).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let settled: Vec<_> = exceptions.keys().filter(|id| !differing.contains_key(*id)).collect();
    assert!(settled.is_empty(), "no longer differ, remove the exception: {settled:?}");
}

#[test]
fn nothing_but_a_valid_statement_has_a_trusted_chain() {
    let catalogue = catalogue();
    for path in attestation_records() {
        let assessment = judge(&path, &catalogue);
        let is_valid = assessment.statement.as_str() == "valid";
        let follows = matches!(assessment.trust, Trust::Anchored | Trust::AnchoredElsewhere);
        assert!(is_valid || !follows, "{}", path.display());
        assert_eq!(is_valid, assessment.attestation_type.is_some(), "{}", path.display());
    }
}

#[test]
fn without_a_catalogue_no_chain_is_anchored_and_statements_are_the_same() {
    let catalogue = catalogue();
    for path in attestation_records() {
        let with = judge(&path, &catalogue);
        let registration = keyvet_evidence::read(&fs::read(&path).unwrap()).unwrap();
        let without = assess(&registration, &mut Context::new(None, catalogue_time(&catalogue)));
        assert_eq!(with.statement, without.statement, "{}", path.display());
        assert!(matches!(without.trust, Trust::Unanchored | Trust::NotApplicable));
    }
}

fn differences(record: &Value, assessment: &Assessment) -> Vec<String> {
    let statement = assessment.statement.as_str();
    let recorded = record["expected"]["statement"].as_str().unwrap();
    let right = match recorded {
        "unclear" => statement != "valid",
        text if text.starts_with("valid per source") => statement == "valid",
        text => statement == text,
    };
    let mut differences = Vec::new();
    if !right {
        differences.push(format!("statement {statement}, recorded {recorded}"));
    }
    let trust = assessment.trust.as_str();
    let chain = record["mdsChain"].as_str();
    let right = match chain.map(|text| text.split(':').next().unwrap()) {
        Some("ok") => trust == "anchored",
        Some("other") => trust == "anchored-elsewhere",
        Some("none" | "non-MDS anchor") => trust == "unanchored",
        // recorded for none, self, SafetyNet and altered copies only
        None => !trust.starts_with("anchored"),
        Some(other) => panic!("mdsChain {other}"),
    };
    if !right {
        differences.push(format!("trust {trust}, recorded {chain:?}"));
    }
    if assessment.aaguid.map(|aaguid| aaguid.to_string()).as_deref() != record["aaguid"].as_str()
        && statement != "malformed"
    {
        differences.push(format!("aaguid {:?}", assessment.aaguid));
    }
    differences
}

fn judge(path: &Path, catalogue: &Catalogue) -> Assessment {
    let registration = keyvet_evidence::read(&fs::read(path).unwrap()).unwrap();
    assess(&registration, &mut Context::new(Some(catalogue), catalogue_time(catalogue)))
}

fn catalogue() -> Catalogue {
    danger_read_unsigned_payload(&payload_291()).unwrap().0
}

fn catalogue_time(catalogue: &Catalogue) -> time::OffsetDateTime {
    catalogue.next_update.midnight().assume_utc()
}

fn record(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn exceptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string(vectors().join("attestation-exceptions.json")).unwrap();
    let mut all: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&text).unwrap();
    all.remove("keyvet").unwrap()
}
