//! PIN/UV auth protocols: what an authenticator makes us compute with.

use crate::{checks, parts};
use keyvet_ctap::CoseKeyAgreement;
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret, Token};
use std::sync::LazyLock;

/// One byte says which protocol; then the authenticator's key, a ciphertext and a typed PIN, each behind its length.
///
/// A point is taken only on the curve; lengths are what the protocol says; what is encrypted is decrypted; a PIN that may
/// be sent arrives as it was typed.
pub fn pin_uv(data: &[u8]) {
    let Some((protocol, rest)) = data.split_first() else { return };
    let two = protocol & 1 == 1;
    let protocol = if two { PinUvAuthProtocol::Two } else { PinUvAuthProtocol::One };
    let parts = parts::all(rest);
    let part = |number: usize| parts.get(number).copied().unwrap_or_default();
    agreement(data, protocol, part(0));
    let secret = if two { &SECRETS.1 } else { &SECRETS.0 };
    ciphertext(data, secret, part(1));
    pin(data, secret, &String::from_utf8_lossy(part(2)));
}

fn agreement(data: &[u8], protocol: PinUvAuthProtocol, key: &[u8]) {
    let theirs = match CoseKeyAgreement::parse(key) {
        Ok(theirs) => theirs,
        Err(error) => return checks::error(data, &error),
    };
    match SharedSecret::agree(protocol, &OURS, &theirs) {
        Ok(secret) => assert!(secret.verify(key, &secret.authenticate(key))),
        Err(error) => checks::error(data, &error),
    }
}

fn ciphertext(data: &[u8], secret: &SharedSecret, ciphertext: &[u8]) {
    let two = secret.protocol() == PinUvAuthProtocol::Two;
    let token = Token::decrypt(secret, ciphertext);
    let plaintext = match secret.decrypt(ciphertext) {
        Ok(plaintext) => plaintext,
        Err(error) => {
            assert!(token.is_err(), "a token out of nothing");
            return checks::error(data, &error);
        }
    };
    assert!(!plaintext.is_empty() && plaintext.len().is_multiple_of(16));
    assert_eq!(token.is_ok(), plaintext.len() == 32 || (!two && plaintext.len() == 16));
    let iv = ciphertext.first_chunk::<16>().copied().unwrap_or_default();
    assert_eq!(secret.encrypt(&plaintext, iv), ciphertext, "written again it is another");
    if let Ok(token) = token {
        let mut param = token.authenticate(data);
        assert!(token.verify(data, &param));
        param.truncate(8);
        assert!(!token.verify(data, &param), "a part of a MAC is taken for it");
    }
}

fn pin(data: &[u8], secret: &SharedSecret, typed: &str) {
    let pin = Pin::new(typed);
    let sent = secret.new_pin_enc(&pin, [1; 16]);
    match pin.check(4, 63) {
        Ok(()) => {
            let padded = secret.decrypt(&sent.expect("it passed")).expect("it is ours");
            let end =
                padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
            assert_eq!((padded.len(), end), (64, pin.len_bytes()));
            let arrived = padded.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok());
            let arrived = Pin::new(arrived.expect("a PIN is text"));
            assert_eq!(arrived.hash(), pin.hash(), "another PIN arrives");
        }
        Err(error) => checks::error(data, &error),
    }
}

static OURS: LazyLock<PlatformKey> =
    LazyLock::new(|| PlatformKey::from_bytes([1; 32]).expect("a number below the order"));

static SECRETS: LazyLock<(SharedSecret, SharedSecret)> = LazyLock::new(|| {
    let agree = |protocol| SharedSecret::agree(protocol, &OURS, &OURS.public());
    let secret = |protocol| agree(protocol).expect("our own point is on the curve");
    (secret(PinUvAuthProtocol::One), secret(PinUvAuthProtocol::Two))
});
