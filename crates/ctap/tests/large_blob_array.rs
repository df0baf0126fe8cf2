//! The large-blob array through the public API. What is stored around it and encrypted in it is tested in
//! `keyvet-pin-uv`, on recorded arrays.

use keyvet_ctap::{LargeBlob, LargeBlobArray, LargeBlobArrayError, LargeBlobEntry};
use keyvet_finding::{Coded, Finding};

const ENTRY: &[u8] = b"\xa3\x01\x43abc\x02\x4c0123456789ab\x03\x05";

#[test]
fn an_entry_has_its_pinned_bytes() {
    let entry = LargeBlobEntry::from(blob());
    assert_eq!((entry.cbor(), entry.blob()), (ENTRY, Some(&blob())));
    let mut array = LargeBlobArray::default();
    assert_eq!(array.encode(), [0x80]);
    array.entries.push(entry);
    assert_eq!(array.encode(), [&[0x81], ENTRY].concat());
}

#[test]
fn what_was_read_is_written_as_it_was() {
    for entries in [0, 1, 23, 24, 255, 256, 2000] {
        let mut made = LargeBlobArray::default();
        made.entries.resize(entries, LargeBlobEntry::from(blob()));
        let bytes = made.encode();
        let read = LargeBlobArray::parse(&bytes).unwrap();
        assert_eq!((&read, read.encode()), (&made, bytes), "{entries} entries");
    }
}

#[test]
fn an_entry_of_another_program_survives_a_change() {
    let foreign = b"\xa2\x61k\x01\x19\x00\x05\xf6";
    let mut array = LargeBlobArray::parse(&[&[0x82], foreign.as_slice(), ENTRY].concat()).unwrap();
    array.entries.pop();
    array.entries.push(LargeBlob { orig_size: 6, ..blob() }.into());
    let expected = [&[0x82], foreign.as_slice(), &ENTRY[..ENTRY.len() - 1], &[0x06]].concat();
    assert_eq!(array.encode(), expected);
}

#[test]
fn what_is_odd_is_told_and_read_all_the_same() {
    let out_of_order = b"\x82\xa3\x03\x05\x01\x43abc\x02\x4c0123456789ab\x20";
    let array = LargeBlobArray::parse(out_of_order).unwrap();
    let told: Vec<_> = array.findings.iter().map(Finding::to_string).collect();
    assert_eq!(array.findings.len(), 2, "{told:?}");
    let ids: Vec<_> = array.findings.iter().map(Finding::id).collect();
    assert_eq!(ids, ["ctap.cbor-key-order", "ctap.large-blob-entry"]);
    assert_eq!(array.findings.last().unwrap().detail(), "entry 1: an integer, not a map");
    assert_eq!(array.entries[0].blob(), Some(&blob()));
    assert_eq!((array.entries[1].cbor(), array.entries[1].blob()), (&[0x20][..], None));
}

#[test]
fn an_array_is_bounded_in_bytes_and_items() {
    let items = |count: u16| {
        let header = [&[0x99], count.to_be_bytes().as_slice()].concat();
        [header, vec![0x01; usize::from(count)]].concat()
    };
    assert!(LargeBlobArray::parse(&items(16_383)).is_ok());
    let many = LargeBlobArray::parse(&items(16_384)).unwrap_err();
    assert_eq!(
        many.to_string(),
        "large-blob array: more than 16384 items at byte 16386 in [16383]"
    );
    let long = LargeBlobArray::parse(&vec![0x80; (1 << 20) + 1]).unwrap_err();
    assert!(matches!(long, LargeBlobArrayError::Cbor(_)));
    assert_eq!(long.kind().id, "ctap.large-blob-array-malformed");
}

#[test]
fn what_is_no_array_is_named() {
    let error = LargeBlobArray::parse(&[0xa0]).unwrap_err();
    assert_eq!(error.to_string(), "large-blob array is a map, not an array");
}

fn blob() -> LargeBlob {
    LargeBlob { ciphertext: b"abc".to_vec(), nonce: *b"0123456789ab", orig_size: 5 }
}
