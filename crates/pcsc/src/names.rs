//! Names of readers: bytes that a device had a say in.

use std::ffi::{CStr, CString};

/// The name as text. It is the name itself where that is UTF-8; a byte that is not stands as U+10FE80 to U+10FEFF, so
/// that no name is lost and no two are one. (A name that holds such characters has them taken apart the same way.)
pub(crate) fn text(name: &CStr) -> String {
    let mut text = String::new();
    for chunk in name.to_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if STAND_IN.contains(&u32::from(c)) {
                text.extend(c.encode_utf8(&mut [0; 4]).bytes().map(stand_in));
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

/// The name that [`text`] made this of; none when it can be the name of no reader.
pub(crate) fn name(text: &str) -> Option<CString> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c).wrapping_sub(BASE)) {
            Ok(byte) if byte >= 0x80 => bytes.push(byte),
            _ => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    CString::new(bytes).ok()
}

/// `byte` is 0x80 or more: smaller ones are UTF-8.
fn stand_in(byte: u8) -> char {
    char::from_u32(BASE.saturating_add(byte.into())).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// In plane 16, for private use.
const BASE: u32 = 0x0010_fe00;
const STAND_IN: std::ops::RangeInclusive<u32> = 0x0010_fe80..=0x0010_feff;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(bytes: &[u8]) -> String {
        let original = CString::new(bytes).unwrap();
        let text = text(&original);
        assert_eq!(name(&text), Some(original), "{bytes:02x?}");
        text
    }

    #[test]
    fn utf_8_stays_as_it_is_even_when_it_is_hostile() {
        for plain in ["ACS ACR122U PICC Interface 00 00", "\u{1b}[2J\n\u{202e}x", "読取 \\xff", ""]
        {
            assert_eq!(round_trip(plain.as_bytes()), plain);
        }
    }

    #[test]
    fn no_name_is_lost_and_no_two_are_one() {
        let stand_in = "\u{10feff}".as_bytes();
        let names: [&[u8]; 6] =
            [b"a\xff", b"a\\xff", stand_in, b"\xf4\x8f\xbb\xbf\xff", b"\x80\xe4\xb8", b"a\xfe"];
        let mut texts: Vec<_> = names.iter().map(|name| round_trip(name)).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), names.len());
    }

    #[test]
    fn a_name_with_a_zero_is_no_name() {
        assert_eq!(name("a\0b"), None);
    }
}
