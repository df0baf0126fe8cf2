//! Which of the two protocols is spoken.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A PIN/UV auth protocol known here (CTAP 2.3 §6.5.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PinUvAuthProtocol {
    /// 1 (§6.5.6).
    One,
    /// 2 (§6.5.7).
    Two,
}

impl PinUvAuthProtocol {
    /// The protocol with this number; `None` when it is not known here.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }

    /// The number in messages.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// The first of the authenticator's list, which is in its order of preference, that is known here.
    #[must_use]
    pub fn choose(offered: &[u64]) -> Option<Self> {
        offered.iter().copied().find_map(Self::from_number)
    }

    /// HMAC-SHA-256, of which protocol 1 keeps the first 16 bytes.
    pub(crate) fn authenticate(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut code = mac(key, message).finalize().into_bytes().to_vec();
        code.truncate(self.mac_len());
        code
    }

    /// Whether `code` is what [`Self::authenticate`] gives; the time taken does not tell where they differ.
    pub(crate) fn verify(self, key: &[u8], message: &[u8], code: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        bool::from(self.authenticate(key, message).ct_eq(code))
    }

    fn mac_len(self) -> usize {
        match self {
            Self::One => 16,
            Self::Two => 32,
        }
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn protocol_2_keeps_the_whole_mac_and_protocol_1_the_first_half() {
        let text = include_str!("../../../tests/vectors/pin-uv/mac-protocol-2.json");
        let vector: serde_json::Value = serde_json::from_str(text).unwrap();
        let bytes =
            |member: &str| HEXLOWER.decode(vector[member].as_str().unwrap().as_bytes()).unwrap();
        let (key, message, whole) = (bytes("key"), bytes("message"), bytes("is"));
        assert_eq!(PinUvAuthProtocol::Two.authenticate(&key, &message), whole);
        assert_eq!(PinUvAuthProtocol::One.authenticate(&key, &message), whole[..16]);
        assert!(!PinUvAuthProtocol::One.verify(&key, &message, &whole), "a MAC too long");
        assert!(!PinUvAuthProtocol::Two.verify(&key, &message, &whole[..16]), "a MAC too short");
    }
}
