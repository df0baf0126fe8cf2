//! Messages as reports and back, in both directions, and reports that a key once sent.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

use keyvet_hid::Report;
use keyvet_hid::framing::{
    Assembler, ChannelId, Command, DeviceEvent, DeviceSide, ErrorCode, FramingError, InitReply,
    MAX_MESSAGE_LEN, Message, Packet, Pushed, Reports, Step, Transaction,
};
use keyvet_testkit::vector;
use keyvet_transport::{ChannelEvent, Phase};
use proptest::prelude::*;
use serde_json::Value;

const CHANNEL: ChannelId = ChannelId(0x0022_0002);

fn reports(command: Command, payload: &[u8]) -> Vec<Report> {
    Reports::new(CHANNEL, command, payload).unwrap().collect()
}

fn assembled(reports: &[Report]) -> Message {
    let mut assembler = Assembler::of(CHANNEL);
    let (last, others) = reports.split_last().unwrap();
    for report in others {
        assert_eq!(assembler.push(report), Ok(Pushed::Partial));
    }
    match assembler.push(last) {
        Ok(Pushed::Complete(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_length_there_is_splits_into_the_least_reports_and_comes_back() {
    let all: Vec<u8> = (0..=u8::MAX).cycle().take(MAX_MESSAGE_LEN).collect();
    for len in 0..=MAX_MESSAGE_LEN {
        let reports = reports(Command::CBOR, &all[..len]);
        assert_eq!(reports.len(), 1 + len.saturating_sub(57).div_ceil(59), "{len} bytes");
        assert_eq!(assembled(&reports).payload, all[..len], "{len} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_split_comes_back(
        channel in 1..u32::MAX,
        command in 0..0x80_u8,
        payload in prop::collection::vec(any::<u8>(), 0..=MAX_MESSAGE_LEN),
    ) {
        // an INIT is one report, see below
        prop_assume!(command != Command::INIT.0 || payload.len() <= 57);
        let expected = Message { channel: ChannelId(channel), command: Command(command), payload };
        let mut device = DeviceSide::new();
        let mut events = Vec::new();
        for report in Reports::new(expected.channel, expected.command, &expected.payload).unwrap() {
            prop_assert_eq!(Packet::of(&report).channel(), expected.channel);
            events.push(device.push(&report));
        }
        prop_assert_eq!(events.pop(), Some(DeviceEvent::Request(expected)));
        prop_assert!(events.iter().all(|event| *event == DeviceEvent::Nothing));
    }

    #[test]
    fn no_reports_break_either_side_or_make_a_message_that_is_too_long(
        stream in prop::collection::vec(any::<[u8; 8]>(), 0..200),
    ) {
        let (mut device, mut client) = (DeviceSide::new(), Transaction::new(CHANNEL, Command::CBOR));
        for head in stream {
            let mut report = [0xa5; 64];
            report[..8].copy_from_slice(&head);
            // most of the time on the channel, so that messages begin
            if head[7] % 4 != 0 {
                report[..4].copy_from_slice(&CHANNEL.0.to_be_bytes());
            }
            if let DeviceEvent::Request(message) = device.push(&report) {
                prop_assert!(message.payload.len() <= MAX_MESSAGE_LEN);
            }
            if let Ok(Step::Reply(answer)) = client.push(&report) {
                prop_assert!(answer.len() <= MAX_MESSAGE_LEN);
            }
        }
    }
}

#[test]
fn a_broken_message_is_forgotten_and_the_next_one_is_whole() {
    let mut assembler = Assembler::of(CHANNEL);
    let long = reports(Command::CBOR, &[1; 200]);
    assert_eq!(assembler.push(&long[0]), Ok(Pushed::Partial));
    let wrong = FramingError::Sequence { expected: 0, got: 1 };
    assert_eq!(assembler.push(&long[2]), Err(wrong));
    assert_eq!(assembler.push(&long[1]), Ok(Pushed::Stray));
    let whole = reports(Command::CBOR, &[2]);
    assert!(matches!(assembler.push(&whole[0]), Ok(Pushed::Complete(_))));
}

#[test]
fn an_authenticator_answers_other_channels_busy_while_it_receives() {
    let mut device = DeviceSide::new();
    let long = reports(Command::CBOR, &[1; 200]);
    assert_eq!(device.push(&long[0]), DeviceEvent::Nothing);
    let other: Vec<_> = Reports::new(ChannelId(7), Command::CBOR, &[2; 90]).unwrap().collect();
    let busy = DeviceEvent::Refuse { channel: ChannelId(7), code: ErrorCode::CHANNEL_BUSY };
    assert_eq!(device.push(&other[0]), busy);
    assert_eq!(device.push(&other[1]), DeviceEvent::Nothing);
    assert_eq!(device.push(&long[1]), DeviceEvent::Nothing);
    assert_eq!(device.push(&long[2]), DeviceEvent::Nothing);
    let DeviceEvent::Request(message) = device.push(&long[3]) else { panic!("it was the last") };
    assert_eq!(message.payload, [1; 200]);
}

#[test]
fn an_authenticator_refuses_a_wrong_sequence_a_message_inside_a_message_and_a_length_above_7609() {
    let mut device = DeviceSide::new();
    let long = reports(Command::CBOR, &[1; 200]);
    let refuse = |code| DeviceEvent::Refuse { channel: CHANNEL, code };
    device.push(&long[0]);
    assert_eq!(device.push(&long[2]), refuse(ErrorCode::INVALID_SEQUENCE));
    device.push(&long[0]);
    assert_eq!(device.push(&long[0]), refuse(ErrorCode::INVALID_SEQUENCE));
    let mut endless = long[0];
    endless[5..7].copy_from_slice(&[0x1d, 0xba]);
    assert_eq!(device.push(&endless), refuse(ErrorCode::INVALID_LENGTH));
}

#[test]
fn an_init_takes_back_what_its_own_channel_had_half_sent_and_nothing_of_others() {
    let mut device = DeviceSide::new();
    let long = reports(Command::CBOR, &[1; 90]);
    let init = |channel| {
        let report = Reports::new(channel, Command::INIT, &[3; 8]).unwrap().next().unwrap();
        (
            report,
            DeviceEvent::Request(Message { channel, command: Command::INIT, payload: vec![3; 8] }),
        )
    };
    let (everybody, asked) = init(ChannelId::BROADCAST);
    device.push(&long[0]);
    assert_eq!(device.push(&everybody), asked);
    assert!(matches!(device.push(&long[1]), DeviceEvent::Request(_)), "still whole");
    let (own, asked) = init(CHANNEL);
    device.push(&long[0]);
    assert_eq!(device.push(&own), asked);
    assert_eq!(device.push(&long[1]), DeviceEvent::Nothing, "taken back");
}

#[test]
fn an_init_of_more_than_one_report_is_refused() {
    let mut device = DeviceSide::new();
    let long = reports(Command::INIT, &[1; 58]);
    let refused = DeviceEvent::Refuse { channel: CHANNEL, code: ErrorCode::INVALID_LENGTH };
    assert_eq!(device.push(&long[0]), refused);
    assert_eq!(device.push(&long[1]), DeviceEvent::Nothing);
}

/// Reports that a key sent (tests/vectors/getinfo/ORIGIN.md).
fn recorded(name: &str) -> Vec<Report> {
    let file: Value = serde_json::from_slice(&vector("getinfo/ctaphid-frames-libfido2.json"))
        .expect("it is JSON");
    let frames = file["frames"][name].as_array().unwrap_or_else(|| panic!("no {name}"));
    let report = |frame: &Value| {
        let bytes = data_encoding::HEXLOWER.decode(frame.as_str().unwrap().as_bytes()).unwrap();
        bytes.try_into().expect("a report has 64 bytes")
    };
    frames.iter().map(report).collect()
}

fn names() -> Vec<String> {
    let file: Value = serde_json::from_slice(&vector("getinfo/ctaphid-frames-libfido2.json"))
        .expect("it is JSON");
    file["frames"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_recorded_reply_to_init_gives_the_channel_of_all_other_records() {
    let [report] = recorded("WIREDATA_CTAP_INIT")[..] else { panic!("one report") };
    let Packet::Initialization { channel, command, len, data } = Packet::of(&report) else {
        panic!("an initialization packet")
    };
    assert_eq!((channel, command, len), (ChannelId::BROADCAST, Command::INIT, 17));
    let nonce = data[..8].try_into().unwrap();
    let reply = InitReply::parse(&data[..17], nonce).unwrap().expect("the nonce is its own");
    assert_eq!(reply.channel, CHANNEL);
    assert!(reply.capabilities.wink() && reply.capabilities.cbor() && reply.capabilities.msg());
    assert_eq!(reply.encode(), data[..17]);
    assert_eq!(InitReply::parse(&data[..17], [0; 8]), Ok(None));
}

#[test]
fn the_recorded_keep_alive_asks_for_a_touch() {
    let mut transaction = Transaction::new(CHANNEL, Command::CBOR);
    let [report] = recorded("WIREDATA_CTAP_KEEPALIVE")[..] else { panic!("one report") };
    assert_eq!(transaction.push(&report), Ok(Step::KeepAlive(ChannelEvent::TouchNeeded)));
    assert_eq!(transaction.phase(), Phase::Touch);
}

#[test]
fn every_recorded_reply_comes_out_whole_and_splits_into_the_same_reports() {
    let mut replies = 0;
    let whole = |name: &&String| name.contains("_CBOR_") && !name.ends_with("_ASSERT");
    for name in names().iter().filter(whole) {
        let mut left = recorded(name);
        while let Some(first) = left.first() {
            let channel = Packet::of(first).channel();
            let (answer, count) = reply(channel, &left).expect(name);
            let rest = left.split_off(count);
            let again: Vec<_> = Reports::new(channel, Command::CBOR, &answer).unwrap().collect();
            assert_eq!(again, left, "{name}");
            left = rest;
            replies += 1;
        }
    }
    assert_eq!(replies, 18);
}

#[test]
fn the_record_that_mixes_two_channels_does_not_become_a_message() {
    let reports = recorded("WIREDATA_CTAP_CBOR_ASSERT");
    assert_eq!(reply(CHANNEL, &reports), None);
    assert_eq!(reply(ChannelId(0x0092_000e), &reports), None);
}

/// The first reply on `channel`, and how many reports it took.
fn reply(channel: ChannelId, reports: &[Report]) -> Option<(Vec<u8>, usize)> {
    let mut transaction = Transaction::new(channel, Command::CBOR);
    (1..).zip(reports).find_map(|(count, report)| match transaction.push(report).unwrap() {
        Step::Reply(answer) => Some((answer, count)),
        _ => None,
    })
}
