//! Every distinct anchor of catalogue no 291: 262 certificates as vendors really made them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use keyvet_x509::{AnchorSet, Certificate, SignatureAlgorithm, VerifyError};
use std::collections::BTreeMap;

#[test]
fn all_262_anchors_parse() {
    let ders = support::catalogue_anchors();
    assert_eq!(ders.len(), 262);
    for der in &ders {
        let certificate = Certificate::parse(der).unwrap();
        assert_eq!(certificate.der(), der);
        assert!(certificate.public_key().validate().is_ok(), "{certificate:?}");
        assert!(certificate.signature_algorithm().is_some(), "{certificate:?}");
    }
}

#[test]
fn exactly_two_of_206_self_signatures_are_wrong() {
    let all = support::catalogue_certificates();
    let self_issued: Vec<_> = all.iter().filter(|c| c.is_self_issued()).collect();
    assert_eq!(self_issued.len(), 206);
    let failed: Vec<_> = self_issued
        .iter()
        .filter_map(|c| Some((c.subject_text(), c.verify_signed_by(c.public_key()).err()?)))
        .collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    for (name, error) in &failed {
        assert_eq!(*error, VerifyError::BadSignature, "{name}");
    }
    let names: Vec<_> = failed.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().any(|n| n.contains("Infineon")), "{names:?}");
    assert!(names.iter().any(|n| n.contains("Egis")), "{names:?}");
}

#[test]
fn a_changed_byte_turns_every_good_self_signature_bad() {
    for certificate in support::catalogue_certificates() {
        if certificate.verify_signed_by(certificate.public_key()).is_err() {
            continue;
        }
        let mut der = certificate.der().to_vec();
        let serial = certificate.serial().as_ptr().addr() - certificate.der().as_ptr().addr();
        der[serial] ^= 1;
        let changed = Certificate::parse(&der).unwrap();
        let result = changed.verify_signed_by(certificate.public_key());
        assert_eq!(result, Err(VerifyError::BadSignature), "{certificate:?}");
    }
}

#[test]
fn every_algorithm_of_the_catalogue_is_mapped() {
    let mut counts = BTreeMap::new();
    for certificate in support::catalogue_certificates() {
        *counts.entry(certificate.signature_algorithm().unwrap().name()).or_insert(0) += 1;
    }
    // counted with `openssl x509 -text` over the same 262 certificates
    let expected = [
        (SignatureAlgorithm::EcdsaSha1, 2),
        (SignatureAlgorithm::EcdsaSha256, 163),
        (SignatureAlgorithm::EcdsaSha384, 20),
        (SignatureAlgorithm::EcdsaSha512, 10),
        (SignatureAlgorithm::RsaPkcs1Sha1, 16),
        (SignatureAlgorithm::RsaPkcs1Sha256, 43),
        (SignatureAlgorithm::RsaPkcs1Sha384, 7),
        (SignatureAlgorithm::RsaPkcs1Sha512, 1),
    ];
    assert_eq!(counts, expected.map(|(algorithm, count)| (algorithm.name(), count)).into());
}

#[test]
fn every_key_of_the_catalogue_is_known() {
    let mut counts = BTreeMap::new();
    for certificate in support::catalogue_certificates() {
        *counts.entry(certificate.public_key().to_string()).or_insert(0) += 1;
    }
    // counted with `openssl x509 -text` over the same 262 certificates
    let expected = [
        ("EC P-256", 167),
        ("EC P-384", 22),
        ("EC P-521", 10),
        ("RSA 1024", 1),
        ("RSA 2048", 44),
        ("RSA 4096", 18),
    ];
    assert_eq!(counts, expected.map(|(key, count)| (key.to_owned(), count)).into());
}

#[test]
fn twelve_anchors_are_version_1() {
    let all = support::catalogue_certificates();
    assert_eq!(all.iter().filter(|c| c.version() == 1).count(), 12);
    assert!(all.iter().all(|c| matches!(c.version(), 1 | 3)));
}

#[test]
fn every_anchor_is_found_by_itself_in_the_set() {
    let ders = support::catalogue_anchors();
    let set = AnchorSet::new(ders.iter().map(|der| (der.clone(), "no 291")));
    assert_eq!(set.unreadable().count(), 0);
    let rules = keyvet_x509::PathRules::attestation(None, false);
    for (number, der) in ders.iter().enumerate() {
        let leaf = Certificate::parse(der).unwrap();
        assert_eq!(set.find_path(&leaf, &[], &rules).anchor(), Some(number), "{leaf:?}");
    }
}

#[test]
fn a_certificate_cut_anywhere_is_an_error_and_never_a_panic() {
    for der in support::catalogue_anchors().iter().step_by(20) {
        for len in 0..der.len() {
            assert!(Certificate::parse(&der[..len]).is_err(), "cut at {len}");
        }
        let mut long = der.clone();
        long.push(0);
        assert!(Certificate::parse(&long).is_err());
    }
}

#[test]
fn a_certificate_with_any_byte_changed_never_panics() {
    for der in support::catalogue_anchors().iter().step_by(40) {
        for at in 0..der.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[at] ^= flip;
                if let Ok(certificate) = Certificate::parse(&changed) {
                    support::touch_everything(&certificate);
                }
            }
        }
    }
}
