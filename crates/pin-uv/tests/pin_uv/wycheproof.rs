//! Key agreement against the Wycheproof vectors: points off the curve, on its twist, at the edges of the field.

use hmac::{Hmac, KeyInit, Mac};
use keyvet_ctap::CoseKeyAgreement;
use keyvet_finding::Coded;
use keyvet_pin_uv::{PinUvAuthProtocol, PlatformKey, SharedSecret};
use sha2::{Digest, Sha256};
use wycheproof::{
    TestResult,
    ecdh::{TestName, TestSet},
};

#[test]
fn wycheproof_points_are_agreed_with_or_refused_as_they_demand() {
    let set = TestSet::load(TestName::EcdhSecp256r1Ecpoint).unwrap();
    let (mut agreed, mut refused, mut not_two_coordinates) = (0, 0, 0);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let Some(theirs) = uncompressed(&test.public_key) else {
            not_two_coordinates += 1;
            continue;
        };
        let ours = PlatformKey::from_bytes(scalar(&test.private_key)).unwrap();
        let secret = SharedSecret::agree(PinUvAuthProtocol::One, &ours, &theirs);
        match (test.result, secret) {
            (TestResult::Valid | TestResult::Acceptable, Ok(secret)) => {
                assert_eq!(
                    secret.authenticate(b"m"),
                    expected(&test.shared_secret),
                    "{}",
                    test.tc_id
                );
                agreed += 1;
            }
            (TestResult::Invalid, Err(error)) => {
                assert_eq!(error.kind().id, "pin-uv.not-on-curve", "{}", test.tc_id);
                refused += 1;
            }
            (result, secret) => panic!("{}: {result:?}, but {secret:?}", test.tc_id),
        }
    }
    assert_eq!((agreed, refused, not_two_coordinates), (330, 16, 9), "the set has changed");
}

/// A message can only hold two whole coordinates; compressed and cut points do not get here.
fn uncompressed(point: &[u8]) -> Option<CoseKeyAgreement> {
    let coordinates: &[u8; 64] = point.strip_prefix(&[0x04])?.try_into().ok()?;
    let (x, y) = coordinates.split_at(32);
    Some(CoseKeyAgreement { x: x.try_into().unwrap(), y: y.try_into().unwrap() })
}

/// Big-endian without or with leading zeros.
fn scalar(private: &[u8]) -> [u8; 32] {
    let digits: Vec<u8> = private.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut scalar = [0; 32];
    scalar[32 - digits.len()..].copy_from_slice(&digits);
    scalar
}

/// Protocol 1: HMAC under SHA-256 of the common x coordinate, its first half.
fn expected(z: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&Sha256::digest(z)).unwrap();
    mac.update(b"m");
    mac.finalize().into_bytes()[..16].to_vec()
}
