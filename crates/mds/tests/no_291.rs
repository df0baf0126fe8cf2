//! Payload no 291 under a home-made signer: 520 of 520, and the counts an independent reader found.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use keyvet_mds::{
    Catalogue, Entry, Level, Trust, danger_read_unsigned_payload, decode_cache, encode_cache,
    verify_blob,
};
use keyvet_testkit::{payload_291, wrap_payload};
use keyvet_x509::{Anchor, read_pem};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use time::{Duration, OffsetDateTime};

/// 2026-10-15.
fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_792_022_400).unwrap()
}

static NO_291: LazyLock<Catalogue> =
    LazyLock::new(|| danger_read_unsigned_payload(&payload_291()).unwrap().0);

fn count(wanted: impl Fn(&Entry) -> bool) -> usize {
    NO_291.entries().filter(|entry| wanted(entry)).count()
}

fn entry(aaguid: &str) -> &'static Entry {
    NO_291.by_aaguid(&aaguid.parse().unwrap()).unwrap()
}

#[test]
fn signed_by_a_home_made_signer_all_520_entries_are_kept() {
    let (blob, root) = wrap_payload(&payload_291(), now() - Duration::DAY, now() + Duration::DAY);
    let root = read_pem(root.as_bytes()).unwrap().remove(0);
    let trust = Trust::with_roots(vec![Anchor::from_certificate(&root, "test")], now());
    let (catalogue, report) = verify_blob(blob.as_bytes(), &trust).unwrap();
    assert_eq!((catalogue.no, catalogue.len()), (291, 520));
    assert_eq!(report.host.as_deref(), Some("mds.fidoalliance.org"));
    assert!(catalogue.entries().eq(NO_291.entries()));
}

#[test]
fn families_and_identifiers_are_as_counted() {
    let family = |name| count(|entry| entry.protocol_family.as_str() == name);
    assert_eq!((family("fido2"), family("u2f"), family("uaf")), (348, 136, 36));
    assert_eq!(count(|entry| entry.aaguid.is_some()), 348);
    assert_eq!(NO_291.entries().map(|entry| entry.key_identifiers.len()).sum::<usize>(), 207);
    assert_eq!(count(|entry| entry.aaid.is_some()), 36);
}

#[test]
fn every_defect_of_no_291_is_known() {
    let mut defects: BTreeMap<&str, usize> = BTreeMap::new();
    for defect in NO_291.entries().flat_map(|entry| &entry.defects) {
        *defects.entry(defect.id()).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("mds.firmware-differs", 8),
        ("mds.get-info-aaguid-differs", 1),
        ("mds.key-identifier-repeated", 1),
        ("mds.member-missing", 3),
    ]);
    assert_eq!(defects, expected);
    let odd: Vec<_> =
        NO_291.entries().filter(|entry| entry.has_defects()).map(Entry::name).collect();
    assert_eq!(odd.len(), 2, "{odd:?}");
    assert!(odd.iter().any(|name| name.starts_with("531126d6")), "Dashlane: {odd:?}");
    assert!(odd.iter().any(|name| name.starts_with("34f5766d")), "YubiKey preview: {odd:?}");
    assert_eq!(NO_291.entries().map(|entry| entry.unknown_members.len()).sum::<usize>(), 0);
}

#[test]
fn statuses_are_as_counted_and_the_best_level_is_of_the_set() {
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for report in NO_291.entries().flat_map(|entry| &entry.status_reports) {
        *statuses.entry(&report.status).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("FIDO_CERTIFIED", 397),
        ("FIDO_CERTIFIED_L1", 242),
        ("FIDO_CERTIFIED_L2", 171),
        ("FIDO_CERTIFIED_L3plus", 1),
        ("NOT_FIDO_CERTIFIED", 126),
        ("REVOKED", 1),
    ]);
    assert_eq!(statuses, expected);
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in NO_291.entries().filter(|entry| entry.protocol_family.is_fido2()) {
        *best.entry(entry.status_summary(now()).headline()).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("FIDO_CERTIFIED", 1),
        ("FIDO_CERTIFIED_L1", 163),
        ("FIDO_CERTIFIED_L2", 105),
        ("FIDO_CERTIFIED_L3plus", 1),
        ("NOT_FIDO_CERTIFIED", 77),
        ("REVOKED", 1),
    ]);
    assert_eq!(best, expected);
}

#[test]
fn the_revoked_model_is_revoked_from_its_day_on() {
    let revoked = entry("ba86dc56-635f-4141-aef6-00227b1b9af6");
    assert_eq!(revoked.status_summary(now()).headline(), "REVOKED");
    let before = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    assert!(revoked.status_summary(before).revoked.is_none());
}

#[test]
fn names_are_not_unique() {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in NO_291.entries().filter(|entry| entry.protocol_family.is_fido2()) {
        *names.entry(entry.description.as_deref().unwrap()).or_default() += 1;
    }
    assert_eq!(names.values().filter(|uses| **uses > 1).count(), 34);
    assert_eq!(names["YubiKey 5 Series with NFC"], 4);
}

/// 2806df6c… stands twice, but within one entry (RSA DS100): two entries never share one here.
#[test]
fn a_key_identifier_listed_twice_answers_with_its_entry_once() {
    let key = "2806df6c60b1656a78f97a28e168e5ec8d2937b4";
    let key: [u8; 20] = data_encoding::HEXLOWER.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let found = NO_291.by_key_identifier(&key);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].description.as_deref(), Some("RSA DS100"));
    assert!(found[0].defects.iter().any(|d| d.id() == "mds.key-identifier-repeated"));
    assert!(NO_291.by_key_identifier(&[0; 20]).is_empty());
}

#[test]
fn what_policy_asks_for_is_as_counted() {
    let fido2 = |wanted: fn(&Entry) -> bool| count(|e| e.protocol_family.is_fido2() && wanted(e));
    assert_eq!(fido2(|entry| entry.get_info.is_some()), 347);
    let has = |list: &[String], wanted: &str| list.iter().any(|item| item == wanted);
    assert_eq!(count(|entry| has(&entry.attachment_hint, "nfc")), 225);
    assert_eq!(count(|entry| has(&entry.user_verification, "fingerprint_internal")), 130);
    let info = |wanted: &dyn Fn(&keyvet_mds::GetInfoSummary) -> bool| {
        count(|entry| entry.get_info.as_ref().is_some_and(wanted))
    };
    assert_eq!(info(&|info| has(&info.versions, "FIDO_2_0")), 342);
    assert_eq!(info(&|info| has(&info.transports, "usb")), 204);
    assert_eq!(info(&|info| info.algorithms == [-7]), 133);
    assert_eq!(info(&|info| info.option("ep").is_some()), 53);
    assert_eq!(fido2(|entry| entry.attestation_types == ["basic_full"]), 327);
}

#[test]
fn anchors_are_distinct_with_all_their_owners() {
    assert_eq!(NO_291.anchors().count(), 262);
    let windows = NO_291.entries().map(|entry| entry.anchors.len()).max();
    assert_eq!(windows, Some(45));
    for anchor in NO_291.anchors() {
        for owner in anchor.owners {
            let owner = NO_291.entry(*owner).unwrap();
            assert!(owner.anchors.iter().any(|der| der == anchor.der));
        }
    }
}

#[test]
fn anchors_are_found_by_name_as_their_certificates_bear_it() {
    for anchor in NO_291.anchors() {
        let certificate = keyvet_x509::Certificate::parse(anchor.der).unwrap();
        let named: Vec<_> = NO_291.anchors_named(certificate.subject_raw()).collect();
        assert!(named.iter().any(|found| found.der == anchor.der));
    }
}

#[test]
fn the_zero_aaguid_and_unlisted_ones_are_not_found() {
    for aaguid in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        assert!(NO_291.by_aaguid(&aaguid.parse().unwrap()).is_none(), "{aaguid}");
    }
}

#[test]
fn a_cache_gives_back_every_entry_without_images_and_finds_damage() {
    let (blob, root) = wrap_payload(&payload_291(), now() - Duration::DAY, now() + Duration::DAY);
    let root = read_pem(root.as_bytes()).unwrap().remove(0);
    let trust = Trust::with_roots(vec![Anchor::from_certificate(&root, "test")], now());
    let (catalogue, report) = verify_blob(blob.as_bytes(), &trust).unwrap();
    let source = keyvet_mds::Source::of(catalogue.no, blob.as_bytes()).unwrap();
    let cache = encode_cache(&catalogue, &report, &source).unwrap();
    assert!(cache.len() < 1024 * 1024, "{} bytes", cache.len());
    let cached = decode_cache(&cache).unwrap();
    assert_eq!((&cached.report, &cached.source), (&report, &source));
    assert_eq!(cached.catalogue.next_update, catalogue.next_update);
    assert!(cached.catalogue.entries().eq(catalogue.entries()));
    let reencoded = encode_cache(&cached.catalogue, &cached.report, &cached.source);
    assert_eq!(reencoded.unwrap(), cache);
    for place in (0..cache.len()).step_by(4099).chain([cache.len() - 1]) {
        let mut damaged = cache.clone();
        damaged[place] ^= 1;
        assert!(decode_cache(&damaged).is_err(), "byte {place}");
    }
    for len in [0, 10, 60, 100, cache.len() - 1] {
        assert!(decode_cache(&cache[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn one_level_is_enough_to_be_certified() {
    let certified =
        count(|e| e.protocol_family.is_fido2() && e.status_summary(now()).is_certified());
    assert_eq!(certified, 163 + 105 + 1 + 1);
    assert!(Level::Certified.is_certified());
}
