//! `authenticatorGetInfo` as an entry states it: what the vendor says, not what a key answered.

use crate::json::Json;
use crate::reader::Reader;
use serde::{Deserialize, Serialize};

/// The members policy and people ask for, as given; the rest by name and text.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetInfoSummary {
    /// `versions`.
    pub versions: Vec<String>,
    /// `extensions`.
    pub extensions: Vec<String>,
    /// `aaguid` as written: 32 digits, or dashed.
    pub aaguid: Option<String>,
    /// `options`, in file order.
    pub options: Vec<(String, bool)>,
    /// `maxMsgSize`, bytes.
    pub max_msg_size: Option<u64>,
    /// `pinUvAuthProtocols`.
    pub pin_uv_auth_protocols: Vec<i64>,
    /// `maxCredentialCountInList`.
    pub max_credential_count_in_list: Option<u64>,
    /// `maxCredentialIdLength`, bytes.
    pub max_credential_id_length: Option<u64>,
    /// `transports`.
    pub transports: Vec<String>,
    /// `algorithms`: the COSE numbers; empty when the member is absent.
    pub algorithms: Vec<i64>,
    /// `minPINLength`, code points.
    pub min_pin_length: Option<u64>,
    /// `firmwareVersion`.
    pub firmware_version: Option<u64>,
    /// `certifications`: name and level.
    pub certifications: Vec<(String, u64)>,
    /// `attestationFormats`.
    pub attestation_formats: Vec<String>,
    /// Every other member: its name and its value as text.
    pub other_members: Vec<(String, String)>,
}

impl GetInfoSummary {
    /// The value of option `name`; `None` when it is not listed.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(option, _)| option == name).map(|(_, value)| *value)
    }

    pub(crate) fn read(reader: &mut Reader, value: Json<'_>) -> Option<Self> {
        let mut info = Self::default();
        let members = reader.members("authenticatorGetInfo", value)?;
        members.into_iter().for_each(|(name, value)| info.read_member(reader, &name, value));
        Some(info)
    }

    fn read_member(&mut self, reader: &mut Reader, name: &str, value: Json<'_>) {
        match name {
            "versions" => self.versions = reader.texts(name, value),
            "extensions" => self.extensions = reader.texts(name, value),
            "aaguid" => self.aaguid = reader.text(name, value),
            "options" => self.options = reader.pairs(name, value, Reader::flag),
            "maxMsgSize" => self.max_msg_size = reader.unsigned(name, value),
            "pinUvAuthProtocols" => self.pin_uv_auth_protocols = reader.numbers(name, value),
            "maxCredentialCountInList" => {
                self.max_credential_count_in_list = reader.unsigned(name, value);
            }
            "maxCredentialIdLength" => self.max_credential_id_length = reader.unsigned(name, value),
            "transports" => self.transports = reader.texts(name, value),
            "algorithms" => self.algorithms = algorithms(reader, value),
            "minPINLength" => self.min_pin_length = reader.unsigned(name, value),
            "firmwareVersion" => self.firmware_version = reader.unsigned(name, value),
            "certifications" => self.certifications = reader.pairs(name, value, Reader::unsigned),
            "attestationFormats" => self.attestation_formats = reader.texts(name, value),
            other => self.other_members.push((other.to_owned(), value.to_string())),
        }
    }
}

/// `[{"type":"public-key","alg":-7}, …]` as numbers.
fn algorithms(reader: &mut Reader, value: Json<'_>) -> Vec<i64> {
    let items = reader.items("algorithms", value);
    let number = |reader: &mut Reader, item| {
        let members = reader.members("algorithms", item)?;
        let (_, alg) = members.into_iter().find(|(name, _)| name == "alg")?;
        reader.signed("algorithms.alg", alg)
    };
    items.into_iter().filter_map(|item| number(reader, item)).collect()
}
