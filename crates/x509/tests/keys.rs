//! What counts as a key, and how a refusal is named: a wrong signature is never confused with an
//! algorithm that does not fit or that is not known.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use keyvet_x509::{
    Certificate, EcCurve, MlDsaLevel, PublicKey, SignatureAlgorithm, VerifyError, verify,
};
use support::made_up::leaf;

/// A P-256 key with a message and a signature it made.
fn signed() -> (PublicKey, Vec<u8>, Vec<u8>) {
    let certificate = leaf("signer").self_signed();
    let outer = support::elements(support::content(certificate.der()));
    let signature = support::content(outer[2])[1..].to_vec();
    (certificate.public_key().clone(), certificate.tbs_der().to_vec(), signature)
}

fn p256_point() -> Vec<u8> {
    let (PublicKey::Ec { point, .. }, ..) = signed() else { panic!("a P-256 key") };
    point
}

#[test]
fn a_signature_verifies_and_one_over_another_message_does_not() {
    let (key, message, signature) = signed();
    let check = |message: &[u8]| verify(SignatureAlgorithm::EcdsaSha256, &key, message, &signature);
    assert_eq!(check(&message), Ok(()));
    assert_eq!(check(b"something else"), Err(VerifyError::BadSignature));
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let point = p256_point();
    assert_eq!(PublicKey::ec(EcCurve::P256, &point).validate(), Ok(()));
    let mut off = point;
    off[64] ^= 1;
    let key = PublicKey::ec(EcCurve::P256, &off);
    assert_eq!(key.validate(), Err(VerifyError::InvalidKey));
    let (_, message, signature) = signed();
    let outcome = verify(SignatureAlgorithm::EcdsaSha256, &key, &message, &signature);
    assert_eq!(outcome, Err(VerifyError::InvalidKey));
}

#[test]
fn a_compressed_point_works_and_other_encodings_do_not() {
    let point = p256_point();
    let compressed = [&[2 + (point[64] & 1)][..], &point[1..33]].concat();
    assert_eq!(PublicKey::ec(EcCurve::P256, &compressed).validate(), Ok(()));
    let hybrid = [&[6 + (point[64] & 1)][..], &point[1..]].concat();
    let spki = leaf("x").self_signed().spki_der().to_vec();
    for wrong in [&[][..], &[0], &[4], &point[..64], &point[1..], &hybrid, &spki] {
        let key = PublicKey::ec(EcCurve::P256, wrong);
        assert_eq!(key.validate(), Err(VerifyError::InvalidKey), "{wrong:02x?}");
    }
    assert_eq!(PublicKey::ec(EcCurve::Secp256k1, &point).validate(), Err(VerifyError::InvalidKey));
}

#[test]
fn coordinates_must_have_exactly_the_length_of_the_field() {
    let point = p256_point();
    let (x, y) = (&point[1..33], &point[33..]);
    let key = PublicKey::ec_coordinates(EcCurve::P256, x, y).unwrap();
    assert_eq!(key, PublicKey::ec(EcCurve::P256, &point));
    for (x, y) in [(&x[1..], y), (x, &y[1..]), (x, &point[32..])] {
        let key = PublicKey::ec_coordinates(EcCurve::P256, x, y);
        assert_eq!(key, Err(VerifyError::InvalidKey));
    }
    assert_eq!(EcCurve::P521.coordinate_len(), 66);
}

#[test]
fn an_algorithm_of_another_family_is_a_mismatch() {
    let (key, message, signature) = signed();
    for algorithm in [
        SignatureAlgorithm::RsaPkcs1Sha256,
        SignatureAlgorithm::RsaPssSha256,
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::Ed448,
        SignatureAlgorithm::MlDsa44,
    ] {
        let outcome = verify(algorithm, &key, &message, &signature);
        assert_eq!(outcome, Err(VerifyError::AlgorithmKeyMismatch), "{algorithm}");
    }
    let other = PublicKey::ml_dsa(MlDsaLevel::MlDsa65, &[7; 1952]).unwrap();
    let outcome = verify(SignatureAlgorithm::MlDsa44, &other, &message, &signature);
    assert_eq!(outcome, Err(VerifyError::AlgorithmKeyMismatch));
}

#[test]
fn another_digest_on_the_same_curve_is_a_bad_signature_where_the_backend_has_it() {
    let (key, message, signature) = signed();
    for algorithm in [
        SignatureAlgorithm::EcdsaSha1,
        SignatureAlgorithm::EcdsaSha384,
        SignatureAlgorithm::EcdsaSha512,
    ] {
        let outcome = verify(algorithm, &key, &message, &signature);
        assert_eq!(outcome, Err(VerifyError::BadSignature), "{algorithm}");
    }
    let p384 = PublicKey::ec(EcCurve::P384, &[&[4][..], &[1; 96]].concat());
    let outcome = verify(SignatureAlgorithm::EcdsaSha1, &p384, &message, &signature);
    assert_eq!(outcome, Err(VerifyError::UnsupportedAlgorithm));
}

#[test]
fn a_signature_that_is_no_der_is_malformed() {
    let (key, message, signature) = signed();
    let raw_r_and_s = [0x11; 64];
    let with_tail = [&signature[..], &[0]].concat();
    for wrong in [&[][..], &raw_r_and_s, &with_tail, &signature[..10]] {
        let outcome = verify(SignatureAlgorithm::EcdsaSha256, &key, &message, wrong);
        assert_eq!(outcome, Err(VerifyError::MalformedSignature), "{wrong:02x?}");
    }
}

#[test]
fn rsa_keys_outside_1024_to_8192_bits_are_unsupported() {
    let modulus = |bytes: usize| [&[0xc1][..], &vec![0x55; bytes - 1]].concat();
    let outcome = |bytes: usize, algorithm| {
        let key = PublicKey::rsa(&modulus(bytes), &[1, 0, 1]);
        verify(algorithm, &key, b"m", &vec![1; bytes])
    };
    use SignatureAlgorithm::{RsaPkcs1Sha1, RsaPkcs1Sha384, RsaPssSha256};
    assert_eq!(outcome(127, RsaPkcs1Sha1), Err(VerifyError::UnsupportedKey));
    assert_eq!(outcome(128, RsaPkcs1Sha1), Err(VerifyError::BadSignature));
    assert_eq!(outcome(1024, RsaPkcs1Sha1), Err(VerifyError::BadSignature));
    assert_eq!(outcome(1025, RsaPkcs1Sha1), Err(VerifyError::UnsupportedKey));
    assert_eq!(outcome(128, RsaPkcs1Sha384), Err(VerifyError::UnsupportedAlgorithm));
    assert_eq!(outcome(128, RsaPssSha256), Err(VerifyError::UnsupportedKey));
    assert_eq!(outcome(256, RsaPssSha256), Err(VerifyError::BadSignature));
}

#[test]
fn an_rsa_exponent_that_is_even_one_or_giant_is_no_key() {
    let modulus = [&[0xc1][..], &[0x55; 255]].concat();
    let key = |e: &[u8]| PublicKey::rsa(&modulus, e).validate();
    assert_eq!(key(&[1, 0, 1]), Ok(()));
    assert_eq!(key(&[3]), Ok(()));
    for wrong in [&[][..], &[0], &[1], &[4], &[0x7f; 256]] {
        assert_eq!(key(wrong), Err(VerifyError::InvalidKey), "{wrong:02x?}");
    }
}

#[test]
fn rsa_numbers_are_compared_without_leading_zeros() {
    assert_eq!(PublicKey::rsa(&[0, 0, 5], &[0, 3]), PublicKey::rsa(&[5], &[3]));
    assert_ne!(PublicKey::rsa(&[5], &[3]), PublicKey::rsa(&[5], &[5]));
}

#[test]
fn the_key_in_a_certificate_equals_the_same_key_by_its_coordinates() {
    let certificate = leaf("x").self_signed();
    let PublicKey::Ec { curve, point } = certificate.public_key() else { panic!("a P-256 key") };
    let rebuilt = PublicKey::ec_coordinates(*curve, &point[1..33], &point[33..]).unwrap();
    assert_eq!(&rebuilt, certificate.public_key());
    assert_eq!(PublicKey::from_spki(certificate.spki_der()), rebuilt);
}

#[test]
fn a_key_of_an_unknown_kind_is_kept_and_unsupported() {
    // DSA: 1.2.840.10040.4.1
    let oid = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    let spki = support::wrap(0x30, &[&support::wrap(0x30, &oid)[..], &[3, 2, 0, 9]].concat());
    let key = PublicKey::from_spki(&spki);
    assert_eq!(key.to_string(), "unknown (1.2.840.10040.4.1)");
    assert_eq!(key.validate(), Err(VerifyError::UnsupportedKey));
    let outcome = verify(SignatureAlgorithm::EcdsaSha256, &key, b"m", b"s");
    assert_eq!(outcome, Err(VerifyError::UnsupportedKey));
}

#[test]
fn rsassa_pss_is_known_when_hash_mask_and_salt_belong_together() {
    let identifier = |hash: u8, mask: u8, salt: u8| {
        let sha = |last: u8| {
            let oid = [0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last];
            support::wrap(0x30, &[&oid[..], &[5, 0]].concat())
        };
        let mgf1 = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
        let params = [
            support::wrap(0xa0, &sha(hash)),
            support::wrap(0xa1, &support::wrap(0x30, &[&mgf1[..], &sha(mask)].concat())),
            support::wrap(0xa2, &[2, 1, salt]),
        ];
        let pss = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
        let params = support::wrap(0x30, &params.concat());
        support::wrap(0x30, &[&pss[..], &params].concat())
    };
    let read = |hash, mask, salt| {
        SignatureAlgorithm::from_algorithm_identifier(&identifier(hash, mask, salt))
    };
    assert_eq!(read(1, 1, 32), Some(SignatureAlgorithm::RsaPssSha256));
    assert_eq!(read(2, 2, 48), Some(SignatureAlgorithm::RsaPssSha384));
    assert_eq!(read(3, 3, 64), Some(SignatureAlgorithm::RsaPssSha512));
    assert_eq!(read(1, 2, 32), None, "another hash for the mask");
    assert_eq!(read(1, 1, 20), None, "another salt");
    assert_eq!(read(4, 4, 28), None, "SHA-224");
}

#[test]
fn a_wrong_count_of_unused_bits_in_the_signature_is_tolerated() {
    let certificate = leaf("old Yubico").self_signed();
    let outer = support::elements(support::content(certificate.der()));
    let signature = support::content(outer[2]);
    let bits = [&[3][..], &signature[1..]].concat();
    let der = support::wrap(0x30, &[outer[0], outer[1], &support::wrap(0x03, &bits)].concat());
    let odd = Certificate::parse(&der).unwrap();
    assert_eq!(odd.verify_signed_by(certificate.public_key()), Ok(()));
}
