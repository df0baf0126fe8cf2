//! Report descriptors: which device is a key, and how its reports look.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of a test")]

use keyvet_finding::Coded;
use keyvet_hid::descriptor::{DescriptorError, Layout, Shape};
use proptest::prelude::*;

/// The descriptor of CTAP 2.2 §11.2.8.1, as keys have it: 64 bytes each way.
const FIDO: &[u8] = &[
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
    0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91,
    0x02, 0xc0,
];

/// A boot keyboard (HID 1.11 appendix B.1): an input of 8 bytes, an output of 1.
const KEYBOARD: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01,
    0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x05, 0x75, 0x01,
    0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x01, 0x95, 0x06,
    0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
];

/// [`FIDO`] with another report count each way.
fn sized(input: u8, output: u8) -> Vec<u8> {
    let mut descriptor = FIDO.to_vec();
    descriptor[17] = input;
    descriptor[30] = output;
    descriptor
}

/// A collection with a number in front of its reports.
fn numbered(descriptor: &[u8], id: u8) -> Vec<u8> {
    let (head, tail) = descriptor.split_at(7);
    [head, &[0x85, id], tail].concat()
}

fn layout(id: Option<u8>, input: usize, output: usize) -> Layout {
    Layout { input: Shape { id, len: input }, output: Shape { id, len: output } }
}

#[test]
fn the_descriptor_of_the_specification_is_a_key_of_64_bytes() {
    assert_eq!(Layout::parse(FIDO), Ok(Some(Layout::USUAL)));
    assert_eq!(Layout::USUAL.carries_messages(), Ok(()));
}

#[test]
fn a_keyboard_and_an_empty_descriptor_are_no_keys() {
    assert_eq!(Layout::parse(KEYBOARD), Ok(None));
    assert_eq!(Layout::parse(&[]), Ok(None));
    let mut vendor = FIDO.to_vec();
    vendor[1..3].copy_from_slice(&[0x00, 0xff]);
    assert_eq!(Layout::parse(&vendor), Ok(None));
}

#[test]
fn reports_behind_a_number_are_understood_beside_those_of_a_keyboard() {
    let both = [numbered(KEYBOARD, 1), numbered(FIDO, 2)].concat();
    let found = Layout::parse(&both).unwrap().unwrap();
    assert_eq!(found, layout(Some(2), 64, 64));
    assert_eq!(found.carries_messages(), Ok(()));
}

#[test]
fn reports_of_other_sizes_are_told_with_their_size() {
    for (input, output, odd) in [(32, 32, 32), (64, 63, 63), (8, 64, 8), (255, 64, 255)] {
        let found = Layout::parse(&sized(input, output)).unwrap().unwrap();
        assert_eq!(found, layout(None, input.into(), output.into()));
        let error = found.carries_messages().unwrap_err();
        assert_eq!(error.kind().id, "hid.report-length");
        assert!(error.to_string().contains(&format!("{odd} bytes of 64")), "{error}");
    }
}

#[test]
fn the_fields_of_one_report_add_up_and_odd_bits_count_as_a_byte() {
    // 63 bytes and 7 bits, then 1 bit
    let fields = [0x75, 0x01, 0x96, 0xff, 0x01, 0x81, 0x02, 0x95, 0x01, 0x81, 0x02];
    let output = &FIDO[20..33];
    let two = [&FIDO[..7], &fields[..], output, &[0xc0]].concat();
    assert_eq!(Layout::parse(&two), Ok(Some(Layout::USUAL)));
    let one = [&FIDO[..7], &fields[..7], output, &[0xc0]].concat();
    assert_eq!(Layout::parse(&one), Ok(Some(Layout::USUAL)));
}

#[test]
fn a_usage_may_bring_its_page_and_globals_may_be_pushed() {
    let wide = [&[0x0b, 0x01, 0x00, 0xd0, 0xf1], &FIDO[5..]].concat();
    assert_eq!(Layout::parse(&wide), Ok(Some(Layout::USUAL)));
    let pushed = [&FIDO[..7], &[0xa4, 0x05, 0x01, 0xb4], &FIDO[7..]].concat();
    assert_eq!(Layout::parse(&pushed), Ok(Some(Layout::USUAL)));
    let long = [&[0xfe, 0x02, 0x10, 0xa1, 0x01], FIDO].concat();
    assert_eq!(Layout::parse(&long), Ok(Some(Layout::USUAL)));
}

#[test]
fn a_key_without_exactly_one_report_each_way_is_refused() {
    let silent = [&FIDO[..20], &[0xc0]].concat();
    let none = DescriptorError::NotOneEach { inputs: 1, outputs: 0 };
    assert_eq!(Layout::parse(&silent), Err(none));
    let split = [&numbered(&FIDO[..33], 1)[..], &[0x85, 2, 0x81, 0x02, 0xc0]].concat();
    let two = DescriptorError::NotOneEach { inputs: 2, outputs: 1 };
    assert_eq!(Layout::parse(&split), Err(two));
    assert_eq!(two.kind().id, "hid.report-descriptor");
}

#[test]
fn what_a_key_describes_beyond_reason_is_refused_and_what_no_key_describes_is_ignored() {
    assert_eq!(Layout::parse(&FIDO[..30]), Err(DescriptorError::CutShort { offset: 29 }));
    assert_eq!(Layout::parse(&KEYBOARD[..30]), Ok(None), "no key so far");
    let popped = [&FIDO[..7], &[0xb4]].concat();
    assert_eq!(Layout::parse(&popped), Err(DescriptorError::Misplaced { offset: 7 }));
    let pushed = [&FIDO[..7], &[0xa4; 5]].concat();
    assert_eq!(Layout::parse(&pushed), Err(DescriptorError::Misplaced { offset: 11 }));
    assert_eq!(
        Layout::parse(&numbered(FIDO, 0)),
        Err(DescriptorError::Misplaced { offset: 7 }),
        "no report has number 0"
    );
    let unbalanced = [FIDO, &[0xc0]].concat();
    assert_eq!(Layout::parse(&unbalanced), Err(DescriptorError::Misplaced { offset: 34 }));
    let long = [FIDO, &[0; 4097 - 34]].concat();
    assert_eq!(Layout::parse(&long), Ok(None), "no kernel takes it");
    assert_eq!(Layout::parse(&long[..4096]), Ok(Some(Layout::USUAL)));
}

#[test]
fn sizes_that_overflow_are_a_length_like_any_other() {
    let huge = [0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02];
    let descriptor = [&FIDO[..7], &huge[..], &huge[10..], &FIDO[20..]].concat();
    let found = Layout::parse(&descriptor).unwrap().unwrap();
    assert_eq!(found.carries_messages().unwrap_err().kind().id, "hid.report-length");
}

proptest! {
    #[test]
    fn any_bytes_are_understood_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Layout::parse(&bytes);
        let behind = [&FIDO[..7], &bytes[..]].concat();
        if let Ok(Some(layout)) = Layout::parse(&behind) {
            let _ = layout.carries_messages();
        }
    }
}
