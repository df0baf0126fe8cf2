//! `authenticatorMakeCredential`, command 0x01 (CTAP 2.3 §6.1).

use keyvet_cbor::{Decoded, Item, Out};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::{
    AttestationFormat, Command, CoseAlgorithm, CredentialDescriptor, MakeCredentialExtensions,
    MemberKey, PinUvAuth, RelyingParty, User,
    answer::{Response, ResponseError},
    command::named,
    entities::PUBLIC_KEY,
};

/// `authenticatorMakeCredential` request; members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MakeCredential {
    /// 0x01 `clientDataHash`: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x02 `rp`.
    pub rp: RelyingParty,
    /// 0x03 `user`.
    pub user: User,
    /// 0x04 `pubKeyCredParams`, in order of preference; never empty.
    pub pub_key_cred_params: Vec<CoseAlgorithm>,
    /// 0x05 `excludeList`; left out when empty.
    pub exclude_list: Vec<CredentialDescriptor>,
    /// 0x06 `extensions`; left out when none is asked for.
    pub extensions: MakeCredentialExtensions,
    /// 0x07 `options`, `rk`: a discoverable credential.
    pub rk: Option<bool>,
    /// 0x07 `options`, `uv`: built-in user verification; not beside [`pin_uv_auth`](Self::pin_uv_auth).
    pub uv: Option<bool>,
    /// 0x08 `pinUvAuthParam` and 0x09 `pinUvAuthProtocol`; made over the client data hash.
    pub pin_uv_auth: Option<PinUvAuth>,
    /// 0x0A `enterpriseAttestation` (CTAP 2.1).
    pub enterprise_attestation: Option<EnterpriseAttestation>,
    /// 0x0B `attestationFormatsPreference`; left out when empty (CTAP 2.2).
    pub attestation_formats_preference: Vec<AttestationFormat>,
}

/// Which enterprise attestation is asked for (CTAP 2.3 §7.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EnterpriseAttestation {
    /// 1: given when the relying party is on the list that the vendor burnt in.
    VendorFacilitated,
    /// 2: given because the platform asks; the platform has checked that its owner wants it.
    PlatformManaged,
}

/// `authenticatorMakeCredential` response (CTAP 2.3 §6.1.2); members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MakeCredentialResponse {
    /// 0x01 `fmt`.
    pub fmt: AttestationFormat,
    /// 0x02 `authData`, exactly as signed; parse with [`crate::AuthenticatorData::parse`].
    pub auth_data: Vec<u8>,
    /// 0x03 `attStmt`, undecoded CBOR bytes; an empty map where a key left it out with format `none`.
    pub att_stmt: Vec<u8>,
    /// 0x04 `epAtt`: `Some(true)` when enterprise attestation was returned (CTAP 2.1).
    pub ep_att: Option<bool>,
    /// 0x05 `largeBlobKey`, a secret; left out unless it has 32 bytes.
    pub large_blob_key: Option<LargeBlobKey>,
    /// 0x06 `unsignedExtensionOutputs`, undecoded CBOR bytes (CTAP 2.2).
    pub unsigned_extension_outputs: Option<Vec<u8>>,
    /// Members without a name here, and optional ones of the wrong type: key and CBOR as received.
    pub unknown_members: Vec<(MemberKey, Vec<u8>)>,
    /// What is odd about the response.
    pub findings: Vec<Finding>,
}

/// The key that decrypts a credential's large blob; not shown by `Debug`.
#[derive(Clone, Eq, PartialEq)]
pub struct LargeBlobKey(pub [u8; 32]);

/// An optional member of a registration has the wrong type.
pub static MAKE_CREDENTIAL_OPTIONAL_MEMBER: Kind = Kind {
    id: "ctap.make-credential-optional-member",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "epAtt, largeBlobKey or unsignedExtensionOutputs has another type or length than the specification gives it. It was kept undecoded and not used; the registration can be judged without it.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.3 §6.1.2",
};

impl MakeCredential {
    /// The command.
    pub const COMMAND: Command = Command::MAKE_CREDENTIAL;

    /// A request for an ES256 credential and nothing beyond what must be there.
    #[must_use]
    pub fn new(client_data_hash: [u8; 32], rp: RelyingParty, user: User) -> Self {
        Self {
            client_data_hash,
            rp,
            user,
            pub_key_cred_params: vec![CoseAlgorithm::ES256],
            exclude_list: Vec::new(),
            extensions: MakeCredentialExtensions::default(),
            rk: None,
            uv: None,
            pin_uv_auth: None,
            enterprise_attestation: None,
            attestation_formats_preference: Vec::new(),
        }
    }

    /// Command byte and canonical CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut parameters = vec![
            (0x01, Some(self.client_data_hash.as_slice().into())),
            (0x02, Some(self.rp.out())),
            (0x03, Some(self.user.out())),
            (0x04, Some(cred_params(&self.pub_key_cred_params))),
            (0x05, CredentialDescriptor::list(&self.exclude_list)),
            (0x06, self.extensions.out()),
            (0x07, options([("rk", self.rk), ("uv", self.uv)])),
            (0x0a, self.enterprise_attestation.map(|kind| Out::Unsigned(kind.number()))),
            (0x0b, formats(&self.attestation_formats_preference)),
        ];
        parameters.extend(PinUvAuth::members(self.pin_uv_auth.as_ref(), 0x08, 0x09));
        Self::COMMAND.with(parameters)
    }
}

impl EnterpriseAttestation {
    /// The number in the request.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::VendorFacilitated => 1,
            Self::PlatformManaged => 2,
        }
    }
}

impl MakeCredentialResponse {
    /// Reads the response's map, which takes all of `bytes`; the status byte is not part of it.
    ///
    /// # Errors
    /// [`ResponseError`] when one of the three parts of the attestation object cannot be had.
    /// Optional members of the wrong type are findings.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let decoded = Response::decode(Command::MAKE_CREDENTIAL, bytes)?;
        let map = Response::of(Command::MAKE_CREDENTIAL, &decoded)?;
        let fmt: AttestationFormat = map.required(0x01, "fmt", Item::as_text)?.into();
        let omitted = fmt == AttestationFormat::NONE && map.item(0x03).is_none();
        let mut response = Self {
            fmt,
            auth_data: map.required(0x02, "authData", Item::as_bytes)?.into(),
            att_stmt: match omitted {
                // who prefers `none` and nothing else is spared the statement (CTAP 2.2 §6.1.2)
                true => vec![EMPTY_MAP],
                false => map.required(0x03, "attStmt", |item| Some(item.raw()))?.into(),
            },
            ep_att: None,
            large_blob_key: None,
            unsigned_extension_outputs: None,
            unknown_members: map.unknown(0x06),
            findings: Vec::new(),
        };
        response.findings = map.findings(&decoded, &response.unknown_members);
        response.read_optional(&decoded);
        Ok(response)
    }

    fn read_optional(&mut self, decoded: &Decoded<'_>) {
        let member = |key| decoded.item.get_int(key);
        self.ep_att = self.take("epAtt", 0x04, member(0x04), Item::as_bool);
        self.large_blob_key = self.take("largeBlobKey", 0x05, member(0x05), large_blob_key);
        let map = |item: &Item<'_>| item.as_map().map(|_| item.raw().to_vec());
        self.unsigned_extension_outputs =
            self.take("unsignedExtensionOutputs", 0x06, member(0x06), map);
    }

    fn take<'i, 'a, T>(
        &mut self,
        name: &str,
        key: i64,
        item: Option<&'i Item<'a>>,
        read: impl Fn(&'i Item<'a>) -> Option<T>,
    ) -> Option<T> {
        let item = item?;
        let value = read(item);
        if value.is_none() {
            let detail = format!("{name}: {}", item.type_name());
            self.findings.push(Finding::new(&MAKE_CREDENTIAL_OPTIONAL_MEMBER, detail));
            self.unknown_members.push((MemberKey::Int(key), item.raw().into()));
        }
        value
    }
}

impl std::fmt::Debug for LargeBlobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LargeBlobKey(..)")
    }
}

/// The statement of format `none` (WebAuthn L3 §8.7).
const EMPTY_MAP: u8 = 0xa0;

fn large_blob_key(item: &Item<'_>) -> Option<LargeBlobKey> {
    item.as_bytes()?.try_into().ok().map(LargeBlobKey)
}

/// The options that have a value; nothing when none has.
pub(crate) fn options<const N: usize>(options: [(&str, Option<bool>); N]) -> Option<Out> {
    let map = named(options.map(|(name, value)| (name, value.map(Out::Bool))));
    (map != Out::Map(Vec::new())).then_some(map)
}

fn cred_params(algorithms: &[CoseAlgorithm]) -> Out {
    let entry = |algorithm: &CoseAlgorithm| {
        named([("alg", Some(algorithm.0.into())), ("type", Some(PUBLIC_KEY.into()))])
    };
    Out::Array(algorithms.iter().map(entry).collect())
}

fn formats(formats: &[AttestationFormat]) -> Option<Out> {
    let list = || Out::Array(formats.iter().map(|format| format.as_str().into()).collect());
    (!formats.is_empty()).then(list)
}
