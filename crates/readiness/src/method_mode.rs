//! A method, by Graph's name for it.

use std::cmp::Ordering;
use std::fmt;

/// A method as Graph's `authenticationMethodModes` names it, in the case of its documentation:
/// `temporaryAccessPassOneTime`, `microsoftAuthenticatorPush`, `fido2`. An unknown word survives.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct MethodMode(Word);

/// A known word by its place in [`KNOWN_MODES`], so that walks compare and copy numbers.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Word {
    Known(u8),
    Other(Box<str>),
}

impl MethodMode {
    /// The mode of that name; its case is that of the documentation where the name is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.trim();
        let known = (0..).zip(KNOWN_MODES).find(|(_, known)| known.eq_ignore_ascii_case(name));
        Self(known.map_or_else(|| Word::Other(name.into()), |(place, _)| Word::Known(place)))
    }

    /// Every mode that the documentation knows.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..).zip(KNOWN_MODES).map(|(place, _)| Self(Word::Known(place)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Word::Known(place) => KNOWN_MODES.get(usize::from(*place)).copied().unwrap_or_default(),
            Word::Other(name) => name,
        }
    }

    /// Whether the documentation knows it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self.0, Word::Known(_))
    }

    /// A known mode as the one bit that stands for it.
    pub(crate) fn bit(&self) -> Option<u32> {
        match self.0 {
            Word::Known(place) => 1_u32.checked_shl(place.into()),
            Word::Other(_) => None,
        }
    }
}

impl fmt::Debug for MethodMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MethodMode").field(&self.as_str()).finish()
    }
}

/// By name.
impl Ord for MethodMode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for MethodMode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Graph reference, `authenticationMethodModes`, with the values of its beta edition.
const KNOWN_MODES: [&str; 21] = [
    "password",
    "voice",
    "hardwareOath",
    "softwareOath",
    "sms",
    "fido2",
    "windowsHelloForBusiness",
    "microsoftAuthenticatorPush",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "email",
    "x509CertificateSingleFactor",
    "x509CertificateMultiFactor",
    "federatedSingleFactor",
    "federatedMultiFactor",
    "qrCodePin",
    "qrCode",
    "x509Certificate",
    "federated",
    "securityQuestion",
];
