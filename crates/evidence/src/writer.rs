//! From a [`Registration`] to an evidence file.

use serde::Serialize;

use crate::{ClientVersion, Registration, SCHEMA, base64};

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
    transport: Option<&'a str>,
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
    attestation_object: String,
}

#[derive(Serialize)]
struct Client<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

impl<'a> From<&'a Registration> for EvidenceFile<'a> {
    fn from(registration: &'a Registration) -> Self {
        Self {
            schema: SCHEMA,
            time: registration.time.as_deref(),
            client: registration.client.as_ref().map(Client::from),
            transport: registration.transport.as_deref(),
            rp_id: registration.rp_id.as_deref(),
            requested_algorithms: &registration.requested_algorithms,
            credential_id: registration.credential_id.as_deref().map(base64::encode),
            client_data_json: registration.client_data_json.as_deref().map(base64::encode),
            client_data_hash: registration.client_data_hash.map(|hash| base64::encode(&hash)),
            get_info: registration.get_info.as_deref().map(base64::encode),
            attestation_object: base64::encode(&registration.attestation_object),
        }
    }
}

impl<'a> From<&'a ClientVersion> for Client<'a> {
    fn from(client: &'a ClientVersion) -> Self {
        Self { name: &client.name, version: client.version.as_deref() }
    }
}
