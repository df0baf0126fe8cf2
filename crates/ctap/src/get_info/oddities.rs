//! What can be odd about a getInfo answer that could be read.
//!
//! A rule about one member is one kind with the member in the detail, so that a reader learns the
//! rule once.

use std::{collections::BTreeSet, fmt::Debug};

use keyvet_cbor::Item;
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use super::{GetInfo, members::Member, options};
use crate::MemberKey;

/// A member that no specification names.
pub static UNKNOWN_MEMBER: Kind = kind(
    "ctap.get-info.unknown-member",
    Severity::Note,
    "The answer has a member that CTAP 2.3 does not name. It was kept undecoded.",
    "Nothing to do; a newer keyvet may know the member.",
);

/// A member of the wrong type.
pub static WRONG_TYPE: Kind = kind(
    "ctap.get-info.wrong-type",
    Severity::Warning,
    "A member has another type than the specification gives it. It was kept undecoded and not used.",
    "Report it to the vendor; programs that read getInfo strictly will fail on this key.",
);

/// `versions` or `aaguid` is absent.
pub static MISSING_MEMBER: Kind = kind(
    "ctap.get-info.missing-member",
    Severity::Warning,
    "A member that every answer must have is absent: versions or aaguid.",
    "Report it to the vendor; the model cannot be told from this answer.",
);

/// The AAGUID is all zero.
pub static ZERO_AAGUID: Kind = kind(
    "ctap.get-info.zero-aaguid",
    Severity::Note,
    "The AAGUID is all zero: the authenticator names no model. Metadata and key lists cannot be searched with it.",
    "Treat it as an unknown model; software and U2F keys answer like this.",
);

/// A version string that no specification defines.
pub static UNKNOWN_VERSION: Kind = kind(
    "ctap.get-info.unknown-version",
    Severity::Note,
    "A version string is not one that CTAP 2.3 defines. There is no FIDO_2_2: CTAP 2.2 authenticators say FIDO_2_1.",
    "Nothing to do; judge the key by its options and members.",
);

/// Only U2F is offered.
pub static U2F_ONLY: Kind = kind(
    "ctap.get-info.u2f-only",
    Severity::Warning,
    "The answer to a CTAP2 command names U2F_V2 as the only version, so no CTAP2 version is offered.",
    "Expect no passkeys from this authenticator; check its firmware.",
);

/// A list holds a value twice.
pub static DUPLICATE_VALUE: Kind = kind(
    "ctap.get-info.duplicate-value",
    Severity::Warning,
    "A list that must not repeat a value does.",
    "Nothing to do for this key; tell the vendor.",
);

/// A list is present and empty.
pub static EMPTY_LIST: Kind = kind(
    "ctap.get-info.empty-list",
    Severity::Warning,
    "A list is present and empty, though it must have a value or be absent.",
    "Nothing to do for this key; tell the vendor.",
);

/// A number or length lies outside what the specification allows.
pub static OUT_OF_RANGE: Kind = kind(
    "ctap.get-info.out-of-range",
    Severity::Warning,
    "A number, or the length of a byte string, lies outside the range that the specification allows.",
    "Do not rely on the member; tell the vendor.",
);

/// An option that no specification defines.
pub static UNKNOWN_OPTION: Kind = kind(
    "ctap.get-info.unknown-option",
    Severity::Note,
    "An option is not in the registry of CTAP 2.3. It was kept and not used.",
    "Nothing to do; a newer keyvet may know the option.",
);

/// Options, extensions and members contradict each other.
pub static CONTRADICTION: Kind = kind(
    "ctap.get-info.contradiction",
    Severity::Warning,
    "Two statements of the answer exclude each other, or one that needs the other stands alone.",
    "Try the feature before relying on it; tell the vendor.",
);

/// A transport that WebAuthn does not name.
pub static UNKNOWN_TRANSPORT: Kind = kind(
    "ctap.get-info.unknown-transport",
    Severity::Note,
    "A transport is not a word that WebAuthn defines: usb, nfc, ble, smart-card, internal, hybrid.",
    "Nothing to do; relying parties ignore it.",
);

/// A bit of `uvModality` without a name.
pub static UNKNOWN_UV_MODALITY: Kind = kind(
    "ctap.get-info.unknown-uv-modality",
    Severity::Note,
    "A bit of uvModality is not in the FIDO registry of user verification methods.",
    "Nothing to do.",
);

/// A credential type other than `public-key`.
pub static UNKNOWN_CREDENTIAL_TYPE: Kind = kind(
    "ctap.get-info.unknown-credential-type",
    Severity::Note,
    "An entry of algorithms is for a credential type other than public-key.",
    "Nothing to do; clients skip the entry.",
);

const fn kind(
    id: &'static str,
    severity: Severity,
    meaning: &'static str,
    next_step: &'static str,
) -> Kind {
    Kind { id, severity, culprit: Culprit::Key, meaning, next_step, source: "CTAP 2.3 §6.4" }
}

pub(super) fn unknown_member(key: &Item<'_>) -> Finding {
    Finding::new(&UNKNOWN_MEMBER, MemberKey::from(key).short())
}

pub(super) fn wrong_type(member: &Member, value: &Item<'_>) -> Finding {
    let (name, expected, found) = (member.name, member.expected, value.type_name());
    Finding::new(&WRONG_TYPE, format!("{name}: {found}, expected {expected}"))
}

impl GetInfo {
    /// Adds the findings that members and their combination give rise to.
    ///
    /// `encrypted_lens` are the lengths that an encrypted identifier may have.
    pub(super) fn note_oddities(&mut self, encrypted_lens: &[usize]) {
        let mut findings = Vec::new();
        self.note_identity(&mut findings);
        self.note_lists(&mut findings);
        self.note_words(&mut findings);
        self.note_ranges(&mut findings);
        self.note_lengths(encrypted_lens, &mut findings);
        self.note_contradictions(&mut findings);
        self.findings.append(&mut findings);
    }

    fn note_identity(&self, findings: &mut Vec<Finding>) {
        let wrong_type = |name| self.findings.iter().any(|f| f.detail().starts_with(name));
        for (absent, name) in
            [(self.versions.is_none(), "versions"), (self.aaguid.is_none(), "aaguid")]
        {
            if absent && !wrong_type(name) {
                findings.push(Finding::new(&MISSING_MEMBER, name));
            }
        }
        if self.aaguid.is_some_and(|aaguid| aaguid.is_zero()) {
            findings.push(Finding::new(&ZERO_AAGUID, "aaguid"));
        }
        if self.versions.as_deref() == Some(&["U2F_V2".into()]) {
            findings.push(Finding::new(&U2F_ONLY, "versions"));
        }
    }

    fn note_lists(&self, findings: &mut Vec<Finding>) {
        let algorithms = self.algorithms.as_ref();
        let algorithms: Option<Vec<_>> =
            algorithms.map(|all| all.iter().map(|one| (one.alg, &one.credential_type)).collect());
        check_list("versions", self.versions.as_deref(), findings);
        check_repeats("extensions", self.extensions.as_deref(), findings);
        check_list("pinUvAuthProtocols", self.pin_uv_auth_protocols.as_deref(), findings);
        check_repeats("transports", self.transports.as_deref(), findings);
        check_list("algorithms", algorithms.as_deref(), findings);
        check_repeats("attestationFormats", self.attestation_formats.as_deref(), findings);
        check_repeats("transportsForReset", self.transports_for_reset.as_deref(), findings);
    }

    fn note_words(&self, findings: &mut Vec<Finding>) {
        unknown_words(&UNKNOWN_VERSION, self.versions.iter().flatten(), &VERSIONS, findings);
        let transports = self.transports.iter().chain(&self.transports_for_reset).flatten();
        unknown_words(&UNKNOWN_TRANSPORT, transports, &TRANSPORTS, findings);
        let ids = self.options.iter().flat_map(|all| all.iter().map(|(id, _)| id));
        unknown_words(&UNKNOWN_OPTION, ids, &options::KNOWN, findings);
        let types = self.algorithms.iter().flatten().map(|one| &one.credential_type);
        unknown_words(&UNKNOWN_CREDENTIAL_TYPE, types, &["public-key"], findings);
        let bits = self.uv_modality.map_or(0, |modality| modality.unknown_bits());
        if bits != 0 {
            findings.push(Finding::new(&UNKNOWN_UV_MODALITY, format!("bits {bits:#x}")));
        }
    }

    fn note_ranges(&self, findings: &mut Vec<Finding>) {
        let ranges = [
            ("maxMsgSize", self.max_msg_size, 1024, u64::MAX),
            ("maxCredentialCountInList", self.max_credential_count_in_list, 1, u64::MAX),
            ("maxCredentialIdLength", self.max_credential_id_length, 1, u64::MAX),
            ("maxSerializedLargeBlobArray", self.max_serialized_large_blob_array, 1024, u64::MAX),
            ("minPINLength", self.min_pin_length, 4, 63),
            ("maxCredBlobLength", self.max_cred_blob_length, 32, u64::MAX),
            ("preferredPlatformUvAttempts", self.preferred_platform_uv_attempts, 1, u64::MAX),
            ("maxPINLength", self.max_pin_length, self.min_pin_length.unwrap_or(4), 63),
        ];
        for (name, number, min, max) in ranges {
            let Some(number) = number.filter(|number| !(min..=max).contains(number)) else {
                continue;
            };
            let bound =
                if number < min { format!("at least {min}") } else { format!("at most {max}") };
            findings.push(Finding::new(&OUT_OF_RANGE, format!("{name} is {number}, {bound}")));
        }
    }

    fn note_lengths(&self, allowed: &[usize], findings: &mut Vec<Finding>) {
        let encrypted = [
            ("encIdentifier", &self.enc_identifier),
            ("encCredStoreState", &self.enc_cred_store_state),
        ];
        for (name, bytes) in encrypted {
            let Some(len) = bytes.as_ref().map(Vec::len).filter(|len| !allowed.contains(len))
            else {
                continue;
            };
            findings
                .push(Finding::new(&OUT_OF_RANGE, format!("{name} has {len} bytes, exactly 32")));
        }
    }

    fn note_contradictions(&self, findings: &mut Vec<Finding>) {
        let on = |id| self.option(id) == Some(true);
        let has = |id| self.option(id).is_some();
        let extension = |id| self.extensions.iter().flatten().any(|found| found == id);
        let (blob_array, blob_len) =
            (self.max_serialized_large_blob_array, self.max_cred_blob_length);
        let rules = [
            (
                blob_array.is_some() && !on("largeBlobs"),
                "maxSerializedLargeBlobArray without option largeBlobs",
            ),
            (
                on("largeBlobs") && blob_array.is_none(),
                "option largeBlobs without maxSerializedLargeBlobArray",
            ),
            (
                blob_len.is_some() && !extension("credBlob"),
                "maxCredBlobLength without extension credBlob",
            ),
            (
                extension("credBlob") && blob_len.is_none(),
                "extension credBlob without maxCredBlobLength",
            ),
            (
                on("alwaysUv") && on("makeCredUvNotRqd"),
                "options alwaysUv and makeCredUvNotRqd are both true",
            ),
            (
                on("pinUvAuthToken") && !has("clientPin") && !has("uv"),
                "option pinUvAuthToken without clientPin or uv",
            ),
            (
                on("pinUvAuthToken") && self.pin_uv_auth_protocols.is_none(),
                "option pinUvAuthToken without pinUvAuthProtocols",
            ),
            (
                on("setMinPINLength") && !has("clientPin"),
                "option setMinPINLength without clientPin",
            ),
            (on("uvBioEnroll") && !has("bioEnroll"), "option uvBioEnroll without bioEnroll"),
            (on("uvAcfg") && !on("authnrCfg"), "option uvAcfg without authnrCfg"),
        ];
        let broken = rules.into_iter().filter(|(broken, _)| *broken);
        findings.extend(broken.map(|(_, rule)| Finding::new(&CONTRADICTION, rule)));
    }
}

fn check_list<T: Ord + Debug>(name: &str, list: Option<&[T]>, findings: &mut Vec<Finding>) {
    if list.is_some_and(<[T]>::is_empty) {
        findings.push(Finding::new(&EMPTY_LIST, name));
    }
    check_repeats(name, list, findings);
}

fn check_repeats<T: Ord + Debug>(name: &str, list: Option<&[T]>, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let repeated: BTreeSet<&T> =
        list.unwrap_or_default().iter().filter(|value| !seen.insert(*value)).collect();
    findings.extend(
        repeated.iter().map(|value| Finding::new(&DUPLICATE_VALUE, format!("{name}: {value:?}"))),
    );
}

fn unknown_words<'a>(
    kind: &'static Kind,
    words: impl Iterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>,
    known: &[&str],
    findings: &mut Vec<Finding>,
) {
    let unknown: BTreeSet<&str> =
        words.map(AsRef::as_ref).filter(|word| !known.contains(word)).collect();
    findings.extend(unknown.into_iter().map(|word| Finding::new(kind, word)));
}

const VERSIONS: [&str; 5] = ["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"];
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "internal", "hybrid"];
