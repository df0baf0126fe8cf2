//! Commands of the authenticator API, and the frame that every request has.

use std::fmt;

use keyvet_cbor::{Out, encode};

/// First byte of a request (CTAP 2.3 §6, §8.1); a number without a name here survives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Command(pub u8);

impl Command {
    /// §6.1.
    pub const MAKE_CREDENTIAL: Self = Self(0x01);
    /// §6.2.
    pub const GET_ASSERTION: Self = Self(0x02);
    /// §6.4.
    pub const GET_INFO: Self = Self(0x04);
    /// §6.5.
    pub const CLIENT_PIN: Self = Self(0x06);
    /// §6.6.
    pub const RESET: Self = Self(0x07);
    /// §6.3.
    pub const GET_NEXT_ASSERTION: Self = Self(0x08);
    /// §6.7.
    pub const BIO_ENROLLMENT: Self = Self(0x09);
    /// §6.8.
    pub const CREDENTIAL_MANAGEMENT: Self = Self(0x0a);
    /// §6.9.
    pub const SELECTION: Self = Self(0x0b);
    /// §6.10.
    pub const LARGE_BLOBS: Self = Self(0x0c);
    /// §6.11.
    pub const AUTHENTICATOR_CONFIG: Self = Self(0x0d);
    /// §6.12, the preview of [`Command::BIO_ENROLLMENT`].
    pub const BIO_ENROLLMENT_PREVIEW: Self = Self(0x40);
    /// §6.13, the preview of [`Command::CREDENTIAL_MANAGEMENT`].
    pub const CREDENTIAL_MANAGEMENT_PREVIEW: Self = Self(0x41);

    /// Name in the specification.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let (_, name) = NAMES.iter().find(|(command, _)| command == self)?;
        Some(name)
    }

    /// The command byte alone: a request without parameters.
    pub(crate) fn bare(self) -> Vec<u8> {
        vec![self.0]
    }

    /// The command byte and the map of those parameters that have a value.
    pub(crate) fn with(self, parameters: Vec<(i64, Option<Out>)>) -> Vec<u8> {
        let mut message = self.bare();
        message.extend(canonical(&numbered(parameters)));
        message
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "command 0x{:02x}", self.0),
        }
    }
}

/// A map under integer keys, without the members that have no value.
pub(crate) fn numbered(members: Vec<(i64, Option<Out>)>) -> Out {
    let present = |(key, value): (i64, Option<Out>)| Some((Out::from(key), value?));
    Out::Map(members.into_iter().filter_map(present).collect())
}

/// A map under text keys, without the members that have no value.
pub(crate) fn named<const N: usize>(members: [(&str, Option<Out>); N]) -> Out {
    let present = |(key, value): (&str, Option<Out>)| Some((Out::from(key), value?));
    Out::Map(members.into_iter().filter_map(present).collect())
}

/// The canonical bytes of a part of a request.
#[expect(
    clippy::expect_used,
    reason = "requests are built in this crate: their keys are distinct and they nest at most 4 deep"
)]
pub(crate) fn canonical(part: &Out) -> Vec<u8> {
    encode(part).expect("a request of this crate has a canonical form")
}

const NAMES: [(Command, &str); 13] = [
    (Command::MAKE_CREDENTIAL, "authenticatorMakeCredential"),
    (Command::GET_ASSERTION, "authenticatorGetAssertion"),
    (Command::GET_INFO, "authenticatorGetInfo"),
    (Command::CLIENT_PIN, "authenticatorClientPIN"),
    (Command::RESET, "authenticatorReset"),
    (Command::GET_NEXT_ASSERTION, "authenticatorGetNextAssertion"),
    (Command::BIO_ENROLLMENT, "authenticatorBioEnrollment"),
    (Command::CREDENTIAL_MANAGEMENT, "authenticatorCredentialManagement"),
    (Command::SELECTION, "authenticatorSelection"),
    (Command::LARGE_BLOBS, "authenticatorLargeBlobs"),
    (Command::AUTHENTICATOR_CONFIG, "authenticatorConfig"),
    (Command::BIO_ENROLLMENT_PREVIEW, "authenticatorBioEnrollment (preview)"),
    (Command::CREDENTIAL_MANAGEMENT_PREVIEW, "authenticatorCredentialManagement (preview)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_by_name_and_an_unknown_one_by_number() {
        assert_eq!(Command(0x06).to_string(), "authenticatorClientPIN");
        assert_eq!(Command(0x7f).to_string(), "command 0x7f");
    }
}
