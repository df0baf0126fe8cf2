//! Ed448, which aws-lc-rs does not have: verification by ed448-goldilocks-plus behind the feature `ed448`.
//!
//! Keys and signatures are public, so it need not run in constant time. The crate is held to the
//! Wycheproof vectors in the tests; it (0.18.1, and ed448-goldilocks 0.14.0-pre.15 likewise) ignores the
//! seven unused bits of a point, so [`is_canonical`] looks at them first. Without the feature every
//! question is answered with "unsupported".

use crate::verify::VerifyError;
#[cfg(feature = "ed448")]
use ed448_goldilocks_plus::{Signature, VerifyingKey};

/// Pure Ed448 with an empty context (RFC 8032 §5.2).
#[cfg(feature = "ed448")]
pub(crate) fn verify(key: &[u8; 57], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key = parse(key)?;
    let whole: &[u8; 114] = signature.try_into().map_err(|_| VerifyError::MalformedSignature)?;
    let point = whole.first_chunk().ok_or(VerifyError::MalformedSignature)?;
    if !is_canonical(point) {
        return Err(VerifyError::BadSignature);
    }
    // what the parser refuses of 114 bytes is an S out of range
    let signature = Signature::from_bytes(whole).map_err(|_| VerifyError::BadSignature)?;
    key.verify_raw(&signature, message).map_err(|_| VerifyError::BadSignature)
}

/// Whether `key` is a point of the curve.
#[cfg(feature = "ed448")]
pub(crate) fn validate(key: &[u8; 57]) -> Result<(), VerifyError> {
    parse(key).map(drop)
}

#[cfg(feature = "ed448")]
fn parse(key: &[u8; 57]) -> Result<VerifyingKey, VerifyError> {
    let canonical = is_canonical(key).then_some(key).ok_or(VerifyError::InvalidKey)?;
    VerifyingKey::from_bytes(canonical).map_err(|_| VerifyError::InvalidKey)
}

/// RFC 8032 §5.2.3: the last byte holds a sign bit and nothing else, and y is below the field's prime.
#[cfg(feature = "ed448")]
fn is_canonical(point: &[u8; 57]) -> bool {
    let [y @ .., sign] = point;
    sign & 0x7f == 0 && y.iter().rev().lt(prime().iter().rev())
}

/// 2^448 − 2^224 − 1, little-endian.
#[cfg(feature = "ed448")]
fn prime() -> [u8; 56] {
    let mut prime = [0xff; 56];
    prime.iter_mut().skip(28).take(1).for_each(|byte| *byte = 0xfe);
    prime
}

/// Unsupported: built without the feature `ed448`.
#[cfg(not(feature = "ed448"))]
pub(crate) fn verify(_: &[u8; 57], _: &[u8], _: &[u8]) -> Result<(), VerifyError> {
    Err(VerifyError::UnsupportedAlgorithm)
}

/// Unsupported: built without the feature `ed448`.
#[cfg(not(feature = "ed448"))]
pub(crate) fn validate(_: &[u8; 57]) -> Result<(), VerifyError> {
    Err(VerifyError::UnsupportedKey)
}

#[cfg(all(test, feature = "ed448"))]
mod tests {
    use super::*;

    #[test]
    fn the_prime_and_unused_bits_are_not_canonical_and_one_below_is() {
        let mut point = [0; 57];
        point[..56].copy_from_slice(&prime());
        assert!(!is_canonical(&point));
        point[0] -= 1;
        assert!(is_canonical(&point));
        point[56] = 0x80;
        assert!(is_canonical(&point));
        point[56] = 0x40;
        assert!(!is_canonical(&point));
    }
}
