//! What changed between genuine BLOBs, and between made-up ones.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use data_encoding::BASE64URL_NOPAD;
use keyvet_mds::{Catalogue, danger_read_unsigned_payload, diff};
use keyvet_testkit::{payload_291, vector};

/// The payload of a genuine file; its signature is the subject of other tests.
fn payload_of(file: &str) -> Catalogue {
    let blob = vector(file);
    let payload = blob.split(|byte| *byte == b'.').nth(1).unwrap();
    read(&BASE64URL_NOPAD.decode(payload).unwrap())
}

fn read(payload: &[u8]) -> Catalogue {
    danger_read_unsigned_payload(payload).unwrap().0
}

fn made_up(entries: &str) -> Catalogue {
    read(format!(r#"{{"no":1,"nextUpdate":"2026-01-01","entries":[{entries}]}}"#).as_bytes())
}

#[test]
fn a_catalogue_does_not_differ_from_itself() {
    let catalogue = read(&payload_291());
    assert!(diff(&catalogue, &catalogue).is_empty());
}

#[test]
fn counts_of_two_genuine_files_add_up() {
    let old = payload_of("mds/mds3-no031-2023-10-01.jwt");
    let new = payload_of("mds/mds3-no121-2025-01-01.jwt");
    let found = diff(&old, &new);
    assert_eq!(old.len() - found.removed.len(), new.len() - found.added.len());
    assert_eq!((found.added.len(), found.removed.len()), (106, 0));
    let revoked = found.changed.iter().chain([]).flat_map(|change| &change.status_added);
    let new_ones = found.added.iter().flat_map(|entry| &entry.status_reports);
    assert_eq!(revoked.copied().chain(new_ones).filter(|r| r.status == "REVOKED").count(), 1);
}

#[test]
fn each_kind_of_change_is_told() {
    let entry = |status: &str, description: &str, anchor: &str| {
        made_up(&format!(
            r#"{{"aaguid":"00000000-0000-0000-0000-000000000001",
                "statusReports":[{{"status":"FIDO_CERTIFIED"}}{status}],
                "metadataStatement":{{"description":"{description}",
                    "attestationRootCertificates":["{anchor}"]}}}}"#
        ))
    };
    let old = entry("", "a", "MAMCAQc=");
    let new = entry(r#",{"status":"REVOKED"}"#, "b", "MAMCAQg=");
    let found = diff(&old, &new);
    let change = &found.changed[0];
    assert_eq!(change.status_added[0].status, "REVOKED");
    assert!(change.status_removed.is_empty());
    assert_eq!(change.anchors_added, [[0x30, 3, 2, 1, 8]]);
    assert_eq!(change.anchors_removed, [[0x30, 3, 2, 1, 7]]);
    let member = &change.members[0];
    assert_eq!((member.name, &*member.old, &*member.new), ("description", "a", "b"));
    assert!(found.added.is_empty() && found.removed.is_empty());
}

#[test]
fn the_order_of_reports_and_entries_is_no_change() {
    let entry = |n: u8, reports: &str| format!(r#"{{"aaid":"{n}","statusReports":[{reports}]}}"#);
    let (a, b) = (r#"{"status":"FIDO_CERTIFIED"}"#, r#"{"status":"FIDO_CERTIFIED_L1"}"#);
    let old = made_up(&format!("{},{}", entry(1, &format!("{a},{b}")), entry(2, a)));
    let new = made_up(&format!("{},{}", entry(2, a), entry(1, &format!("{b},{a}"))));
    assert!(diff(&old, &new).is_empty());
}

#[test]
fn a_u2f_model_is_the_same_when_it_gains_a_key_identifier() {
    let (one, two) = ("01".repeat(20), "02".repeat(20));
    let entry =
        |keys: &str| made_up(&format!(r#"{{"attestationCertificateKeyIdentifiers":[{keys}]}}"#));
    let (old, new) = (entry(&format!(r#""{one}""#)), entry(&format!(r#""{two}","{one}""#)));
    let found = diff(&old, &new);
    assert!(found.added.is_empty() && found.removed.is_empty());
    assert_eq!(found.changed[0].members[0].name, "attestationCertificateKeyIdentifiers");
}
