//! The token that stands for a verified user (CTAP 2.3 §6.5.2.1).

use keyvet_finding::{Coded, Culprit, Kind, Severity};
use zeroize::Zeroizing;

use crate::{DecryptError, PinUvAuthProtocol, SharedSecret};

/// `pinUvAuthToken`; wiped when dropped, not shown by `Debug`.
pub struct Token {
    protocol: PinUvAuthProtocol,
    key: Zeroizing<Vec<u8>>,
}

/// Why bytes are not a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// They cannot be decrypted.
    #[error("pinUvAuthToken: {0}")]
    Decrypt(#[from] DecryptError),
    /// Protocol 1 has tokens of 16 or 32 bytes, protocol 2 of 32.
    #[error("pinUvAuthToken has {len} bytes, which PIN/UV auth protocol {protocol} does not allow")]
    Length {
        /// Bytes of the token.
        len: usize,
        /// Number of the protocol.
        protocol: u64,
    },
}

/// The token has a length that its protocol does not allow.
pub static TOKEN_LENGTH: Kind = Kind {
    id: "pin-uv.token-length",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The token that the authenticator gave out is shorter or longer than the protocol allows. A short one could be guessed, so it was not used.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.3 §6.5.6, §6.5.7",
};

impl Coded for TokenError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Decrypt(error) => error.kind(),
            Self::Length { .. } => &TOKEN_LENGTH,
        }
    }
}

impl Token {
    /// The token in a clientPIN response.
    ///
    /// # Errors
    /// [`TokenError`] when it cannot be decrypted or has a length that the protocol does not allow.
    pub fn decrypt(secret: &SharedSecret, encrypted: &[u8]) -> Result<Self, TokenError> {
        Self::checked(secret.protocol(), secret.decrypt(encrypted)?)
    }

    /// The authenticator's side: a token to give out, encrypted with [`SharedSecret::encrypt`].
    ///
    /// # Errors
    /// [`TokenError::Length`] when the protocol does not allow a token of this length.
    pub fn from_bytes(protocol: PinUvAuthProtocol, bytes: &[u8]) -> Result<Self, TokenError> {
        Self::checked(protocol, Zeroizing::new(bytes.to_vec()))
    }

    /// `pinUvAuthParam` over `message`: 16 bytes in protocol 1, 32 in protocol 2.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(&self.key, message)
    }

    /// The authenticator's side: whether `param` is [`Token::authenticate`] of `message`, in constant time.
    #[must_use]
    pub fn verify(&self, message: &[u8], param: &[u8]) -> bool {
        self.protocol.verify(&self.key, message, param)
    }

    /// Which protocol it is used with.
    #[must_use]
    pub fn protocol(&self) -> PinUvAuthProtocol {
        self.protocol
    }

    fn checked(protocol: PinUvAuthProtocol, key: Zeroizing<Vec<u8>>) -> Result<Self, TokenError> {
        match (protocol, key.len()) {
            (PinUvAuthProtocol::One, 16 | 32) | (PinUvAuthProtocol::Two, 32) => {
                Ok(Self { protocol, key })
            }
            (_, len) => Err(TokenError::Length { len, protocol: protocol.number() }),
        }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token {{ protocol: {:?}, .. }}", self.protocol)
    }
}
