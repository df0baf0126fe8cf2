//! Base64 as it arrives: either alphabet, with or without padding.

use data_encoding::{BASE64URL_NOPAD, DecodeKind};

use crate::EvidenceError;

/// The bytes that `text` encodes. `member` is named in the error.
pub(crate) fn decode(member: &'static str, text: &str) -> Result<Vec<u8>, EvidenceError> {
    let digits = unpadded(member, text)?;
    let error = |offset, problem| EvidenceError::NotBase64 { member, offset, problem };
    // Looked for first: a line feed at the end is not a cut text.
    if let Some(offset) = digits.bytes().position(|byte| !is_digit(byte)) {
        return Err(error(offset, "a character outside the alphabet"));
    }
    let url: Vec<u8> = digits.bytes().map(to_url_alphabet).collect();
    BASE64URL_NOPAD.decode(&url).map_err(|fault| match fault.kind {
        DecodeKind::Trailing => error(fault.position, "bits left over in the last character"),
        _ => error(fault.position, "cut short"),
    })
}

/// `bytes` in base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Padding, when there is any, must be right: it is how a cut text is noticed.
fn unpadded<'a>(member: &'static str, text: &'a str) -> Result<&'a str, EvidenceError> {
    let digits = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(digits.len());
    let right = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    let problem = "wrong padding";
    let error = || EvidenceError::NotBase64 { member, offset: digits.len(), problem };
    right.then_some(digits).ok_or_else(error)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn to_url_alphabet(digit: u8) -> u8 {
    match digit {
        b'+' => b'-',
        b'/' => b'_',
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_with_and_without_padding_say_the_same() {
        for text in ["-_8", "+/8", "-_8=", "+/8=", "-/8"] {
            assert_eq!(decode("m", text).unwrap(), [0xfb, 0xff], "{text}");
        }
    }

    #[test]
    fn what_is_not_base64_is_told_with_its_place() {
        let cases = [
            ("AA*A", 2, "a character outside the alphabet"),
            ("AAAA\n", 4, "a character outside the alphabet"),
            ("AAAAA", 4, "cut short"),
            ("AB", 1, "bits left over in the last character"),
            ("AA=", 2, "wrong padding"),
            ("AAA====", 3, "wrong padding"),
            ("A=AA", 1, "a character outside the alphabet"),
            ("<id>", 0, "a character outside the alphabet"),
        ];
        for (text, offset, problem) in cases {
            let error = decode("m", text).unwrap_err();
            assert_eq!(error, EvidenceError::NotBase64 { member: "m", offset, problem }, "{text}");
        }
    }
}
