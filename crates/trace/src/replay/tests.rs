use super::ReplayDiscovery;
use crate::Recording;
use keyvet_hid::framing::{ChannelId, Command, Reports};
use keyvet_transport::{CardInterface, ChannelError, Discovery, Exchange, Phase};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Out, then in, and so on; hexadecimal.
fn recording(device: &str, packets: &[String]) -> Recording {
    let mut text = String::from("{\"schema\":\"keyvet.trace/1\",\"keyvet\":\"0.1.0\"}\n");
    text.push_str(device);
    for (us, packet) in packets.iter().enumerate() {
        let (dir, data) = packet.split_once(' ').unwrap();
        let line = format!("\n{{\"us\":{us},\"device\":1,\"dir\":\"{dir}\",\"data\":\"{data}\"}}");
        text.push_str(&line);
    }
    text.push('\n');
    Recording::parse(text.as_bytes()).unwrap()
}

const CARD: &str =
    r#"{"device":1,"transport":"nfc","path":"Reader 00 00","interface":"contactless"}"#;
const KEY: &str = r#"{"device":1,"transport":"hid","path":"/dev/hidraw0"}"#;
/// authenticatorSelection.
const SELECTION: &[u8] = &[0x0b];

/// What comes of `request` when it is played.
async fn played(recording: &Recording, request: &[u8]) -> Result<Vec<u8>, ChannelError> {
    let discovery = ReplayDiscovery::new("trace.jsonl", recording);
    let device = discovery.scan().unwrap().remove(0);
    let cancel = CancellationToken::new();
    let deadline = Instant::now().checked_add(Duration::from_secs(60)).unwrap();
    let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
    let mut channel = discovery.open(&device.id, exchange).await.unwrap();
    channel.transact(request, exchange).await
}

fn of_card(packets: &[&str]) -> Recording {
    let selected =
        ["out 00a4040008a0000006472f000100", "in 4649444f5f325f309000"].map(str::to_owned);
    let packets: Vec<_> =
        selected.into_iter().chain(packets.iter().map(|&one| one.to_owned())).collect();
    recording(CARD, &packets)
}

fn of_key(answer: &[u8]) -> Recording {
    let channel = ChannelId(7);
    let report = |way: &str, channel, command, payload: &[u8]| {
        let report = Reports::new(channel, command, payload).unwrap().next().unwrap();
        format!("{way} {}", data_encoding::HEXLOWER.encode(&report))
    };
    let nonce = [9; 8];
    let opened = [&nonce[..], &[0, 0, 0, 7, 2, 1, 0, 0, 0x0c]].concat();
    let packets = [
        report("out", ChannelId::BROADCAST, Command::INIT, &nonce),
        report("in", ChannelId::BROADCAST, Command::INIT, &opened),
        report("out", channel, Command::CBOR, SELECTION),
        report("in", channel, Command::KEEPALIVE, &[2]),
        report("out", channel, Command::CANCEL, &[]),
        report("in", channel, Command::CBOR, answer),
    ];
    recording(KEY, &packets)
}

/// The card asks for a touch, is asked again, is cancelled, and gives `answer`.
fn cancelled_card(answer: &str) -> Recording {
    let answer = format!("in {answer}");
    of_card(&[
        "out 80108000010b00",
        "in 029100",
        "out 8011000000",
        "in 029100",
        "out 8011110000",
        &answer,
    ])
}

#[tokio::test]
async fn what_was_cancelled_is_waited_for_in_vain_again() {
    let late = Err(ChannelError::Timeout { phase: Phase::Touch });
    assert_eq!(played(&cancelled_card("2d9000"), SELECTION).await, late);
    assert_eq!(played(&of_key(&[0x2d]), SELECTION).await, late);
}

#[tokio::test]
async fn a_touch_that_was_quicker_than_the_cancel_is_as_quick_again() {
    let touched = Ok(vec![0x00]);
    assert_eq!(played(&cancelled_card("009000"), SELECTION).await, touched);
    assert_eq!(played(&of_key(&[0x00]), SELECTION).await, touched);
}

#[tokio::test]
async fn a_card_that_never_answered_falls_silent_where_it_did() {
    let silent = |phase| Err(ChannelError::Timeout { phase });
    let first = of_card(&["out 80108000010b00"]);
    assert_eq!(played(&first, SELECTION).await, silent(Phase::FirstReport));
    let working = of_card(&["out 80108000010b00", "in 019100", "out 8011000000"]);
    assert_eq!(played(&working, SELECTION).await, silent(Phase::Processing));
}

#[tokio::test]
async fn a_card_that_was_taken_away_is_taken_away() {
    let gone = of_card(&["out 80108000010b00", "in 029100", "out 8011000000", "in "]);
    assert_eq!(played(&gone, SELECTION).await, Err(ChannelError::Removed));
}

#[tokio::test]
async fn what_a_reader_did_not_carry_is_said_again_in_short_commands() {
    let short = ["out 80108000000001040000", "out 80108000010400", "in 00a09000"];
    assert_eq!(played(&of_card(&short), &[0x04]).await, Ok(vec![0x00, 0xa0]));
}

#[test]
fn a_played_card_is_a_card_and_a_played_key_is_none() {
    let found =
        |recording: &Recording| ReplayDiscovery::new("trace.jsonl", recording).scan().unwrap();
    let card = found(&of_card(&[])).remove(0);
    assert_eq!((card.is_card(), card.interface), (true, Some(CardInterface::Contactless)));
    let key = found(&of_key(&[0x00])).remove(0);
    assert_eq!((key.is_card(), key.interface), (false, None));
}
