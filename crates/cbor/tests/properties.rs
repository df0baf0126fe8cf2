//! Properties of reader and writer over made-up values and bytes, with ciborium as second opinion.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use ciborium::Value as Theirs;
use keyvet_cbor::{DecodeErrorKind, EncodeError, Item, Mode, Out, Value, decode, encode};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_written_is_read_back_by_both(out in out()) {
        let encoded = encode(&out);
        prop_assume!(encoded != Err(EncodeError::DuplicateKey));
        let bytes = encoded.unwrap();
        let decoded = decode(&bytes, Mode::Strict).unwrap();
        prop_assert_eq!(encode(&to_out(&decoded.item)).unwrap(), bytes.clone());
        let theirs: Theirs = ciborium::from_reader(bytes.as_slice()).unwrap();
        prop_assert_eq!(to_theirs(&decoded.item), theirs);
    }

    #[test]
    fn what_ciborium_writes_in_any_order_is_read_tolerantly(theirs in theirs()) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&theirs, &mut bytes).unwrap();
        match decode(&bytes, Mode::Tolerant) {
            Ok(decoded) => prop_assert_eq!(to_theirs(&decoded.item), theirs),
            Err(error) => prop_assert_eq!(error.kind, DecodeErrorKind::DuplicateKey),
        }
    }

    #[test]
    fn bytes_accepted_strictly_are_the_canonical_encoding(bytes in item_like_bytes()) {
        if let Ok(decoded) = decode(&bytes, Mode::Strict) {
            prop_assert_eq!(encode(&to_out(&decoded.item)).unwrap(), bytes.clone());
            let tolerant = decode(&bytes, Mode::Tolerant).unwrap();
            prop_assert!(tolerant.deviations.is_empty());
            prop_assert_eq!(tolerant.item, decoded.item);
        }
    }

    #[test]
    fn bytes_accepted_tolerantly_are_accepted_by_ciborium_with_the_same_value(bytes in item_like_bytes()) {
        if let Ok(decoded) = decode(&bytes, Mode::Tolerant) {
            let theirs: Theirs = ciborium::from_reader(bytes.as_slice()).unwrap();
            prop_assert_eq!(to_theirs(&decoded.item), theirs);
            let canonical = decode(&bytes, Mode::Strict).is_ok();
            prop_assert_eq!(canonical, decoded.deviations.is_empty());
        }
    }

    #[test]
    fn spans_are_the_bytes_of_their_items(out in out()) {
        let Ok(bytes) = encode(&out) else { return Ok(()) };
        let decoded = decode(&bytes, Mode::Strict).unwrap();
        prop_assert_eq!(decoded.item.raw(), bytes.as_slice());
        for part in parts(&decoded.item) {
            let span = &bytes[part.offset()..part.offset() + part.raw().len()];
            prop_assert_eq!(span, part.raw());
            prop_assert_eq!(encode(&to_out(part)).unwrap(), part.raw());
        }
    }
}

fn scalar() -> impl Strategy<Value = Out> {
    let number = prop_oneof![0..=30u64, any::<u64>(), any::<u16>().prop_map(u64::from)];
    prop_oneof![
        number.clone().prop_map(Out::Unsigned),
        number.prop_map(Out::Negative),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Out::Bytes),
        ".{0,30}".prop_map(Out::Text),
        any::<bool>().prop_map(Out::Bool),
        Just(Out::Null),
    ]
}

fn out() -> impl Strategy<Value = Out> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Out::Array),
            prop::collection::vec((scalar(), inner), 0..6).prop_map(Out::Map),
        ]
    })
}

fn theirs() -> impl Strategy<Value = Theirs> {
    out().prop_map(|out| from_out(&out))
}

/// Bytes that are often CBOR: short ones at random, and canonical ones with a byte changed.
fn item_like_bytes() -> impl Strategy<Value = Vec<u8>> {
    let altered = (out(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(out, at, byte)| {
        let mut bytes = encode(&out).unwrap_or_default();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..12), altered]
}

fn to_out(item: &Item<'_>) -> Out {
    match item.value() {
        Value::Unsigned(n) => Out::Unsigned(*n),
        Value::Negative(n) => Out::Negative(*n),
        Value::Bytes(bytes) => Out::Bytes(bytes.to_vec()),
        Value::Text(text) => Out::Text((*text).into()),
        Value::Array(items) => Out::Array(items.iter().map(to_out).collect()),
        Value::Map(pairs) => Out::Map(pairs.iter().map(|(k, v)| (to_out(k), to_out(v))).collect()),
        Value::Bool(truth) => Out::Bool(*truth),
        Value::Null => Out::Null,
    }
}

fn to_theirs(item: &Item<'_>) -> Theirs {
    from_out(&to_out(item))
}

fn from_out(out: &Out) -> Theirs {
    match out {
        Out::Unsigned(n) => Theirs::Integer((*n).into()),
        Out::Negative(n) => Theirs::Integer((-1 - i128::from(*n)).try_into().unwrap()),
        Out::Bytes(bytes) => Theirs::Bytes(bytes.clone()),
        Out::Text(text) => Theirs::Text(text.clone()),
        Out::Array(items) => Theirs::Array(items.iter().map(from_out).collect()),
        Out::Map(pairs) => {
            Theirs::Map(pairs.iter().map(|(k, v)| (from_out(k), from_out(v))).collect())
        }
        Out::Bool(truth) => Theirs::Bool(*truth),
        Out::Null => Theirs::Null,
    }
}

fn parts<'i, 'a>(item: &'i Item<'a>) -> Vec<&'i Item<'a>> {
    let array = item.as_array().unwrap_or_default().iter();
    let map = item.as_map().unwrap_or_default().iter().flat_map(|(key, value)| [key, value]);
    let inner: Vec<_> = array.chain(map).flat_map(parts).collect();
    std::iter::once(item).chain(inner).collect()
}
