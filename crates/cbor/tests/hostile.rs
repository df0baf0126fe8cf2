//! Input made to exhaust a reader, and input that bends the rules of CTAP 2.2 §8.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "helpers of tests state what they expect"
)]

use keyvet_cbor::{
    DecodeErrorKind, DeviationKind, Limits, Mode, decode, decode_prefix, decode_prefix_within,
};

fn refusal(bytes: &[u8], mode: Mode) -> DecodeErrorKind {
    decode(bytes, mode).unwrap_err().kind
}

#[test]
fn a_hundred_thousand_levels_are_refused_at_the_limit() {
    for opener in [0x81, 0xa1] {
        let bytes = vec![opener; 100_000];
        let strict = decode(&bytes, Mode::Strict).unwrap_err();
        let tolerant = decode(&bytes, Mode::Tolerant).unwrap_err();
        // A map opener in key position is refused as a key before depth counts.
        if opener == 0x81 {
            assert_eq!((strict.offset, strict.kind), (4, DecodeErrorKind::TooDeep { max: 4 }));
            assert_eq!(
                (tolerant.offset, tolerant.kind),
                (16, DecodeErrorKind::TooDeep { max: 16 })
            );
        } else {
            assert_eq!((strict.offset, strict.kind), (1, DecodeErrorKind::KeyType));
        }
    }
}

#[test]
fn the_depth_limit_of_a_caller_cannot_exhaust_the_stack() {
    let limits = Limits { depth: usize::MAX, ..Limits::for_mode(Mode::Tolerant) };
    let error = decode_prefix_within(&vec![0x81; 100_000], Mode::Tolerant, limits).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TooDeep { max: Limits::MAX_DEPTH });
}

#[test]
fn depth_counts_the_outermost_map_as_one() {
    let four = [0xa1, 0x01, 0xa1, 0x01, 0x81, 0x81, 0x00];
    assert!(decode(&four, Mode::Strict).is_ok());
    let five = [0xa1, 0x01, 0xa1, 0x01, 0x81, 0x81, 0x81, 0x00];
    assert_eq!(refusal(&five, Mode::Strict), DecodeErrorKind::TooDeep { max: 4 });
    let decoded = decode(&five, Mode::Tolerant).unwrap();
    assert_eq!(decoded.deviations[0].kind, DeviationKind::Depth);
    assert_eq!((decoded.deviations.len(), decoded.deviations[0].offset), (1, 6));
}

#[test]
fn huge_declared_lengths_are_refused_before_anything_is_allocated() {
    for major in [0x40, 0x60, 0x80, 0xa0] {
        for len in [u64::MAX, u64::MAX / 2, 1 << 40, 3] {
            let mut bytes = vec![major | 0x1b];
            bytes.extend(len.to_be_bytes());
            bytes.extend([0x00, 0x01]);
            assert_eq!(refusal(&bytes, Mode::Tolerant), DecodeErrorKind::Truncated, "{bytes:x?}");
        }
    }
}

#[test]
fn items_and_bytes_are_counted() {
    let mut many = vec![0x99, 0xff, 0xff];
    many.extend(vec![0x00; 0xffff]);
    assert_eq!(refusal(&many, Mode::Tolerant), DecodeErrorKind::TooManyItems { max: 16384 });
    let long = vec![0x00; (1 << 20) + 1];
    let error = decode_prefix(&long, Mode::Strict).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TooLong { len: (1 << 20) + 1, max: 1 << 20 });
}

#[test]
fn duplicate_keys_are_found_wherever_and_however_they_are_written() {
    let cases: [&[u8]; 6] = [
        &[0xa2, 0x01, 0x00, 0x01, 0x00],
        &[0xa3, 0x01, 0x00, 0x02, 0x00, 0x01, 0x00],
        &[0xa3, 0x02, 0x00, 0x01, 0x00, 0x02, 0x00],
        // 1 in its shortest form and in a longer one
        &[0xa3, 0x01, 0x00, 0x02, 0x00, 0x18, 0x01, 0x00],
        &[0xa2, 0x61, b'a', 0x00, 0x78, 0x01, b'a', 0x00],
        &[0xa2, 0xf5, 0x00, 0xf5, 0x00],
    ];
    for bytes in cases {
        assert_eq!(refusal(bytes, Mode::Tolerant), DecodeErrorKind::DuplicateKey, "{bytes:x?}");
    }
    let inner =
        [0xa1, 0x04, 0xa3, 0x62, b'u', b'v', 0xf5, 0x61, b'x', 0xf5, 0x62, b'u', b'v', 0xf4];
    let error = decode(&inner, Mode::Tolerant).unwrap_err();
    assert_eq!((error.offset, error.path.as_str()), (10, "0x04"));
}

#[test]
fn seven_thousand_keys_in_falling_order_are_unique_and_one_more_is_not() {
    let falling = |extra: Option<u16>| {
        let keys: Vec<u16> = (1000..8000).rev().chain(extra).collect();
        let mut bytes = vec![0xb9];
        bytes.extend(u16::try_from(keys.len()).unwrap().to_be_bytes());
        keys.iter().for_each(|key| {
            bytes.push(0x19);
            bytes.extend(key.to_be_bytes());
            bytes.push(0x00);
        });
        bytes
    };
    let decoded_bytes = falling(None);
    let decoded = decode(&decoded_bytes, Mode::Tolerant).unwrap();
    assert_eq!((decoded.deviations.len(), decoded.more_deviations), (32, 6999 - 32));
    assert_eq!(refusal(&falling(Some(5000)), Mode::Tolerant), DecodeErrorKind::DuplicateKey);
}

#[test]
fn every_forbidden_construct_is_refused_in_both_modes() {
    let cases: [(&[u8], DecodeErrorKind); 16] = [
        (&[], DecodeErrorKind::Truncated),
        (&[0x18], DecodeErrorKind::Truncated),
        (&[0x42, 0x00], DecodeErrorKind::Truncated),
        (&[0x00, 0x00], DecodeErrorKind::TrailingBytes { len: 1 }),
        (&[0x5f, 0x40, 0xff], DecodeErrorKind::IndefiniteLength),
        (&[0x7f, 0xff], DecodeErrorKind::IndefiniteLength),
        (&[0x9f, 0xff], DecodeErrorKind::IndefiniteLength),
        (&[0xbf, 0xff], DecodeErrorKind::IndefiniteLength),
        (&[0xff], DecodeErrorKind::IndefiniteLength),
        (&[0xc0, 0x00], DecodeErrorKind::Tag),
        (&[0xf9, 0x00, 0x00], DecodeErrorKind::Float),
        (&[0xf7], DecodeErrorKind::SimpleValue),
        (&[0xf8, 0x20], DecodeErrorKind::SimpleValue),
        (&[0x1c], DecodeErrorKind::ReservedByte),
        (&[0x62, 0xc3, 0x28], DecodeErrorKind::InvalidUtf8),
        (&[0xa1, 0x80, 0x00], DecodeErrorKind::KeyType),
    ];
    for (bytes, kind) in cases {
        assert_eq!(refusal(bytes, Mode::Strict), kind, "{bytes:x?}");
        assert_eq!(refusal(bytes, Mode::Tolerant), kind, "{bytes:x?}");
    }
}

#[test]
fn every_initial_byte_alone_is_answered() {
    for byte in 0..=u8::MAX {
        for tail in [&[][..], &[0x00], &[0xff; 9]] {
            let bytes = [&[byte], tail].concat();
            let _ = decode_prefix(&bytes, Mode::Tolerant);
        }
    }
}

#[test]
fn longer_forms_than_needed_are_refused_or_recorded() {
    let cases: [&[u8]; 9] = [
        &[0x18, 0x17],
        &[0x19, 0x00, 0xff],
        &[0x1a, 0x00, 0x00, 0xff, 0xff],
        &[0x1b, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff],
        &[0x38, 0x17],
        &[0x58, 0x01, 0xaa],
        &[0x78, 0x01, b'a'],
        &[0x98, 0x01, 0x00],
        &[0xb8, 0x01, 0x00, 0x00],
    ];
    for bytes in cases {
        assert_eq!(refusal(bytes, Mode::Strict), DecodeErrorKind::NonMinimal, "{bytes:x?}");
        let decoded = decode(bytes, Mode::Tolerant).unwrap();
        assert_eq!(decoded.deviations[0].kind, DeviationKind::NonMinimal, "{bytes:x?}");
    }
}

#[test]
fn integers_beyond_64_bits_signed_survive() {
    let bytes = [0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let decoded = decode(&bytes, Mode::Strict).unwrap();
    assert_eq!(decoded.item.value(), &keyvet_cbor::Value::Negative(u64::MAX));
    assert_eq!((decoded.item.as_i64(), decoded.item.as_u64()), (None, None));
    let smallest = [0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(decode(&smallest, Mode::Strict).unwrap().item.as_i64(), Some(i64::MIN));
}

#[test]
fn keys_out_of_order_are_refused_or_recorded_with_their_place() {
    // Canonical by length-first order, which CTAP2 is not: -1 before 24.
    let bytes = [0xa2, 0x20, 0x00, 0x18, 0x18, 0x00];
    assert_eq!(refusal(&bytes, Mode::Strict), DecodeErrorKind::KeyOrder);
    let decoded = decode(&bytes, Mode::Tolerant).unwrap();
    let deviation = &decoded.deviations[0];
    assert_eq!((deviation.kind, deviation.offset), (DeviationKind::KeyOrder, 3));
    assert_eq!(deviation.path.as_str(), "0x18");
}

#[test]
fn errors_tell_member_and_offset_without_control_characters() {
    let bytes = [0xa1, 0x01, 0xa1, 0x63, 0x1b, b'[', b'm', 0x82, 0x00, 0xc0];
    let error = decode(&bytes, Mode::Strict).unwrap_err();
    assert_eq!(error.to_string(), "a tag at byte 9 in 0x01.\\u{1b}[m[1]");
    let long = [&[0xa1, 0x79, 0x03, 0xe8][..], &[b'k'; 1000], &[0xc0]].concat();
    assert!(decode(&long, Mode::Strict).unwrap_err().path.as_str().chars().count() < 40);
}

#[test]
fn a_prefix_leaves_what_follows() {
    let bytes = [0xa1, 0x01, 0x02, 0xff, 0xff];
    let decoded = decode_prefix(&bytes, Mode::Strict).unwrap();
    assert_eq!((decoded.len, decoded.item.raw()), (3, &bytes[..3]));
}
