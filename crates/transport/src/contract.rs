//! The contract of [`Channel`], as tests that every transport runs against a peer that follows a [`Plan`].
//!
//! A transport's tests implement [`Rig`], which opens a channel to such a peer, and say
//! [`channel_contract!`](crate::channel_contract)`(rig())`. The clock of `tokio` is paused in all of them.
#![expect(clippy::panic, reason = "a broken contract must fail the test that runs it")]

use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Channel, ChannelError, ChannelEvent, Exchange, Phase, Progress};

/// Opens channels to scripted peers.
#[async_trait]
pub trait Rig: Send + Sync {
    /// A channel to a peer that follows `plan` and writes down in `log` what it was asked.
    async fn open(&self, plan: Plan, log: Log) -> Box<dyn Channel>;
}

/// What a peer does.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// For each request, in order, what is done one after the other. After the last, and without a plan: nothing.
    pub requests: Vec<Vec<Act>>,
    /// What a cancel does while a request is pending.
    pub on_cancel: OnCancel,
}

/// One thing a peer does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Lets time pass.
    Wait(Duration),
    /// Sends the whole answer.
    Answer(Vec<u8>),
    /// Sends a part of the answer: more than nothing, less than all.
    AnswerPartly(Vec<u8>),
    /// Says once that it is at work.
    KeepAlive(ChannelEvent),
    /// Says so every 100 ms until it is cancelled.
    KeepAliveForEver(ChannelEvent),
    /// Talks to others on the same line every 100 µs until it is cancelled, as far as others can be heard on it.
    TalkToOthersForEver,
    /// From now on it neither listens nor speaks.
    FallDumb,
    /// Goes away.
    Vanish,
}

/// What a cancel does while a request is pending.
#[derive(Clone, Debug, Default)]
pub enum OnCancel {
    /// The request ends with `CTAP2_ERR_KEEPALIVE_CANCEL`.
    #[default]
    End,
    /// Nothing.
    Ignore,
    /// The request had just ended with this answer.
    Lose(Vec<u8>),
}

/// What a peer was asked.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<Asked>>>);

/// One thing a peer was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// A request.
    Request(Vec<u8>),
    /// A cancel while a request was pending.
    Cancel,
}

impl Log {
    /// Writes down.
    pub fn add(&self, asked: Asked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    /// What was written down.
    #[must_use]
    pub fn all(&self) -> Vec<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn cancels(&self) -> usize {
        self.all().iter().filter(|asked| **asked == Asked::Cancel).count()
    }
}

/// Two requests, each gets its own answer, whatever their lengths.
pub async fn every_reply_belongs_to_its_request(rig: impl Rig) {
    let answers = [answer(1, 1), answer(2, 300), answer(3, 57), answer(4, 58), answer(5, 2000)];
    let bench = Bench::new(rig, answers.iter().cloned().map(at_once).collect()).await;
    let mut channel = bench.channel;
    for (number, expected) in (1..).zip(answers) {
        let request = vec![number; usize::from(number).saturating_mul(100)];
        assert_eq!(transact(&mut channel, &request).await, Ok(expected), "request {number}");
        assert_eq!(bench.log.all().last(), Some(&Asked::Request(request)));
    }
}

/// The longest message goes both ways; one that is longer is refused before anything is sent.
pub async fn the_longest_message_fits_and_a_longer_one_is_not_sent(rig: impl Rig) {
    let limit = Bench::open(&rig, Plan::default()).await.channel.limits().max_message_len;
    let bench = Bench::new(rig, vec![at_once(answer(1, limit))]).await;
    let mut channel = bench.channel;
    let longer = vec![4; limit.saturating_add(1)];
    let refused = ChannelError::TooLong { len: longer.len(), max: limit };
    assert_eq!(transact(&mut channel, &longer).await, Err(refused));
    assert_eq!(bench.log.all(), []);
    assert_eq!(transact(&mut channel, &vec![4; limit]).await, Ok(answer(1, limit)));
}

/// The paused clock shows no time at all between the request and the return.
pub async fn nothing_sleeps_on_the_way(rig: impl Rig) {
    let touch = vec![
        Act::KeepAlive(ChannelEvent::TouchNeeded),
        Act::Wait(Duration::from_millis(730)),
        Act::Answer(answer(2, 800)),
    ];
    let mut channel = Bench::new(rig, vec![at_once(answer(1, 800)), touch]).await.channel;
    let start = Instant::now();
    assert_eq!(transact(&mut channel, &[1]).await, Ok(answer(1, 800)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 800)));
    assert_eq!(start.elapsed(), Duration::from_millis(730), "what the peer took, and no more");
}

/// Keep-alives are told as they come.
pub async fn keep_alives_become_progress(rig: impl Rig) {
    let said = [
        ChannelEvent::Processing,
        ChannelEvent::Other(0x77),
        ChannelEvent::TouchNeeded,
        ChannelEvent::TouchNeeded,
    ];
    let mut plan: Vec<_> = said.into_iter().map(Act::KeepAlive).collect();
    plan.push(Act::Answer(answer(1, 100)));
    let mut channel = Bench::new(rig, vec![plan]).await.channel;
    let heard = Heard::default();
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: within(SECOND), cancel: &cancel, progress: &heard };
    assert_eq!(channel.transact(&[1], exchange).await, Ok(answer(1, 100)));
    assert_eq!(heard.all(), said);
}

/// Endless keep-alives end at the deadline, the peer is told, and the channel goes on working.
pub async fn endless_keep_alives_end_at_the_deadline(rig: impl Rig) {
    let endless = vec![Act::KeepAliveForEver(ChannelEvent::TouchNeeded)];
    let bench = Bench::new(rig, vec![endless, at_once(answer(2, 90))]).await;
    let mut channel = bench.channel;
    let start = Instant::now();
    let outcome = transact_within(&mut channel, &[1], SECOND.saturating_mul(30)).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::Touch }));
    assert_eq!(start.elapsed(), SECOND.saturating_mul(30));
    assert_eq!(bench.log.cancels(), 1, "the peer is told once");
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 90)));
}

/// What others say on the line neither ends an exchange nor keeps it from ending.
pub async fn what_others_say_ends_at_the_deadline(rig: impl Rig) {
    let bench = Bench::new(rig, vec![vec![Act::TalkToOthersForEver], at_once(answer(2, 9))]).await;
    let mut channel = bench.channel;
    let start = Instant::now();
    let outcome = transact_within(&mut channel, &[1], SECOND).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::FirstReport }));
    assert!(start.elapsed() <= SECOND.saturating_add(BOUND), "{:?}", start.elapsed());
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 9)));
}

/// Silence, or half an answer, ends at the deadline or before, and says which it was.
pub async fn silence_ends_and_says_what_was_missing(rig: impl Rig) {
    let half = vec![Act::AnswerPartly(answer(2, 900))];
    let worked = vec![Act::KeepAlive(ChannelEvent::Processing)];
    let plan = vec![vec![], half, worked, at_once(answer(4, 70))];
    let mut channel = Bench::new(rig, plan).await.channel;
    for phase in [Phase::FirstReport, Phase::MidMessage, Phase::Processing] {
        let start = Instant::now();
        let outcome = transact_within(&mut channel, &[1], SECOND).await;
        assert_eq!(outcome, Err(ChannelError::Timeout { phase }));
        assert!(start.elapsed() <= SECOND.saturating_add(BOUND), "{:?}", start.elapsed());
    }
    assert_eq!(transact(&mut channel, &[4]).await, Ok(answer(4, 70)));
}

/// A peer that does not hear the cancel is left after a bounded time; its late answer is nobody's.
pub async fn a_late_answer_is_never_given_to_the_next_request(rig: impl Rig) {
    let late = vec![Act::Wait(SECOND.saturating_mul(20)), Act::Answer(answer(1, 60))];
    let plan = Plan { requests: vec![late, at_once(answer(2, 60))], on_cancel: OnCancel::Ignore };
    let mut channel = Bench::open(&rig, plan).await.channel;
    let start = Instant::now();
    let outcome = transact_within(&mut channel, &[1], SECOND).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::FirstReport }));
    assert!(start.elapsed() <= SECOND.saturating_add(BOUND), "{:?}", start.elapsed());
    right_or_poisoned(&mut channel, &[2], &answer(2, 60)).await;
}

/// Cancelled before it began: nothing is sent.
pub async fn cancelled_before_nothing_is_sent(rig: impl Rig) {
    let bench = Bench::new(rig, vec![at_once(answer(1, 60))]).await;
    let mut channel = bench.channel;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let exchange = Exchange { deadline: within(SECOND), cancel: &cancel, progress: &() };
    assert_eq!(channel.transact(&[1], exchange).await, Err(ChannelError::Cancelled));
    assert_eq!(bench.log.all(), []);
    assert_eq!(transact(&mut channel, &[1]).await, Ok(answer(1, 60)));
}

/// Cancelled during: the peer is told, the exchange ends, and the channel goes on working.
pub async fn cancelled_during_the_peer_is_told(rig: impl Rig) {
    let touch = vec![Act::KeepAliveForEver(ChannelEvent::TouchNeeded)];
    let bench = Bench::new(rig, vec![touch, at_once(answer(2, 500))]).await;
    let mut channel = bench.channel;
    let start = Instant::now();
    assert_eq!(cancelled_after(&mut channel, SECOND).await, Err(ChannelError::Cancelled));
    assert_eq!(start.elapsed(), SECOND);
    assert_eq!(bench.log.cancels(), 1);
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 500)));
}

/// A peer that does not care about a cancel costs a bounded time.
pub async fn a_cancel_that_is_ignored_costs_a_bounded_time(rig: impl Rig) {
    let touch = vec![Act::KeepAliveForEver(ChannelEvent::TouchNeeded)];
    let plan = Plan { requests: vec![touch, at_once(answer(2, 5))], on_cancel: OnCancel::Ignore };
    let mut channel = Bench::open(&rig, plan).await.channel;
    let start = Instant::now();
    assert_eq!(cancelled_after(&mut channel, SECOND).await, Err(ChannelError::Cancelled));
    assert!(start.elapsed() <= SECOND.saturating_add(BOUND), "{:?}", start.elapsed());
    right_or_poisoned(&mut channel, &[2], &answer(2, 5)).await;
}

/// What the authenticator had done before the cancel arrived is told.
pub async fn a_success_that_was_quicker_than_the_cancel_is_told(rig: impl Rig) {
    let touch = vec![Act::KeepAliveForEver(ChannelEvent::TouchNeeded)];
    let plan = Plan {
        requests: vec![touch, at_once(answer(2, 5))],
        on_cancel: OnCancel::Lose(answer(1, 700)),
    };
    let mut channel = Bench::open(&rig, plan).await.channel;
    assert_eq!(cancelled_after(&mut channel, SECOND).await, Ok(answer(1, 700)));
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 5)));
}

/// Cancelled after it ended: nothing happens.
pub async fn cancelled_after_the_answer_nothing_happens(rig: impl Rig) {
    let bench = Bench::new(rig, vec![at_once(answer(1, 60)), at_once(answer(2, 60))]).await;
    let mut channel = bench.channel;
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: within(SECOND), cancel: &cancel, progress: &() };
    assert_eq!(channel.transact(&[1], exchange).await, Ok(answer(1, 60)));
    cancel.cancel();
    assert_eq!(transact(&mut channel, &[2]).await, Ok(answer(2, 60)));
    assert_eq!(bench.log.cancels(), 0);
}

/// A dropped exchange leaves a channel that works or is poisoned: its answer, late or by half, is nobody's.
pub async fn a_dropped_exchange_leaves_nothing_behind(rig: impl Rig) {
    let late = vec![Act::Wait(SECOND.saturating_mul(2)), Act::Answer(answer(1, 60))];
    let half = vec![Act::AnswerPartly(answer(1, 600))];
    let touch = vec![Act::KeepAliveForEver(ChannelEvent::TouchNeeded)];
    for on_cancel in [OnCancel::End, OnCancel::Ignore, OnCancel::Lose(answer(1, 60))] {
        for dropped in [&late, &half, &touch] {
            let requests = vec![dropped.clone(), at_once(answer(2, 60)), at_once(answer(3, 60))];
            let plan = Plan { requests, on_cancel: on_cancel.clone() };
            let mut channel = Bench::open(&rig, plan).await.channel;
            assert!(timeout(SECOND, transact(&mut channel, &[1])).await.is_err());
            right_or_poisoned(&mut channel, &[2], &answer(2, 60)).await;
            right_or_poisoned(&mut channel, &[3], &answer(3, 60)).await;
        }
    }
}

/// A peer that hears nothing any more poisons the channel; that is said at once from then on.
pub async fn a_line_that_stays_dumb_is_poisoned(rig: impl Rig) {
    let plan = vec![vec![Act::FallDumb], at_once(answer(2, 60))];
    let mut channel = Bench::new(rig, plan).await.channel;
    let start = Instant::now();
    let outcome = transact_within(&mut channel, &[1], SECOND).await;
    assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::FirstReport }));
    assert_eq!(transact(&mut channel, &[2]).await, Err(ChannelError::Poisoned));
    assert!(start.elapsed() <= SECOND.saturating_add(BOUND), "{:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(transact(&mut channel, &[2]).await, Err(ChannelError::Poisoned));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// A peer that goes away is told as that, at once, and stays away.
pub async fn a_peer_that_vanishes_is_told_at_once(rig: impl Rig) {
    let wait = Act::Wait(SECOND);
    let touch = Act::KeepAlive(ChannelEvent::TouchNeeded);
    let mut channel = Bench::new(rig, vec![vec![touch, wait, Act::Vanish]]).await.channel;
    let start = Instant::now();
    let outcome = transact_within(&mut channel, &[1], SECOND.saturating_mul(60)).await;
    assert_eq!(outcome, Err(ChannelError::Removed));
    assert_eq!(start.elapsed(), SECOND);
    let outcome = transact_within(&mut channel, &[1], SECOND.saturating_mul(60)).await;
    assert_eq!(outcome, Err(ChannelError::Removed));
}

/// A ping is answered without a request.
pub async fn a_ping_proves_the_line_and_asks_nothing(rig: impl Rig) {
    let bench = Bench::new(rig, vec![at_once(answer(1, 60))]).await;
    let mut channel = bench.channel;
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: within(SECOND), cancel: &cancel, progress: &() };
    assert_eq!(channel.ping(exchange).await, Ok(()));
    assert_eq!(bench.log.all(), []);
    assert_eq!(transact(&mut channel, &[1]).await, Ok(answer(1, 60)));
}

/// Makes a test of every part of the contract, against `$rig`, an expression for a [`Rig`]. The crate needs `tokio` with
/// the features `macros`, `rt` and `test-util`.
#[macro_export]
macro_rules! channel_contract {
    ($rig:expr) => {
        $crate::channel_contract!(@ $rig,
            every_reply_belongs_to_its_request,
            the_longest_message_fits_and_a_longer_one_is_not_sent,
            nothing_sleeps_on_the_way,
            keep_alives_become_progress,
            endless_keep_alives_end_at_the_deadline,
            what_others_say_ends_at_the_deadline,
            silence_ends_and_says_what_was_missing,
            a_late_answer_is_never_given_to_the_next_request,
            cancelled_before_nothing_is_sent,
            cancelled_during_the_peer_is_told,
            a_cancel_that_is_ignored_costs_a_bounded_time,
            a_success_that_was_quicker_than_the_cancel_is_told,
            cancelled_after_the_answer_nothing_happens,
            a_dropped_exchange_leaves_nothing_behind,
            a_line_that_stays_dumb_is_poisoned,
            a_peer_that_vanishes_is_told_at_once,
            a_ping_proves_the_line_and_asks_nothing,
        );
    };
    (@ $rig:expr, $($name:ident,)+) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                $crate::contract::$name($rig).await;
            }
        )+
    };
}

struct Bench {
    channel: Box<dyn Channel>,
    log: Log,
}

impl Bench {
    async fn new(rig: impl Rig, requests: Vec<Vec<Act>>) -> Self {
        Self::open(&rig, Plan { requests, on_cancel: OnCancel::End }).await
    }

    async fn open(rig: &impl Rig, plan: Plan) -> Self {
        let log = Log::default();
        Self { channel: rig.open(plan, log.clone()).await, log }
    }
}

async fn transact(channel: &mut Box<dyn Channel>, request: &[u8]) -> Result<Vec<u8>, ChannelError> {
    transact_within(channel, request, SECOND.saturating_mul(60)).await
}

async fn transact_within(
    channel: &mut Box<dyn Channel>,
    request: &[u8],
    time: Duration,
) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: within(time), cancel: &cancel, progress: &() };
    channel.transact(request, exchange).await
}

async fn cancelled_after(
    channel: &mut Box<dyn Channel>,
    time: Duration,
) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    let deadline = within(SECOND.saturating_mul(60));
    let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
    let cancelling = async {
        tokio::time::sleep(time).await;
        cancel.cancel();
    };
    tokio::join!(channel.transact(&[1], exchange), cancelling).0
}

async fn right_or_poisoned(channel: &mut Box<dyn Channel>, request: &[u8], right: &[u8]) {
    match transact(channel, request).await {
        Ok(answer) => assert_eq!(answer, right, "the answer to another request was taken"),
        Err(ChannelError::Poisoned) => {}
        Err(error) => panic!("neither the right answer nor poisoned: {error:?}"),
    }
}

/// A successful answer of `len` bytes that no other `number` has.
fn answer(number: u8, len: usize) -> Vec<u8> {
    let mut answer = vec![number; len];
    if let Some(status) = answer.first_mut() {
        *status = 0;
    }
    answer
}

fn at_once(answer: Vec<u8>) -> Vec<Act> {
    vec![Act::Answer(answer)]
}

fn within(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

#[derive(Default)]
struct Heard(Mutex<Vec<ChannelEvent>>);

impl Heard {
    fn all(&self) -> Vec<ChannelEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Progress for Heard {
    fn event(&self, event: ChannelEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// What cancelling, draining and coming back in step may cost together.
const BOUND: Duration = Duration::from_secs(5);
