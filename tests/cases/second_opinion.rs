//! keyvet and python-fido2 judge the same registrations; they agree, or one line says why not.
//!
//! Ignored unless `KEYVET_PYTHON` names an interpreter that has python-fido2; `cargo xtask test` makes one.

use keyvet_testkit::{attestation_records, vectors};
use keyvet_tests::{keyvet, root};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "needs python-fido2: cargo xtask test makes it and runs this"]
fn agrees_with_python_fido2_but_for_the_explained_exceptions() {
    let records = attestation_records();
    assert_eq!(records.len(), 113);
    let python = python_fido2(&records);
    let ours = ours(&records);
    let differing: Vec<_> = python
        .iter()
        .filter_map(|(file, theirs)| difference(theirs, &ours[file]).map(|text| (id(file), text)))
        .collect();
    assert_same(&differing, &exceptions());
    assert_eq!(
        unsupported(&python),
        9,
        "python-fido2 has no verifier for android-key, and for nothing else"
    );
}

/// A sentence when the two disagree; a format that python-fido2 does not know is no disagreement.
fn difference(theirs: &Value, ours: &Value) -> Option<String> {
    let valid = ours["statement"] == "valid";
    let same = match theirs["statement"].as_str() {
        Some("valid") => valid && theirs["attestation_type"] == ours["attestation_type"],
        Some("rejected") => !valid,
        _ => true,
    };
    (!same).then(|| {
        format!(
            "python-fido2 says {theirs}, keyvet says {} {}",
            ours["statement"], ours["attestation_type"]
        )
    })
}

fn assert_same(differing: &[(String, String)], exceptions: &BTreeMap<String, String>) {
    let unexplained: Vec<_> =
        differing.iter().filter(|(id, _)| !exceptions.contains_key(id)).collect();
    assert!(unexplained.is_empty(), "not in attestation-exceptions.json: {unexplained:#?}");
    let now: Vec<_> = differing.iter().map(|(id, _)| id).collect();
    let settled: Vec<_> = exceptions.keys().filter(|id| !now.contains(id)).collect();
    assert!(
        settled.is_empty(),
        "no longer differ, remove from attestation-exceptions.json: {settled:?}"
    );
}

fn unsupported(python: &BTreeMap<String, Value>) -> usize {
    python.values().filter(|opinion| opinion["statement"] == "unsupported").count()
}

fn python_fido2(records: &[impl AsRef<Path>]) -> BTreeMap<String, Value> {
    let python = std::env::var_os("KEYVET_PYTHON")
        .expect("KEYVET_PYTHON names an interpreter with python-fido2");
    let script = root().join("tests/python/second_opinion.py");
    let output =
        Command::new(python).arg(script).args(records.iter().map(AsRef::as_ref)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ours(records: &[impl AsRef<Path>]) -> BTreeMap<String, Value> {
    let mut arguments = vec!["verify".into(), "--json".into()];
    arguments.extend(records.iter().map(|file| file.as_ref().as_os_str().to_owned()));
    let results = keyvet(arguments).json()["results"].as_array().unwrap().clone();
    results.into_iter().map(|result| (name(result["file"].as_str().unwrap()), result)).collect()
}

fn exceptions() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(vectors().join("attestation-exceptions.json")).unwrap();
    let all: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&text).unwrap();
    all["python-fido2"].clone()
}

fn name(file: &str) -> String {
    Path::new(file).file_name().unwrap().to_str().unwrap().to_owned()
}

fn id(file: &str) -> String {
    file.trim_end_matches(".json").to_owned()
}
