//! Recordings played through the real channels.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test: what cannot be read must fail it"
)]

use keyvet_finding::Coded;
use keyvet_trace::{Recording, ReplayDiscovery, explain};
use keyvet_transport::{Channel, ChannelError, Discovery, Exchange, Transport};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A recording of a card: chosen, asked for getInfo with a keep-alive, answered in two parts.
const CARD: &str = r#"{"schema":"keyvet.trace/1"}
{"device":1,"transport":"nfc","path":"A reader (xxxx)"}
{"us":1,"device":1,"dir":"out","data":"00a4040008a0000006472f000100"}
{"us":2,"device":1,"dir":"in","data":"4649444f5f325f309000"}
{"us":3,"device":1,"dir":"out","data":"80108000000001040000"}
{"us":4,"device":1,"dir":"in","data":"019100"}
{"us":5,"device":1,"dir":"out","data":"80110000000000"}
{"us":6,"device":1,"dir":"in","data":"00a161019000"}
{"end_us":7,"packets":6,"dropped":0}
"#;

/// One of a key on USB: INIT, getInfo with a keep-alive before the answer, a ping, a request that met silence.
fn key() -> String {
    let packet = |us: u32, dir: &str, hex: &str| {
        format!("{{\"us\":{us},\"device\":1,\"dir\":\"{dir}\",\"data\":\"{hex:0<128}\"}}\n")
    };
    let head = r#"{"schema":"keyvet.trace/1"}
{"device":1,"transport":"hid","path":"/dev/hidraw3"}
"#;
    [
        head.to_owned(),
        packet(1, "out", "ffffffff8600081122334455667788"),
        packet(2, "in", "ffffffff8600119999999999999999000000070201000004"),
        packet(3, "in", "ffffffff860011112233445566778800000005020100000d"),
        packet(4, "out", "0000000590000104"),
        packet(5, "in", "00000005bb000101"),
        packet(6, "in", "00000009900001ee"),
        packet(7, "in", "0000000590000300a000"),
        packet(8, "out", "00000005810008a1a2a3a4a5a6a7a8"),
        packet(9, "in", "00000005810008a1a2a3a4a5a6a7a8"),
        packet(10, "out", "0000000590000107"),
        packet(11, "in", "00000005bb000102"),
    ]
    .concat()
}

async fn open(text: &str) -> Result<Box<dyn Channel>, ChannelError> {
    let recording = Recording::parse(text.as_bytes()).unwrap();
    let discovery = ReplayDiscovery::new("a.jsonl", &recording);
    assert_eq!(discovery.transport(), Transport::Trace);
    let devices = discovery.scan().unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].id.to_string(), "trace:a.jsonl");
    let cancel = CancellationToken::new();
    discovery.open(&devices[0].id, exchange(&cancel)).await
}

fn exchange(cancel: &CancellationToken) -> Exchange<'_> {
    let deadline = Instant::now().checked_add(Duration::from_secs(60)).unwrap();
    Exchange { deadline, cancel, progress: &() }
}

#[tokio::test]
async fn a_card_is_played_through_the_channel_of_cards() {
    let cancel = CancellationToken::new();
    let mut channel = open(CARD).await.unwrap();
    for _ in 0..2 {
        let answer = channel.transact(&[0x04], exchange(&cancel)).await.unwrap();
        assert_eq!(answer, [0x00, 0xa1, 0x61, 0x01]);
    }
    let error = channel.transact(&[0x07], exchange(&cancel)).await.unwrap_err();
    assert_eq!(error.kind().id, "trace.not-recorded");
}

#[tokio::test]
async fn a_key_is_played_with_the_nonce_and_the_echo_of_today() {
    let cancel = CancellationToken::new();
    let mut channel = open(&key()).await.unwrap();
    let answer = channel.transact(&[0x04], exchange(&cancel)).await.unwrap();
    assert_eq!(answer, [0x00, 0xa0, 0x00]);
    channel.ping(exchange(&cancel)).await.unwrap();
}

#[tokio::test]
async fn a_silence_is_told_at_once_and_by_what_was_waited_for() {
    let cancel = CancellationToken::new();
    let mut channel = open(&key()).await.unwrap();
    let error = channel.transact(&[0x07], exchange(&cancel)).await.unwrap_err();
    assert_eq!(error.kind().id, "transport.touch-timeout");
}

#[tokio::test]
async fn what_was_not_recorded_is_told_with_what_comes_next() {
    let cancel = CancellationToken::new();
    let mut channel = open(&key()).await.unwrap();
    let request = [0x06, 0xa2, 0x01, 0x02, 0x02, 0x02];
    let error = channel.transact(&request, exchange(&cancel)).await.unwrap_err();
    let told = "authenticatorClientPIN getKeyAgreement was asked; the recording goes on with \
                authenticatorGetInfo";
    assert_eq!((error.kind().id, error.to_string().as_str()), ("trace.not-recorded", told));
}

#[test]
fn a_recording_is_explained_by_names() {
    let recording = Recording::parse(key().as_bytes()).unwrap();
    let told = explain(&recording);
    let commands: Vec<_> = told.iter().map(|one| one.command.as_str()).collect();
    assert_eq!(
        commands,
        ["CTAPHID_INIT", "authenticatorGetInfo", "CTAPHID_PING", "authenticatorReset"]
    );
    assert_eq!((told[1].keep_alives, told[1].touch), (1, false));
    assert_eq!(told[1].troubles, ["1 packet for another program"]);
    let answer = told[1].answer.as_ref().unwrap();
    assert_eq!((answer.after_us, answer.status.as_deref()), (3, Some("SUCCESS 0x00")));
    assert_eq!((told[3].touch, told[3].troubles.as_slice()), (true, &["no answer".to_owned()][..]));
    let findings: Vec<_> = recording.findings.iter().map(|finding| finding.id()).collect();
    assert_eq!(findings, ["trace.not-closed"]);
    assert_eq!(explain(&Recording::parse(CARD.as_bytes()).unwrap()).len(), 2);
}

#[test]
fn a_line_that_is_no_json_is_told_by_its_own_number() {
    let broken = CARD.replace("\"us\":2,", "\"us\":nope,");
    let said = |text: &str| Recording::parse(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(said(&broken), "line 4: expected ident, column 8");
    let first = "the first line is not that of a recording: expected value, column 1";
    assert_eq!(said("hello\n"), first);
}
