//! The canonical writer.

use crate::{Limits, limits::len_u64};

/// A value to encode; build it in any order, [`encode`] sorts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Out {
    /// A non-negative integer.
    Unsigned(u64),
    /// The integer -1 - n.
    Negative(u64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// A map.
    Map(Vec<(Self, Self)>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
}

/// Why a value has no canonical encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A map has the same key twice.
    #[error("a map has the same key twice")]
    DuplicateKey,
    /// Maps and arrays are nested deeper than 4 levels.
    #[error("nested deeper than 4 levels")]
    TooDeep,
}

/// Encodes `value` as CTAP2 canonical CBOR: shortest forms, keys in the order of CTAP 2.2 §8.
///
/// # Errors
/// [`EncodeError`] when a map has a key twice or more than 4 levels are nested.
pub fn encode(value: &Out) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    write(value, Limits::CANONICAL_DEPTH, &mut bytes)?;
    Ok(bytes)
}

impl From<i64> for Out {
    fn from(n: i64) -> Self {
        u64::try_from(n).map_or_else(|_| Self::Negative((!n).unsigned_abs()), Self::Unsigned)
    }
}

impl From<&str> for Out {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&[u8]> for Out {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<bool> for Out {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

fn write(value: &Out, levels: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    match value {
        Out::Array(items) => write_array(items, inner(levels)?, bytes),
        Out::Map(pairs) => write_map(pairs, inner(levels)?, bytes),
        scalar => {
            write_scalar(scalar, bytes);
            Ok(())
        }
    }
}

fn inner(levels: usize) -> Result<usize, EncodeError> {
    levels.checked_sub(1).ok_or(EncodeError::TooDeep)
}

fn write_array(items: &[Out], levels: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    write_header(ARRAY, len_u64(items.len()), bytes);
    items.iter().try_for_each(|item| write(item, levels, bytes))
}

fn write_map(pairs: &[(Out, Out)], levels: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut encoded = Vec::new();
    for (key, value) in pairs {
        let (mut key_bytes, mut value_bytes) = (Vec::new(), Vec::new());
        write(key, levels, &mut key_bytes)?;
        write(value, levels, &mut value_bytes)?;
        encoded.push((key_bytes, value_bytes));
    }
    // Bytewise order of the encoded keys is major type, then length, then value.
    encoded.sort();
    if !encoded.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Err(EncodeError::DuplicateKey);
    }
    write_header(MAP, len_u64(pairs.len()), bytes);
    encoded.iter().for_each(|(key, value)| bytes.extend(key.iter().chain(value)));
    Ok(())
}

fn write_scalar(value: &Out, bytes: &mut Vec<u8>) {
    match value {
        Out::Unsigned(n) => write_header(UNSIGNED, *n, bytes),
        Out::Negative(n) => write_header(NEGATIVE, *n, bytes),
        Out::Bytes(content) => write_string(BYTES, content, bytes),
        Out::Text(text) => write_string(TEXT, text.as_bytes(), bytes),
        Out::Bool(false) => bytes.push(0xf4),
        Out::Bool(true) => bytes.push(0xf5),
        Out::Null | Out::Array(_) | Out::Map(_) => bytes.push(0xf6),
    }
}

fn write_string(major: u8, content: &[u8], bytes: &mut Vec<u8>) {
    write_header(major, len_u64(content.len()), bytes);
    bytes.extend(content);
}

/// The initial byte and the shortest argument for `n`.
fn write_header(major: u8, n: u64, bytes: &mut Vec<u8>) {
    let [.., b3, b2, b1, b0] = n.to_be_bytes();
    match n {
        0..=0x17 => bytes.push(major | b0),
        0x18..=0xff => bytes.extend([major | 0x18, b0]),
        0x100..=0xffff => bytes.extend([major | 0x19, b1, b0]),
        0x1_0000..=0xffff_ffff => bytes.extend([major | 0x1a, b3, b2, b1, b0]),
        _ => bytes.extend([major | 0x1b].into_iter().chain(n.to_be_bytes())),
    }
}

const UNSIGNED: u8 = 0x00;
const NEGATIVE: u8 = 0x20;
const BYTES: u8 = 0x40;
const TEXT: u8 = 0x60;
const ARRAY: u8 = 0x80;
const MAP: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_in_canonical_order() {
        let keys = [
            Out::from("aa"),
            "b".into(),
            (-25).into(),
            256.into(),
            "a".into(),
            (-1).into(),
            24.into(),
            0.into(),
        ];
        let map = Out::Map(keys.into_iter().map(|key| (key, Out::Unsigned(0))).collect());
        let bytes = [
            0xa8, 0x00, 0x00, 0x18, 0x18, 0x00, 0x19, 0x01, 0x00, 0x00, 0x20, 0x00, 0x38, 0x18,
            0x00, 0x61, b'a', 0x00, 0x61, b'b', 0x00, 0x62, b'a', b'a', 0x00,
        ];
        assert_eq!(encode(&map).unwrap(), bytes);
    }

    #[test]
    fn arguments_are_written_in_their_shortest_form() {
        let cases: [(i64, &[u8]); 10] = [
            (0x17, &[0x17]),
            (0x18, &[0x18, 0x18]),
            (0xff, &[0x18, 0xff]),
            (0x100, &[0x19, 0x01, 0x00]),
            (0x1_0000, &[0x1a, 0x00, 0x01, 0x00, 0x00]),
            (0x1_0000_0000, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]),
            (-1, &[0x20]),
            (-24, &[0x37]),
            (-25, &[0x38, 0x18]),
            (i64::MIN, &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ];
        for (n, bytes) in cases {
            assert_eq!(encode(&n.into()).unwrap(), bytes, "{n}");
        }
    }

    #[test]
    fn every_type_has_its_pinned_bytes() {
        let array = Out::Array(vec![
            [1, 2].as_slice().into(),
            "é".into(),
            true.into(),
            false.into(),
            Out::Null,
        ]);
        assert_eq!(encode(&array).unwrap(), [0x85, 0x42, 1, 2, 0x62, 0xc3, 0xa9, 0xf5, 0xf4, 0xf6]);
    }

    #[test]
    fn what_ctap2_cannot_say_is_refused() {
        let twice = Out::Map(vec![(1.into(), 0.into()), (1.into(), 1.into())]);
        assert_eq!(encode(&twice), Err(EncodeError::DuplicateKey));
        let nested =
            |levels: usize| (0..levels).fold(Out::Null, |inner, _| Out::Array(vec![inner]));
        assert_eq!(encode(&nested(5)), Err(EncodeError::TooDeep));
        assert_eq!(encode(&nested(4)).unwrap(), [0x81, 0x81, 0x81, 0x81, 0xf6]);
    }
}
