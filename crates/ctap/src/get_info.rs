//! `authenticatorGetInfo`, command 0x04 (CTAP 2.2 §6.4): what an authenticator says of itself.
//!
//! Nothing in an answer but broken CBOR fails it: a member of the wrong type becomes a finding and is
//! kept among the unknown ones.

mod json;
mod members;
pub(crate) mod oddities;
mod options;
mod uv_modality;
mod value;

pub use json::GetInfoJsonError;
pub use options::Options;
pub use uv_modality::UvModality;

use keyvet_cbor::{DecodeError, Item, Mode, decode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{Aaguid, Command, CoseAlgorithm, MemberKey, canonical};
use members::MEMBERS;

/// `authenticatorGetInfo` request: the command byte alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GetInfoRequest;

/// `authenticatorGetInfo` response (CTAP 2.3 §6.4); members in key order, `None` when absent.
///
/// Numbers are as received; lengths are in bytes unless the member says otherwise.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetInfo {
    /// 0x01 `versions`; required.
    pub versions: Option<Vec<String>>,
    /// 0x02 `extensions`.
    pub extensions: Option<Vec<String>>,
    /// 0x03 `aaguid`; required. All zero names no model.
    pub aaguid: Option<Aaguid>,
    /// 0x04 `options`.
    pub options: Option<Options>,
    /// 0x05 `maxMsgSize`; absent means 1024.
    pub max_msg_size: Option<u64>,
    /// 0x06 `pinUvAuthProtocols`, in order of preference.
    pub pin_uv_auth_protocols: Option<Vec<u64>>,
    /// 0x07 `maxCredentialCountInList` (CTAP 2.1).
    pub max_credential_count_in_list: Option<u64>,
    /// 0x08 `maxCredentialIdLength` (CTAP 2.1).
    pub max_credential_id_length: Option<u64>,
    /// 0x09 `transports` (CTAP 2.1).
    pub transports: Option<Vec<String>>,
    /// 0x0A `algorithms`, in order of preference (CTAP 2.1).
    pub algorithms: Option<Vec<PublicKeyCredentialParameters>>,
    /// 0x0B `maxSerializedLargeBlobArray` (CTAP 2.1).
    pub max_serialized_large_blob_array: Option<u64>,
    /// 0x0C `forcePINChange` (CTAP 2.1).
    pub force_pin_change: Option<bool>,
    /// 0x0D `minPINLength`, code points; absent means 4 (CTAP 2.1).
    pub min_pin_length: Option<u64>,
    /// 0x0E `firmwareVersion`, vendor-defined (CTAP 2.1).
    pub firmware_version: Option<u64>,
    /// 0x0F `maxCredBlobLength` (CTAP 2.1).
    pub max_cred_blob_length: Option<u64>,
    /// 0x10 `maxRPIDsForSetMinPINLength` (CTAP 2.1).
    pub max_rp_ids_for_set_min_pin_length: Option<u64>,
    /// 0x11 `preferredPlatformUvAttempts` (CTAP 2.1).
    pub preferred_platform_uv_attempts: Option<u64>,
    /// 0x12 `uvModality` (CTAP 2.1).
    pub uv_modality: Option<UvModality>,
    /// 0x13 `certifications`, claimed by the authenticator itself (CTAP 2.1).
    pub certifications: Option<Vec<(String, u64)>>,
    /// 0x14 `remainingDiscoverableCredentials`, at least (CTAP 2.1).
    pub remaining_discoverable_credentials: Option<u64>,
    /// 0x15 `vendorPrototypeConfigCommands` (CTAP 2.1).
    pub vendor_prototype_config_commands: Option<Vec<u64>>,
    /// 0x16 `attestationFormats`; absent means `packed` (CTAP 2.2).
    pub attestation_formats: Option<Vec<String>>,
    /// 0x17 `uvCountSinceLastPinEntry` (CTAP 2.2).
    pub uv_count_since_last_pin_entry: Option<u64>,
    /// 0x18 `longTouchForReset` (CTAP 2.2).
    pub long_touch_for_reset: Option<bool>,
    /// 0x19 `encIdentifier`, 32 bytes that change with every answer (CTAP 2.2).
    pub enc_identifier: Option<Vec<u8>>,
    /// 0x1A `transportsForReset` (CTAP 2.2).
    pub transports_for_reset: Option<Vec<String>>,
    /// 0x1B `pinComplexityPolicy` (CTAP 2.2).
    pub pin_complexity_policy: Option<bool>,
    /// 0x1C `pinComplexityPolicyURL`, a byte string; untrusted, never opened (CTAP 2.2).
    pub pin_complexity_policy_url: Option<Vec<u8>>,
    /// 0x1D `maxPINLength`, code points; absent means 63 (CTAP 2.2).
    pub max_pin_length: Option<u64>,
    /// 0x1E `encCredStoreState`, 32 bytes (CTAP 2.3).
    pub enc_cred_store_state: Option<Vec<u8>>,
    /// 0x1F `authenticatorConfigCommands` (CTAP 2.3).
    pub authenticator_config_commands: Option<Vec<u64>>,
    /// Members without a name here and members of the wrong type: key and CBOR as received.
    pub unknown_members: Vec<(MemberKey, Vec<u8>)>,
    /// What is odd about the answer.
    pub findings: Vec<Finding>,
}

/// One entry of `algorithms`: `PublicKeyCredentialParameters` of WebAuthn.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PublicKeyCredentialParameters {
    /// `alg`.
    pub alg: CoseAlgorithm,
    /// `type`; `public-key` is the only one defined.
    pub credential_type: String,
}

/// Why bytes are not a getInfo answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GetInfoError {
    /// Not one item of CBOR.
    #[error("getInfo: {0}")]
    Cbor(#[from] DecodeError),
    /// Not a map.
    #[error("getInfo is {found}, not a map")]
    NotAMap {
        /// What it is.
        found: &'static str,
    },
}

/// The getInfo answer cannot be read.
pub static GET_INFO_MALFORMED: Kind = Kind {
    id: "ctap.get-info-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The getInfo answer is not a CBOR map.",
    next_step: "Check that the whole answer was kept, without the status byte in front; read the key again.",
    source: "CTAP 2.2 §6.4, §8",
};

impl Coded for GetInfoError {
    fn kind(&self) -> &'static Kind {
        &GET_INFO_MALFORMED
    }
}

impl GetInfoRequest {
    /// The command.
    pub const COMMAND: Command = Command::GET_INFO;

    /// The command byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Self::COMMAND.bare()
    }
}

impl GetInfo {
    /// Reads the answer's map, which takes all of `bytes`; the status byte is not part of it.
    ///
    /// # Errors
    /// [`GetInfoError`] when the bytes are not one bounded map. Everything else is a finding.
    pub fn parse(bytes: &[u8]) -> Result<Self, GetInfoError> {
        let mut info = Self::read(bytes)?;
        info.note_oddities(&[32]);
        Ok(info)
    }

    fn read(bytes: &[u8]) -> Result<Self, GetInfoError> {
        let decoded = decode(bytes, Mode::Tolerant)?;
        let pairs = decoded.item.as_map();
        let found = decoded.item.type_name();
        let pairs = pairs.ok_or(GetInfoError::NotAMap { found })?;
        let mut info =
            Self { findings: canonical::findings("getInfo", &decoded), ..Self::default() };
        pairs.iter().for_each(|(key, value)| info.member(key, value));
        Ok(info)
    }

    /// The members present, with the specification's names, in key order. Byte strings are
    /// hexadecimal, the policy URL is text when it is UTF-8.
    #[must_use]
    pub fn members(&self) -> Vec<(&'static str, serde_json::Value)> {
        let shown = MEMBERS.iter().map(|member| Some((member.name, (member.show)(self)?)));
        shown.flatten().collect()
    }

    /// [`GetInfo::unknown_members`] for JSON: keys as text, integers in decimal; byte strings as
    /// hexadecimal.
    #[must_use]
    pub fn unknown_members_as_json(&self) -> Vec<(String, serde_json::Value)> {
        let members = self.unknown_members.iter();
        members.map(|(key, raw)| (key.to_string(), value::json_of_cbor(raw))).collect()
    }

    /// The state of option `id`; `None` when it is absent.
    #[must_use]
    pub fn option(&self, id: &str) -> Option<bool> {
        self.options.as_ref()?.get(id)
    }

    fn member(&mut self, key: &Item<'_>, value: &Item<'_>) {
        let known = MEMBERS.iter().find(|member| key.as_i64() == Some(i64::from(member.key)));
        let Some(known) = known else {
            self.findings.push(oddities::unknown_member(key));
            return self.unknown_members.push((key.into(), value.raw().into()));
        };
        if !(known.read)(self, value) {
            self.findings.push(oddities::wrong_type(known, value));
            self.unknown_members.push((key.into(), value.raw().into()));
        }
    }
}
