//! The identifier of an authenticator model.

use std::{fmt, str::FromStr};

/// AAGUID: 16 bytes that name an authenticator model (WebAuthn L3 §6.5.1).
///
/// Shown lower-case and dashed. All zero is legal and names no model.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Aaguid(pub [u8; 16]);

impl Aaguid {
    /// The all-zero value: no model is named.
    pub const ZERO: Self = Self([0; 16]);

    /// Whether this is [`Aaguid::ZERO`].
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Why a text is not an AAGUID.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an AAGUID: expected 32 hexadecimal digits, with or without dashes as in a UUID")]
pub struct AaguidParseError;

impl FromStr for Aaguid {
    type Err = AaguidParseError;

    /// Reads 32 hexadecimal digits in either case, plain or dashed 8-4-4-4-12.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = undashed(text).ok_or(AaguidParseError)?;
        u128::from_str_radix(&digits, 16)
            .map(|number| Self(number.to_be_bytes()))
            .map_err(|_| AaguidParseError)
    }
}

fn undashed(text: &str) -> Option<String> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let dashed_right = matches!(*lengths, [32] | [8, 4, 4, 4, 12]);
    let all_hex = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (dashed_right && all_hex).then(|| text.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_written_forms_are_read_and_one_is_shown() {
        let dashed: Aaguid = "2FC0579F-8113-47ea-b116-bb5a8db9202a".parse().unwrap();
        let plain: Aaguid = "2fc0579f811347eab116bb5a8db9202a".parse().unwrap();
        assert_eq!(dashed, plain);
        assert_eq!(dashed.to_string(), "2fc0579f-8113-47ea-b116-bb5a8db9202a");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "+fc0579f811347eab116bb5a8db9202a", "2fc0579f8113-47eab116bb5a8db9202a"] {
            assert_eq!(text.parse::<Aaguid>(), Err(AaguidParseError), "{text}");
        }
    }
}
