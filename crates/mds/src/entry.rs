//! One entry of the BLOB: a model, what its vendor states of it, and what happened to it since.

use crate::get_info::GetInfoSummary;
use crate::status::{StatusReport, StatusSummary};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Finding, Severity};
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// A metadata entry with its statement (MDS 3.0 §3.1.1); every member is optional.
///
/// Text is kept as received: show it through [`keyvet_finding::Printable`]. Images are not kept.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Place in the BLOB, from 0.
    pub position: u32,
    /// `aaguid`, of FIDO2 models.
    #[serde(with = "crate::stored::aaguid")]
    pub aaguid: Option<Aaguid>,
    /// `aaid`, of UAF models.
    pub aaid: Option<String>,
    /// `attestationCertificateKeyIdentifiers`, of U2F models: SHA-1 of the attestation key (RFC 5280 §4.2.1.2, method 1).
    pub key_identifiers: Vec<[u8; 20]>,
    /// `description`; not unique.
    pub description: Option<String>,
    /// `alternativeDescriptions` by language.
    pub alternative_descriptions: Vec<(String, String)>,
    /// `friendlyNames` by language.
    pub friendly_names: Vec<(String, String)>,
    /// `protocolFamily`.
    #[serde(with = "crate::stored::protocol_family")]
    pub protocol_family: ProtocolFamily,
    /// `authenticatorVersion`: the firmware the statement describes.
    pub authenticator_version: Option<u64>,
    /// `schema`.
    pub schema: Option<u64>,
    /// `upv`: protocol versions, major and minor.
    pub protocol_versions: Vec<(u64, u64)>,
    /// `authenticationAlgorithms`.
    pub authentication_algorithms: Vec<String>,
    /// `publicKeyAlgAndEncodings`.
    pub public_key_encodings: Vec<String>,
    /// `attestationTypes`: `basic_full`, `basic_surrogate`, `attca`, `anonca`, `none`, …
    pub attestation_types: Vec<String>,
    /// The distinct methods of `userVerificationDetails`, in file order.
    pub user_verification: Vec<String>,
    /// `userVerificationDetails`: alternatives, each a set of methods used together.
    pub user_verification_alternatives: Vec<Vec<String>>,
    /// `keyProtection`.
    pub key_protection: Vec<String>,
    /// `matcherProtection`.
    pub matcher_protection: Vec<String>,
    /// `cryptoStrength`, bits.
    pub crypto_strength: Option<u64>,
    /// `attachmentHint`.
    pub attachment_hint: Vec<String>,
    /// `isKeyRestricted`.
    pub is_key_restricted: Option<bool>,
    /// `isFreshUserVerificationRequired`.
    pub is_fresh_user_verification_required: Option<bool>,
    /// `tcDisplay`.
    pub tc_display: Vec<String>,
    /// `supportedExtensions`, by id.
    pub supported_extensions: Vec<String>,
    /// `multiDeviceCredentialSupport`.
    pub multi_device_credential_support: Option<String>,
    /// `attestationRootCertificates`, DER: roots, intermediates or leaves.
    #[serde(skip)]
    pub anchors: Vec<Vec<u8>>,
    /// `authenticatorGetInfo`.
    pub get_info: Option<GetInfoSummary>,
    /// `statusReports`, in file order; read them with [`Entry::status_summary`].
    pub status_reports: Vec<StatusReport>,
    /// `biometricStatusReports`, each as text.
    pub biometric_status_reports: Vec<String>,
    /// `timeOfLastStatusChange`, as written.
    pub time_of_last_status_change: Option<String>,
    /// `rogueListURL`; never fetched.
    pub rogue_list_url: Option<String>,
    /// Names of members this reader does not know, those of the statement as `metadataStatement.name`.
    pub unknown_members: Vec<String>,
    /// What is wrong with the entry.
    #[serde(with = "crate::stored::findings")]
    pub defects: Vec<Finding>,
}

impl Entry {
    /// What the status reports say together at `at`.
    #[must_use]
    pub fn status_summary(&self, at: OffsetDateTime) -> StatusSummary<'_> {
        StatusSummary::of(&self.status_reports, self.authenticator_version, at)
    }

    /// Whether something about the entry is wrong enough to be named (notes do not count).
    #[must_use]
    pub fn has_defects(&self) -> bool {
        self.defects.iter().any(|defect| defect.severity() > Severity::Note)
    }

    /// The name the entry is found by: AAGUID, AAID, first key identifier, or its place.
    #[must_use]
    pub fn name(&self) -> String {
        let key = self.key_identifiers.first();
        let by_key = || key.map(|key| data_encoding::HEXLOWER.encode(key));
        let aaid = || self.aaid.as_ref().map(|aaid| keyvet_finding::Printable(aaid).to_string());
        let aaguid = self.aaguid.map(|aaguid| aaguid.to_string());
        aaguid.or_else(aaid).or_else(by_key).unwrap_or_else(|| format!("entry {}", self.position))
    }
}

/// `protocolFamily`, kept when unknown; empty when absent.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProtocolFamily(pub String);

impl ProtocolFamily {
    /// CTAP2 authenticators.
    pub const FIDO2: &'static str = "fido2";
    /// U2F authenticators.
    pub const U2F: &'static str = "u2f";
    /// UAF authenticators.
    pub const UAF: &'static str = "uaf";

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is [`ProtocolFamily::FIDO2`].
    #[must_use]
    pub fn is_fido2(&self) -> bool {
        self.0 == Self::FIDO2
    }
}

impl fmt::Display for ProtocolFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        keyvet_finding::Printable(&self.0).fmt(f)
    }
}
