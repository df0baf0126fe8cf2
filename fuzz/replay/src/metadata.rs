//! FIDO metadata.

use crate::checks;
use keyvet_mds::{Catalogue, Entry, danger_read_unsigned_payload};
use time::OffsetDateTime;

/// Reads one metadata entry, as the only one of a payload; however broken, it is in the catalogue, with its defects.
pub fn mds_entry(data: &[u8]) {
    let payload = [PAYLOAD_HEAD, data, PAYLOAD_TAIL].concat();
    let (catalogue, findings) = match danger_read_unsigned_payload(&payload) {
        Ok(read) => read,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &findings);
    catalogue_holds(data, &catalogue);
}

pub(crate) fn catalogue_holds(data: &[u8], catalogue: &Catalogue) {
    assert_eq!(catalogue.entries().count(), catalogue.len(), "an entry cannot be had");
    for entry in catalogue.entries() {
        assert_eq!(catalogue.entry(entry.position), Some(entry));
        entry_holds(data, catalogue, entry);
    }
    for anchor in catalogue.anchors() {
        assert!(!anchor.owners.is_empty(), "an anchor that belongs to no entry");
    }
}

fn entry_holds(data: &[u8], catalogue: &Catalogue, entry: &Entry) {
    checks::findings(data, &entry.defects);
    checks::printable(&entry.protocol_family.to_string());
    let summary = entry.status_summary(OffsetDateTime::UNIX_EPOCH);
    assert!(summary.compromises.len() <= entry.status_reports.len());
    assert!(summary.unknown.len() <= entry.status_reports.len());
    if let Some(aaguid) = entry.aaguid.filter(|aaguid| !aaguid.is_zero()) {
        assert!(catalogue.by_aaguid(&aaguid).is_some(), "an entry is not found by its AAGUID");
    }
    for key in &entry.key_identifiers {
        let found = catalogue.by_key_identifier(key);
        assert!(found.iter().any(|found| found.position == entry.position));
    }
}

const PAYLOAD_HEAD: &[u8] = br#"{"legalHeader":"","no":1,"nextUpdate":"2026-12-01","entries":["#;
const PAYLOAD_TAIL: &[u8] = b"]}";
