//! What both sides know after key agreement, and what is encrypted with it.

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use hkdf::Hkdf;
use keyvet_ctap::CoseKeyAgreement;
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{KeyAgreementError, Pin, PinError, PinUvAuthProtocol, PlatformKey};

/// The secret of one session; wiped when dropped, not shown by `Debug`.
pub struct SharedSecret {
    protocol: PinUvAuthProtocol,
    hmac_key: Zeroizing<[u8; 32]>,
    aes_key: Zeroizing<[u8; 32]>,
}

/// Why a ciphertext cannot be one of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// Not whole blocks of 16 bytes, nothing at all, or nothing behind the initialization vector.
    #[error("{len} bytes of ciphertext, which PIN/UV auth protocol {protocol} cannot have made")]
    Length {
        /// Bytes of ciphertext.
        len: usize,
        /// Number of the protocol.
        protocol: u64,
    },
}

/// The length of a ciphertext is impossible.
pub static CIPHERTEXT_LENGTH: Kind = Kind {
    id: "pin-uv.ciphertext-length",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "What the authenticator encrypted for us has a length that the protocol cannot produce.",
    next_step: "Repeat once; if it repeats with this model, report it to the vendor.",
    source: "CTAP 2.3 §6.5.6, §6.5.7",
};

impl Coded for DecryptError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Length { .. } => &CIPHERTEXT_LENGTH,
        }
    }
}

impl SharedSecret {
    /// The secret that our key and the other side's public key make.
    ///
    /// # Errors
    /// [`KeyAgreementError`] when the other side's point is not on the curve.
    pub fn agree(
        protocol: PinUvAuthProtocol,
        ours: &PlatformKey,
        theirs: &CoseKeyAgreement,
    ) -> Result<Self, KeyAgreementError> {
        let z = ours.agree(theirs)?;
        Ok(match protocol {
            PinUvAuthProtocol::One => Self::one(&z),
            PinUvAuthProtocol::Two => Self::two(&z),
        })
    }

    /// Which protocol it was made for.
    #[must_use]
    pub fn protocol(&self) -> PinUvAuthProtocol {
        self.protocol
    }

    /// AES-256-CBC without padding. Protocol 1 takes a zero initialization vector and ignores `iv`; protocol 2
    /// writes `iv`, which must be drawn anew each time, in front.
    ///
    /// Every message of CTAP is whole blocks; a last block that is not is filled with zero bytes.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8], iv: [u8; 16]) -> Vec<u8> {
        match self.protocol {
            PinUvAuthProtocol::One => self.blocks(plaintext, [0; 16]),
            PinUvAuthProtocol::Two => [iv.to_vec(), self.blocks(plaintext, iv)].concat(),
        }
    }

    /// Undoes [`SharedSecret::encrypt`].
    ///
    /// # Errors
    /// [`DecryptError`] when the length is not one that the protocol makes.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let (len, protocol) = (ciphertext.len(), self.protocol.number());
        self.decrypted(ciphertext).ok_or(DecryptError::Length { len, protocol })
    }

    /// `pinUvAuthParam` over `message`: 16 bytes in protocol 1, 32 in protocol 2.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(self.hmac_key.as_slice(), message)
    }

    /// The authenticator's side: whether `param` is [`SharedSecret::authenticate`] of `message`, in constant time.
    #[must_use]
    pub fn verify(&self, message: &[u8], param: &[u8]) -> bool {
        self.protocol.verify(self.hmac_key.as_slice(), message, param)
    }

    /// `pinHashEnc`: 16 bytes in protocol 1, 32 in protocol 2.
    #[must_use]
    pub fn pin_hash_enc(&self, pin: &Pin, iv: [u8; 16]) -> Vec<u8> {
        self.encrypt(pin.hash().as_slice(), iv)
    }

    /// `newPinEnc`: 64 bytes in protocol 1, 80 in protocol 2.
    ///
    /// # Errors
    /// [`PinError`] when the PIN is longer than 63 bytes or ends in a zero byte; the limits of the
    /// authenticator are for [`Pin::check`].
    pub fn new_pin_enc(&self, pin: &Pin, iv: [u8; 16]) -> Result<Vec<u8>, PinError> {
        Ok(self.encrypt(pin.padded()?.as_slice(), iv))
    }

    fn one(z: &[u8; 32]) -> Self {
        let key = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(z)));
        Self { protocol: PinUvAuthProtocol::One, hmac_key: key.clone(), aes_key: key }
    }

    fn two(z: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(&[0; 32]), z);
        let hmac_key = expand(&hkdf, b"CTAP2 HMAC key");
        let aes_key = expand(&hkdf, b"CTAP2 AES key");
        Self { protocol: PinUvAuthProtocol::Two, hmac_key, aes_key }
    }

    fn blocks(&self, plaintext: &[u8], iv: [u8; 16]) -> Vec<u8> {
        let mut blocks = plaintext.to_vec();
        blocks.resize(plaintext.len().next_multiple_of(BLOCK), 0);
        let cipher = cbc::Encryptor::<Aes256>::new((&*self.aes_key).into(), (&iv).into());
        let len = blocks.len();
        // whole blocks need no padding, so this cannot fail
        let _ = cipher.encrypt_padded::<NoPadding>(&mut blocks, len);
        blocks
    }

    fn decrypted(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (iv, blocks) = match self.protocol {
            PinUvAuthProtocol::One => (&[0; 16], ciphertext),
            PinUvAuthProtocol::Two => ciphertext.split_first_chunk::<16>()?,
        };
        if blocks.is_empty() {
            return None;
        }
        let cipher = cbc::Decryptor::<Aes256>::new((&*self.aes_key).into(), iv.into());
        let mut plaintext = Zeroizing::new(blocks.to_vec());
        cipher.decrypt_padded::<NoPadding>(&mut plaintext).ok()?;
        Some(plaintext)
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SharedSecret {{ protocol: {:?}, .. }}", self.protocol)
    }
}

#[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes; 32 are asked for")]
fn expand(hkdf: &Hkdf<Sha256>, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf.expand(info, key.as_mut_slice()).expect("HKDF-SHA-256 gives up to 8160 bytes");
    key
}

const BLOCK: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use serde_json::Value;

    const ANSWERS: [&str; 5] = [
        include_str!("../../../tests/vectors/pin-uv/answers/key-pair-a-protocol-1.json"),
        include_str!("../../../tests/vectors/pin-uv/answers/key-pair-a-protocol-2.json"),
        include_str!("../../../tests/vectors/pin-uv/answers/guide-protocol-1.json"),
        include_str!("../../../tests/vectors/pin-uv/answers/guide-protocol-2.json"),
        include_str!("../../../tests/vectors/pin-uv/answers/shared-secret-protocol-1.json"),
    ];

    fn bytes<const N: usize>(vector: &Value, member: &str) -> [u8; N] {
        let hex = vector[member].as_str().unwrap();
        HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
    }

    fn vectors() -> Vec<Value> {
        ANSWERS.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn common_point_and_keys_are_those_that_others_computed() {
        for vector in vectors().iter().filter(|vector| vector.get("z").is_some()) {
            let ours = PlatformKey::from_bytes(bytes(vector, "ours")).unwrap();
            let (x, y) = (bytes(&vector["theirs"], "x"), bytes(&vector["theirs"], "y"));
            let theirs = CoseKeyAgreement { x, y };
            assert_eq!(*ours.agree(&theirs).unwrap(), bytes(vector, "z"), "{}", vector["what"]);
            let protocol =
                PinUvAuthProtocol::from_number(vector["protocol"].as_u64().unwrap()).unwrap();
            let secret = SharedSecret::agree(protocol, &ours, &theirs).unwrap();
            assert_eq!(*secret.hmac_key, bytes(vector, "hmacKey"), "{}", vector["what"]);
            assert_eq!(*secret.aes_key, bytes(vector, "aesKey"), "{}", vector["what"]);
        }
    }

    #[test]
    fn a_secret_without_its_key_pairs_gives_the_recorded_answers() {
        let vectors = vectors();
        let vector = vectors.iter().find(|vector| vector.get("z").is_none()).unwrap();
        let key = || Zeroizing::new(bytes(vector, "hmacKey"));
        let secret =
            SharedSecret { protocol: PinUvAuthProtocol::One, hmac_key: key(), aes_key: key() };
        let new_pin_enc = secret.new_pin_enc(&Pin::new("1234"), [0; 16]).unwrap();
        assert_eq!(new_pin_enc, bytes::<64>(&vector["answers"][0], "is"));
        assert_eq!(secret.authenticate(&new_pin_enc), bytes::<16>(&vector["answers"][1], "is"));
    }

    #[test]
    fn a_block_that_is_not_whole_is_filled_with_zeros() {
        let ours = PlatformKey::from_bytes([1; 32]).unwrap();
        for protocol in [PinUvAuthProtocol::One, PinUvAuthProtocol::Two] {
            let secret = SharedSecret::agree(protocol, &ours, &ours.public()).unwrap();
            let decrypted = secret.decrypt(&secret.encrypt(&[5; 17], [9; 16])).unwrap();
            assert_eq!(*decrypted, [[5; 17].as_slice(), &[0; 15]].concat());
        }
    }
}
