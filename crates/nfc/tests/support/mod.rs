//! Scripted cards.
#![allow(dead_code, reason = "every test program uses its own part")]

use async_trait::async_trait;
use keyvet_finding::Coded;
use keyvet_nfc::{CardChannel, CardLink, Settings};
use keyvet_transport::{ChannelError, ChannelEvent, DeviceId, Exchange, Progress, Transport};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a card does to one command.
pub(crate) enum Does {
    /// Answers these bytes.
    Says(Vec<u8>),
    /// Answers them after a while.
    Later(Duration, Vec<u8>),
    /// The link fails.
    Fails(ChannelError),
}

/// A card that answers what is written down, in order, and writes down what it hears. After the last it says `6f00`.
pub(crate) struct Scripted {
    script: VecDeque<(String, Does)>,
    endless: Option<Vec<u8>>,
    busy_until: Option<Instant>,
    pub heard: Heard,
}

/// What a card heard: commands in hex, and `begin`, `end`.
#[derive(Clone, Default)]
pub(crate) struct Heard(pub Arc<Mutex<Vec<String>>>);

impl Heard {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The commands alone.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.all().into_iter().filter(|word| word != "begin" && word != "end").collect()
    }

    fn add(&self, word: impl Into<String>) {
        self.0.lock().unwrap().push(word.into());
    }
}

impl Scripted {
    /// Each line is a command in hex, or the beginning of one, and the answer to it.
    pub(crate) fn new(script: impl IntoIterator<Item = (&'static str, Does)>) -> Self {
        let script = script.into_iter().map(|(command, does)| (command.to_owned(), does));
        let (busy_until, endless) = (None, None);
        Self { script: script.collect(), endless, busy_until, heard: Heard::default() }
    }

    /// The same that answers everything after the script with `answer`.
    pub(crate) fn then_always(self, answer: &str) -> Self {
        Self { endless: Some(unhex(answer)), ..self }
    }
}

#[async_trait]
impl CardLink for Scripted {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        if let Some(until) = self.busy_until {
            tokio::time::sleep_until(until).await;
            self.busy_until = None;
        }
        let command = hex(command);
        self.heard.add(&command);
        let Some((expected, does)) = self.script.pop_front() else {
            return Ok(self.endless.clone().unwrap_or_else(|| vec![0x6f, 0x00]));
        };
        assert!(command.starts_with(&expected), "expected {expected}, heard {command}");
        match does {
            Does::Says(answer) => Ok(answer),
            Does::Fails(error) => Err(error),
            Does::Later(time, answer) => {
                let until = Instant::now() + time;
                self.busy_until = Some(until);
                tokio::time::sleep_until(until).await;
                self.busy_until = None;
                Ok(answer)
            }
        }
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.heard.add("begin");
        Ok(())
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.heard.add("end");
        Ok(())
    }
}

/// The answer in hex.
pub(crate) fn says(hex: &str) -> Does {
    Does::Says(unhex(hex))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|digit| !digit.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The selection, as it goes out.
pub(crate) const SELECT: &str = "00a4040008a0000006472f000100";

/// `FIDO_2_0`.
pub(crate) const FIDO: &str = "4649444f5f325f309000";

/// `U2F_V2`.
pub(crate) const U2F: &str = "5532465f56329000";

/// A card that is selected as CTAP2, and then follows the script.
pub(crate) fn fido(rest: impl IntoIterator<Item = (&'static str, Does)>) -> Scripted {
    Scripted::new([(SELECT, says(FIDO))].into_iter().chain(rest))
}

/// The name of the card.
pub(crate) fn device() -> DeviceId {
    DeviceId::new(Transport::Nfc, "a reader")
}

/// The channel to a card, and what the card hears.
pub(crate) async fn open(
    card: Scripted,
    settings: Settings,
) -> (Result<CardChannel<Scripted>, ChannelError>, Heard) {
    let (cancel, heard) = (CancellationToken::new(), card.heard.clone());
    let opened = CardChannel::open_with(card, device(), settings, exchange(&cancel, 10)).await;
    (opened, heard)
}

/// An exchange of at most so many seconds.
pub(crate) fn exchange(cancel: &CancellationToken, seconds: u64) -> Exchange<'_> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    Exchange { deadline, cancel, progress: &() }
}

/// The stable id of an error.
pub(crate) fn id<T: std::fmt::Debug>(outcome: Result<T, ChannelError>) -> &'static str {
    outcome.expect_err("it must fail").kind().id
}

/// Writes down what it is told.
#[derive(Default)]
pub(crate) struct Told(pub Mutex<Vec<ChannelEvent>>);

impl Progress for Told {
    fn event(&self, event: ChannelEvent) {
        self.0.lock().unwrap().push(event);
    }
}
