//! Client data of our own making (WebAuthn L3 §5.8.1).

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// `clientDataJSON`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClientData {
    pub(crate) json: Vec<u8>,
}

impl ClientData {
    /// Client data of a ceremony of `kind` at `origin`; members in the order of WebAuthn L3 §5.8.1.1.
    pub(crate) fn new(kind: &str, origin: &str, challenge: [u8; 32]) -> Self {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let json = format!(
            r#"{{"type":{},"challenge":"{}","origin":{},"crossOrigin":false}}"#,
            text(kind),
            BASE64URL_NOPAD.encode(&challenge),
            text(origin),
        );
        Self { json: json.into_bytes() }
    }

    /// What the key signs over.
    pub(crate) fn hash(&self) -> [u8; 32] {
        sha256(&self.json)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `type` at a registration.
pub(crate) const CREATE: &str = "webauthn.create";
/// `type` at an assertion.
pub(crate) const GET: &str = "webauthn.get";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_that_a_browser_would_make() {
        let data = ClientData::new(CREATE, "https://keyvet.invalid", [0; 32]);
        let expected = concat!(
            r#"{"type":"webauthn.create","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","#,
            r#""origin":"https://keyvet.invalid","crossOrigin":false}"#
        );
        assert_eq!(String::from_utf8_lossy(&data.json), expected);
    }

    #[test]
    fn an_origin_is_quoted() {
        let data = ClientData::new(GET, "https://a\"b\n", [0xff; 32]);
        let read = keyvet_evidence::ClientData::parse(&data.json).unwrap();
        assert_eq!(read.origin, "https://a\"b\n");
        assert_eq!(read.ceremony, "webauthn.get");
    }
}
