//! A key over USB/IP, spoken to as a kernel speaks to it, without a kernel.

use keyvet_virtual_key::{Firmware, KeyOptions, NodeOptions, VirtualKey, Wired};
use std::io::{Read, Write};
use std::net::TcpStream;

fn served() -> (VirtualKey, Wired, String) {
    let key = VirtualKey::start(KeyOptions::new(Firmware::OpenSk)).unwrap();
    let options = NodeOptions { serial: "S-7".to_owned(), ..NodeOptions::default() };
    let wired = Wired::usbip(&key, options, ([127, 0, 0, 1], 0).into()).unwrap();
    let place = wired.place().unwrap();
    (key, wired, place)
}

fn imported(place: &str) -> TcpStream {
    let mut stream = TcpStream::connect(place).unwrap();
    let mut import = b"\x01\x11\x80\x03\0\0\0\x001-1".to_vec();
    import.resize(40, 0);
    stream.write_all(&import).unwrap();
    let reply = read(&mut stream, 8 + 312);
    assert_eq!(reply[..8], [0x01, 0x11, 0, 3, 0, 0, 0, 0]);
    stream
}

fn read(stream: &mut TcpStream, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// `USBIP_CMD_SUBMIT`: number, direction (1 is in), endpoint, length, setup packet.
fn submit(stream: &mut TcpStream, number: u32, way: (u32, u32), len: u32, setup: [u8; 8]) {
    let words = [1, number, 0x0001_0002, way.0, way.1, 0, len, 0, 0, 0];
    stream.write_all(&words.map(u32::to_be_bytes).concat()).unwrap();
    stream.write_all(&setup).unwrap();
}

/// `USBIP_RET_SUBMIT`: number, status, length, and the data of a request in.
fn answer(stream: &mut TcpStream, with_data: bool) -> (u32, i32, Vec<u8>) {
    let head = read(stream, 48);
    let word = |at: usize| u32::from_be_bytes(*head[at..].first_chunk().unwrap());
    assert_eq!(word(0), 3);
    let len = if with_data { usize::try_from(word(24)).unwrap() } else { 0 };
    (word(4), word(20).cast_signed(), read(stream, len))
}

#[test]
fn the_device_is_listed_with_its_numbers() {
    let (_key, _wired, place) = served();
    let mut stream = TcpStream::connect(place).unwrap();
    stream.write_all(b"\x01\x11\x80\x05\0\0\0\0").unwrap();
    let list = read(&mut stream, 12 + 312 + 4);
    assert_eq!(list[..12], [0x01, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(list[12 + 256..][..4], *b"1-1\0");
    assert_eq!(list[12 + 300..][..4], [0x12, 0x09, 0xf1, 0xd0]);
}

#[test]
fn descriptors_come_from_the_control_pipe_and_what_is_unknown_stalls() {
    let (_key, _wired, place) = served();
    let mut stream = imported(&place);
    submit(&mut stream, 1, (1, 0), 255, [0x80, 6, 3, 3, 9, 4, 255, 0]);
    assert_eq!(answer(&mut stream, true), (1, 0, b"\x08\x03S\0-\x007\0".to_vec()));
    submit(&mut stream, 2, (1, 0), 10, [0x80, 6, 0, 6, 0, 0, 10, 0]);
    assert_eq!(answer(&mut stream, true), (2, -32, Vec::new()));
}

#[test]
fn a_report_out_is_answered_by_a_report_in_also_when_it_was_asked_for_before() {
    let (key, _wired, place) = served();
    let mut stream = imported(&place);
    submit(&mut stream, 1, (1, 1), 64, [0; 8]);
    let mut init = [0; 64];
    init[..7].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x86, 0, 8]);
    submit(&mut stream, 2, (0, 1), 64, [0; 8]);
    stream.write_all(&init).unwrap();
    assert_eq!(answer(&mut stream, false), (2, 0, Vec::new()));
    let (number, status, report) = answer(&mut stream, true);
    assert_eq!((number, status, &report[..7]), (1, 0, &[0xff, 0xff, 0xff, 0xff, 0x86, 0, 17][..]));
    assert_eq!(key.reports(), (1, 1));
}

#[test]
fn a_request_that_is_taken_back_is_not_answered() {
    let (_key, _wired, place) = served();
    let mut stream = imported(&place);
    submit(&mut stream, 1, (1, 1), 64, [0; 8]);
    let unlink = [2, 2, 0x0001_0002, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    stream.write_all(&unlink.map(u32::to_be_bytes).concat()).unwrap();
    let reply = read(&mut stream, 48);
    assert_eq!(reply[..8], [0, 0, 0, 4, 0, 0, 0, 2]);
    assert_eq!(reply[20..24], (-104_i32).to_be_bytes());
}

#[test]
fn an_unplug_ends_the_connection_and_a_plug_makes_room_for_another() {
    let (key, wired, place) = served();
    let mut stream = imported(&place);
    key.unplug();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    key.plug();
    assert_eq!(wired.place().unwrap(), place);
    let mut stream = imported(&place);
    submit(&mut stream, 1, (1, 0), 18, [0x80, 6, 0, 1, 0, 0, 18, 0]);
    assert_eq!(answer(&mut stream, true).2.len(), 18);
}

#[test]
fn the_wire_comes_off_with_the_key() {
    let (key, wired, place) = served();
    let mut stream = imported(&place);
    key.keep(|| Ok::<_, ()>(wired)).unwrap();
    drop(key);
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    assert!(TcpStream::connect(place).is_err());
}
