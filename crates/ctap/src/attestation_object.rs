//! Attestation objects (WebAuthn L3 §6.5.4), and the CTAP response they are made from.

use std::{borrow::Cow, fmt};

use keyvet_cbor::{DecodeError, Decoded, Item, Mode, decode_prefix};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{MemberKey, canonical};

/// The three parts of an attestation object.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttestationObject {
    /// `fmt`.
    pub fmt: AttestationFormat,
    /// `authData`, exactly as signed; parse with [`crate::AuthenticatorData::parse`].
    pub auth_data: Vec<u8>,
    /// `attStmt`, CBOR bytes as received: a map, for `compound` an array.
    pub att_stmt: Vec<u8>,
    /// Oddities; [`TRAILING_BYTES`](crate::kinds::TRAILING_BYTES) among them is an error of the object.
    pub findings: Vec<Finding>,
}

/// Attestation statement format identifier (WebAuthn L3 §8.1); an unknown one survives.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttestationFormat(Cow<'static, str>);

impl AttestationFormat {
    /// WebAuthn L3 §8.2.
    pub const PACKED: Self = Self(Cow::Borrowed("packed"));
    /// WebAuthn L3 §8.3.
    pub const TPM: Self = Self(Cow::Borrowed("tpm"));
    /// WebAuthn L3 §8.4.
    pub const ANDROID_KEY: Self = Self(Cow::Borrowed("android-key"));
    /// WebAuthn L3 §8.5.
    pub const ANDROID_SAFETYNET: Self = Self(Cow::Borrowed("android-safetynet"));
    /// WebAuthn L3 §8.6.
    pub const FIDO_U2F: Self = Self(Cow::Borrowed("fido-u2f"));
    /// WebAuthn L3 §8.7.
    pub const NONE: Self = Self(Cow::Borrowed("none"));
    /// WebAuthn L3 §8.8.
    pub const APPLE: Self = Self(Cow::Borrowed("apple"));
    /// WebAuthn L3 §8.9.
    pub const COMPOUND: Self = Self(Cow::Borrowed("compound"));

    /// The identifier as received, unescaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for AttestationFormat {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.into()))
    }
}

impl fmt::Display for AttestationFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        keyvet_finding::Printable(&self.0).fmt(f)
    }
}

/// Why bytes are not an attestation object.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationObjectError {
    /// The bytes do not begin with an item of CBOR.
    #[error("attestation object: {0}")]
    Cbor(#[from] DecodeError),
    /// The item is not a map.
    #[error("attestation object is {found}, not a map")]
    NotAMap {
        /// What it is.
        found: &'static str,
    },
    /// A required member is missing.
    #[error("attestation object has no {member}")]
    Missing {
        /// The member.
        member: MemberName,
    },
    /// A required member has another type.
    #[error("{member} in the attestation object, byte {offset}, is {found}")]
    WrongType {
        /// The member.
        member: MemberName,
        /// Where its value starts.
        offset: usize,
        /// What it is.
        found: &'static str,
    },
}

/// The required members, as WebAuthn names them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberName {
    /// `fmt`, in CTAP 0x01.
    Fmt,
    /// `authData`, in CTAP 0x02.
    AuthData,
    /// `attStmt`, in CTAP 0x03.
    AttStmt,
}

impl MemberName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::AuthData => "authData",
            Self::AttStmt => "attStmt",
        }
    }

    fn key(self) -> i64 {
        match self {
            Self::Fmt => 0x01,
            Self::AuthData => 0x02,
            Self::AttStmt => 0x03,
        }
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The attestation object cannot be read.
pub static ATTESTATION_OBJECT_MALFORMED: Kind = Kind {
    id: "ctap.attestation-object-malformed",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "The attestation object is not CBOR, or lacks one of fmt, authData and attStmt.",
    next_step: "Check that the file holds the whole attestationObject; register again if it does.",
    source: "WebAuthn L3 §6.5.4",
};

/// Bytes follow the attestation object.
pub static TRAILING_BYTES: Kind = Kind {
    id: "ctap.attestation-object-trailing-bytes",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "Bytes follow the attestation object. What was signed may be in order, but this is not what a client sends.",
    next_step: "Find out which program stored or changed the object; register again.",
    source: "WebAuthn L3 §6.5.4, CTAP 2.2 §8",
};

/// The attestation object has a member that no specification names.
pub static ATTESTATION_OBJECT_UNKNOWN_MEMBER: Kind = Kind {
    id: "ctap.attestation-object-unknown-member",
    severity: Severity::Note,
    culprit: Culprit::Client,
    meaning: "The attestation object has a member besides fmt, authData and attStmt. It was ignored.",
    next_step: "Nothing to do.",
    source: "WebAuthn L3 §6.5.4",
};

impl Coded for AttestationObjectError {
    fn kind(&self) -> &'static Kind {
        &ATTESTATION_OBJECT_MALFORMED
    }
}

impl AttestationObject {
    /// Reads an attestation object (text keys) or a makeCredential response (keys 1 to 3).
    ///
    /// Bytes after it are not an error but the finding
    /// [`TRAILING_BYTES`](crate::kinds::TRAILING_BYTES); unsorted or non-minimal
    /// CBOR is a finding too.
    ///
    /// # Errors
    /// [`AttestationObjectError`] when one of the three parts cannot be had.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttestationObjectError> {
        let decoded = decode_prefix(bytes, Mode::Tolerant)?;
        let item = &decoded.item;
        if item.as_map().is_none() {
            return Err(AttestationObjectError::NotAMap { found: item.type_name() });
        }
        let findings = findings(bytes, &decoded);
        // a makeCredential response has the same parts under integers
        let integers = item.get_text("fmt").is_none() && item.get_int(0x01).is_some();
        let member = |name: MemberName| match integers {
            true => item.get_int(name.key()),
            false => item.get_text(name.as_str()),
        };
        let (fmt, data, stmt) = (MemberName::Fmt, MemberName::AuthData, MemberName::AttStmt);
        Ok(Self {
            fmt: required(member(fmt), fmt, Item::as_text)?.into(),
            auth_data: required(member(data), data, Item::as_bytes)?.into(),
            att_stmt: required(member(stmt), stmt, |item| Some(item.raw()))?.into(),
            findings,
        })
    }
}

/// The member's value as `read` takes it.
fn required<'i, 'a, T: ?Sized>(
    item: Option<&'i Item<'a>>,
    member: MemberName,
    read: impl Fn(&'i Item<'a>) -> Option<&'a T>,
) -> Result<&'a T, AttestationObjectError> {
    let item = item.ok_or(AttestationObjectError::Missing { member })?;
    read(item).ok_or(AttestationObjectError::WrongType {
        member,
        offset: item.offset(),
        found: item.type_name(),
    })
}

fn findings(bytes: &[u8], decoded: &Decoded<'_>) -> Vec<Finding> {
    let mut findings = canonical::findings("attestation object", decoded);
    findings.extend(unknown_members(&decoded.item));
    let left = bytes.len().saturating_sub(decoded.len);
    if left > 0 {
        let detail = format!("{left} bytes after byte {}", decoded.len);
        findings.push(Finding::new(&TRAILING_BYTES, detail));
    }
    findings
}

fn unknown_members(item: &Item<'_>) -> impl Iterator<Item = Finding> {
    let known = |key: &Item<'_>| {
        matches!(key.as_text(), Some("fmt" | "authData" | "attStmt"))
            || matches!(key.as_i64(), Some(0x01..=0x06))
    };
    let keys = item.as_map().unwrap_or_default().iter().map(|(key, _)| key);
    keys.filter(move |key| !known(key))
        .take(MAX_UNKNOWN)
        .map(|key| Finding::new(&ATTESTATION_OBJECT_UNKNOWN_MEMBER, MemberKey::from(key).short()))
}

/// Unknown members reported one by one; a hostile object may hold thousands.
const MAX_UNKNOWN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn object(pairs: &[(keyvet_cbor::Out, keyvet_cbor::Out)]) -> Vec<u8> {
        keyvet_cbor::encode(&keyvet_cbor::Out::Map(pairs.to_vec())).unwrap()
    }

    fn map() -> keyvet_cbor::Out {
        keyvet_cbor::Out::Map(Vec::new())
    }

    #[test]
    fn text_and_integer_keys_say_the_same() {
        let data = || [1, 2].as_slice().into();
        let texts = object(&[
            ("fmt".into(), "none".into()),
            ("authData".into(), data()),
            ("attStmt".into(), map()),
        ]);
        let integers = object(&[
            (1.into(), "none".into()),
            (2.into(), data()),
            (3.into(), map()),
            (4.into(), true.into()),
        ]);
        let parsed = AttestationObject::parse(&texts).unwrap();
        assert_eq!(parsed, AttestationObject::parse(&integers).unwrap());
        assert_eq!(
            (parsed.fmt, parsed.auth_data, parsed.att_stmt),
            (AttestationFormat::NONE, vec![1, 2], vec![0xa0])
        );
        assert_eq!(parsed.findings, []);
    }

    #[test]
    fn missing_and_wrong_members_are_named() {
        let error = |pairs: &[_]| AttestationObject::parse(&object(pairs)).unwrap_err().to_string();
        assert_eq!(error(&[]), "attestation object has no fmt");
        assert_eq!(error(&[("fmt".into(), "none".into())]), "attestation object has no authData");
        assert_eq!(
            error(&[("fmt".into(), 1.into())]),
            "fmt in the attestation object, byte 5, is an integer"
        );
        assert_eq!(error(&[(1.into(), "none".into())]), "attestation object has no authData");
        let array = AttestationObject::parse(&[0x80]).unwrap_err();
        assert_eq!(array.to_string(), "attestation object is an array, not a map");
    }

    #[test]
    fn bytes_behind_and_members_beside_are_findings() {
        let pairs = [
            ("fmt", "none".into()),
            ("authData", [0].as_slice().into()),
            ("attStmt", map()),
            ("more", 1.into()),
        ];
        let mut bytes = object(&pairs.map(|(key, value)| (key.into(), value)));
        bytes.push(0);
        let parsed = AttestationObject::parse(&bytes).unwrap();
        let found: Vec<_> = parsed.findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ctap.attestation-object-unknown-member: more",
                &format!(
                    "ctap.attestation-object-trailing-bytes: 1 bytes after byte {}",
                    bytes.len() - 1
                ),
            ]
        );
    }
}
