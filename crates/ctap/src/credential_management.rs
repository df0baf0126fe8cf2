//! `authenticatorCredentialManagement`, command 0x0A (CTAP 2.3 §6.8): what finding and removing credentials takes.
//!
//! `updateUserInformation` is not here yet.

use keyvet_cbor::{Item, Out};
use keyvet_finding::Finding;

use crate::{
    Command, CredProtect, CredentialDescriptor, LargeBlobKey, MemberKey, PinUvAuth, RelyingParty,
    User,
    answer::{Response, ResponseError},
    command::{canonical, numbered},
};

/// `authenticatorCredentialManagement` request, one variant per subcommand.
///
/// Make `pinUvAuthParam` over [`CredentialManagement::auth_message`], then [`encode`](Self::encode) with it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CredentialManagement {
    /// 0x01 `getCredsMetadata`.
    GetCredsMetadata,
    /// 0x02 `enumerateRPsBegin`.
    EnumerateRpsBegin,
    /// 0x03 `enumerateRPsGetNextRP`; takes no `pinUvAuthParam`.
    EnumerateRpsGetNextRp,
    /// 0x04 `enumerateCredentialsBegin`.
    EnumerateCredentialsBegin {
        /// 1 `rpIDHash`: SHA-256 of the RP ID.
        rp_id_hash: [u8; 32],
    },
    /// 0x05 `enumerateCredentialsGetNextCredential`; takes no `pinUvAuthParam`.
    EnumerateCredentialsGetNextCredential,
    /// 0x06 `deleteCredential`.
    DeleteCredential {
        /// 2 `credentialId`.
        credential: CredentialDescriptor,
    },
}

/// `authenticatorCredentialManagement` response; members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CredentialManagementResponse {
    /// 1 `existingResidentCredentialsCount`.
    pub existing_resident_credentials_count: Option<u64>,
    /// 2 `maxPossibleRemainingResidentCredentialsCount`.
    pub max_possible_remaining_resident_credentials_count: Option<u64>,
    /// 3 `rp`; the identifier may be cut, so compare by [`rp_id_hash`](Self::rp_id_hash).
    pub rp: Option<RelyingParty>,
    /// 4 `rpIDHash`.
    pub rp_id_hash: Option<[u8; 32]>,
    /// 5 `totalRPs`, as announced.
    pub total_rps: Option<u64>,
    /// 6 `user`.
    pub user: Option<User>,
    /// 7 `credentialID`.
    pub credential_id: Option<CredentialDescriptor>,
    /// 8 `publicKey`, CBOR bytes; parse with [`crate::CosePublicKey::parse`].
    pub public_key: Option<Vec<u8>>,
    /// 9 `totalCredentials`, as announced.
    pub total_credentials: Option<u64>,
    /// 0x0A `credProtect`.
    pub cred_protect: Option<CredProtect>,
    /// 0x0B `largeBlobKey`, a secret.
    pub large_blob_key: Option<LargeBlobKey>,
    /// 0x0C `thirdPartyPayment` (CTAP 2.2).
    pub third_party_payment: Option<bool>,
    /// Members without a name here: key and CBOR as received.
    pub unknown_members: Vec<(MemberKey, Vec<u8>)>,
    /// What is odd about the response.
    pub findings: Vec<Finding>,
}

impl CredentialManagement {
    /// The command.
    pub const COMMAND: Command = Command::CREDENTIAL_MANAGEMENT;

    /// What `pinUvAuthParam` is made over: `subCommand ‖ CBOR(subCommandParams)`.
    #[must_use]
    pub fn auth_message(&self) -> Vec<u8> {
        let mut message = vec![self.sub_command()];
        message.extend(self.params().as_ref().map(canonical).unwrap_or_default());
        message
    }

    /// Command byte and canonical CBOR.
    #[must_use]
    pub fn encode(&self, auth: Option<&PinUvAuth>) -> Vec<u8> {
        self.encode_as(Self::COMMAND, auth)
    }

    /// As [`encode`](Self::encode), for keys that have only the preview of the command, 0x41 (§6.13).
    #[must_use]
    pub fn encode_preview(&self, auth: Option<&PinUvAuth>) -> Vec<u8> {
        self.encode_as(Command::CREDENTIAL_MANAGEMENT_PREVIEW, auth)
    }

    /// 1 `subCommand`.
    #[must_use]
    pub fn sub_command(&self) -> u8 {
        match self {
            Self::GetCredsMetadata => 0x01,
            Self::EnumerateRpsBegin => 0x02,
            Self::EnumerateRpsGetNextRp => 0x03,
            Self::EnumerateCredentialsBegin { .. } => 0x04,
            Self::EnumerateCredentialsGetNextCredential => 0x05,
            Self::DeleteCredential { .. } => 0x06,
        }
    }

    fn encode_as(&self, command: Command, auth: Option<&PinUvAuth>) -> Vec<u8> {
        let mut parameters =
            vec![(0x01, Some(Out::Unsigned(self.sub_command().into()))), (0x02, self.params())];
        parameters.extend(PinUvAuth::members(auth, 0x04, 0x03));
        command.with(parameters)
    }

    fn params(&self) -> Option<Out> {
        match self {
            Self::EnumerateCredentialsBegin { rp_id_hash } => {
                Some(numbered(vec![(0x01, Some(rp_id_hash.as_slice().into()))]))
            }
            Self::DeleteCredential { credential } => {
                Some(numbered(vec![(0x02, Some(credential.out()))]))
            }
            _ => None,
        }
    }
}

impl CredentialManagementResponse {
    /// Reads the response's map, which takes all of `bytes`; the status byte is not part of it.
    ///
    /// The answer to deleteCredential has no map and is not read with this.
    ///
    /// # Errors
    /// [`ResponseError`] when the bytes are not one map or a member has the wrong type.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let decoded = Response::decode(Command::CREDENTIAL_MANAGEMENT, bytes)?;
        let map = Response::of(Command::CREDENTIAL_MANAGEMENT, &decoded)?;
        let unknown_members = map.unknown(0x0c);
        let mut findings = map.findings(&decoded, &unknown_members);
        let number = |key, member| map.optional(key, member, Item::as_u64);
        Ok(Self {
            existing_resident_credentials_count: number(0x01, "existingResidentCredentialsCount")?,
            max_possible_remaining_resident_credentials_count: number(
                0x02,
                "maxPossibleRemainingResidentCredentialsCount",
            )?,
            rp: rp(&map)?,
            rp_id_hash: map.exactly(0x04, "rpIDHash")?,
            total_rps: number(0x05, "totalRPs")?,
            user: user(&map)?,
            credential_id: credential_id(&map, &mut findings)?,
            public_key: map.optional(0x08, "publicKey", raw_map)?,
            total_credentials: number(0x09, "totalCredentials")?,
            cred_protect: number(0x0a, "credProtect")?.map(CredProtect),
            large_blob_key: map.exactly(0x0b, "largeBlobKey")?.map(LargeBlobKey),
            third_party_payment: map.optional(0x0c, "thirdPartyPayment", Item::as_bool)?,
            unknown_members,
            findings,
        })
    }
}

fn rp(map: &Response<'_, '_>) -> Result<Option<RelyingParty>, ResponseError> {
    let Some(item) = map.item(0x03) else { return Ok(None) };
    RelyingParty::read(&map.inside("rp", item)?).map(Some)
}

fn user(map: &Response<'_, '_>) -> Result<Option<User>, ResponseError> {
    let Some(item) = map.item(0x06) else { return Ok(None) };
    User::read(&map.inside("user", item)?).map(Some)
}

fn credential_id(
    map: &Response<'_, '_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<CredentialDescriptor>, ResponseError> {
    let Some(item) = map.item(0x07) else { return Ok(None) };
    CredentialDescriptor::read(&map.inside("credentialID", item)?, findings).map(Some)
}

fn raw_map(item: &Item<'_>) -> Option<Vec<u8>> {
    item.as_map().map(|_| item.raw().to_vec())
}
