//! `authenticatorConfig`, command 0x0D (CTAP 2.3 §6.11).

use keyvet_cbor::Out;

use crate::{
    Command, PinUvAuth,
    command::{canonical, numbered},
};

/// `authenticatorConfig` request, one variant per subcommand. The answer has no map.
///
/// Make `pinUvAuthParam` over [`AuthenticatorConfig::auth_message`], then [`encode`](Self::encode) with it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthenticatorConfig {
    /// 0x01 `enableEnterpriseAttestation` (§6.11.1); a reset switches it off again.
    EnableEnterpriseAttestation,
    /// 0x02 `toggleAlwaysUv` (§6.11.2).
    ToggleAlwaysUv,
    /// 0x03 `setMinPINLength` (§6.11.4).
    SetMinPinLength(SetMinPinLength),
    /// 0x04 `enableLongTouchForReset`.
    EnableLongTouchForReset,
}

/// Parameters of `setMinPINLength` (CTAP 2.3 §6.11.4); members in key order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SetMinPinLength {
    /// 1 `newMinPINLength`, code points; only upward.
    pub new_min_pin_length: Option<u64>,
    /// 2 `minPinLengthRPIDs`: who may ask with the extension `minPinLength`; left out when empty.
    pub min_pin_length_rp_ids: Vec<String>,
    /// 3 `forceChangePin`.
    pub force_change_pin: Option<bool>,
    /// 4 `pinComplexityPolicy` (CTAP 2.2).
    pub pin_complexity_policy: Option<bool>,
}

impl AuthenticatorConfig {
    /// The command.
    pub const COMMAND: Command = Command::AUTHENTICATOR_CONFIG;

    /// What `pinUvAuthParam` is made over: `32 × FF ‖ 0D ‖ subCommand ‖ CBOR(subCommandParams)`.
    #[must_use]
    pub fn auth_message(&self) -> Vec<u8> {
        let mut message = vec![0xff; 32];
        message.extend([Self::COMMAND.0, self.sub_command()]);
        message.extend(self.params().as_ref().map(canonical).unwrap_or_default());
        message
    }

    /// Command byte and canonical CBOR. A key without PIN or user verification takes it without `auth`.
    #[must_use]
    pub fn encode(&self, auth: Option<&PinUvAuth>) -> Vec<u8> {
        let mut parameters =
            vec![(0x01, Some(Out::Unsigned(self.sub_command().into()))), (0x02, self.params())];
        parameters.extend(PinUvAuth::members(auth, 0x04, 0x03));
        Self::COMMAND.with(parameters)
    }

    /// 1 `subCommand`.
    #[must_use]
    pub fn sub_command(&self) -> u8 {
        match self {
            Self::EnableEnterpriseAttestation => 0x01,
            Self::ToggleAlwaysUv => 0x02,
            Self::SetMinPinLength(_) => 0x03,
            Self::EnableLongTouchForReset => 0x04,
        }
    }

    fn params(&self) -> Option<Out> {
        match self {
            Self::SetMinPinLength(parameters) => Some(parameters.out()),
            _ => None,
        }
    }
}

impl SetMinPinLength {
    fn out(&self) -> Out {
        let rp_ids =
            || Out::Array(self.min_pin_length_rp_ids.iter().map(|id| id.as_str().into()).collect());
        numbered(vec![
            (0x01, self.new_min_pin_length.map(Out::Unsigned)),
            (0x02, (!self.min_pin_length_rp_ids.is_empty()).then(rp_ids)),
            (0x03, self.force_change_pin.map(Out::Bool)),
            (0x04, self.pin_complexity_policy.map(Out::Bool)),
        ])
    }
}
