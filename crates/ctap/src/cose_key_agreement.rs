//! The key that client and authenticator agree on a secret with (CTAP 2.3 §6.5.6).

use keyvet_cbor::{DecodeError, Item, Mode, Out, decode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{
    CoseAlgorithm,
    command::{canonical, numbered},
};

/// A P-256 point as COSE key: `{1: 2, 3: -25, -1: 1, -2: x, -3: y}`.
///
/// Whether the point is on the curve is for whoever computes with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CoseKeyAgreement {
    /// Label -2, big-endian.
    pub x: [u8; 32],
    /// Label -3, big-endian.
    pub y: [u8; 32],
}

/// Why bytes are not a key for key agreement.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseKeyAgreementError {
    /// Not one item of CBOR.
    #[error("keyAgreement: {0}")]
    Cbor(#[from] DecodeError),
    /// Not a map.
    #[error("keyAgreement is {found}, not a map")]
    NotAMap {
        /// What it is.
        found: &'static str,
    },
    /// A label is missing or has another type.
    #[error("keyAgreement label {label} is missing or of the wrong type")]
    Missing {
        /// The label.
        label: i64,
    },
    /// Key type or curve is another.
    #[error("keyAgreement label {label} is {found}, expected {expected}")]
    Value {
        /// The label.
        label: i64,
        /// The number found.
        found: i64,
        /// The number expected.
        expected: i64,
    },
    /// A coordinate does not have 32 bytes; leading zeros must not be dropped.
    #[error("keyAgreement label {label} has {len} bytes, expected 32")]
    Length {
        /// The label.
        label: i64,
        /// Bytes found.
        len: usize,
    },
}

/// The authenticator's key for key agreement cannot be read.
pub static KEY_AGREEMENT_MALFORMED: Kind = Kind {
    id: "ctap.key-agreement-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key that the authenticator offers for encrypting the PIN is not a P-256 key with two coordinates of 32 bytes. Nothing was sent to it.",
    next_step: "Do not enter a PIN on this key; report it to the vendor.",
    source: "CTAP 2.3 §6.5.6",
};

/// The key for key agreement does not carry the label -25.
pub static KEY_AGREEMENT_ALGORITHM: Kind = Kind {
    id: "ctap.key-agreement-algorithm",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The key that the authenticator offers for encrypting the PIN does not name the algorithm -25, as the specification demands. It was used all the same.",
    next_step: "Nothing to do for this key; a strict program may refuse it, so tell the vendor.",
    source: "CTAP 2.3 §6.5.6",
};

impl Coded for CoseKeyAgreementError {
    fn kind(&self) -> &'static Kind {
        &KEY_AGREEMENT_MALFORMED
    }
}

impl CoseKeyAgreement {
    /// Reads a key that takes all of `bytes`.
    ///
    /// # Errors
    /// [`CoseKeyAgreementError`] when it is not a P-256 key with two coordinates of 32 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseKeyAgreementError> {
        Self::from_item(&decode(bytes, Mode::Tolerant)?.item)
    }

    /// The key as canonical CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        canonical(&self.out())
    }

    pub(crate) fn out(&self) -> Out {
        numbered(vec![
            (KTY, Some(KTY_EC2.into())),
            (ALG, Some(CoseAlgorithm::ECDH_ES_HKDF_256.0.into())),
            (CRV, Some(P_256.into())),
            (X, Some(self.x.as_slice().into())),
            (Y, Some(self.y.as_slice().into())),
        ])
    }

    pub(crate) fn from_item(item: &Item<'_>) -> Result<Self, CoseKeyAgreementError> {
        let found = item.type_name();
        item.as_map().ok_or(CoseKeyAgreementError::NotAMap { found })?;
        expect_number(item, KTY, KTY_EC2)?;
        expect_number(item, CRV, P_256)?;
        Ok(Self { x: coordinate(item, X)?, y: coordinate(item, Y)? })
    }

    /// What is odd about a key that could be read.
    pub(crate) fn findings(item: &Item<'_>) -> Option<Finding> {
        let label = item.get_int(ALG);
        let alg = label.and_then(Item::as_i64).map(CoseAlgorithm);
        let shown = || alg.map_or_else(|| "no algorithm".into(), |alg| alg.to_string());
        (alg != Some(CoseAlgorithm::ECDH_ES_HKDF_256))
            .then(|| Finding::new(&KEY_AGREEMENT_ALGORITHM, shown()))
    }
}

fn expect_number(item: &Item<'_>, label: i64, expected: i64) -> Result<(), CoseKeyAgreementError> {
    let found = item.get_int(label).and_then(Item::as_i64);
    match found.ok_or(CoseKeyAgreementError::Missing { label })? {
        found if found == expected => Ok(()),
        found => Err(CoseKeyAgreementError::Value { label, found, expected }),
    }
}

fn coordinate(item: &Item<'_>, label: i64) -> Result<[u8; 32], CoseKeyAgreementError> {
    let bytes = item.get_int(label).and_then(Item::as_bytes);
    let bytes = bytes.ok_or(CoseKeyAgreementError::Missing { label })?;
    bytes.try_into().map_err(|_| CoseKeyAgreementError::Length { label, len: bytes.len() })
}

const KTY: i64 = 1;
const ALG: i64 = 3;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const KTY_EC2: i64 = 2;
const P_256: i64 = 1;
