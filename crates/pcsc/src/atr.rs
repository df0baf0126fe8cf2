//! How a reader touches its card.

use keyvet_transport::CardInterface;

/// Told by the card's answer to reset: for a card over the air the *reader* makes that answer up, and it begins
/// `3B 8n 80 01` (PC/SC part 3 §3.1.3.2.3). A card in contacts could answer the same, though none is known that does; a
/// reader that makes up something else is taken for one with contacts. Nothing but what is shown depends on it.
///
/// Without a card, words of the reader's name are a hint, and only towards "contactless": a reader called "Contact" may
/// well have an antenna.
pub(crate) fn interface(name: &str, atr: Option<&[u8]>) -> CardInterface {
    match atr {
        Some([0x3b, 0x80..=0x8f, 0x80, 0x01, ..]) => CardInterface::Contactless,
        Some([_, ..]) => CardInterface::Contact,
        Some([]) | None => hint(name),
    }
}

fn hint(name: &str) -> CardInterface {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase);
    if words.any(|word| CONTACTLESS.contains(&word.as_str())) {
        return CardInterface::Contactless;
    }
    CardInterface::Unknown
}

/// Words in names of readers without contacts (Identiv, HID, ACS, Yubico, vendors' NFC readers).
const CONTACTLESS: [&str; 5] = ["contactless", "nfc", "picc", "cl", "rfid"];

#[cfg(test)]
mod tests {
    use super::*;
    use CardInterface::{Contact, Contactless, Unknown};

    #[test]
    fn the_answer_to_reset_tells_and_beats_the_name() {
        // a YubiKey 5 NFC over the air and in contacts, a storage card
        let over_the_air = [0x3b, 0x8d, 0x80, 0x01, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x57];
        let in_contacts = [0x3b, 0xfd, 0x13, 0x00, 0x00, 0x81, 0x31, 0xfe, 0x15, 0x80];
        let storage = [0x3b, 0x8f, 0x80, 0x01, 0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00];
        assert_eq!(interface("Contact Reader", Some(&over_the_air)), Contactless);
        assert_eq!(interface("x", Some(&storage)), Contactless);
        assert_eq!(interface("NFC Reader", Some(&in_contacts)), Contact);
        assert_eq!(interface("x", Some(&[0x3b])), Contact);
    }

    #[test]
    fn without_an_answer_the_name_is_a_hint() {
        for name in
            ["HID OMNIKEY 5422CL Contactless Reader", "ACS ACR1252 PICC", "uTrust 3700 F CL"]
        {
            assert_eq!(interface(name, None), Contactless, "{name}");
        }
        for name in ["Contact Reader", "Alcor AU9540", "clover 1", ""] {
            assert_eq!(interface(name, None), Unknown, "{name}");
        }
        assert_eq!(interface("NFC", Some(&[])), Contactless);
    }
}
