//! From JSON to an [`Entry`]: every member optional, every liberty a defect, nothing dropped.

use crate::certificate_text;
use crate::entry::{Entry, ProtocolFamily};
use crate::get_info::GetInfoSummary;
use crate::json::{Json, Member};
use crate::reader::{MEMBER_DUPLICATE, Reader};
use crate::status::{Status, StatusReport, parse_date};
use data_encoding::HEXLOWER_PERMISSIVE;
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Kind, Severity};
use std::collections::BTreeSet;

/// The entry at `position` of the list. Never fails: what cannot be read is among its defects.
pub(crate) fn read(position: u32, value: Json<'_>) -> Entry {
    let mut reading =
        Reading { entry: Entry { position, ..Entry::default() }, ..Reading::default() };
    reading.entry(value);
    reading.finish()
}

#[derive(Default)]
struct Reading {
    reader: Reader,
    entry: Entry,
    statement: Ids,
    seen: Vec<&'static str>,
}

/// Ids as the statement repeats them.
#[derive(Default)]
struct Ids {
    aaguid: Option<Aaguid>,
    aaid: Option<String>,
    key_identifiers: Vec<[u8; 20]>,
}

impl Reading {
    fn entry(&mut self, value: Json<'_>) {
        let Json::Object(members) = value else {
            return self.reader.defect(&ENTRY_NOT_OBJECT, value.type_name());
        };
        let mut seen = Vec::new();
        for (name, value) in members {
            let again = seen.contains(&name);
            if again {
                self.reader.defect(&MEMBER_DUPLICATE, &name);
            }
            // a second list of reports may hold the revocation: never dropped
            if !again || name == "statusReports" {
                self.entry_member(&name, value);
            }
            seen.push(name);
        }
    }

    fn entry_member(&mut self, name: &str, value: Json<'_>) {
        let reader = &mut self.reader;
        match name {
            "aaguid" => self.entry.aaguid = aaguid(reader, name, value),
            "aaid" => self.entry.aaid = reader.text(name, value),
            KEY_IDENTIFIERS => self.entry.key_identifiers = key_identifiers(reader, value),
            "metadataStatement" => self.statement(value),
            "statusReports" => self.entry.status_reports.extend(status_reports(reader, value)),
            "biometricStatusReports" => {
                let items = reader.items(name, value);
                self.entry.biometric_status_reports = items.iter().map(Json::to_string).collect();
            }
            "timeOfLastStatusChange" => {
                self.entry.time_of_last_status_change = reader.text(name, value);
            }
            "rogueListURL" => self.entry.rogue_list_url = reader.text(name, value),
            "rogueListHash" => {}
            other => self.entry.unknown_members.push(other.to_owned()),
        }
        self.seen.extend(ENTRY_MEMBERS.iter().find(|known| **known == name));
    }

    fn statement(&mut self, value: Json<'_>) {
        let Some(members) = self.reader.members("metadataStatement", value) else { return };
        for (name, value) in members {
            self.seen.extend(REQUIRED.iter().find(|required| **required == name));
            self.statement_member(&name, value);
        }
    }

    fn statement_member(&mut self, name: &str, value: Json<'_>) {
        let (reader, entry) = (&mut self.reader, &mut self.entry);
        match name {
            "aaguid" => self.statement.aaguid = aaguid(reader, name, value),
            "aaid" => self.statement.aaid = reader.text(name, value),
            KEY_IDENTIFIERS => self.statement.key_identifiers = key_identifiers(reader, value),
            "description" => entry.description = reader.text(name, value),
            "alternativeDescriptions" => {
                entry.alternative_descriptions = reader.pairs(name, value, Reader::text);
            }
            "friendlyNames" => entry.friendly_names = reader.pairs(name, value, Reader::text),
            "protocolFamily" => {
                entry.protocol_family =
                    ProtocolFamily(reader.text(name, value).unwrap_or_default());
            }
            "authenticatorVersion" => entry.authenticator_version = reader.unsigned(name, value),
            "schema" => entry.schema = reader.unsigned(name, value),
            "upv" => entry.protocol_versions = protocol_versions(reader, value),
            "attestationRootCertificates" => entry.anchors = anchors(reader, value),
            "authenticatorGetInfo" => entry.get_info = GetInfoSummary::read(reader, value),
            "userVerificationDetails" => self.user_verification(value),
            "supportedExtensions" => entry.supported_extensions = ids(reader, name, value),
            other => self.listed_member(other, value),
        }
    }

    /// Members that are plain lists, numbers and flags.
    fn listed_member(&mut self, name: &str, value: Json<'_>) {
        let (reader, entry) = (&mut self.reader, &mut self.entry);
        match name {
            "authenticationAlgorithms" => {
                entry.authentication_algorithms = reader.texts(name, value)
            }
            "publicKeyAlgAndEncodings" => entry.public_key_encodings = reader.texts(name, value),
            "attestationTypes" => entry.attestation_types = reader.texts(name, value),
            "keyProtection" => entry.key_protection = reader.texts(name, value),
            "matcherProtection" => entry.matcher_protection = reader.texts(name, value),
            "attachmentHint" => entry.attachment_hint = reader.texts(name, value),
            "tcDisplay" => entry.tc_display = reader.texts(name, value),
            "cryptoStrength" => entry.crypto_strength = reader.unsigned(name, value),
            "isKeyRestricted" => entry.is_key_restricted = reader.flag(name, value),
            "isFreshUserVerificationRequired" => {
                entry.is_fresh_user_verification_required = reader.flag(name, value);
            }
            "multiDeviceCredentialSupport" => {
                entry.multi_device_credential_support = reader.text(name, value);
            }
            known if UNUSED.contains(&known) => {}
            other => entry.unknown_members.push(format!("metadataStatement.{other}")),
        }
    }

    fn user_verification(&mut self, value: Json<'_>) {
        let name = "userVerificationDetails";
        for alternative in self.reader.items(name, value) {
            let items = self.reader.items(name, alternative);
            let mut methods = Vec::new();
            for item in items {
                let members = self.reader.members(name, item).unwrap_or_default();
                let method = members.into_iter().find(|(member, _)| member == METHOD);
                methods.extend(method.and_then(|(_, value)| self.reader.text(METHOD, value)));
            }
            for method in &methods {
                if !self.entry.user_verification.contains(method) {
                    self.entry.user_verification.push(method.clone());
                }
            }
            self.entry.user_verification_alternatives.push(methods);
        }
    }

    fn finish(mut self) -> Entry {
        if self.reader.defects.iter().all(|defect| defect.kind() != &ENTRY_NOT_OBJECT) {
            self.check_ids();
            self.check_members();
        }
        self.check_firmware_and_lists();
        Entry { defects: self.reader.defects, ..self.entry }
    }

    fn check_ids(&mut self) {
        let (entry, said) = (&mut self.entry, &self.statement);
        for (in_entry, in_statement, name) in [
            (entry.aaguid.map(|id| id.to_string()), said.aaguid.map(|id| id.to_string()), "aaguid"),
            (entry.aaid.clone(), said.aaid.clone(), "aaid"),
            (keys_text(&entry.key_identifiers), keys_text(&said.key_identifiers), KEY_IDENTIFIERS),
        ] {
            if let Some(said) = in_statement.filter(|said| Some(said) != in_entry.as_ref()) {
                let ours = in_entry.unwrap_or_else(|| "absent".to_owned());
                let detail = format!("{name}: entry {ours}, statement {said}");
                self.reader.defect(&ENTRY_IDS_DIFFER, detail);
            }
        }
        self.adopt_statement_id();
        let entry = &self.entry;
        let keyed = !entry.key_identifiers.is_empty();
        let kinds = [entry.aaguid.is_some(), entry.aaid.is_some(), keyed];
        match kinds.into_iter().filter(|present| *present).count() {
            0 => self.reader.defect(&ENTRY_WITHOUT_ID, "no aaguid, aaid or key identifier"),
            1 => {}
            _ => self.reader.defect(&ENTRY_SEVERAL_IDS, "found under each of them"),
        }
        let keys: BTreeSet<_> = entry.key_identifiers.iter().collect();
        if keys.len() < entry.key_identifiers.len() {
            let detail = format!("{} of {}", keys.len(), entry.key_identifiers.len());
            self.reader.defect(&KEY_IDENTIFIER_REPEATED, format!("{detail} are distinct"));
        }
        if self.entry.aaguid.is_some_and(|aaguid| aaguid.is_zero()) {
            self.reader.defect(&ENTRY_ZERO_AAGUID, "never looked up");
        }
    }

    /// An entry that names itself only inside its statement is still found.
    fn adopt_statement_id(&mut self) {
        let entry = &mut self.entry;
        if entry.aaguid.is_none() && entry.aaid.is_none() && entry.key_identifiers.is_empty() {
            let statement = std::mem::take(&mut self.statement);
            entry.aaguid = statement.aaguid;
            entry.aaid = statement.aaid;
            entry.key_identifiers = statement.key_identifiers;
        }
    }

    fn check_members(&mut self) {
        for name in ["statusReports", "metadataStatement"].iter().chain(&REQUIRED) {
            let without_statement = !self.seen.contains(&"metadataStatement");
            let inside = REQUIRED.contains(name) && without_statement;
            if !self.seen.contains(name) && !inside {
                self.reader.defect(&MEMBER_MISSING, name);
            }
        }
        if self.entry.protocol_family.is_fido2() && self.entry.get_info.is_none() {
            self.reader.defect(&MEMBER_MISSING, "authenticatorGetInfo");
        }
    }

    fn check_firmware_and_lists(&mut self) {
        let entry = &self.entry;
        let info = entry.get_info.as_ref();
        let info_aaguid = info.and_then(|info| info.aaguid.as_deref());
        if let (Some(text), Some(aaguid)) = (info_aaguid, entry.aaguid)
            && text.parse() != Ok(aaguid)
        {
            let detail = format!("entry {aaguid}, getInfo {text}");
            self.reader.defect(&GET_INFO_AAGUID_DIFFERS, detail);
        }
        let firmware = info.and_then(|info| info.firmware_version);
        if let (Some(firmware), Some(stated)) = (firmware, entry.authenticator_version)
            && firmware != stated
        {
            let detail = format!("authenticatorVersion {stated}, firmwareVersion {firmware}");
            self.reader.defect(&FIRMWARE_DIFFERS, detail);
        }
        if let Some(url) = entry.rogue_list_url.as_deref() {
            self.reader.defect(&ROGUE_LIST, url);
        }
    }
}

fn aaguid(reader: &mut Reader, name: &str, value: Json<'_>) -> Option<Aaguid> {
    let text = reader.text(name, value)?;
    let parsed = text.parse().ok();
    if parsed.is_none() {
        reader.defect(&ENTRY_ID_MALFORMED, format!("{name}: {text}"));
    }
    parsed
}

fn key_identifiers(reader: &mut Reader, value: Json<'_>) -> Vec<[u8; 20]> {
    let texts = reader.texts(KEY_IDENTIFIERS, value);
    let read = |text: String| {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let key = bytes.and_then(|bytes| <[u8; 20]>::try_from(bytes).ok());
        if key.is_none() {
            reader.defect(&ENTRY_ID_MALFORMED, format!("{KEY_IDENTIFIERS}: {text}"));
        }
        key
    };
    texts.into_iter().filter_map(read).collect()
}

fn keys_text(keys: &[[u8; 20]]) -> Option<String> {
    let texts: Vec<_> = keys.iter().map(|key| HEXLOWER_PERMISSIVE.encode(key)).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn anchors(reader: &mut Reader, value: Json<'_>) -> Vec<Vec<u8>> {
    let texts = reader.texts("attestationRootCertificates", value);
    let decoded = texts.iter().enumerate().map(|(i, text)| {
        let place = format!("attestationRootCertificates[{i}]");
        certificate_text::decode(text, &place, &mut reader.defects)
    });
    decoded.flatten().collect()
}

fn protocol_versions(reader: &mut Reader, value: Json<'_>) -> Vec<(u64, u64)> {
    let items = reader.items("upv", value);
    let read = |item: Json<'_>| {
        let members = reader.members("upv", item)?;
        let mut number = |wanted| {
            let (_, value) = members.iter().find(|(name, _)| name == wanted)?;
            reader.unsigned("upv", value.clone())
        };
        Some((number("major")?, number("minor")?))
    };
    items.into_iter().filter_map(read).collect()
}

/// The `id` of each object in a list.
fn ids(reader: &mut Reader, name: &str, value: Json<'_>) -> Vec<String> {
    let items = reader.items(name, value);
    let read = |item: Json<'_>| {
        let members = reader.members(name, item)?;
        let (_, id) = members.into_iter().find(|(member, _)| member == "id")?;
        reader.text(name, id)
    };
    items.into_iter().filter_map(read).collect()
}

fn status_reports(reader: &mut Reader, value: Json<'_>) -> Vec<StatusReport> {
    let items = reader.items("statusReports", value);
    items.into_iter().filter_map(|item| status_report(reader, item)).collect()
}

fn status_report(reader: &mut Reader, value: Json<'_>) -> Option<StatusReport> {
    let mut report = StatusReport::default();
    let members = reader.members("statusReports", value)?;
    members.into_iter().for_each(|member| report_member(reader, &mut report, member));
    if report.meaning() == Status::Unknown {
        reader.defect(&STATUS_UNKNOWN, &report.status);
    }
    if let Some(text) = report.effective_date.as_deref().filter(|text| parse_date(text).is_none()) {
        reader.defect(&STATUS_DATE_MALFORMED, format!("{} {text}", report.status));
    }
    Some(report)
}

fn report_member(reader: &mut Reader, report: &mut StatusReport, (name, value): Member<'_>) {
    let name = &*name;
    match name {
        "status" => report.status = reader.text(name, value).unwrap_or_default(),
        "effectiveDate" => report.effective_date = reader.text(name, value),
        "authenticatorVersion" => report.authenticator_version = reader.unsigned(name, value),
        "certificate" => {
            let text = reader.text(name, value).unwrap_or_default();
            let found = certificate_text::decode(&text, "statusReports", &mut reader.defects);
            report.certificate = found.into_iter().next();
        }
        "url" => report.url = reader.text(name, value),
        "certificationDescriptor" => report.certification_descriptor = reader.text(name, value),
        "certificateNumber" => report.certificate_number = reader.text(name, value),
        "certificationPolicyVersion" => {
            report.certification_policy_version = reader.text(name, value);
        }
        "certificationRequirementsVersion" => {
            report.certification_requirements_version = reader.text(name, value);
        }
        "certificationProfiles" => report.certification_profiles = reader.texts(name, value),
        "sunsetDate" => report.sunset_date = reader.text(name, value),
        "fipsRevision" => report.fips_revision = reader.unsigned(name, value),
        "fipsPhysicalSecurityLevel" => {
            report.fips_physical_security_level = reader.unsigned(name, value);
        }
        other => report.unknown_members.push(other.to_owned()),
    }
}

const KEY_IDENTIFIERS: &str = "attestationCertificateKeyIdentifiers";
const METHOD: &str = "userVerificationMethod";

/// Entry members whose absence is a defect.
const ENTRY_MEMBERS: [&str; 2] = ["statusReports", "metadataStatement"];

/// Statement members that the specification demands of every entry.
const REQUIRED: [&str; 14] = [
    "description",
    "authenticatorVersion",
    "protocolFamily",
    "schema",
    "upv",
    "authenticationAlgorithms",
    "publicKeyAlgAndEncodings",
    "attestationTypes",
    "userVerificationDetails",
    "keyProtection",
    "matcherProtection",
    "attachmentHint",
    "tcDisplay",
    "attestationRootCertificates",
];

/// Known members nobody here has a use for: legal text repeated, images and their description, ECDAA keys.
const UNUSED: [&str; 8] = [
    "legalHeader",
    "icon",
    "iconDark",
    "providerLogoLight",
    "providerLogoDark",
    "tcDisplayContentType",
    "tcDisplayPNGCharacteristics",
    "ecdaaTrustAnchors",
];

/// An entry is not an object.
pub(crate) static ENTRY_NOT_OBJECT: Kind = Kind {
    id: "mds.entry-not-object",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "An entry of the metadata is not an object; it is counted and holds nothing.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

/// An entry names no model.
pub(crate) static ENTRY_WITHOUT_ID: Kind = Kind {
    id: "mds.entry-without-id",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "An entry has no AAGUID, no AAID and no key identifier, so no key can be found in it.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

/// An entry has several kinds of id.
pub(crate) static ENTRY_SEVERAL_IDS: Kind = Kind {
    id: "mds.entry-several-ids",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "An entry has more than one kind of identifier; it is found under each of them.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

/// An id of an entry cannot be read.
pub(crate) static ENTRY_ID_MALFORMED: Kind = Kind {
    id: "mds.entry-id-malformed",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "An identifier of this entry cannot be read and was left out, so keys may not be found by it.",
    next_step: "Tell the vendor or the FIDO Alliance.",
    source: "MDS 3.0 §3.1.1",
};

/// Entry and statement name different models.
pub(crate) static ENTRY_IDS_DIFFER: Kind = Kind {
    id: "mds.entry-ids-differ",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The entry and the statement inside it name different models; the entry's own identifier counts.",
    next_step: "Compare the model with the vendor's list before you trust this entry.",
    source: "MDS 3.0 §3.1.1",
};

/// An entry claims the zero AAGUID.
pub(crate) static ENTRY_ZERO_AAGUID: Kind = Kind {
    id: "mds.entry-zero-aaguid",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The entry claims the all-zero AAGUID, which names no model; it is never looked up by it.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "WebAuthn L3 §6.5.1",
};

/// A required member is absent.
pub(crate) static MEMBER_MISSING: Kind = Kind {
    id: "mds.member-missing",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The entry lacks a member that it should have; what the member would say is unknown.",
    next_step: "Treat the member as unknown; strict programs may drop this model altogether.",
    source: "MDS 3.0, metadata statement",
};

/// One key identifier stands twice in an entry.
pub(crate) static KEY_IDENTIFIER_REPEATED: Kind = Kind {
    id: "mds.key-identifier-repeated",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The entry lists one certificate key identifier twice.",
    next_step: "Nothing to do; the model is found by it all the same.",
    source: "MDS 3.0 §3.1.1",
};

/// The getInfo of an entry names another model.
pub(crate) static GET_INFO_AAGUID_DIFFERS: Kind = Kind {
    id: "mds.get-info-aaguid-differs",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The getInfo data in this entry names another AAGUID than the entry; it may describe another model.",
    next_step: "Ask the key itself (keyvet info) before you rely on this entry's options and extensions.",
    source: "MDS 3.0, metadata statement, authenticatorGetInfo",
};

/// The getInfo of an entry is of another firmware.
pub(crate) static FIRMWARE_DIFFERS: Kind = Kind {
    id: "mds.firmware-differs",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The getInfo data in this entry is of another firmware than the version the entry describes.",
    next_step: "Ask the key itself (keyvet info) when a capability matters.",
    source: "MDS 3.0, metadata statement, authenticatorVersion",
};

/// A status is not known.
pub(crate) static STATUS_UNKNOWN: Kind = Kind {
    id: "mds.status-unknown",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "A status report has a status that keyvet does not know; it is kept and counts neither for nor against the model.",
    next_step: "Look the status up in the metadata specification, or update keyvet.",
    source: "MDS 3.0 §3.1.4",
};

/// The date of a status report cannot be read.
pub(crate) static STATUS_DATE_MALFORMED: Kind = Kind {
    id: "mds.status-date-malformed",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The date of a status report cannot be read; the report counts at once.",
    next_step: "Nothing to do; tell the FIDO Alliance.",
    source: "MDS 3.0 §3.1.3",
};

/// An entry points to a list of rogue keys.
pub(crate) static ROGUE_LIST: Kind = Kind {
    id: "mds.rogue-list",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The vendor publishes a list of keys that must not be trusted; keyvet does not fetch it.",
    next_step: "Fetch the list yourself and compare the keys you hold.",
    source: "MDS 3.0 §3.1.5",
};
