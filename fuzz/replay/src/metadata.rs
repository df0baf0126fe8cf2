//! FIDO metadata.

use crate::checks;
use data_encoding::BASE64URL_NOPAD;
use keyvet_mds::{
    BlobReport, Catalogue, Entry, Source, Trust, danger_read_unsigned_payload, decode_cache,
    encode_cache, pinned_roots, verify_blob,
};
use keyvet_x509::{Anchor, read_pem, sha256};
use std::sync::OnceLock;
use time::OffsetDateTime;

/// Verifies a BLOB under the pinned roots and a home-made one, then reads its payload whoever signed it.
///
/// What verifies comes back from its cache as it was.
pub fn mds_jws(data: &[u8]) {
    match verify_blob(data, trust()) {
        Ok((catalogue, report)) => verified(data, &catalogue, &report),
        Err(error) => checks::error(data, &error),
    }
    let payload = data.split(|byte| *byte == b'.').nth(1).unwrap_or_default();
    if let Ok(payload) = BASE64URL_NOPAD.decode(payload) {
        unsigned(data, &payload);
    }
}

fn verified(data: &[u8], catalogue: &Catalogue, report: &BlobReport) {
    checks::findings(data, &report.findings);
    report.chain.iter().for_each(|link| checks::printable(&link.to_string()));
    catalogue_holds(data, catalogue);
    let source = Source::of(catalogue.no, data).expect("what was verified has a source");
    let cache = encode_cache(catalogue, report, &source).expect("it is far below 4 GiB");
    let cached = decode_cache(&cache).expect("what is written can be read");
    assert_eq!(&cached.report, report);
    assert!(cached.catalogue.entries().eq(catalogue.entries()), "the cache changes an entry");
}

/// Reads the part of a cache behind its hash, which the harness puts in front: damage is found by the hash, so what is
/// left to try is a cache that somebody wrote on purpose.
pub fn mds_cache(data: &[u8]) {
    let bytes = [cache_head(), &sha256(data), data].concat();
    match decode_cache(&bytes) {
        Ok(cached) => {
            assert!(cached.catalogue.len() <= data.len(), "more entries than bytes");
            assert_eq!(cached.catalogue.entries().count(), cached.catalogue.len());
            let _ = cached.catalogue.anchors().count();
        }
        Err(error) => checks::error(data, &error),
    }
}

/// Magic and version, out of a cache made here.
fn cache_head() -> &'static [u8] {
    static HEAD: OnceLock<Vec<u8>> = OnceLock::new();
    HEAD.get_or_init(|| {
        let (catalogue, report) = verify_blob(BLOB, trust()).expect("the fixture verifies");
        let source = Source::of(catalogue.no, BLOB).expect("the fixture is a BLOB");
        let cache = encode_cache(&catalogue, &report, &source).expect("the fixture is small");
        let is_head = |at: &usize| {
            let rest = cache.get(*at..).and_then(<[u8]>::split_first_chunk::<32>);
            rest.is_some_and(|(hash, body)| sha256(body) == *hash)
        };
        let len = (0..64).find(is_head).expect("the hash stands behind magic and version");
        cache.get(..len).expect("it was just found").to_vec()
    })
}

fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let own = read_pem(ROOT).expect("the fixture is a certificate");
        let own = own.iter().map(|root| Anchor::from_certificate(root, "fixture"));
        let at = OffsetDateTime::from_unix_timestamp(AT).expect("a time in 2026");
        Trust::with_roots(pinned_roots().into_iter().chain(own).collect(), at)
    })
}

/// Reads one metadata entry, as the only one of a payload; however broken, it is in the catalogue, with its defects.
pub fn mds_entry(data: &[u8]) {
    unsigned(data, &[PAYLOAD_HEAD, data, PAYLOAD_TAIL].concat());
}

fn unsigned(data: &[u8], payload: &[u8]) {
    let (catalogue, findings) = match danger_read_unsigned_payload(payload) {
        Ok(read) => read,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &findings);
    catalogue_holds(data, &catalogue);
}

fn catalogue_holds(data: &[u8], catalogue: &Catalogue) {
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

const BLOB: &[u8] = include_bytes!("../../fixtures/blob.jwt");
const ROOT: &[u8] = include_bytes!("../../fixtures/root.pem");
/// Inside the life of the fixture's signer.
const AT: i64 = 1_780_000_000;
const PAYLOAD_HEAD: &[u8] = br#"{"legalHeader":"","no":1,"nextUpdate":"2026-12-01","entries":["#;
const PAYLOAD_TAIL: &[u8] = b"]}";
