//! A security key as documents name it.

use super::Error;
use serde::Serialize;

/// A security key that is present. What it says of itself is a claim: only a registration can prove a model.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// What `--device` takes: the shortest name that no other key present answers to.
    pub selector: String,
    /// Its full name, as in `hid:/dev/hidraw3`.
    pub name: String,
    /// How it is reached: `hid`, `udp`, `nfc`.
    pub transport: String,
    /// How a card reader touches it: `contact`, `contactless` or `unknown`; left out on other transports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<&'static str>,
    /// Full names of the other devices that are proven to be this key; left out when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// USB product text.
    pub product: Option<String>,
    /// USB manufacturer text.
    pub manufacturer: Option<String>,
    /// USB serial number; most security keys have none.
    pub serial: Option<String>,
    /// USB vendor and product number, as in `1050:0407`.
    pub usb: Option<String>,
    /// The AAGUID it claims; null when it was not asked, could not be, or names none.
    pub aaguid: Option<String>,
    /// What the metadata calls the model of that AAGUID; a claim as well.
    pub model: Option<String>,
    /// Why it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// A key that may have been meant, and the command that would have said so.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// The command that was given, naming this key.
    pub command: String,
}
