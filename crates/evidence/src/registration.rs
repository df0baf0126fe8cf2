//! What one registration left behind.

use std::fmt;

/// A registration as it was kept: every signed byte as received, nothing decoded.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Registration {
    /// The attestation object.
    pub attestation_object: Vec<u8>,
    /// The client data, exactly as hashed.
    pub client_data_json: Option<Vec<u8>>,
    /// SHA-256 of the client data, when only that was kept.
    pub client_data_hash: Option<[u8; 32]>,
    /// The getInfo answer, CBOR without the status byte.
    pub get_info: Option<Vec<u8>>,
    /// How the authenticator was reached: `usb`, `nfc`, `ble`, …
    pub transport: Option<String>,
    /// When, RFC 3339.
    pub time: Option<String>,
    /// The program that made the registration.
    pub client: Option<ClientVersion>,
    /// COSE algorithm numbers that were asked for, in order of preference.
    pub requested_algorithms: Vec<i64>,
    /// Relying party identifier.
    pub rp_id: Option<String>,
    /// Credential identifier as the file gives it, to be compared with the one in the object.
    pub credential_id: Option<Vec<u8>>,
    /// The makeCredential request as sent: command byte and CBOR.
    pub request: Option<Vec<u8>>,
    /// The answer as received: status byte and CBOR.
    pub answer: Option<Vec<u8>>,
    /// The authenticator, as the operating system described it.
    pub device: Option<DeviceRecord>,
    /// What the registration was judged by when it was made.
    pub judged_by: Option<JudgedBy>,
    /// What kind of file it was read from.
    pub form: Form,
}

/// Name and version of a program.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientVersion {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// An authenticator, as the operating system described it; nothing here is proven. Texts come from the device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeviceRecord {
    /// How it was named: `hid:/dev/hidraw3`.
    pub name: Option<String>,
    /// USB product text.
    pub product: Option<String>,
    /// USB manufacturer text.
    pub manufacturer: Option<String>,
    /// USB serial number.
    pub serial: Option<String>,
    /// USB vendor and product number, `1050:0407`.
    pub usb: Option<String>,
}

/// What a registration was judged by: with the same, the verdict is the same.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct JudgedBy {
    /// The time the judgement spoke of, RFC 3339.
    pub at: Option<String>,
    /// Serial number of the metadata BLOB.
    pub metadata_no: Option<u64>,
    /// SHA-256 of the metadata BLOB, as a file.
    pub metadata_sha256: Option<[u8; 32]>,
    /// SHA-256 of the policy, as a file.
    pub policy_sha256: Option<[u8; 32]>,
}

/// The kinds of file a registration is read from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// An evidence file, `"schema": "keyvet.evidence/1"`.
    #[default]
    Evidence,
    /// `RegistrationResponseJSON` of a browser (WebAuthn L3 §5.1), or a body that wraps one.
    RegistrationResponse,
    /// An object with `attestationObject` and `clientDataJSON` at its top.
    Plain,
    /// The attestation object itself, CBOR.
    Raw,
}

impl Registration {
    /// A registration that consists of an attestation object.
    #[must_use]
    pub fn new(attestation_object: Vec<u8>) -> Self {
        Self { attestation_object, ..Self::default() }
    }

    /// SHA-256 of the client data, computed when the data was kept.
    #[must_use]
    pub fn client_data_hash(&self) -> Option<[u8; 32]> {
        let computed = self.client_data_json.as_deref().map(keyvet_x509::sha256);
        computed.or(self.client_data_hash)
    }

    /// The same registration, made by the program of that name and version.
    #[must_use]
    pub fn with_client(self, name: &str, version: Option<&str>) -> Self {
        let client = ClientVersion { name: name.into(), version: version.map(Into::into) };
        Self { client: Some(client), ..self }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Evidence => "evidence file",
            Self::RegistrationResponse => "registration response",
            Self::Plain => "attestation object with client data",
            Self::Raw => "attestation object",
        })
    }
}
