//! CBOR reader and writer.

use keyvet_cbor::{Item, Limits, Mode, Out, Value, decode, decode_prefix, encode};

/// Reads in both modes.
///
/// Strict is a subset of tolerant; spans are what they say; what was read strictly is written back byte for byte; what
/// was read tolerantly is, once written, strict and means the same.
pub fn cbor(data: &[u8]) {
    let strict = decode(data, Mode::Strict);
    let tolerant = decode(data, Mode::Tolerant);
    prefix_agrees(data);
    if let Ok(decoded) = &tolerant {
        assert!(decoded.deviations.len() <= Limits::for_mode(Mode::Tolerant).deviations);
        check_spans(data, &decoded.item);
        rewritten_means_the_same(&decoded.item);
    }
    let Ok(strict) = strict else { return };
    assert!(strict.deviations.is_empty(), "strict mode lets a deviation pass");
    assert_eq!(tolerant.as_ref(), Ok(&strict), "tolerant mode reads strict input differently");
    let written = encode(&out(&strict.item)).expect("what was read strictly has a canonical form");
    assert_eq!(written, data, "canonical input is not written back as it was");
}

fn prefix_agrees(data: &[u8]) {
    for mode in [Mode::Strict, Mode::Tolerant] {
        let Ok(prefix) = decode_prefix(data, mode) else {
            assert!(decode(data, mode).is_err());
            continue;
        };
        let head = data.get(..prefix.len).expect("the length is within the input");
        assert_eq!(prefix.item.raw(), head);
        assert_eq!(decode(head, mode).as_ref(), Ok(&prefix));
    }
}

fn check_spans(input: &[u8], item: &Item<'_>) {
    let end = item.offset().checked_add(item.raw().len()).expect("a span is inside its input");
    assert_eq!(input.get(item.offset()..end), Some(item.raw()), "a span is not the item's bytes");
    for child in item.as_array().unwrap_or_default() {
        check_spans(input, child);
    }
    for (key, value) in item.as_map().unwrap_or_default() {
        check_spans(input, key);
        check_spans(input, value);
    }
}

fn rewritten_means_the_same(item: &Item<'_>) {
    // More than four levels have no canonical form.
    let Ok(written) = encode(&out(item)) else { return };
    let again = decode(&written, Mode::Strict).expect("the writer writes canonical form");
    let rewritten = encode(&out(&again.item)).expect("what was read strictly has a canonical form");
    assert_eq!(rewritten, written);
    assert!(same_scalars(item, &again.item), "a value changed on the way through the writer");
}

/// Compares everything but map order.
fn same_scalars(a: &Item<'_>, b: &Item<'_>) -> bool {
    match (a.value(), b.value()) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_scalars(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.iter().any(|(k, v)| k.value() == key.value() && same_scalars(value, v))
                })
        }
        (a, b) => a == b,
    }
}

/// The item as the writer takes it.
pub(crate) fn out(item: &Item<'_>) -> Out {
    match item.value() {
        Value::Unsigned(n) => Out::Unsigned(*n),
        Value::Negative(n) => Out::Negative(*n),
        Value::Bytes(bytes) => Out::Bytes(bytes.to_vec()),
        Value::Text(text) => Out::Text((*text).to_owned()),
        Value::Array(items) => Out::Array(items.iter().map(out).collect()),
        Value::Map(pairs) => Out::Map(pairs.iter().map(|(k, v)| (out(k), out(v))).collect()),
        Value::Bool(truth) => Out::Bool(*truth),
        Value::Null => Out::Null,
    }
}
