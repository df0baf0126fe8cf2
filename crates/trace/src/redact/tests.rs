//! What stays of messages, and what does not.

use keyvet_hid::framing::{ChannelId, Command};
use keyvet_transport::Direction;

use super::{FILLER, Redactor, Why, rules};
use crate::follow::{Kind, Message};

fn message(direction: Direction, command: Command, payload: &[u8]) -> Message {
    Message {
        direction,
        kind: Kind::Hid { channel: ChannelId(1), command },
        payload: payload.to_vec(),
        parts: Vec::new(),
        complete: true,
    }
}

/// What stays of a request and of the answer to it.
fn exchange(request: &[u8], answer: &[u8]) -> (Vec<u8>, Vec<u8>, Option<Why>) {
    let mut redactor = Redactor::default();
    let asked = redactor.message(&message(Direction::Out, Command::CBOR, request));
    let said = redactor.message(&message(Direction::In, Command::CBOR, answer));
    (asked.bytes, said.bytes, said.why.or(asked.why))
}

#[test]
fn the_hash_of_the_throw_away_relying_party_is_its_hash() {
    // SHA-256 of "keyvet.invalid"; tests/keys computes it from the name
    assert_eq!(rules::THROW_AWAY_HASH[..4], [0x30, 0xd5, 0xee, 0xd3]);
}

#[test]
fn pin_ciphertexts_are_replaced_and_structure_stays() {
    // {1: 2, 2: 9, 6: h'0102030405060708090a0b0c0d0e0f10', 9: 1, 10: "bank"}
    let mut request = vec![0x06, 0xa5, 0x01, 0x02, 0x02, 0x09, 0x06, 0x50];
    request.extend(1..=16);
    request.extend([0x09, 0x01, 0x0a, 0x64]);
    request.extend(b"bank");
    let (asked, said, _) = exchange(&request, &[0x00, 0xa1, 0x02, 0x42, 0xaa, 0xbb]);
    let mut expected = vec![0x06, 0xa5, 0x01, 0x02, 0x02, 0x09, 0x06, 0x50];
    expected.extend([FILLER; 16]);
    expected.extend([0x09, 0x01, 0x0a, 0x64]);
    expected.extend(b"xxxx");
    assert_eq!(asked, expected);
    assert_eq!(said, [0x00, 0xa1, 0x02, 0x42, FILLER, FILLER]);
}

#[test]
fn what_nobody_knows_is_replaced_whole() {
    let (asked, said, why) = exchange(&[0x50, 1, 2, 3], &[0x00, 9, 9]);
    assert_eq!(asked, [0x50, FILLER, FILLER, FILLER]);
    assert_eq!(said, [0x00, FILLER, FILLER]);
    assert_eq!(why, Some(Why::UnknownCommand));
    let mut redactor = Redactor::default();
    let vendor = redactor.message(&message(Direction::Out, Command(0x41), b"secret"));
    assert_eq!((vendor.bytes, vendor.why), (vec![FILLER; 6], Some(Why::UnknownCommand)));
}

#[test]
fn an_unknown_member_keeps_its_key_and_length() {
    // getInfo {1: [], 32: {"serial": 123456, "x": true}}
    let answer = [
        0x00, 0xa2, 0x01, 0x80, 0x18, 0x20, 0xa2, 0x61, b'x', 0xf5, 0x66, b's', b'e', b'r', b'i',
        b'a', b'l', 0x1a, 0x00, 0x01, 0xe2, 0x40,
    ];
    let (_, said, why) = exchange(&[0x04], &answer);
    let expected = [
        0x00, 0xa2, 0x01, 0x80, 0x18, 0x20, 0xa2, 0x61, b'a', 0xf5, 0x66, b'x', b'x', b'a', b'a',
        b'a', b'b', 0x1a, FILLER, FILLER, FILLER, FILLER,
    ];
    assert_eq!((said, why), (expected.to_vec(), None));
}

#[test]
fn get_info_that_cannot_be_decoded_keeps_its_bones_and_no_other_answer_does() {
    // {1: ["ab"], 1: h'0102'} and a byte too many: the same key twice
    let answer = [0x00, 0xa2, 0x01, 0x81, 0x62, b'a', b'b', 0x01, 0x42, 1, 2, 0x31];
    let (_, said, why) = exchange(&[0x04], &answer);
    let bones = [0x00, 0xa2, 0x01, 0x81, 0x62, b'x', b'x', 0x01, 0x42, FILLER, FILLER, FILLER];
    assert_eq!((said, why), (bones.to_vec(), Some(Why::Undecodable)));
    let (_, said, _) = exchange(&[0x06, 0xa1, 0x02, 0x05], &answer);
    let hidden: Vec<_> = std::iter::once(0x00).chain([FILLER; 11]).collect();
    assert_eq!(said, hidden);
}

#[test]
fn an_answer_to_nothing_and_a_failure_with_a_body_say_nothing() {
    let mut redactor = Redactor::default();
    let said = redactor.message(&message(Direction::In, Command::CBOR, &[0x00, 0xa0]));
    assert_eq!((said.bytes, said.why), (vec![0x00, FILLER], Some(Why::Unasked)));
    let (_, said, why) = exchange(&[0x04], &[0x31, 0xa0]);
    assert_eq!((said, why), (vec![0x31, FILLER], Some(Why::Failure)));
}

#[test]
fn a_certificate_stays_unless_it_names_one_key() {
    let answer = |ep_att: u8| {
        // {3: {"x5c": [h'0a0b']}, 4: epAtt}
        let mut answer = vec![0x00, 0xa2, 0x03, 0xa1, 0x63, b'x', b'5', b'c', 0x81, 0x42, 10, 11];
        answer.extend([0x04, ep_att]);
        answer
    };
    let certificate = |request: &[u8], ep_att| {
        let (_, said, _) = exchange(request, &answer(ep_att));
        said.get(10..12).map(<[u8]>::to_vec)
    };
    assert_eq!(certificate(&[0x01, 0xa0], 0xf4), Some(vec![10, 11]));
    assert_eq!(certificate(&[0x01, 0xa0], 0xf5), Some(vec![FILLER; 2]), "it was given");
    assert_eq!(
        certificate(&[0x01, 0xa1, 0x0a, 0x01], 0xf4),
        Some(vec![FILLER; 2]),
        "it was asked for"
    );
}

#[test]
fn an_incomplete_message_says_nothing() {
    let mut half = message(Direction::Out, Command::CBOR, &[0x06, 0xa0]);
    half.complete = false;
    let redacted = Redactor::default().message(&half);
    assert_eq!((redacted.bytes, redacted.why), (vec![FILLER; 2], Some(Why::Incomplete)));
}
