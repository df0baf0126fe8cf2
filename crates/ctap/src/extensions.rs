//! Extension outputs inside authenticator data (CTAP 2.2 §12).

use keyvet_cbor::Item;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::MemberKey;

/// What the extensions answered in `authData`; members by extension identifier.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExtensionOutputs {
    /// `credProtect`, §12.1: the protection level in force.
    pub cred_protect: Option<CredProtect>,
    /// `credBlob`, §12.2.
    pub cred_blob: Option<CredBlob>,
    /// `minPinLength`, §12.4: code points.
    pub min_pin_length: Option<u64>,
    /// `hmac-secret`, §12.5.
    pub hmac_secret: Option<HmacSecret>,
    /// `hmac-secret-mc`, encrypted outputs (CTAP 2.2).
    pub hmac_secret_mc: Option<Vec<u8>>,
    /// `pinComplexityPolicy` (CTAP 2.2).
    pub pin_complexity_policy: Option<bool>,
    /// `thirdPartyPayment` (CTAP 2.2).
    pub third_party_payment: Option<bool>,
    /// Everything else, and known names with a value of the wrong type: key and CBOR as received.
    pub unknown: Vec<(MemberKey, Vec<u8>)>,
}

/// Level of `credProtect`; an unknown level survives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CredProtect(pub u64);

impl CredProtect {
    /// User verification is optional.
    pub const UV_OPTIONAL: Self = Self(1);
    /// Optional when the credential ID is given.
    pub const UV_OPTIONAL_WITH_CREDENTIAL_ID_LIST: Self = Self(2);
    /// Always required.
    pub const UV_REQUIRED: Self = Self(3);
}

/// Output of `credBlob`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CredBlob {
    /// At creation: whether the blob was stored.
    Stored(bool),
    /// At assertion: the blob.
    Blob(Vec<u8>),
}

/// Output of `hmac-secret`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HmacSecret {
    /// At creation: whether the credential has the secret.
    Created(bool),
    /// At assertion: the encrypted outputs.
    Encrypted(Vec<u8>),
}

/// An extension answered with a value of another type than its definition gives.
pub static EXTENSION_OUTPUT_TYPE: Kind = Kind {
    id: "ctap.extension-output-type",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "An extension answered with a value of another type than its definition gives. The value was kept but not used.",
    next_step: "Report it to the vendor; the registration itself is not affected.",
    source: "CTAP 2.2 §12, WebAuthn L3 §9",
};

impl ExtensionOutputs {
    /// Reads the map of outputs; `None` when `item` is not a map.
    pub(crate) fn from_item(item: &Item<'_>) -> Option<(Self, Vec<Finding>)> {
        let mut outputs = Self::default();
        let mut findings = Vec::new();
        for (key, value) in item.as_map()? {
            findings.extend(outputs.member(key, value));
        }
        Some((outputs, findings))
    }

    fn member(&mut self, key: &Item<'_>, value: &Item<'_>) -> Option<Finding> {
        let name = key.as_text();
        if name.is_some_and(|name| self.known(name, value)) {
            return None;
        }
        self.unknown.push((key.into(), value.raw().into()));
        let known = name.is_some_and(|name| KNOWN.contains(&name));
        let odd = known || name.is_none();
        let detail = || format!("{}: {}", MemberKey::from(key).short(), value.type_name());
        odd.then(|| Finding::new(&EXTENSION_OUTPUT_TYPE, detail()))
    }

    /// Takes a known extension's value; `false` when the name or the type is another.
    fn known(&mut self, name: &str, value: &Item<'_>) -> bool {
        match name {
            "credProtect" => take(&mut self.cred_protect, value.as_u64().map(CredProtect)),
            "credBlob" => take(&mut self.cred_blob, cred_blob(value)),
            "minPinLength" => take(&mut self.min_pin_length, value.as_u64()),
            "hmac-secret" => take(&mut self.hmac_secret, hmac_secret(value)),
            "hmac-secret-mc" => take(&mut self.hmac_secret_mc, value.as_bytes().map(Vec::from)),
            "pinComplexityPolicy" => take(&mut self.pin_complexity_policy, value.as_bool()),
            "thirdPartyPayment" => take(&mut self.third_party_payment, value.as_bool()),
            _ => false,
        }
    }
}

fn take<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

fn cred_blob(value: &Item<'_>) -> Option<CredBlob> {
    let blob = value.as_bytes().map(|bytes| CredBlob::Blob(bytes.into()));
    blob.or_else(|| value.as_bool().map(CredBlob::Stored))
}

fn hmac_secret(value: &Item<'_>) -> Option<HmacSecret> {
    let encrypted = value.as_bytes().map(|bytes| HmacSecret::Encrypted(bytes.into()));
    encrypted.or_else(|| value.as_bool().map(HmacSecret::Created))
}

const KNOWN: [&str; 7] = [
    "credProtect",
    "credBlob",
    "minPinLength",
    "hmac-secret",
    "hmac-secret-mc",
    "pinComplexityPolicy",
    "thirdPartyPayment",
];
