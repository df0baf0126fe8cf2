//! `authenticatorClientPIN`, command 0x06 (CTAP 2.3 §6.5).

use std::ops::BitOr;

use keyvet_cbor::{Item, Out};
use keyvet_finding::Finding;

use crate::{
    Command, CoseKeyAgreement, MemberKey,
    answer::{Response, ResponseError},
};

/// `authenticatorClientPIN` request, one variant per subcommand. What is encrypted comes from `keyvet-pin-uv`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientPin {
    /// 0x01 `getPINRetries` (§6.5.5.2).
    GetPinRetries,
    /// 0x02 `getKeyAgreement` (§6.5.5.4).
    GetKeyAgreement {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
    },
    /// 0x03 `setPIN` (§6.5.5.5).
    SetPin {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
        /// 3 `keyAgreement`: the client's public key.
        key_agreement: CoseKeyAgreement,
        /// 5 `newPinEnc`.
        new_pin_enc: Vec<u8>,
        /// 4 `pinUvAuthParam`: the shared secret's MAC over `new_pin_enc`.
        pin_uv_auth_param: Vec<u8>,
    },
    /// 0x04 `changePIN` (§6.5.5.6).
    ChangePin {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
        /// 3 `keyAgreement`: the client's public key.
        key_agreement: CoseKeyAgreement,
        /// 6 `pinHashEnc`, of the PIN in force.
        pin_hash_enc: Vec<u8>,
        /// 5 `newPinEnc`.
        new_pin_enc: Vec<u8>,
        /// 4 `pinUvAuthParam`: the shared secret's MAC over `new_pin_enc ‖ pin_hash_enc`.
        pin_uv_auth_param: Vec<u8>,
    },
    /// 0x05 `getPinToken` (§6.5.5.7.1): for keys without the option `pinUvAuthToken`.
    GetPinToken {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
        /// 3 `keyAgreement`: the client's public key.
        key_agreement: CoseKeyAgreement,
        /// 6 `pinHashEnc`.
        pin_hash_enc: Vec<u8>,
    },
    /// 0x06 `getPinUvAuthTokenUsingUvWithPermissions` (§6.5.5.7.3).
    GetTokenUsingUv {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
        /// 3 `keyAgreement`: the client's public key.
        key_agreement: CoseKeyAgreement,
        /// 9 `permissions`.
        permissions: Permissions,
        /// 0x0A `rpId`; required with `mc` and `ga`.
        rp_id: Option<String>,
    },
    /// 0x07 `getUVRetries` (§6.5.5.3).
    GetUvRetries,
    /// 0x09 `getPinUvAuthTokenUsingPinWithPermissions` (§6.5.5.7.2).
    GetTokenUsingPin {
        /// 1 `pinUvAuthProtocol`.
        protocol: u64,
        /// 3 `keyAgreement`: the client's public key.
        key_agreement: CoseKeyAgreement,
        /// 6 `pinHashEnc`.
        pin_hash_enc: Vec<u8>,
        /// 9 `permissions`.
        permissions: Permissions,
        /// 0x0A `rpId`; required with `mc` and `ga`.
        rp_id: Option<String>,
    },
}

/// What a token may be used for (CTAP 2.3 §6.5.5.7); unknown bits survive.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Permissions(pub u8);

impl Permissions {
    /// `mc`: makeCredential; needs an RP ID.
    pub const MC: Self = Self(0x01);
    /// `ga`: getAssertion; needs an RP ID.
    pub const GA: Self = Self(0x02);
    /// `cm`: credentialManagement.
    pub const CM: Self = Self(0x04);
    /// `be`: bioEnrollment.
    pub const BE: Self = Self(0x08);
    /// `lbw`: writing large blobs.
    pub const LBW: Self = Self(0x10);
    /// `acfg`: authenticatorConfig.
    pub const ACFG: Self = Self(0x20);
    /// `pcmr`: persistent read-only credentialManagement; alone and without an RP ID (CTAP 2.2).
    pub const PCMR: Self = Self(0x40);

    /// Whether every bit of `other` is set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// `authenticatorClientPIN` response; members in key order. Which of them a subcommand answers with stands in §6.5.5.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientPinResponse {
    /// 1 `keyAgreement`; not yet checked to be on the curve.
    pub key_agreement: Option<CoseKeyAgreement>,
    /// 2 `pinUvAuthToken`, encrypted under the shared secret.
    pub pin_uv_auth_token: Option<Vec<u8>>,
    /// 3 `pinRetries`.
    pub pin_retries: Option<u64>,
    /// 4 `powerCycleState`: `Some(true)` when the key wants to be unplugged before the next try.
    pub power_cycle_state: Option<bool>,
    /// 5 `uvRetries` (CTAP 2.1).
    pub uv_retries: Option<u64>,
    /// Members without a name here: key and CBOR as received.
    pub unknown_members: Vec<(MemberKey, Vec<u8>)>,
    /// What is odd about the response.
    pub findings: Vec<Finding>,
}

impl ClientPin {
    /// The command.
    pub const COMMAND: Command = Command::CLIENT_PIN;

    /// Command byte and canonical CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut parameters = vec![(SUB_COMMAND, Some(Out::Unsigned(self.sub_command().into())))];
        let common = [
            (PROTOCOL, self.protocol().map(Out::Unsigned)),
            (KEY_AGREEMENT, self.key_agreement().map(|key| key.out())),
        ];
        parameters.extend(common);
        parameters.extend(self.encrypted());
        parameters.extend(self.scope());
        Self::COMMAND.with(parameters)
    }

    /// 2 `subCommand`.
    #[must_use]
    pub fn sub_command(&self) -> u8 {
        match self {
            Self::GetPinRetries => 0x01,
            Self::GetKeyAgreement { .. } => 0x02,
            Self::SetPin { .. } => 0x03,
            Self::ChangePin { .. } => 0x04,
            Self::GetPinToken { .. } => 0x05,
            Self::GetTokenUsingUv { .. } => 0x06,
            Self::GetUvRetries => 0x07,
            Self::GetTokenUsingPin { .. } => 0x09,
        }
    }

    fn protocol(&self) -> Option<u64> {
        match self {
            // CTAP 2.0 demands a protocol here and later editions do not forbid it; OpenSK insists on it
            Self::GetPinRetries | Self::GetUvRetries => Some(1),
            Self::GetKeyAgreement { protocol }
            | Self::SetPin { protocol, .. }
            | Self::ChangePin { protocol, .. }
            | Self::GetPinToken { protocol, .. }
            | Self::GetTokenUsingUv { protocol, .. }
            | Self::GetTokenUsingPin { protocol, .. } => Some(*protocol),
        }
    }

    fn key_agreement(&self) -> Option<&CoseKeyAgreement> {
        match self {
            Self::GetPinRetries | Self::GetUvRetries | Self::GetKeyAgreement { .. } => None,
            Self::SetPin { key_agreement, .. }
            | Self::ChangePin { key_agreement, .. }
            | Self::GetPinToken { key_agreement, .. }
            | Self::GetTokenUsingUv { key_agreement, .. }
            | Self::GetTokenUsingPin { key_agreement, .. } => Some(key_agreement),
        }
    }

    /// What is encrypted or authenticated under the shared secret.
    fn encrypted(&self) -> Vec<(i64, Option<Out>)> {
        let bytes = |bytes: &Vec<u8>| Some(bytes.as_slice().into());
        match self {
            Self::SetPin { new_pin_enc, pin_uv_auth_param, .. } => {
                vec![(PARAM, bytes(pin_uv_auth_param)), (NEW_PIN_ENC, bytes(new_pin_enc))]
            }
            Self::ChangePin { pin_hash_enc, new_pin_enc, pin_uv_auth_param, .. } => vec![
                (PARAM, bytes(pin_uv_auth_param)),
                (NEW_PIN_ENC, bytes(new_pin_enc)),
                (PIN_HASH_ENC, bytes(pin_hash_enc)),
            ],
            Self::GetPinToken { pin_hash_enc, .. }
            | Self::GetTokenUsingPin { pin_hash_enc, .. } => {
                vec![(PIN_HASH_ENC, bytes(pin_hash_enc))]
            }
            _ => Vec::new(),
        }
    }

    /// What the token is asked for.
    fn scope(&self) -> Vec<(i64, Option<Out>)> {
        match self {
            Self::GetTokenUsingUv { permissions, rp_id, .. }
            | Self::GetTokenUsingPin { permissions, rp_id, .. } => vec![
                (PERMISSIONS, Some(Out::Unsigned(permissions.0.into()))),
                (RP_ID, rp_id.as_deref().map(Out::from)),
            ],
            _ => Vec::new(),
        }
    }
}

impl ClientPinResponse {
    /// Reads the response's map, which takes all of `bytes`; the status byte is not part of it.
    ///
    /// The answers to setPIN and changePIN have no map and are not read with this.
    ///
    /// # Errors
    /// [`ResponseError`] when the bytes are not one map or a member has the wrong type.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let decoded = Response::decode(Command::CLIENT_PIN, bytes)?;
        let map = Response::of(Command::CLIENT_PIN, &decoded)?;
        let unknown_members = map.unknown(0x05);
        let mut findings = map.findings(&decoded, &unknown_members);
        Ok(Self {
            key_agreement: key_agreement(&map, &mut findings)?,
            pin_uv_auth_token: map.optional(0x02, "pinUvAuthToken", Item::as_bytes)?.map(Vec::from),
            pin_retries: map.optional(0x03, "pinRetries", Item::as_u64)?,
            power_cycle_state: map.optional(0x04, "powerCycleState", Item::as_bool)?,
            uv_retries: map.optional(0x05, "uvRetries", Item::as_u64)?,
            unknown_members,
            findings,
        })
    }
}

fn key_agreement(
    map: &Response<'_, '_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<CoseKeyAgreement>, ResponseError> {
    let Some(item) = map.item(0x01) else { return Ok(None) };
    let command = Command::CLIENT_PIN;
    let key = CoseKeyAgreement::from_item(item);
    let key = key.map_err(|error| ResponseError::KeyAgreement { command, error })?;
    findings.extend(CoseKeyAgreement::findings(item));
    Ok(Some(key))
}

const PROTOCOL: i64 = 0x01;
const SUB_COMMAND: i64 = 0x02;
const KEY_AGREEMENT: i64 = 0x03;
const PARAM: i64 = 0x04;
const NEW_PIN_ENC: i64 = 0x05;
const PIN_HASH_ENC: i64 = 0x06;
const PERMISSIONS: i64 = 0x09;
const RP_ID: i64 = 0x0a;
