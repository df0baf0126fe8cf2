//! From a [`Registration`] to an evidence file.

use serde::Serialize;

use crate::{ClientVersion, DeviceRecord, JudgedBy, Registration, SCHEMA, base64};

/// Writes `registration` as an evidence file: JSON, two spaces, members in a fixed order, a line feed
/// at the end. [`read`](crate::read) gives the same registration back, as
/// [`Form::Evidence`](crate::Form::Evidence).
#[must_use]
pub fn write(registration: &Registration) -> String {
    let file = EvidenceFile::from(registration);
    // Texts, numbers and text keys only: serde_json has nothing to refuse here.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

/// `keyvet.evidence/1`; byte strings are base64url without padding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EvidenceFile<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Client<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    judged_by: Option<JudgedByMember<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rp_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[i64]>::is_empty")]
    requested_algorithms: &'a [i64],
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    #[serde(rename = "clientDataJSON", skip_serializing_if = "Option::is_none")]
    client_data_json: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_data_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    get_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    attestation_object: String,
}

#[derive(Serialize)]
struct Client<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Device<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usb: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JudgedByMember<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_no: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_sha256: Option<String>,
}

impl<'a> From<&'a Registration> for EvidenceFile<'a> {
    fn from(registration: &'a Registration) -> Self {
        Self {
            schema: SCHEMA,
            time: registration.time.as_deref(),
            client: registration.client.as_ref().map(Client::from),
            judged_by: registration.judged_by.as_ref().map(JudgedByMember::from),
            transport: registration.transport.as_deref(),
            device: registration.device.as_ref().map(Device::from),
            rp_id: registration.rp_id.as_deref(),
            requested_algorithms: &registration.requested_algorithms,
            credential_id: registration.credential_id.as_deref().map(base64::encode),
            client_data_json: registration.client_data_json.as_deref().map(base64::encode),
            client_data_hash: registration.client_data_hash.map(|hash| base64::encode(&hash)),
            get_info: registration.get_info.as_deref().map(base64::encode),
            request: registration.request.as_deref().map(base64::encode),
            answer: registration.answer.as_deref().map(base64::encode),
            attestation_object: base64::encode(&registration.attestation_object),
        }
    }
}

impl<'a> From<&'a ClientVersion> for Client<'a> {
    fn from(client: &'a ClientVersion) -> Self {
        Self { name: &client.name, version: client.version.as_deref() }
    }
}

impl<'a> From<&'a DeviceRecord> for Device<'a> {
    fn from(device: &'a DeviceRecord) -> Self {
        Self {
            name: device.name.as_deref(),
            product: device.product.as_deref(),
            manufacturer: device.manufacturer.as_deref(),
            serial: device.serial.as_deref(),
            usb: device.usb.as_deref(),
        }
    }
}

impl<'a> From<&'a JudgedBy> for JudgedByMember<'a> {
    fn from(judged_by: &'a JudgedBy) -> Self {
        Self {
            at: judged_by.at.as_deref(),
            metadata_no: judged_by.metadata_no,
            metadata_sha256: judged_by.metadata_sha256.map(|hash| base64::encode(&hash)),
            policy_sha256: judged_by.policy_sha256.map(|hash| base64::encode(&hash)),
        }
    }
}
