//! `keyvet verify` on the 93 records of real test suites and their 20 altered copies, with metadata no 291: every statement and
//! every chain ends as recorded, but for the lines of `tests/vectors/attestation-exceptions.json`.

use keyvet_testkit::{attestation_records, vectors};
use keyvet_tests::{Wrapped, keyvet};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

#[test]
fn every_record_is_judged() {
    let records = records();
    assert_eq!(records.len(), 113);
    for (id, (_, result)) in records {
        assert!(result["error"].is_null(), "{id}: {result}");
        assert_ne!(result["statement"], "unsupported", "{id}: {result}");
    }
}

#[test]
fn statements_end_as_recorded() {
    assert_explained(|record, result| {
        let expected = statement(record["expected"]["statement"].as_str().unwrap());
        (result["statement"] != expected)
            .then(|| format!("statement {}, recorded {expected}", result["statement"]))
    });
}

#[test]
fn chains_end_where_recorded() {
    assert_explained(|record, result| {
        let expected = trust(record)?;
        (result["trust"] != expected)
            .then(|| format!("trust {}, recorded {expected}", result["trust"]))
    });
}

#[test]
fn an_anchored_registration_names_its_model_and_no_other_does_by_certificate() {
    for (id, (record, result)) in records() {
        if result["trust"] == "anchored" && !record["mdsEntry"].is_null() {
            assert!(result["model"].is_string(), "{id}: {result}");
        }
    }
}

#[test]
fn aaguid_and_format_are_those_of_the_record() {
    for (id, (record, result)) in records() {
        if result["statement"] != "malformed" && record["aaguid"].is_string() {
            assert_eq!(result["aaguid"], record["aaguid"], "{id}");
            assert_eq!(result["format"], record["fmt"], "{id}");
        }
    }
}

/// A valid statement may still have an error finding about whose key it is.
#[test]
fn what_is_not_valid_has_an_error_finding_and_what_is_valid_has_none_about_the_statement() {
    for (id, (_, result)) in records() {
        let findings = result["findings"].as_array().unwrap();
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        let errors: Vec<_> =
            errors.filter(|finding| finding["id"] != "attestation.anchored-elsewhere").collect();
        assert_eq!(
            result["statement"] == "valid",
            errors.is_empty(),
            "{id}: {} {errors:?}",
            result["statement"]
        );
    }
}

/// Runs `difference` on every record; what differs must be explained, and what is explained must differ in some way.
fn assert_explained(difference: impl Fn(&Value, &Value) -> Option<String>) {
    let exceptions = exceptions();
    let differing: Vec<_> = records()
        .iter()
        .filter(|(id, _)| !exceptions.contains_key(*id))
        .filter_map(|(id, (record, result))| {
            Some((id, difference(record, result)?, &result["findings"]))
        })
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// `unclear` records lack the client data that was signed, so a right answer is `invalid`.
fn statement(recorded: &str) -> &str {
    match recorded {
        "unclear" => "invalid",
        "valid per source; strict readers may reject" => "valid",
        other => other,
    }
}

/// The chain recorded for no 291, for valid statements.
fn trust(record: &Value) -> Option<&'static str> {
    if record["expected"]["statement"] != "valid" {
        return None;
    }
    Some(match record["mdsChain"].as_str().and_then(|text| text.split(':').next()) {
        Some("ok") => "anchored",
        Some("other") => "anchored-elsewhere",
        Some(_) => "unanchored",
        None if record["x5cCount"].as_u64().unwrap_or_default() > 0
            || record["fmt"] == "android-safetynet" =>
        {
            "unanchored"
        }
        None => "not-applicable",
    })
}

type Records = BTreeMap<String, (Value, Value)>;

/// Each record with what keyvet says of it; the program runs once for all.
fn records() -> &'static Records {
    static RECORDS: OnceLock<Records> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let files = attestation_records();
        let wrapped = Wrapped::no_291();
        let mut arguments = vec!["verify".to_owned(), "--json".to_owned()];
        arguments.extend(wrapped.arguments());
        arguments.extend(files.iter().map(|file| file.display().to_string()));
        let json = keyvet(arguments).json();
        let results = json["results"].as_array().unwrap();
        assert_eq!(results.len(), files.len());
        files
            .iter()
            .zip(results)
            .map(|(file, result)| (id(file), (read(file), result.clone())))
            .collect()
    })
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn id(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn exceptions() -> BTreeMap<String, String> {
    let all = read(&vectors().join("attestation-exceptions.json"));
    serde_json::from_value(all["keyvet"].clone()).unwrap()
}
