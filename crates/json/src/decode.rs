//! From bytes to text: UTF-8, or UTF-16 with a byte order mark as Windows PowerShell writes it.

use crate::{Json, JsonError, parse};
use std::borrow::Cow;

/// Reads one JSON text of at most `max` bytes.
///
/// # Errors
/// [`JsonError`] when it is too large, no text, or no JSON.
pub fn read(bytes: &[u8], max: usize) -> Result<Json, JsonError> {
    if bytes.len() > max {
        return Err(JsonError::TooLarge { len: bytes.len(), max });
    }
    parse(&decode(bytes)?)
}

/// The text of these bytes, without its byte order mark.
///
/// # Errors
/// [`JsonError::NotText`].
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, JsonError> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, JsonError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| JsonError::NotText)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, JsonError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(JsonError::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_writes_is_read() {
        let utf16: Vec<u8> =
            "\u{feff}{\"a\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain = read(br#"{"a": 1}"#, 100).unwrap();
        assert_eq!(read(&utf16, 100), Ok(plain.clone()));
        assert_eq!(read(b"\xef\xbb\xbf{\"a\": 1}", 100), Ok(plain));
        assert_eq!(read(&utf16[..5], 100), Err(JsonError::NotText));
        assert_eq!(read(b"\xff", 100), Err(JsonError::NotText));
    }

    #[test]
    fn more_than_the_limit_is_not_looked_at() {
        assert_eq!(read(b"[1]", 2), Err(JsonError::TooLarge { len: 3, max: 2 }));
    }
}
