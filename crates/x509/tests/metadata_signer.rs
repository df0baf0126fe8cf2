//! The chains of the genuine metadata signers: under R3 until mid 2026, then under R46.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use data_encoding::BASE64URL_NOPAD;
use keyvet_x509::{Anchor, Certificate, PathOutcome, PathRules, find_path, read_pem};
use time::OffsetDateTime;

const HOST: &str = "mds.fidoalliance.org";

fn root(name: &str) -> Anchor {
    let pem = keyvet_testkit::vector(&format!("mds/globalsign-root-{name}.pem"));
    Anchor::from_certificate(&read_pem(&pem).unwrap()[0], name)
}

fn x5c(header: &str) -> Vec<Certificate> {
    let json = BASE64URL_NOPAD.decode(header.trim().as_bytes()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let certificates = header["x5c"].as_array().unwrap().iter();
    certificates
        .map(|text| Certificate::parse(&support::decode(text.as_str().unwrap())).unwrap())
        .collect()
}

fn signer_278() -> Vec<Certificate> {
    let header = keyvet_testkit::vector("mds/mds3-no278-2026-10-01.header.b64url");
    x5c(std::str::from_utf8(&header).unwrap())
}

fn signer_121() -> Vec<Certificate> {
    let jwt = keyvet_testkit::vector("mds/mds3-no121-2025-01-01.jwt");
    let header = jwt.split(|&b| b == b'.').next().unwrap();
    x5c(std::str::from_utf8(header).unwrap())
}

fn search(x5c: &[Certificate], root: Anchor, at: i64, host: &str) -> PathOutcome {
    let at = OffsetDateTime::from_unix_timestamp(at).unwrap();
    find_path(&x5c[0], &x5c[1..], &[root], &PathRules::server(at, Some(host)))
}

/// 2026-09-15 and 2024-12-05.
const AT_278: i64 = 1_789_430_400;
const AT_121: i64 = 1_733_356_800;

#[track_caller]
fn assert_refused(outcome: &PathOutcome, reason: &str) {
    let PathOutcome::NotAnchored { reasons, .. } = outcome else { panic!("{outcome:?}") };
    assert!(reasons.iter().any(|r| r.id() == reason), "{outcome:?}");
}

#[track_caller]
fn assert_chain(outcome: &PathOutcome, over: &[usize]) {
    let PathOutcome::Anchored { chain, notes, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(chain, over);
    assert_eq!(notes, &[]);
}

#[test]
fn the_signer_of_no_278_reaches_r46_and_r3_over_the_cross_certificate() {
    let x5c = signer_278();
    assert_eq!(x5c.len(), 3);
    assert_chain(&search(&x5c, root("r46"), AT_278, HOST), &[0]);
    assert_chain(&search(&x5c, root("r3"), AT_278, HOST), &[0, 1]);
    assert_refused(&search(&x5c[..2], root("r3"), AT_278, HOST), "x509.issuer-not-found");
}

#[test]
fn the_self_signed_r46_inside_x5c_is_ordinary() {
    let mut x5c = signer_278();
    x5c.push(root("r46").certificate().clone());
    assert_chain(&search(&x5c, root("r46"), AT_278, HOST), &[0]);
    let found = search(&x5c, root("r3"), AT_278, HOST);
    assert!(matches!(found, PathOutcome::Anchored { .. }), "{found:?}");
    x5c.swap(2, 3);
    let found = search(&x5c, root("r3"), AT_278, HOST);
    assert!(matches!(found, PathOutcome::Anchored { .. }), "{found:?}");
}

#[test]
fn the_signer_of_no_121_reaches_r3_and_not_r46() {
    let x5c = signer_121();
    assert_eq!(x5c.len(), 2);
    assert_chain(&search(&x5c, root("r3"), AT_121, HOST), &[0]);
    assert_refused(&search(&x5c, root("r46"), AT_121, HOST), "x509.issuer-not-found");
}

#[test]
fn outside_its_life_a_signer_is_refused() {
    assert_refused(&search(&signer_121(), root("r3"), AT_278, HOST), "x509.outside-validity");
    assert_refused(&search(&signer_278(), root("r46"), AT_121, HOST), "x509.outside-validity");
}

#[test]
fn a_signer_for_another_host_is_refused() {
    let found = search(&signer_278(), root("r46"), AT_278, "mds.example.org");
    assert_refused(&found, "x509.dns-name");
    assert_chain(&search(&signer_278(), root("r46"), AT_278, "MDS.fidoalliance.ORG"), &[0]);
}
