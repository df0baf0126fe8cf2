//! Lines, packet by packet.

use keyvet_transport::{Direction, Transport};

use crate::redact::{FILLER, Why};
use crate::stream::{Ready, Stream};

fn report(head: &[u8], body: u8) -> Vec<u8> {
    let mut report = vec![body; 64];
    report[..head.len()].copy_from_slice(head);
    report
}

fn whys(ready: &[Ready]) -> Vec<Option<Why>> {
    ready.iter().map(|one| one.why).collect()
}

#[test]
fn packets_wait_for_their_message_and_keep_their_order() {
    let mut stream = Stream::of(Transport::Hid);
    // a vendor's command of 60 bytes: two reports
    assert_eq!(stream.push(1, Direction::Out, &report(&[0, 0, 0, 1, 0xc1, 0, 60], 7)), []);
    let ready = stream.push(2, Direction::Out, &report(&[0, 0, 0, 1, 0, 7, 7, 7], 0));
    assert_eq!(whys(&ready), [Some(Why::UnknownCommand); 2]);
    assert_eq!(ready[0].bytes, report(&[0, 0, 0, 1, 0xc1, 0, 60], FILLER));
    assert_eq!(ready[1].bytes, report(&[0, 0, 0, 1, 0, FILLER, FILLER, FILLER], 0));
    assert_eq!([ready[0].at_us, ready[1].at_us], [1, 2]);
}

#[test]
fn what_is_incomplete_is_written_at_the_end_and_says_nothing() {
    let mut stream = Stream::of(Transport::Hid);
    assert_eq!(stream.push(1, Direction::Out, &report(&[0, 0, 0, 1, 0x90, 0, 200], 7)), []);
    let left = stream.end();
    assert_eq!(whys(&left), [Some(Why::Incomplete)]);
    assert_eq!(left[0].bytes, report(&[0, 0, 0, 1, 0x90, 0, 200], FILLER));
}

#[test]
fn another_programs_answers_say_nothing() {
    let mut stream = Stream::of(Transport::Hid);
    let ready = stream.push(1, Direction::In, &report(&[9, 9, 9, 9, 0x90, 0, 20], 7));
    assert_eq!(whys(&ready), [Some(Why::Foreign)]);
    assert_eq!(ready[0].bytes, report(&[9, 9, 9, 9, 0x90, 0, 20], FILLER));
}

#[test]
fn what_stands_behind_the_end_of_a_message_is_not_written() {
    let mut stream = Stream::of(Transport::Hid);
    let ready = stream.push(1, Direction::Out, &report(&[0, 0, 0, 1, 0x90, 0, 1, 0x04], 0x55));
    assert_eq!(whys(&ready), [Some(Why::Padding)]);
    assert_eq!(ready[0].bytes, report(&[0, 0, 0, 1, 0x90, 0, 1, 0x04], FILLER));
}

#[test]
fn a_chained_command_and_an_answer_in_parts_are_one_message_each() {
    let mut stream = Stream::of(Transport::Nfc);
    // getInfo in two parts is not usual, and is a message all the same: clientPIN {1: 1, 4: h'0102'}
    let first = [0x90, 0x10, 0x80, 0, 4, 0x06, 0xa2, 0x01, 0x01];
    let last = [0x80, 0x10, 0x80, 0, 4, 0x04, 0x42, 1, 2, 0];
    assert_eq!(stream.push(1, Direction::Out, &first), []);
    assert_eq!(stream.push(2, Direction::In, &[0x90, 0x00]), []);
    let ready = stream.push(3, Direction::Out, &last);
    assert_eq!(ready.len(), 3);
    assert_eq!(ready[0].bytes, first);
    assert_eq!(ready[2].bytes, [0x80, 0x10, 0x80, 0, 4, 0x04, 0x42, FILLER, FILLER, 0]);
    // {2: h'0304'} in two parts, behind a keep-alive
    assert_eq!(stream.push(4, Direction::In, &[0x02, 0x91, 0x00])[0].bytes, [0x02, 0x91, 0x00]);
    assert_eq!(stream.push(5, Direction::Out, &[0x80, 0x11, 0, 0, 0]).len(), 1);
    assert_eq!(stream.push(6, Direction::In, &[0x00, 0xa1, 0x02, 0x61, 0x03]), []);
    assert_eq!(stream.push(7, Direction::Out, &[0x00, 0xc0, 0, 0, 3]), []);
    let ready = stream.push(8, Direction::In, &[0x42, 3, 4, 0x90, 0x00]);
    assert_eq!(ready.len(), 3);
    assert_eq!(ready[0].bytes, [0x00, 0xa1, 0x02, 0x61, 0x03]);
    assert_eq!(ready[2].bytes, [0x42, FILLER, FILLER, 0x90, 0x00]);
    assert_eq!(whys(&ready), [None; 3]);
}

#[test]
fn a_registration_of_u2f_says_nothing_but_that_it_is_one() {
    let mut stream = Stream::of(Transport::Nfc);
    let ready = stream.push(1, Direction::Out, &[0x00, 0x02, 0x03, 0, 2, 8, 9, 0]);
    assert_eq!(ready[0].bytes, [0x00, 0x02, 0x03, 0, 2, FILLER, FILLER, 0]);
    let ready = stream.push(2, Direction::In, &[1, 2, 3, 0x90, 0x00]);
    assert_eq!(ready[0].bytes, [FILLER, FILLER, FILLER, 0x90, 0x00]);
    stream.push(3, Direction::Out, &[0x00, 0x03, 0, 0, 0]);
    let version = stream.push(4, Direction::In, b"U2F_V2\x90\x00");
    assert_eq!(version[0].bytes, b"U2F_V2\x90\x00");
}
