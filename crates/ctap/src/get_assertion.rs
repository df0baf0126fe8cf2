//! `authenticatorGetAssertion`, command 0x02 (CTAP 2.3 §6.2), and `authenticatorGetNextAssertion`, 0x08 (§6.3).

use keyvet_cbor::Item;
use keyvet_finding::Finding;

use crate::{
    Command, CredentialDescriptor, GetAssertionExtensions, LargeBlobKey, MemberKey, PinUvAuth,
    User,
    answer::{Response, ResponseError},
    make_credential::options,
};

/// `authenticatorGetAssertion` request; members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetAssertion {
    /// 1 `rpId`.
    pub rp_id: String,
    /// 2 `clientDataHash`: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 3 `allowList`; left out when empty, which asks for discoverable credentials.
    pub allow_list: Vec<CredentialDescriptor>,
    /// 4 `extensions`; left out when none is asked for.
    pub extensions: GetAssertionExtensions,
    /// 5 `options`, `up`: `Some(false)` asks silently whether the key knows a credential.
    pub up: Option<bool>,
    /// 5 `options`, `uv`: built-in user verification; not beside [`pin_uv_auth`](Self::pin_uv_auth).
    pub uv: Option<bool>,
    /// 6 `pinUvAuthParam` and 7 `pinUvAuthProtocol`; made over the client data hash.
    pub pin_uv_auth: Option<PinUvAuth>,
}

/// `authenticatorGetNextAssertion` request: within 30 s, on the same channel, nothing in between.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GetNextAssertion;

/// Response to both commands (CTAP 2.3 §6.2.2, §6.3.1); members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetAssertionResponse {
    /// 1 `credential`; CTAP 2.0 keys leave it out when the allow list had one entry.
    pub credential: Option<CredentialDescriptor>,
    /// 2 `authData`, exactly as signed; parse with [`crate::AuthenticatorData::parse`].
    pub auth_data: Vec<u8>,
    /// 3 `signature` over `authData ‖ clientDataHash`.
    pub signature: Vec<u8>,
    /// 4 `user`.
    pub user: Option<User>,
    /// 5 `numberOfCredentials`, in the first answer, when more than one fits.
    pub number_of_credentials: Option<u64>,
    /// 6 `userSelected` (CTAP 2.1).
    pub user_selected: Option<bool>,
    /// 7 `largeBlobKey`, a secret (CTAP 2.1).
    pub large_blob_key: Option<LargeBlobKey>,
    /// 8 `unsignedExtensionOutputs`, undecoded CBOR bytes (CTAP 2.2).
    pub unsigned_extension_outputs: Option<Vec<u8>>,
    /// Members without a name here: key and CBOR as received.
    pub unknown_members: Vec<(MemberKey, Vec<u8>)>,
    /// What is odd about the response.
    pub findings: Vec<Finding>,
}

impl GetAssertion {
    /// The command.
    pub const COMMAND: Command = Command::GET_ASSERTION;

    /// A request for any discoverable credential of `rp_id`.
    #[must_use]
    pub fn new(rp_id: impl Into<String>, client_data_hash: [u8; 32]) -> Self {
        Self {
            rp_id: rp_id.into(),
            client_data_hash,
            allow_list: Vec::new(),
            extensions: GetAssertionExtensions::default(),
            up: None,
            uv: None,
            pin_uv_auth: None,
        }
    }

    /// Command byte and canonical CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut parameters = vec![
            (0x01, Some(self.rp_id.as_str().into())),
            (0x02, Some(self.client_data_hash.as_slice().into())),
            (0x03, CredentialDescriptor::list(&self.allow_list)),
            (0x04, self.extensions.out()),
            (0x05, options([("up", self.up), ("uv", self.uv)])),
        ];
        parameters.extend(PinUvAuth::members(self.pin_uv_auth.as_ref(), 0x06, 0x07));
        Self::COMMAND.with(parameters)
    }
}

impl GetNextAssertion {
    /// The command.
    pub const COMMAND: Command = Command::GET_NEXT_ASSERTION;

    /// The command byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Self::COMMAND.bare()
    }
}

impl GetAssertionResponse {
    /// Reads the response's map, which takes all of `bytes`; the status byte is not part of it.
    ///
    /// # Errors
    /// [`ResponseError`] when the bytes are not one map, `authData` or `signature` is missing, or a
    /// member has the wrong type.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let decoded = Response::decode(Command::GET_ASSERTION, bytes)?;
        let map = Response::of(Command::GET_ASSERTION, &decoded)?;
        let unknown_members = map.unknown(0x08);
        let mut findings = map.findings(&decoded, &unknown_members);
        Ok(Self {
            credential: credential(&map, &mut findings)?,
            auth_data: map.required(0x02, "authData", Item::as_bytes)?.into(),
            signature: map.required(0x03, "signature", Item::as_bytes)?.into(),
            user: user(&map)?,
            number_of_credentials: map.optional(0x05, "numberOfCredentials", Item::as_u64)?,
            user_selected: map.optional(0x06, "userSelected", Item::as_bool)?,
            large_blob_key: map.exactly(0x07, "largeBlobKey")?.map(LargeBlobKey),
            unsigned_extension_outputs: map.optional(0x08, "unsignedExtensionOutputs", raw_map)?,
            unknown_members,
            findings,
        })
    }
}

fn credential(
    map: &Response<'_, '_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<CredentialDescriptor>, ResponseError> {
    let Some(item) = map.item(0x01) else { return Ok(None) };
    CredentialDescriptor::read(&map.inside("credential", item)?, findings).map(Some)
}

fn user(map: &Response<'_, '_>) -> Result<Option<User>, ResponseError> {
    let Some(item) = map.item(0x04) else { return Ok(None) };
    User::read(&map.inside("user", item)?).map(Some)
}

fn raw_map(item: &Item<'_>) -> Option<Vec<u8>> {
    item.as_map().map(|_| item.raw().to_vec())
}
