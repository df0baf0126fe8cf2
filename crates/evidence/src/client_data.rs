//! Client data (WebAuthn L3 §5.8.1): what the browser says about the ceremony it hashed.

use keyvet_finding::{Coded, Culprit, Kind, Severity};

use crate::{EvidenceError, json::Json};

/// `CollectedClientData`; members as the browser wrote them, unescaped for a terminal by nobody yet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientData {
    /// `type`: `webauthn.create` for a registration.
    pub ceremony: String,
    /// `challenge`, base64url.
    pub challenge: String,
    /// `origin`, such as `https://login.example.com`.
    pub origin: String,
    /// `crossOrigin`: whether an embedded page asked.
    pub cross_origin: Option<bool>,
}

/// Why client data cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientDataError {
    /// Not JSON, or a member is repeated or of another type.
    #[error("clientDataJSON: {0}")]
    Json(#[from] EvidenceError),
    /// JSON, but not an object.
    #[error("clientDataJSON is not an object")]
    NotAnObject,
    /// A required member is absent.
    #[error("clientDataJSON has no {member}")]
    Missing {
        /// The member.
        member: &'static str,
    },
}

/// The client data cannot be read.
pub static CLIENT_DATA_MALFORMED: Kind = Kind {
    id: "evidence.client-data-malformed",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "The client data is not a JSON object with type, challenge and origin.",
    next_step: "Check that clientDataJSON was kept as the browser gave it; register again if it was.",
    source: "WebAuthn L3 §5.8.1",
};

impl Coded for ClientDataError {
    fn kind(&self) -> &'static Kind {
        &CLIENT_DATA_MALFORMED
    }
}

impl ClientData {
    /// Reads client data; members besides the four are ignored, a byte order mark is skipped as
    /// WebAuthn L3 §7.1 says.
    ///
    /// # Errors
    /// [`ClientDataError`] when it is not such an object.
    pub fn parse(bytes: &[u8]) -> Result<Self, ClientDataError> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Json::Object(object) = Json::parse(text)? else {
            return Err(ClientDataError::NotAnObject);
        };
        let required = |member| {
            let text = object.text(member)?.map(String::from);
            text.ok_or(ClientDataError::Missing { member })
        };
        Ok(Self {
            ceremony: required("type")?,
            challenge: required("challenge")?,
            origin: required("origin")?,
            cross_origin: object.bool("crossOrigin")?,
        })
    }

    /// Host of an `http` or `https` origin, without port; `None` for any other origin, such as
    /// that of an app.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let (scheme, rest) = self.origin.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = match authority.strip_prefix('[') {
            Some(_) => authority.split_inclusive(']').next()?,
            None => authority.split(':').next()?,
        };
        (matches!(scheme, "http" | "https") && !host.is_empty()).then_some(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_origin(origin: &str) -> ClientData {
        ClientData { origin: origin.into(), ..ClientData::default() }
    }

    #[test]
    fn the_four_members_are_read_and_others_ignored() {
        let text = br#"{"type":"webauthn.create","challenge":"AA","origin":"https://a.example","crossOrigin":true,"x":[1]}"#;
        let data = ClientData::parse(text).unwrap();
        assert_eq!((data.ceremony.as_str(), data.cross_origin), ("webauthn.create", Some(true)));
        let marked = [b"\xef\xbb\xbf".as_slice(), text].concat();
        assert_eq!(ClientData::parse(&marked).unwrap(), data);
    }

    #[test]
    fn other_things_are_refused() {
        let missing = ClientData::parse(br#"{"type":"webauthn.create","challenge":""}"#);
        assert_eq!(missing, Err(ClientDataError::Missing { member: "origin" }));
        assert_eq!(ClientData::parse(b"[]"), Err(ClientDataError::NotAnObject));
        let twice = ClientData::parse(br#"{"type":"a","type":"b","challenge":"","origin":""}"#);
        let duplicate = EvidenceError::Duplicate { member: "type" };
        assert_eq!(twice, Err(ClientDataError::Json(duplicate)));
        assert!(ClientData::parse(b"\xff{}").is_err());
    }

    #[test]
    fn the_host_of_a_web_origin_has_no_port() {
        let host = |origin| with_origin(origin).host().map(String::from);
        assert_eq!(host("https://a.example:8443").as_deref(), Some("a.example"));
        assert_eq!(host("http://[::1]:5000").as_deref(), Some("[::1]"));
        assert_eq!(host("android:apk-key-hash:abc"), None);
        assert_eq!(host("https://"), None);
    }
}
