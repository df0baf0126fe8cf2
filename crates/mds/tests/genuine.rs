//! The genuine BLOBs no 9, 31 and 121, the conformance BLOBs, and the chain of no 278.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use data_encoding::{BASE64, BASE64URL_NOPAD};
use keyvet_finding::Coded;
use keyvet_mds::{
    BlobReport, Catalogue, MdsError, Revocation, Trust, examine_blob, pinned_roots, verify_blob,
};
use keyvet_testkit::vector;
use keyvet_x509::{Anchor, Certificate, PathRules, find_path, read_pem};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// File, a time inside the signer's life, number, entries by family (fido2, u2f, uaf).
const GENUINE: [(&str, &str, u64, [usize; 3]); 3] = [
    ("mds/mds3-no009-2021-12-01.jwt", "2021-11-15T00:00:00Z", 9, [46, 35, 17]),
    ("mds/mds3-no031-2023-10-01.jwt", "2023-09-15T00:00:00Z", 31, [108, 49, 17]),
    ("mds/mds3-no121-2025-01-01.jwt", "2024-12-05T00:00:00Z", 121, [188, 75, 17]),
];

/// Inside the life of the conformance signer and before its nextUpdate.
const CONFORMANCE_AT: &str = "2022-11-01T00:00:00Z";

fn at(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap()
}

fn genuine(file: &str, time: &str) -> Result<(Catalogue, BlobReport), MdsError> {
    verify_blob(&vector(file), &Trust::fido(at(time)))
}

fn conformance(file: &str) -> Result<(Catalogue, BlobReport), MdsError> {
    verify_blob(&vector(file), &conformance_trust())
}

fn conformance_trust() -> Trust {
    let root = read_pem(&vector("mds/conformance-fake-root.pem")).unwrap().remove(0);
    let roots = vec![Anchor::from_certificate(&root, "conformance")];
    Trust::with_roots(roots, at(CONFORMANCE_AT))
}

fn by_family(catalogue: &Catalogue) -> [usize; 3] {
    ["fido2", "u2f", "uaf"]
        .map(|name| catalogue.entries().filter(|e| e.protocol_family.as_str() == name).count())
}

#[test]
fn every_entry_of_the_genuine_files_is_kept() {
    for (file, time, no, families) in GENUINE {
        let (catalogue, report) = genuine(file, time).unwrap();
        assert_eq!((catalogue.no, by_family(&catalogue)), (no, families), "{file}");
        assert_eq!(catalogue.len(), families.iter().sum::<usize>(), "{file}");
        assert_eq!((&*report.algorithm, &*report.root), ("RS256", "GlobalSign Root R3"));
        assert_eq!(report.host.as_deref(), Some("mds.fidoalliance.org"));
        assert_eq!(report.revocation, Revocation::NotChecked);
        let said: Vec<_> = report.findings.iter().map(|finding| finding.id()).collect();
        assert_eq!(said, ["mds.revocation-not-checked"; 2], "{file}");
        assert!(catalogue.staleness(at(time)).is_none());
        assert_eq!(catalogue.staleness(at("2026-11-20T00:00:00Z")).unwrap().id(), "mds.stale");
    }
}

#[test]
fn genuine_files_are_refused_outside_the_life_of_their_signer() {
    for (file, ..) in GENUINE {
        let expired = genuine(file, "2026-11-20T00:00:00Z").unwrap_err();
        assert_eq!(expired.kind().id, "mds.signer-expired", "{file}");
        let early = genuine(file, "2020-01-01T00:00:00Z").unwrap_err();
        assert_eq!(early.kind().id, "mds.signer-not-yet-valid", "{file}");
    }
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let (file, time, ..) = GENUINE[0];
    let blob = vector(file);
    let first_dot = blob.iter().position(|byte| *byte == b'.').unwrap();
    let last_dot = blob.iter().rposition(|byte| *byte == b'.').unwrap();
    for place in [first_dot + 1, blob.len() / 2, last_dot - 1, last_dot + 20] {
        let mut altered = blob.clone();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let error = verify_blob(&altered, &Trust::fido(at(time))).unwrap_err();
        // the last digit of a part carries bits that must be zero
        let expected = ["mds.signature-invalid", "mds.not-jws"];
        assert!(expected.contains(&error.kind().id), "{place}: {error}");
    }
}

#[test]
fn a_cut_file_is_refused() {
    let (file, time, ..) = GENUINE[0];
    let blob = vector(file);
    for len in [0, 10, 4_000, blob.len() - 343, blob.len() - 4] {
        assert!(verify_blob(&blob[..len], &Trust::fido(at(time))).is_err(), "{len}");
    }
}

#[test]
fn good_conformance_files_are_accepted_with_their_root_and_a_warning_about_the_host() {
    for file in ["mds/conformance-fake-ok-1.jwt", "mds/conformance-fake-b.jwt"] {
        let (catalogue, report) = conformance(file).unwrap();
        assert_eq!((catalogue.no, catalogue.len()), (42, 200), "{file}");
        assert_eq!((&*report.algorithm, report.chain.len()), ("ES256", 2));
        assert!(report.findings.iter().any(|f| f.id() == "mds.signer-host-absent"), "{file}");
        assert!(report.findings.iter().any(|f| f.id() == "mds.legal-header-changed"), "{file}");
    }
}

#[test]
fn each_broken_conformance_file_is_refused_for_its_own_reason() {
    let signature = conformance("mds/conformance-fake-bad-signature.jwt").unwrap_err();
    let root = conformance("mds/conformance-fake-wrong-root.jwt").unwrap_err();
    assert_eq!(signature.kind().id, "mds.signature-invalid");
    assert_eq!(root.kind().id, "mds.chain-untrusted");
    assert!(root.to_string().contains("NCU-NTC-KEYID"), "the chain is shown: {root}");
}

#[test]
fn signature_and_chain_are_told_apart() {
    for (file, signature, chain) in [
        ("mds/conformance-fake-ok-1.jwt", true, true),
        ("mds/conformance-fake-bad-signature.jwt", false, true),
        ("mds/conformance-fake-wrong-root.jwt", true, false),
    ] {
        let examination = examine_blob(&vector(file), &conformance_trust()).unwrap();
        let found = (examination.signature.is_ok(), examination.chain.is_ok());
        assert_eq!(found, (signature, chain), "{file}");
        assert_eq!(examination.certificates.len(), 2, "{file}");
    }
}

#[test]
fn conformance_files_are_not_trusted_under_the_pinned_roots() {
    for file in ["mds/conformance-fake-ok-1.jwt", "mds/conformance-fake-wrong-root.jwt"] {
        let error = genuine(file, CONFORMANCE_AT).unwrap_err();
        assert_eq!(error.kind().id, "mds.chain-untrusted", "{file}");
    }
}

#[test]
fn conformance_statuses_read_as_a_set() {
    let (catalogue, _) = conformance("mds/conformance-fake-ok-1.jwt").unwrap();
    let now = at(CONFORMANCE_AT);
    let weak = catalogue.entries().filter(|e| !e.status_summary(now).compromises.is_empty());
    assert_eq!(weak.count(), 16);
}

/// Only the header of no 278 is at hand; its certificates are the ones of every BLOB since August 2026.
#[test]
fn the_chain_of_no_278_leads_to_r46_and_through_the_cross_certificate_to_r3() {
    let header = vector("mds/mds3-no278-2026-10-01.header.b64url");
    let json = BASE64URL_NOPAD.decode(header.trim_ascii()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let x5c: Vec<_> = json["x5c"].as_array().unwrap().iter().map(certificate).collect();
    let rules = PathRules::server(at("2026-10-01T00:00:00Z"), Some("mds.fidoalliance.org"));
    for (number, root) in pinned_roots().into_iter().enumerate() {
        let outcome = find_path(&x5c[0], &x5c[1..], &[root], &rules);
        assert_eq!(outcome.anchor(), Some(0), "root {number}: {outcome:?}");
    }
    let late = PathRules::server(at("2027-10-01T00:00:00Z"), None);
    assert_eq!(find_path(&x5c[0], &x5c[1..], &pinned_roots(), &late).anchor(), None);
}

/// With that header and no valid signature, the answer is the signature, not the chain: the chain held.
#[test]
fn the_header_of_no_278_passes_all_checks_before_the_signature() {
    let header = String::from_utf8(vector("mds/mds3-no278-2026-10-01.header.b64url")).unwrap();
    let signature = BASE64URL_NOPAD.encode(&[1; 256]);
    let blob = format!("{}.e30.{signature}", header.trim());
    let refused = |time| verify_blob(blob.as_bytes(), &Trust::fido(time)).unwrap_err();
    let inside = at("2026-10-01T00:00:00Z");
    assert_eq!(refused(inside).kind().id, "mds.signature-invalid");
    assert_eq!(refused(inside + Duration::days(365)).kind().id, "mds.signer-expired");
}

fn certificate(text: &serde_json::Value) -> Certificate {
    Certificate::parse(&BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap()).unwrap()
}
