//! What a request asks for, as far as two requests are compared by it.

use keyvet_cbor::{Mode, decode};
use keyvet_ctap::Command;
use keyvet_hid::framing;
use std::fmt;

use crate::follow::{CardMessage, Kind};

/// What a request asks for: its command, and its subcommand where there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asks {
    /// A message of CTAPHID's own.
    Line(framing::Command),
    /// A CTAP2 command.
    Ctap { command: Command, sub_command: Option<u64> },
    /// A message of the card's own, or one of CTAP1.
    Card(CardMessage),
}

impl Asks {
    /// What a message of `kind` asks for.
    pub(crate) fn of(kind: Kind, payload: &[u8]) -> Self {
        match kind {
            Kind::Hid { command: framing::Command::CBOR, .. } | Kind::Card(CardMessage::Ctap) => {
                Self::ctap(payload)
            }
            Kind::Hid { command, .. } => Self::Line(command),
            Kind::Card(card) => Self::Card(card),
        }
    }

    fn ctap(payload: &[u8]) -> Self {
        let (command, body) = payload.split_first().unwrap_or((&0, &[]));
        let command = Command(*command);
        let member = sub_command_member(command);
        let decoded = decode(body, Mode::Tolerant).ok();
        let sub_command = member.and_then(|key| decoded?.item.get_int(key)?.as_u64());
        Self::Ctap { command, sub_command }
    }

    /// Whether it changes nothing, so that it may be answered again as it was.
    pub(crate) fn is_repeatable(self) -> bool {
        matches!(
            self,
            Self::Line(framing::Command::INIT)
                | Self::Ctap { command: Command::GET_INFO, .. }
                | Self::Card(CardMessage::Select)
        )
    }

    /// The name of the subcommand.
    pub(crate) fn sub_command_name(self) -> Option<&'static str> {
        let Self::Ctap { command, sub_command } = self else { return None };
        let number = usize::try_from(sub_command?).ok()?;
        let names: &[&str] = match command {
            Command::CLIENT_PIN => &CLIENT_PIN,
            Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW => &CREDENTIALS,
            Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW => &BIO_ENROLLMENT,
            Command::AUTHENTICATOR_CONFIG => &CONFIG,
            _ => return None,
        };
        names.get(number.checked_sub(1)?).copied()
    }
}

/// Which member of the parameters is the subcommand.
pub(crate) fn sub_command_member(command: Command) -> Option<i64> {
    match command {
        Command::CLIENT_PIN | Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW => {
            Some(0x02)
        }
        Command::CREDENTIAL_MANAGEMENT
        | Command::CREDENTIAL_MANAGEMENT_PREVIEW
        | Command::AUTHENTICATOR_CONFIG => Some(0x01),
        _ => None,
    }
}

impl fmt::Display for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(command) => command.fmt(f),
            Self::Ctap { command, sub_command } => {
                command.fmt(f)?;
                match (self.sub_command_name(), sub_command) {
                    (Some(name), _) => write!(f, " {name}"),
                    (None, Some(number)) => write!(f, " {number:#04x}"),
                    (None, None) => Ok(()),
                }
            }
            Self::Card(CardMessage::Select) => f.write_str("SELECT"),
            Self::Card(CardMessage::U2f(0x01)) => f.write_str("U2F_REGISTER"),
            Self::Card(CardMessage::U2f(0x02)) => f.write_str("U2F_AUTHENTICATE"),
            Self::Card(CardMessage::U2f(_)) => f.write_str("U2F_VERSION"),
            Self::Card(_) => f.write_str("an APDU that is not of FIDO"),
        }
    }
}

/// §6.5.5.
const CLIENT_PIN: [&str; 9] = [
    "getPINRetries",
    "getKeyAgreement",
    "setPIN",
    "changePIN",
    "getPinToken",
    "getPinUvAuthTokenUsingUvWithPermissions",
    "getUVRetries",
    "0x08",
    "getPinUvAuthTokenUsingPinWithPermissions",
];
/// §6.8.
const CREDENTIALS: [&str; 7] = [
    "getCredsMetadata",
    "enumerateRPsBegin",
    "enumerateRPsGetNextRP",
    "enumerateCredentialsBegin",
    "enumerateCredentialsGetNextCredential",
    "deleteCredential",
    "updateUserInformation",
];
/// §6.7.
const BIO_ENROLLMENT: [&str; 7] = [
    "enrollBegin",
    "enrollCaptureNextSample",
    "cancelCurrentEnrollment",
    "enumerateEnrollments",
    "setFriendlyName",
    "removeEnrollment",
    "getFingerprintSensorInfo",
];
/// §6.11.
const CONFIG: [&str; 4] =
    ["enableEnterpriseAttestation", "toggleAlwaysUv", "setMinPINLength", "enableLongTouchForReset"];
