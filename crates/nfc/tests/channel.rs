//! What the channel does to cards that are odd, hostile or shared.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use keyvet_finding::Coded;
use keyvet_nfc::iso7816::{ApduMode, Application, Command};
use keyvet_nfc::{CardChannel, Settings};
use keyvet_transport::{Channel, ChannelError, ChannelEvent, Exchange, Phase};
use std::time::Duration;
use support::{
    Does, FIDO, Heard, SELECT, Scripted, Told, U2F, exchange, fido, id, open, says, unhex,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const INFO_EXTENDED: &str = "80108000000001040000";
const INFO_SHORT: &str = "80108000010400";
const GET_INFO: [u8; 1] = [0x04];

async fn opened(card: Scripted) -> (CardChannel<Scripted>, Heard) {
    let (channel, heard) = open(card, Settings::default()).await;
    (channel.unwrap(), heard)
}

async fn opened_in(mode: ApduMode, card: Scripted) -> (CardChannel<Scripted>, Heard) {
    let mut settings = Settings::default();
    settings.mode = mode;
    let (channel, heard) = open(card, settings).await;
    (channel.unwrap(), heard)
}

async fn transact(
    channel: &mut CardChannel<Scripted>,
    request: &[u8],
) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    channel.transact(request, exchange(&cancel, 10)).await
}

#[tokio::test(start_paused = true)]
async fn a_card_with_ctap2_is_opened_with_one_command() {
    let (channel, heard) = opened(fido([])).await;
    assert_eq!(heard.all(), ["begin", SELECT, "end"]);
    assert_eq!(channel.application(), Application::Fido2);
    let limits = channel.limits();
    assert_eq!((limits.ctap2, limits.ctap1, limits.wink), (true, false, false));
    assert_eq!(limits.max_message_len, 7609);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_calls_itself_u2f_is_asked_for_ctap2_once() {
    let info = says("00a10180 9000");
    let (mut channel, heard) =
        opened(Scripted::new([(SELECT, says(U2F)), (INFO_EXTENDED, info)])).await;
    let limits = channel.limits();
    assert_eq!((limits.ctap2, limits.ctap1), (true, true));
    assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(unhex("00a10180")));
    assert_eq!(heard.all(), ["begin", SELECT, INFO_EXTENDED, "end"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_the_opening_is_given_to_the_first_request_only() {
    let script = [
        (SELECT, says(U2F)),
        (INFO_EXTENDED, says("00 01 9000")),
        ("801080000000010b0000", says("00 02 9000")),
        (INFO_EXTENDED, says("00 03 9000")),
    ];
    let (mut channel, _) = opened(Scripted::new(script)).await;
    assert_eq!(transact(&mut channel, &[0x0b]).await, Ok(vec![0, 2]));
    assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0, 3]));
}

#[tokio::test(start_paused = true)]
async fn a_card_with_u2f_only_is_told_by_its_refusals() {
    for status in ["6d00", "6e00", "6985", "6a81"] {
        let script = [(SELECT, says(U2F))];
        let (mut channel, heard) = opened(Scripted::new(script).then_always(status)).await;
        assert!(!channel.limits().ctap2, "{status}");
        assert!(channel.limits().ctap1);
        let outcome = transact(&mut channel, &GET_INFO).await;
        assert_eq!(outcome, Err(ChannelError::Unsupported("CTAP2")), "{status}");
        assert!(heard.commands().len() <= 3, "{:?}", heard.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_that_fails_is_not_said_to_have_u2f_only() {
    let (channel, _) = open(
        Scripted::new([(SELECT, says(U2F)), (INFO_EXTENDED, says("6f00"))]),
        Settings::default(),
    )
    .await;
    assert_eq!(id(channel), "nfc.refused");
}

#[tokio::test(start_paused = true)]
async fn other_cards_are_not_opened() {
    for (answer, expected) in [
        ("6a82", "nfc.not-a-key"),
        ("6d00", "nfc.not-a-key"),
        ("6283", "nfc.deactivated"),
        ("6f108400 9000", "nfc.unknown-version"),
        ("", "nfc.answer-too-short"),
        ("90", "nfc.answer-too-short"),
    ] {
        let (channel, _) = open(Scripted::new([(SELECT, says(answer))]), Settings::default()).await;
        assert_eq!(id(channel), expected, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_refuses_extended_commands_is_remembered() {
    let settings = Settings::default();
    let card = fido([(INFO_EXTENDED, says("6700")), (INFO_SHORT, says("00 01 9000"))]);
    let (channel, _) = open(card, settings.clone()).await;
    assert_eq!(transact(&mut channel.unwrap(), &GET_INFO).await, Ok(vec![0, 1]));
    let card = fido([(INFO_SHORT, says("00 02 9000"))]);
    let (channel, heard) = open(card, settings).await;
    assert_eq!(transact(&mut channel.unwrap(), &GET_INFO).await, Ok(vec![0, 2]));
    assert_eq!(heard.commands(), [SELECT, INFO_SHORT]);
}

#[tokio::test(start_paused = true)]
async fn a_card_without_chaining_gets_extended_commands_in_spite_of_the_memory() {
    let settings = Settings::default();
    settings.memory.refuse_extended("a reader", 1);
    let script = [("90108000f0", says("6884")), ("8010800000012c", says("00 9000"))];
    let card = fido(script);
    let (channel, heard) = open(card, settings).await;
    assert_eq!(transact(&mut channel.unwrap(), &[1; 300]).await, Ok(vec![0]));
    assert_eq!(heard.commands().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_not_about_the_form_is_not_repeated() {
    let (mut channel, heard) = opened(fido([("8010", says("6f00"))])).await;
    assert_eq!(id(transact(&mut channel, &[1; 10]).await), "nfc.refused");
    assert_eq!(heard.commands().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_mode_that_was_chosen_is_kept_whatever_the_card_says() {
    let (mut channel, heard) = opened_in(ApduMode::Short, fido([(INFO_SHORT, says("6700"))])).await;
    assert_eq!(id(transact(&mut channel, &GET_INFO).await), "nfc.refused");
    assert_eq!(heard.commands(), [SELECT, INFO_SHORT]);
    let (mut channel, heard) =
        opened_in(ApduMode::Extended, fido([(INFO_EXTENDED, says("6700"))])).await;
    assert_eq!(id(transact(&mut channel, &GET_INFO).await), "nfc.refused");
    assert_eq!(heard.commands(), [SELECT, INFO_EXTENDED]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_the_reader_may_have_passed_on_is_not_sent_again() {
    let unsure = || ChannelError::Unsupported("extended commands");
    let script =
        [("80108000000001010000", Does::Fails(unsure())), ("80108000010100", says("00 9000"))];
    let (mut channel, heard) = opened(fido(script)).await;
    assert_eq!(transact(&mut channel, &[0x01]).await, Err(unsure()));
    assert_eq!(heard.commands().len(), 2, "a registration is not begun twice");
    assert_eq!(transact(&mut channel, &[0x01]).await, Ok(vec![0]), "whoever repeats it");
}

#[tokio::test(start_paused = true)]
async fn what_a_reader_certainly_did_not_send_is_sent_shorter() {
    let long = ChannelError::TooLong { len: 10, max: 5 };
    let script = [("8010800000", Does::Fails(long)), ("80108000010100", says("00 9000"))];
    let (mut channel, _) = opened(fido(script)).await;
    assert_eq!(transact(&mut channel, &[0x01]).await, Ok(vec![0]));
    let unsure = ChannelError::Unsupported("extended commands");
    let script = [(INFO_EXTENDED, Does::Fails(unsure)), (INFO_SHORT, says("00 9000"))];
    let (mut channel, _) = opened(fido(script)).await;
    assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0]), "getInfo does no harm");
}

#[tokio::test(start_paused = true)]
async fn another_application_selected_in_between_is_noticed() {
    for status in ["6d00", "6e00", "6985", "6986"] {
        let script = [
            (INFO_EXTENDED, says("00 01 9000")),
            (INFO_EXTENDED, says(status)),
            (SELECT, says(FIDO)),
            (INFO_EXTENDED, says("00 02 9000")),
        ];
        let (mut channel, _) = opened(fido(script)).await;
        assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0, 1]));
        assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0, 2]), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_and_its_use_are_one_transaction() {
    let token = [0x06, 0xa6, 0x01, 0x02, 0x02, 0x09, 0x03];
    let refused = [("8010", says("31 9000")), ("8010", says("00 9000"))];
    let (mut channel, heard) = opened(fido(refused)).await;
    transact(&mut channel, &token).await.unwrap();
    assert_eq!(heard.all().last().unwrap(), "end", "there is no token to keep");
    transact(&mut channel, &token).await.unwrap();
    assert_ne!(heard.all().last().unwrap(), "end");
    let (mut channel, heard) =
        opened(fido([("8010", says("00 9000")), ("8010", says("00 9000"))])).await;
    transact(&mut channel, &token).await.unwrap();
    transact(&mut channel, &[1; 9]).await.unwrap();
    let words =
        heard.all().into_iter().map(|word| if word.len() > 5 { "apdu".into() } else { word });
    let expected = ["begin", "apdu", "end", "begin", "apdu", "apdu", "end"];
    assert_eq!(words.collect::<Vec<_>>(), expected);
}

#[tokio::test(start_paused = true)]
async fn hostile_answers_end_with_their_own_error_and_a_channel_in_step() {
    for (answer, expected) in [
        ("9000", "nfc.empty-answer"),
        ("", "nfc.answer-too-short"),
        ("00", "nfc.answer-too-short"),
        ("6a99", "nfc.refused"),
    ] {
        let script =
            [(INFO_SHORT, says(answer)), (SELECT, says(FIDO)), (INFO_SHORT, says("00 05 9000"))];
        let refused_only = expected == "nfc.refused";
        let script = script.into_iter().filter(|(command, _)| !refused_only || *command != SELECT);
        let (mut channel, _) = opened_in(ApduMode::Short, fido(script)).await;
        assert_eq!(id(transact(&mut channel, &GET_INFO).await), expected, "{answer}");
        assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0, 5]), "after {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_ends() {
    for (always, expected) in [
        ("6100", "nfc.endless-answer"),
        ("00 6101", "nfc.endless-answer"),
        ("6c10", "nfc.length-loop"),
    ] {
        let card = fido([]).then_always(always);
        let (mut channel, heard) = opened_in(ApduMode::Short, card).await;
        assert_eq!(id(transact(&mut channel, &GET_INFO).await), expected, "{always}");
        assert!(heard.commands().len() < 1000, "{}", heard.commands().len());
    }
    let giant = format!("{}9000", "00".repeat(70_000));
    let (mut channel, _) = opened(fido([(INFO_EXTENDED, says(&giant))])).await;
    assert_eq!(id(transact(&mut channel, &GET_INFO).await), "nfc.answer-too-long");
}

#[tokio::test(start_paused = true)]
async fn keep_alives_for_ever_are_asked_at_the_specified_pace_until_the_deadline() {
    let (mut channel, heard) = opened(fido([]).then_always("02 9100")).await;
    let (cancel, told, start) = (CancellationToken::new(), Told::default(), Instant::now());
    let deadline = start + Duration::from_secs(10);
    let around = Exchange { deadline, cancel: &cancel, progress: &told };
    let outcome = channel.transact(&[1; 5], around).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::Touch }));
    assert!(start.elapsed() <= Duration::from_secs(15), "{:?}", start.elapsed());
    let polls = told.0.lock().unwrap().len();
    assert!((100..=103).contains(&polls), "{polls} in 10 s");
    assert!(told.0.lock().unwrap().iter().all(|event| *event == ChannelEvent::TouchNeeded));
    assert!(heard.commands().contains(&"80111100000000".into()), "it is cancelled");
}

#[tokio::test(start_paused = true)]
async fn an_older_card_that_refuses_a_cancel_is_selected_again_at_once() {
    let script = [
        ("8010", says("02 9100")),
        ("80110000", says("02 9100")),
        ("80111100", says("6a86")),
        (SELECT, says(FIDO)),
        (INFO_EXTENDED, says("00 9000")),
    ];
    let (mut channel, _) = opened(fido(script)).await;
    let (cancel, start) = (CancellationToken::new(), Instant::now());
    let cancelling = async {
        sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(channel.transact(&[1; 5], exchange(&cancel, 10)), cancelling);
    assert_eq!(outcome, Err(ChannelError::Cancelled));
    assert_eq!(start.elapsed(), Duration::from_millis(50));
    assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0]));
}

#[tokio::test(start_paused = true)]
async fn a_card_that_works_without_a_word_is_left_at_once_and_waited_for_later() {
    let answer = unhex("00 07 9000");
    let script = [
        ("8010", Does::Later(Duration::from_secs(2), answer)),
        (SELECT, says(FIDO)),
        (INFO_EXTENDED, says("00 08 9000")),
    ];
    let (mut channel, heard) = opened(fido(script)).await;
    let (cancel, start) = (CancellationToken::new(), Instant::now());
    let cancelling = async {
        sleep(Duration::from_millis(500)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(channel.transact(&[1; 5], exchange(&cancel, 10)), cancelling);
    assert_eq!(outcome, Err(ChannelError::Cancelled));
    assert!(start.elapsed() < Duration::from_millis(600), "{:?}", start.elapsed());
    assert_eq!(transact(&mut channel, &GET_INFO).await, Ok(vec![0, 8]));
    assert_eq!(start.elapsed(), Duration::from_secs(2), "the card had to finish first");
    assert_eq!(heard.commands().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_success_that_ends_while_it_is_cancelled_is_told() {
    let late = Does::Later(Duration::from_millis(530), unhex("00 07 9000"));
    let (mut channel, _) = opened(fido([("8010", late)])).await;
    let cancel = CancellationToken::new();
    let cancelling = async {
        sleep(Duration::from_millis(500)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(channel.transact(&[1; 5], exchange(&cancel, 10)), cancelling);
    assert_eq!(outcome, Ok(vec![0, 7]));
}

#[tokio::test(start_paused = true)]
async fn another_card_is_never_gone_on_with() {
    let swapped = ChannelError::Replaced {
        path: "a reader".into(),
        expected: "one".into(),
        found: "another".into(),
    };
    for gone in [ChannelError::Removed, swapped] {
        let script = [("8010", Does::Fails(gone.clone())), ("", says("00 9000"))];
        let (mut channel, heard) = opened(fido(script)).await;
        assert_eq!(transact(&mut channel, &GET_INFO).await, Err(gone.clone()));
        assert_eq!(transact(&mut channel, &GET_INFO).await, Err(gone));
        assert_eq!(heard.commands().len(), 2);
    }
}

#[test]
fn bytes_that_are_no_command_have_a_code() {
    let error = Command::parse(&[0x80, 0x10, 0x80]).unwrap_err();
    assert_eq!(error.kind().id, "nfc.not-a-command");
}

#[tokio::test(start_paused = true)]
async fn a_ping_selects_the_application_and_there_is_no_wink() {
    let (mut channel, heard) = opened(fido([(SELECT, says(FIDO)), (SELECT, says("6a82"))])).await;
    let cancel = CancellationToken::new();
    assert_eq!(channel.ping(exchange(&cancel, 1)).await, Ok(()));
    assert_eq!(heard.commands(), [SELECT, SELECT]);
    assert_eq!(id(channel.ping(exchange(&cancel, 1)).await), "nfc.not-a-key");
    let winked = channel.wink(exchange(&cancel, 1)).await;
    assert_eq!(winked, Err(ChannelError::Unsupported("winking")));
}

#[tokio::test(start_paused = true)]
async fn closing_deselects_the_application() {
    let (channel, heard) = opened(fido([("80120100", says("9000"))])).await;
    channel.close().await;
    assert_eq!(heard.all(), ["begin", SELECT, "end", "begin", "80120100", "end"]);
}
