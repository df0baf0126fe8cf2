//! The token that stands for a verified user (CTAP 2.3 §6.5.2.1), and what a persistent one opens in getInfo (§6.4).

use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use hkdf::Hkdf;
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use sha2::Sha256;
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

/// A member of getInfo that should be encrypted for holders of a persistent token is not 32 bytes long.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{member} has {len} bytes, expected 32")]
pub struct EncryptedMemberError {
    /// The member, as the specification names it.
    pub member: &'static str,
    /// Bytes found.
    pub len: usize,
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

/// An encrypted member of getInfo has a length that it cannot have.
pub static ENCRYPTED_MEMBER_LENGTH: Kind = Kind {
    id: "pin-uv.encrypted-member-length",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "encIdentifier or encCredStoreState in the authenticator's getInfo is not an initialization vector and one block of ciphertext. It was not decrypted.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.3 §6.4",
};

impl Coded for EncryptedMemberError {
    fn kind(&self) -> &'static Kind {
        &ENCRYPTED_MEMBER_LENGTH
    }
}

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

    /// The authenticator's identifier in `encIdentifier` of getInfo, for a persistent token.
    ///
    /// Nothing authenticates it: with another token 16 other bytes come out. It names one authenticator until its reset,
    /// so it is no less private than a serial number.
    ///
    /// # Errors
    /// [`EncryptedMemberError`] when `enc_identifier` is not 32 bytes long.
    pub fn identifier(
        &self,
        enc_identifier: &[u8],
    ) -> Result<Zeroizing<[u8; 16]>, EncryptedMemberError> {
        self.member("encIdentifier", enc_identifier)
    }

    /// The state in `encCredStoreState` of getInfo, for a persistent token: it changes with the discoverable credentials.
    ///
    /// Nothing authenticates it: with another token 16 other bytes come out.
    ///
    /// # Errors
    /// [`EncryptedMemberError`] when `enc_cred_store_state` is not 32 bytes long.
    pub fn cred_store_state(
        &self,
        enc_cred_store_state: &[u8],
    ) -> Result<Zeroizing<[u8; 16]>, EncryptedMemberError> {
        self.member("encCredStoreState", enc_cred_store_state)
    }

    /// Which protocol it is used with.
    #[must_use]
    pub fn protocol(&self) -> PinUvAuthProtocol {
        self.protocol
    }

    /// AES-128-CBC of one block behind its initialization vector; the member's name is in the key.
    fn member(
        &self,
        member: &'static str,
        bytes: &[u8],
    ) -> Result<Zeroizing<[u8; 16]>, EncryptedMemberError> {
        let wrong = EncryptedMemberError { member, len: bytes.len() };
        let (iv, block) = bytes.split_first_chunk::<16>().ok_or(wrong)?;
        let block: [u8; 16] = block.try_into().map_err(|_| wrong)?;
        let (key, mut value) = (self.member_key(member), Zeroizing::new(block));
        let cipher = cbc::Decryptor::<Aes128>::new((&*key).into(), iv.into());
        cipher.decrypt_padded::<NoPadding>(value.as_mut_slice()).map_err(|_| wrong)?;
        Ok(value)
    }

    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes; 16 are asked for")]
    fn member_key(&self, member: &str) -> Zeroizing<[u8; 16]> {
        let mut key = Zeroizing::new([0; 16]);
        Hkdf::<Sha256>::new(Some(&[0; 32]), &self.key)
            .expand(member.as_bytes(), key.as_mut_slice())
            .expect("HKDF-SHA-256 gives up to 8160 bytes");
        key
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
