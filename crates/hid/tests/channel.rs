//! What CTAPHID demands of a client (CTAP 2.2 §11.2.5), against authenticators of ours.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use keyvet_hid::framing::{Capabilities, ChannelId, Command, ErrorCode, InitReply, Message};
use keyvet_hid::{HidChannel, Report};
use keyvet_transport::{Channel, ChannelError, ChannelEvent, Exchange, Phase, Progress};
use std::sync::Mutex;
use std::time::Duration;
use support::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Answers the first CTAP2 message with what `make` gives for its channel, and everything else as usual.
fn first_answer(make: impl Fn(ChannelId) -> Vec<Report> + Send + 'static) -> MemoryLink {
    let mut first = true;
    authenticator(move |message| {
        let mine = message.command == Command::CBOR && std::mem::take(&mut first);
        mine.then(|| make(message.channel))
    })
}

async fn transact(channel: &mut impl Channel, request: &[u8]) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    channel.transact(request, exchange(&cancel, 60)).await
}

/// The first exchange fails with `expected`, and the next one is right again.
async fn fails_then_recovers(link: MemoryLink, expected: &str) {
    let mut channel = open(link).await.unwrap();
    assert_eq!(id(transact(&mut channel, &[1, 2]).await), expected);
    assert_eq!(transact(&mut channel, &[3, 4]).await, Ok(vec![0, 4, 3]), "after {expected}");
}

#[tokio::test(start_paused = true)]
async fn opening_is_one_report_out_and_one_in() {
    let link = authenticator(|_| None);
    let counters = link.counters.clone();
    let channel = open(link).await.unwrap();
    assert_eq!(counters.both(), (1, 1));
    assert_eq!(channel.channel_id(), ChannelId(0x11));
    let limits = channel.limits();
    assert_eq!(
        (limits.max_message_len, limits.ctap2, limits.ctap1, limits.wink),
        (7609, true, true, true)
    );
}

#[tokio::test(start_paused = true)]
async fn an_exchange_is_the_reports_of_its_messages_and_no_more() {
    let link = authenticator(|_| None);
    let counters = link.counters.clone();
    let mut channel = open(link).await.unwrap();
    transact(&mut channel, &[7; 313]).await.unwrap();
    assert_eq!(counters.both(), (1 + 6, 1 + 6), "313 and 314 bytes are 6 reports each");
}

#[tokio::test(start_paused = true)]
async fn replies_to_the_init_of_others_are_skipped() {
    let link = authenticator(|message| {
        if message.command != Command::INIT {
            return None;
        }
        let other = InitReply::new([0xee; 8], ChannelId(0x666), Capabilities(0));
        let mut all = reports(message.channel, Command::INIT, &other.encode());
        all.extend(keep_alive(ChannelId(0x666), 1));
        all.extend(reports(ChannelId(0x666), Command::CBOR, &[0; 200]));
        all.extend(init_reply(message, ChannelId(5)));
        Some(all)
    });
    assert_eq!(open(link).await.unwrap().channel_id(), ChannelId(5));
}

fn answers_init_with(make: impl Fn(&Message) -> Vec<u8> + Send + 'static) -> MemoryLink {
    authenticator(move |message| {
        let init = message.command == Command::INIT;
        init.then(|| reports(message.channel, Command::INIT, &make(message)))
    })
}

fn init_payload(message: &Message, channel: u32) -> Vec<u8> {
    let nonce = message.payload.as_slice().try_into().unwrap();
    InitReply::new(nonce, ChannelId(channel), Capabilities(0x04)).encode()
}

#[tokio::test(start_paused = true)]
async fn an_init_reply_of_less_than_17_bytes_is_refused() {
    for len in [0, 7, 8, 12, 16] {
        let link = answers_init_with(move |message| init_payload(message, 9)[..len].to_vec());
        assert_eq!(id(open(link).await), "hid.init-too-short", "{len} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn an_init_reply_of_more_than_17_bytes_is_accepted() {
    for extra in [1, 40, 41, 300] {
        let link = answers_init_with(move |message| {
            [init_payload(message, 9), vec![0xaa; extra]].concat()
        });
        let mut channel = open(link).await.unwrap();
        assert_eq!(transact(&mut channel, &[1]).await, Ok(vec![0, 1]), "{extra} bytes more");
    }
}

#[tokio::test(start_paused = true)]
async fn an_init_reply_that_gives_the_reserved_or_the_broadcast_channel_is_refused() {
    for channel in [0, 0xffff_ffff] {
        let link = answers_init_with(move |message| init_payload(message, channel));
        assert_eq!(id(open(link).await), "hid.init-channel");
    }
}

#[tokio::test(start_paused = true)]
async fn an_init_that_is_lost_is_sent_again_with_another_nonce() {
    let mut nonces = Vec::new();
    let link = authenticator(move |message| {
        (message.command == Command::INIT).then(|| {
            assert!(!nonces.contains(&message.payload), "a nonce is used once");
            nonces.push(message.payload.clone());
            if nonces.len() < 3 { Vec::new() } else { init_reply(message, ChannelId(3)) }
        })
    });
    let start = Instant::now();
    assert_eq!(open(link).await.unwrap().channel_id(), ChannelId(3));
    assert_eq!(start.elapsed(), Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_never_answers_is_a_timeout_of_opening() {
    let start = Instant::now();
    let error = open(authenticator(|_| Some(Vec::new()))).await.unwrap_err();
    assert_eq!(error, ChannelError::Timeout { phase: Phase::Opening });
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(id::<()>(Err(error)), "transport.timeout");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_locked_by_another_program_is_asked_again_and_then_said_to_be_busy() {
    let locked = |times: usize| {
        let mut left = times;
        authenticator(move |message| {
            if left == 0 {
                return None;
            }
            left -= 1;
            Some(refuse(message.channel, ErrorCode::CHANNEL_BUSY))
        })
    };
    assert!(open(locked(3)).await.is_ok());
    let start = Instant::now();
    assert_eq!(id(open(locked(usize::MAX)).await), "transport.busy");
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn opening_can_be_cancelled() {
    let cancel = CancellationToken::new();
    let opening =
        HidChannel::open(authenticator(|_| Some(Vec::new())), device(), exchange(&cancel, 10));
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        cancel.cancel();
    };
    assert_eq!(id(tokio::join!(opening, cancelling).0), "transport.cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_skips_or_repeats_ends_the_exchange_and_the_line_is_brought_back() {
    for wrong in [0, 2, 0x7f] {
        let link = first_answer(move |channel| {
            let mut all = reports(channel, Command::CBOR, &[0; 300]);
            all[2][4] = wrong;
            all
        });
        fails_then_recovers(link, "hid.wrong-sequence").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_continuation_of_nothing_is_skipped() {
    let link = first_answer(|channel| {
        let mut all = reports(channel, Command::CBOR, &[0; 300]).split_off(3);
        all.extend(reports(channel, Command::CBOR, &[0, 9]));
        all
    });
    assert_eq!(transact(&mut open(link).await.unwrap(), &[1]).await, Ok(vec![0, 9]));
}

#[tokio::test(start_paused = true)]
async fn reports_of_another_channel_inside_an_answer_are_skipped() {
    let link = first_answer(|channel| {
        let mine = reports(channel, Command::CBOR, &[0; 100]);
        let other = reports(ChannelId(0x77), Command::CBOR, &[5; 100]);
        vec![other[0], mine[0], other[1], mine[1]]
    });
    assert_eq!(transact(&mut open(link).await.unwrap(), &[1]).await, Ok(vec![0; 100]));
}

#[tokio::test(start_paused = true)]
async fn a_length_above_7609_ends_the_exchange_before_anything_is_kept() {
    for len in [7610_u16, 0xffff] {
        let link = first_answer(move |channel| {
            let mut all = reports(channel, Command::CBOR, &[0; 300]);
            all[0][5..7].copy_from_slice(&len.to_be_bytes());
            all
        });
        fails_then_recovers(link, "hid.message-too-long").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_inside_an_answer_ends_the_exchange() {
    for command in [Command::KEEPALIVE, Command::CBOR, Command::PING, Command::ERROR] {
        let link = first_answer(move |channel| {
            let mut all = reports(channel, Command::CBOR, &[0; 300]);
            all.splice(2..2, reports(channel, command, &[1]));
            all
        });
        fails_then_recovers(link, "hid.interrupted-message").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_to_another_command_ends_the_exchange() {
    for command in [Command::PING, Command::MSG, Command::WINK, Command(0x55)] {
        let link = first_answer(move |channel| reports(channel, command, &[0, 1]));
        fails_then_recovers(link, "hid.unexpected-reply").await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_status_is_refused() {
    let link = first_answer(|channel| reports(channel, Command::CBOR, &[]));
    fails_then_recovers(link, "hid.empty-reply").await;
}

#[tokio::test(start_paused = true)]
async fn an_echo_that_differs_is_refused_and_the_line_is_brought_back() {
    let mut first = true;
    let link = authenticator(move |message| {
        let mine = message.command == Command::PING && std::mem::take(&mut first);
        mine.then(|| reports(message.channel, Command::PING, &[1; 8]))
    });
    let mut channel = open(link).await.unwrap();
    let cancel = CancellationToken::new();
    assert_eq!(id(channel.ping(exchange(&cancel, 5)).await), "hid.ping-mismatch");
    assert_eq!(channel.ping(exchange(&cancel, 5)).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn padding_that_is_not_zero_is_ignored() {
    let link = first_answer(|channel| {
        let mut all = reports(channel, Command::CBOR, &[0; 60]);
        all[1][8..].fill(0xff);
        all
    });
    assert_eq!(transact(&mut open(link).await.unwrap(), &[1]).await, Ok(vec![0; 60]));
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_of_a_status_without_a_name_is_told_and_waited_through() {
    let link = first_answer(|channel| {
        let mut all = keep_alive(channel, 0x42);
        all.extend(reports(channel, Command::KEEPALIVE, &[]));
        all.extend(reports(channel, Command::CBOR, &[0, 1]));
        all
    });
    let heard = Heard::default();
    let cancel = CancellationToken::new();
    let exchange = Exchange { progress: &heard, ..exchange(&cancel, 5) };
    assert_eq!(open(link).await.unwrap().transact(&[1], exchange).await, Ok(vec![0, 1]));
    assert_eq!(heard.all(), [ChannelEvent::Other(0x42), ChannelEvent::Other(0)]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_falls_silent_while_it_waits_for_a_touch_is_not_waited_for_until_the_deadline() {
    let link = first_answer(|channel| keep_alive(channel, 2).repeat(3));
    let mut channel = open(link).await.unwrap();
    let (start, cancel) = (Instant::now(), CancellationToken::new());
    let outcome = channel.transact(&[1], exchange(&cancel, 60)).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::FellSilent }));
    // 5 s of silence, 2 s for the answer to the cancel
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    assert_eq!(transact(&mut channel, &[3, 4]).await, Ok(vec![0, 4, 3]), "in step again");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_an_answer_is_not_the_answer_to_the_next_request() {
    let link = first_answer(|channel| reports(channel, Command::CBOR, &[0, 9]).repeat(3));
    let mut channel = open(link).await.unwrap();
    assert_eq!(transact(&mut channel, &[1]).await, Ok(vec![0, 9]));
    tokio::task::yield_now().await;
    assert_eq!(transact(&mut channel, &[2]).await, Ok(vec![0, 2]));
}

fn refusing(code: ErrorCode, times: usize) -> MemoryLink {
    let mut left = times;
    authenticator(move |message| {
        if message.command == Command::INIT || left == 0 {
            return None;
        }
        left -= 1;
        Some(refuse(message.channel, code))
    })
}

#[tokio::test(start_paused = true)]
async fn a_busy_authenticator_is_asked_again_until_it_serves() {
    // 0x00 is what Nitrokey 3 and Solo 2 say
    for code in [ErrorCode::CHANNEL_BUSY, ErrorCode(0x00)] {
        let heard = Heard::default();
        let cancel = CancellationToken::new();
        let mut channel = open(refusing(code, 5)).await.unwrap();
        let start = Instant::now();
        let exchange = Exchange { progress: &heard, ..exchange(&cancel, 5) };
        assert_eq!(channel.transact(&[1, 2], exchange).await, Ok(vec![0, 2, 1]));
        assert_eq!(heard.all(), [ChannelEvent::Busy; 5]);
        assert_eq!(start.elapsed(), Duration::from_millis(10 + 20 + 40 + 80 + 100));
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_authenticator_is_given_up_at_the_deadline() {
    let cancel = CancellationToken::new();
    let mut channel = open(refusing(ErrorCode::CHANNEL_BUSY, usize::MAX)).await.unwrap();
    let start = Instant::now();
    assert_eq!(id(channel.transact(&[1], exchange(&cancel, 3)).await), "transport.busy");
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_the_authenticator_forgot_is_replaced_once() {
    let mut channel = open(refusing(ErrorCode::INVALID_CHANNEL, 1)).await.unwrap();
    let before = channel.channel_id();
    assert_eq!(transact(&mut channel, &[1, 2]).await, Ok(vec![0, 2, 1]));
    assert_ne!(channel.channel_id(), before);

    let mut channel = open(refusing(ErrorCode::INVALID_CHANNEL, 2)).await.unwrap();
    let error = transact(&mut channel, &[1, 2]).await.unwrap_err();
    assert_eq!(error, ChannelError::TransportStatus { code: 0x0b, name: "ERR_INVALID_CHANNEL" });
    assert_eq!(id::<()>(Err(error)), "transport.transport-status");
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_told_by_code_and_name_and_the_line_goes_on() {
    for code in [0x01, 0x02, 0x03, 0x04, 0x05, 0x0a, 0x7f, 0x99] {
        for len in [2, 200] {
            let mut channel = open(refusing(ErrorCode(code), 1)).await.unwrap();
            let error = transact(&mut channel, &vec![1; len]).await.unwrap_err();
            let name = ErrorCode(code).name();
            assert_eq!(error, ChannelError::TransportStatus { code, name });
            assert_eq!(transact(&mut channel, &[5]).await, Ok(vec![0, 5]));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_without_ctap2_is_told_before_anything_is_sent() {
    let link = answers_init_with(|message| {
        let nonce = message.payload.as_slice().try_into().unwrap();
        InitReply::new(nonce, ChannelId(4), Capabilities(0x00)).encode()
    });
    let counters = link.counters.clone();
    let mut channel = open(link).await.unwrap();
    assert_eq!(id(transact(&mut channel, &[4]).await), "transport.unsupported");
    let cancel = CancellationToken::new();
    let winked = channel.wink(exchange(&cancel, 5)).await;
    assert_eq!(winked, Err(ChannelError::Unsupported("winking")));
    assert_eq!(counters.both(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_wink_is_answered_or_not_supported() {
    let cancel = CancellationToken::new();
    let mut channel = open(authenticator(|_| None)).await.unwrap();
    assert_eq!(channel.wink(exchange(&cancel, 5)).await, Ok(()));
    let mut channel = open(refusing(ErrorCode::INVALID_COMMAND, 1)).await.unwrap();
    let winked = channel.wink(exchange(&cancel, 5)).await;
    assert_eq!(winked, Err(ChannelError::Unsupported("winking")));
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_waited_out_until_a_far_deadline() {
    let mut channel = open(first_answer(|_| Vec::new())).await.unwrap();
    let start = Instant::now();
    let error = transact(&mut channel, &[1]).await.unwrap_err();
    assert_eq!(error, ChannelError::Timeout { phase: Phase::FirstReport });
    // 5 s for a first report, 2 s for the answer to the cancel
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    assert_eq!(transact(&mut channel, &[2]).await, Ok(vec![0, 2]));
}

#[tokio::test(start_paused = true)]
async fn echoes_of_every_length_come_back() {
    let mut channel = open(authenticator(|_| None)).await.unwrap();
    let cancel = CancellationToken::new();
    for len in [0, 1, 56, 57, 58, 115, 116, 117, 1024, 7608, 7609] {
        let payload: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
        assert_eq!(channel.echo(&payload, exchange(&cancel, 5)).await, Ok(()), "{len} bytes");
    }
    let too_long = channel.echo(&[0; 7610], exchange(&cancel, 5)).await;
    assert_eq!(id(too_long), "transport.message-too-long");
}

#[derive(Default)]
struct Heard(Mutex<Vec<ChannelEvent>>);

impl Heard {
    fn all(&self) -> Vec<ChannelEvent> {
        self.0.lock().unwrap().clone()
    }
}

impl Progress for Heard {
    fn event(&self, event: ChannelEvent) {
        self.0.lock().unwrap().push(event);
    }
}
