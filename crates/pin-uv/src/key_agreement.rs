//! The key pair that a shared secret comes from (CTAP 2.3 §6.5.6).

use keyvet_ctap::CoseKeyAgreement;
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use p256::{PublicKey, SecretKey, elliptic_curve::sec1::ToSec1Point};
use zeroize::{Zeroize, Zeroizing};

/// A P-256 key pair for one key agreement; draw a new one for every session.
///
/// An authenticator's side holds one as well.
pub struct PlatformKey(SecretKey);

/// The 32 bytes are not a private key: zero, or not below the order of the curve. Draw again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the 32 random bytes are not a P-256 private key")]
pub struct PlatformKeyError;

/// Why no secret can be agreed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyAgreementError {
    /// The other side's point is not on the curve.
    #[error("the key's keyAgreement point is not on the curve P-256")]
    NotOnCurve,
}

/// The authenticator's public key is not a point on the curve.
pub static NOT_ON_CURVE: Kind = Kind {
    id: "pin-uv.not-on-curve",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The public key that the authenticator offers for encrypting the PIN is not a point on the curve P-256. Such a point can be an attempt to learn a secret, so nothing was encrypted with it.",
    next_step: "Do not enter a PIN on this key; report it to the vendor.",
    source: "CTAP 2.3 §6.5.6",
};

/// Random bytes are not a private key.
pub static INVALID_SCALAR: Kind = Kind {
    id: "pin-uv.invalid-scalar",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The random bytes that should become a private key are zero or too large. By chance this happens once in 2^32 draws.",
    next_step: "Repeat; if it happens again, the machine's random numbers cannot be trusted.",
    source: "CTAP 2.3 §6.5.6",
};

impl Coded for KeyAgreementError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::NotOnCurve => &NOT_ON_CURVE,
        }
    }
}

impl Coded for PlatformKeyError {
    fn kind(&self) -> &'static Kind {
        &INVALID_SCALAR
    }
}

impl PlatformKey {
    /// The key pair with the private key `scalar`, big-endian: 32 bytes from a generator fit for keys.
    ///
    /// # Errors
    /// [`PlatformKeyError`] when the number is zero or not below the order of the curve.
    pub fn from_bytes(mut scalar: [u8; 32]) -> Result<Self, PlatformKeyError> {
        let key = SecretKey::from_slice(&scalar);
        scalar.zeroize();
        key.map(Self).map_err(|_| PlatformKeyError)
    }

    /// The public key, as it is sent.
    #[must_use]
    pub fn public(&self) -> CoseKeyAgreement {
        // 04 ‖ x ‖ y
        let point = self.0.public_key().to_sec1_point(false);
        let (_, coordinates) = point.as_bytes().split_at(1);
        let (mut x, mut y) = ([0; 32], [0; 32]);
        let (x_bytes, y_bytes) = coordinates.split_at(32);
        x.copy_from_slice(x_bytes);
        y.copy_from_slice(y_bytes);
        CoseKeyAgreement { x, y }
    }

    /// The x coordinate of the common point: always 32 bytes, leading zeros kept.
    pub(crate) fn agree(
        &self,
        theirs: &CoseKeyAgreement,
    ) -> Result<Zeroizing<[u8; 32]>, KeyAgreementError> {
        let point = [&[UNCOMPRESSED], theirs.x.as_slice(), theirs.y.as_slice()].concat();
        let theirs =
            PublicKey::from_sec1_bytes(&point).map_err(|_| KeyAgreementError::NotOnCurve)?;
        let mut z = Zeroizing::new([0; 32]);
        z.copy_from_slice(self.0.diffie_hellman(&theirs).raw_secret_bytes());
        Ok(z)
    }
}

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformKey(..)")
    }
}

/// SEC 1 §2.3.3: both coordinates follow.
const UNCOMPRESSED: u8 = 0x04;
