//! Hexadecimal, both ways.

use std::fmt::Write;

/// `bytes` as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that `text` writes in hexadecimal, either case; `None` when it does not.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_either_case_and_nothing_else_is() {
        assert_eq!(unhex("00fFa0"), Some(vec![0x00, 0xff, 0xa0]));
        assert_eq!(hex(&[0x00, 0xff, 0xa0]), "00ffa0");
        assert_eq!([unhex("0"), unhex("0g"), unhex("+1"), unhex("é0")], [None, None, None, None]);
    }
}
