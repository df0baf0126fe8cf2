//! The certificates of the attestation records: shipped leaves under catalogue anchors.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use ciborium::Value;
use data_encoding::BASE64URL_NOPAD;
use keyvet_x509::{AnchorSet, Certificate, PathOutcome, PathRules};

/// One record that carries x5c.
struct Record {
    id: String,
    /// Where the chain ends by the record's own account.
    mds_chain: String,
    x5c: Vec<Vec<u8>>,
}

/// The records with at least one certificate in x5c, altered copies left out.
fn records() -> Vec<Record> {
    let files = keyvet_testkit::attestation_records();
    let all =
        files.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap());
    all.map(|json: serde_json::Value| Record {
        id: json["id"].as_str().unwrap_or_default().to_owned(),
        mds_chain: json["mdsChain"].as_str().unwrap_or_default().to_owned(),
        x5c: x5c(&json),
    })
    .filter(|record| !record.x5c.is_empty() && !record.id.starts_with("negative"))
    .collect()
}

fn x5c(json: &serde_json::Value) -> Vec<Vec<u8>> {
    let text = json["attestationObject"].as_str().unwrap_or_default().trim_end_matches('=');
    let text = text.replace('+', "-").replace('/', "_");
    let Ok(bytes) = BASE64URL_NOPAD.decode(text.as_bytes()) else { return Vec::new() };
    let Ok(object) = ciborium::from_reader::<Value, _>(&bytes[..]) else { return Vec::new() };
    let list = member(&object, "attStmt").and_then(|statement| member(&statement, "x5c"));
    let list = list.and_then(|list| list.into_array().ok()).unwrap_or_default();
    list.into_iter().map(|item| item.into_bytes().unwrap()).collect()
}

fn member(map: &Value, name: &str) -> Option<Value> {
    let found = map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name))?;
    Some(found.1.clone())
}

fn path(record: &Record, anchors: &AnchorSet) -> PathOutcome {
    let x5c: Vec<_> = record.x5c.iter().map(|der| Certificate::parse(der).unwrap()).collect();
    anchors.find_path(&x5c[0], &x5c[1..], &PathRules::attestation(None, false))
}

#[test]
fn every_certificate_of_every_record_parses() {
    let records = records();
    assert!(records.len() >= 50, "{}", records.len());
    for record in &records {
        for der in &record.x5c {
            let certificate =
                Certificate::parse(der).unwrap_or_else(|e| panic!("{}: {e}", record.id));
            support::touch_everything(&certificate);
            assert_eq!(certificate.public_key().validate(), Ok(()), "{}", record.id);
        }
    }
}

#[test]
fn a_record_reaches_the_catalogue_exactly_when_it_says_so() {
    let anchors = AnchorSet::new(support::catalogue_anchors().into_iter().map(|der| (der, "")));
    let (mut reached, mut not) = (0, 0);
    for record in records() {
        let outcome = path(&record, &anchors);
        let says = record.mds_chain.starts_with("ok") || record.mds_chain.starts_with("other");
        assert_eq!(
            outcome.anchor().is_some(),
            says,
            "{} {} {outcome:?}",
            record.id,
            record.mds_chain
        );
        if says { reached += 1 } else { not += 1 }
    }
    assert_eq!((reached, not), (29, 38));
}
