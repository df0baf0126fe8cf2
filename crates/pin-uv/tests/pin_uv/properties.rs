//! What holds of every PIN, message and ciphertext.

use std::sync::LazyLock;

use keyvet_pin_uv::{Pin, PinError, PinUvAuthProtocol, SharedSecret, Token};
use proptest::prelude::*;

use crate::support;

/// Key agreement is slow without optimization, and the same for every case.
static SECRETS: LazyLock<(SharedSecret, SharedSecret)> = LazyLock::new(|| {
    (support::secret(PinUvAuthProtocol::One), support::secret(PinUvAuthProtocol::Two))
});

fn secret(protocol: PinUvAuthProtocol) -> &'static SharedSecret {
    match protocol {
        PinUvAuthProtocol::One => &SECRETS.0,
        PinUvAuthProtocol::Two => &SECRETS.1,
    }
}

proptest! {
    #[test]
    fn what_is_encrypted_is_decrypted_and_as_long_as_the_protocol_says(
        blocks in prop::collection::vec(any::<[u8; 16]>(), 1..6),
        iv in any::<[u8; 16]>(),
    ) {
        let plaintext = blocks.concat();
        for protocol in [PinUvAuthProtocol::One, PinUvAuthProtocol::Two] {
            let secret = secret(protocol);
            let ciphertext = secret.encrypt(&plaintext, iv);
            let in_front = if protocol == PinUvAuthProtocol::Two { 16 } else { 0 };
            prop_assert_eq!(ciphertext.len(), plaintext.len() + in_front);
            let decrypted = secret.decrypt(&ciphertext).unwrap();
            prop_assert_eq!(decrypted.as_slice(), plaintext.as_slice());
        }
    }

    #[test]
    fn no_ciphertext_panics(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for protocol in [PinUvAuthProtocol::One, PinUvAuthProtocol::Two] {
            let secret = secret(protocol);
            let whole = bytes.len().is_multiple_of(16) && bytes.len() >= if protocol == PinUvAuthProtocol::Two { 32 } else { 16 };
            prop_assert_eq!(secret.decrypt(&bytes).is_ok(), whole);
            let _ = Token::decrypt(secret, &bytes);
            let _ = secret.verify(&bytes, &bytes);
        }
    }

    #[test]
    fn a_pin_that_passes_can_be_sent_and_comes_out_as_it_is(typed in "\\PC{0,40}|[0-9]{3,70}|[a-zé\u{301}\0]{1,66}") {
        let pin = Pin::new(&typed);
        let secret = secret(PinUvAuthProtocol::Two);
        let sent = secret.new_pin_enc(&pin, [3; 16]);
        match pin.check(4, 63) {
            Ok(()) => {
                prop_assert!((4..=63).contains(&pin.code_points()) && pin.len_bytes() <= 63);
                let padded = secret.decrypt(&sent.unwrap()).unwrap();
                prop_assert_eq!(padded.len(), 64);
                let unpadded = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                prop_assert_eq!(unpadded, pin.len_bytes());
                prop_assert_eq!(Pin::new(std::str::from_utf8(&padded[..unpadded]).unwrap()).hash(), pin.hash());
            }
            Err(PinError::TooShort { code_points, .. }) => prop_assert!(code_points < 4),
            Err(PinError::TooLong { code_points, .. }) => prop_assert!(code_points > 63),
            Err(PinError::TooManyBytes { len_bytes }) => prop_assert!(len_bytes > 63 && sent.is_err()),
            Err(_) => prop_assert!(typed.ends_with('\0') && sent.is_err()),
        }
    }

    #[test]
    fn normalization_makes_one_pin_of_two_ways_to_type_it(typed in "[a-zA-Zéüñåô]{1,20}") {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = typed.nfd().collect();
        prop_assert_eq!(Pin::new(&decomposed).hash(), Pin::new(&typed).hash());
    }
}
