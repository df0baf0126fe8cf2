//! Relying party, user and credential descriptor, as requests and responses write them (WebAuthn L3 §5.4, §5.8.3).

use keyvet_cbor::{Item, Out};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::{
    answer::{Response, ResponseError},
    command::named,
};

/// `PublicKeyCredentialRpEntity` (WebAuthn L3 §5.4.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RelyingParty {
    /// `id`: the relying party identifier. An authenticator may cut it after 32 bytes.
    pub id: String,
    /// `name`.
    pub name: Option<String>,
}

/// `PublicKeyCredentialUserEntity` (WebAuthn L3 §5.4.3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    /// `id`: the user handle, 1 to 64 bytes.
    pub id: Vec<u8>,
    /// `name`.
    pub name: Option<String>,
    /// `displayName`.
    pub display_name: Option<String>,
}

/// `PublicKeyCredentialDescriptor` of type `public-key` (WebAuthn L3 §5.8.3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CredentialDescriptor {
    /// `id`: the credential identifier.
    pub id: Vec<u8>,
    /// `transports`; left out when empty, as CTAP 2.3 §6.1 advises.
    pub transports: Vec<String>,
}

/// `pinUvAuthParam` and the protocol it was made with: proof that the user was verified (CTAP 2.3 §6.5).
#[derive(Clone, Eq, PartialEq)]
pub struct PinUvAuth {
    /// `pinUvAuthParam`.
    pub param: Vec<u8>,
    /// `pinUvAuthProtocol`.
    pub protocol: u64,
}

impl std::fmt::Debug for PinUvAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PinUvAuth {{ protocol: {}, .. }}", self.protocol)
    }
}

/// A credential of another type than `public-key`.
pub static CREDENTIAL_TYPE: Kind = Kind {
    id: "ctap.response-credential-type",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The authenticator names a credential of another type than public-key, or of none.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §5.8.2",
};

impl RelyingParty {
    /// The relying party `id`, without a name.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }

    pub(crate) fn out(&self) -> Out {
        named([
            ("id", Some(self.id.as_str().into())),
            ("name", self.name.as_deref().map(Out::from)),
        ])
    }

    pub(crate) fn read(map: &Response<'_, '_>) -> Result<Self, ResponseError> {
        Ok(Self {
            id: map.required_text_key("id", Item::as_text)?.into(),
            name: map.optional_text_key("name", Item::as_text)?.map(Into::into),
        })
    }
}

impl User {
    /// The user with handle `id`, without names.
    #[must_use]
    pub fn new(id: impl Into<Vec<u8>>) -> Self {
        Self { id: id.into(), name: None, display_name: None }
    }

    pub(crate) fn out(&self) -> Out {
        named([
            ("id", Some(self.id.as_slice().into())),
            ("name", self.name.as_deref().map(Out::from)),
            ("displayName", self.display_name.as_deref().map(Out::from)),
        ])
    }

    pub(crate) fn read(map: &Response<'_, '_>) -> Result<Self, ResponseError> {
        Ok(Self {
            id: map.required_text_key("id", Item::as_bytes)?.into(),
            name: map.optional_text_key("name", Item::as_text)?.map(Into::into),
            display_name: map.optional_text_key("displayName", Item::as_text)?.map(Into::into),
        })
    }
}

impl CredentialDescriptor {
    /// The credential `id`, without transports.
    #[must_use]
    pub fn new(id: impl Into<Vec<u8>>) -> Self {
        Self { id: id.into(), transports: Vec::new() }
    }

    pub(crate) fn out(&self) -> Out {
        let transports =
            || Out::Array(self.transports.iter().map(|text| text.as_str().into()).collect());
        named([
            ("id", Some(self.id.as_slice().into())),
            ("type", Some(PUBLIC_KEY.into())),
            ("transports", (!self.transports.is_empty()).then(transports)),
        ])
    }

    /// An array of descriptors; nothing when there are none, because an empty list is not allowed.
    pub(crate) fn list(descriptors: &[Self]) -> Option<Out> {
        let list = || Out::Array(descriptors.iter().map(Self::out).collect());
        (!descriptors.is_empty()).then(list)
    }

    pub(crate) fn read(
        map: &Response<'_, '_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, ResponseError> {
        let credential_type = map.optional_text_key("type", Item::as_text)?;
        if credential_type != Some(PUBLIC_KEY) {
            let shown: String = credential_type.unwrap_or("no type").chars().take(64).collect();
            findings.push(Finding::new(&CREDENTIAL_TYPE, shown));
        }
        Ok(Self {
            id: map.required_text_key("id", Item::as_bytes)?.into(),
            transports: map.optional_text_key("transports", texts)?.unwrap_or_default(),
        })
    }
}

impl PinUvAuth {
    /// The two members a request has for it, under the keys that its command uses.
    pub(crate) fn members(
        auth: Option<&Self>,
        param: i64,
        protocol: i64,
    ) -> [(i64, Option<Out>); 2] {
        [
            (param, auth.map(|auth| auth.param.as_slice().into())),
            (protocol, auth.map(|auth| Out::Unsigned(auth.protocol))),
        ]
    }
}

fn texts(item: &Item<'_>) -> Option<Vec<String>> {
    item.as_array()?.iter().map(|text| Some(text.as_text()?.to_owned())).collect()
}

pub(crate) const PUBLIC_KEY: &str = "public-key";
