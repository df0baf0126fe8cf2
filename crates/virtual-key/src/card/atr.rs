//! Answers to reset.

/// The answer to reset of a contactless card with these historical bytes, at most 15 of them (PC/SC part 3, §3.1.3.2.3).
#[must_use]
pub fn atr(historical: &[u8]) -> Vec<u8> {
    let historical: Vec<u8> = historical.iter().copied().take(15).collect();
    // at most 15
    let count = u8::try_from(historical.len()).unwrap_or_default();
    let checked = [&[0x80 | count, 0x80, 0x01], historical.as_slice()].concat();
    let check = checked.iter().fold(0, |sum, byte| sum ^ byte);
    [&[0x3b], checked.as_slice(), &[check]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_reset_ends_with_its_check() {
        assert_eq!(atr(&[]), [0x3b, 0x80, 0x80, 0x01, 0x01]);
        // a YubiKey 5 over the air
        let yubikey = atr(b"\x80\x59\x75\x62\x69\x4b\x65\x79\x4e\x45\x4f\x72\x33\x58");
        assert_eq!(yubikey.len(), 19);
        assert_eq!(yubikey[1..].iter().fold(0, |sum, byte| sum ^ byte), 0);
        assert_eq!(atr(&[0; 40]).len(), 20);
    }
}
