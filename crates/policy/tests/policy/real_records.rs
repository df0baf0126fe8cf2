//! Registrations that real keys made, and altered copies of them, judged by real metadata and policies.

use crate::support::{deciding, decisions, judge, no_291, with_profile};
use keyvet_attestation::{Context, assess};
use keyvet_policy::Decision::{Accepted, Refused, Undecided};
use keyvet_policy::entra::KeyTable;
use serde_json::{Value, json};

struct Record {
    name: String,
    json: Value,
    assessment: keyvet_attestation::Assessment,
}

fn records() -> Vec<Record> {
    let at = no_291().next_update.midnight().assume_utc();
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        let registration = keyvet_evidence::read(&bytes).unwrap();
        let assessment = assess(&registration, &mut Context::new(Some(no_291()), at));
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        Record { name: json["id"].as_str().unwrap().to_owned(), json, assessment }
    };
    keyvet_testkit::attestation_records().into_iter().map(read).collect()
}

fn enforced() -> Value {
    with_profile(json!({"attestationEnforcement": "registrationOnly"}))
}

/// What the records themselves say: a packed chain to an anchor of the model, and the model listed.
fn expected(record: &Record) -> bool {
    let listed = |aaguid: &str| {
        aaguid.parse().is_ok_and(|aaguid| KeyTable::embedded().row(aaguid).is_some())
    };
    record.json["fmt"] == "packed"
        && record.json["expected"]["statement"] == "valid"
        && record.json["mdsChain"].as_str().is_some_and(|chain| chain.starts_with("ok"))
        && record.json["aaguid"].as_str().is_some_and(listed)
}

#[test]
fn enforced_attestation_accepts_exactly_the_genuine_listed_keys() {
    let mut accepted = Vec::new();
    for record in records() {
        let answer = judge(&enforced(), &record.assessment).registration;
        let name = &record.name;
        assert_eq!(answer.decision == Accepted, expected(&record), "{name}: {answer:#?}");
        assert!(!answer.reasons.is_empty(), "{name}");
        if answer.decision == Accepted {
            accepted.push(record.name);
        }
    }
    assert_eq!(
        accepted,
        [
            "packed-001",
            "packed-006",
            "packed-007",
            "packed-020",
            "packed-021",
            "packed-022",
            "packed-027"
        ]
    );
}

#[test]
fn each_format_but_packed_is_refused_by_its_own_reason() {
    for record in records().iter().filter(|record| record.assessment.format.is_some()) {
        let id = match record.json["fmt"].as_str().unwrap() {
            "packed" => continue,
            "none" => "entra.format-none",
            "fido-u2f" => "entra.format-fido-u2f",
            "tpm" => "entra.format-tpm",
            _ => "entra.format-not-packed",
        };
        let answer = judge(&enforced(), &record.assessment).registration;
        let reasons = deciding(&answer);
        assert!(reasons.contains(&id), "{}: {reasons:?}", record.name);
        assert_eq!(answer.decision, Refused, "{}", record.name);
    }
}

#[test]
fn without_enforcement_a_broken_statement_is_never_accepted() {
    for record in records() {
        let verdict = judge(&with_profile(json!({})), &record.assessment);
        let broken = record.json["expected"]["statement"] != "valid";
        let (registration, _) = decisions(&verdict);
        if broken {
            assert!(matches!(registration, Refused | Undecided), "{}: {verdict:#?}", record.name);
        }
    }
}
