//! What surrounds a ceremony: the person, how long to wait, how to stop, how a PIN may be spent.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use keyvet_pin_uv::Pin;
use keyvet_transport::{ChannelEvent, Progress};
use tokio_util::sync::CancellationToken;

/// What surrounds a ceremony. It is cheap to copy; make one per command.
#[derive(Clone, Copy)]
pub struct Ceremony<'a> {
    /// Who touches the key and knows the PIN.
    pub person: &'a dyn Person,
    /// Ends the ceremony early. The key is told, and the result is [`crate::ClientError::Cancelled`].
    pub cancel: &'a CancellationToken,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How a PIN may be spent.
    pub pin_policy: PinPolicy,
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    /// For a command that asks nothing of the person.
    pub answer: Duration,
    /// For a command that waits for a touch or a fingerprint.
    pub touch: Duration,
}

/// How a PIN may be spent. Every wrong one costs a retry, and a key without retries must be reset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PinPolicy {
    /// Whether a PIN may be tried when two retries or fewer are left.
    pub danger_allow_last_retries: bool,
    /// How often the person is asked in one ceremony. The default of two leaves unspent the third wrong PIN in a row,
    /// after which a key wants to be plugged in again (CTAP 2.2 §6.5.5.7).
    pub max_attempts: u8,
}

/// The person at the key.
///
/// A person without a keyboard, such as a PIN read from a file, must decline when [`PinRequest::previous_failed`] is
/// set: the same PIN would only cost another retry.
#[async_trait]
pub trait Person: Send + Sync {
    /// The key's PIN. It is called again after a wrong one, at most [`PinPolicy::max_attempts`] times in all.
    ///
    /// # Errors
    /// [`Declined`] when there is none to be had.
    async fn pin(&self, ask: &PinRequest) -> Result<Pin, Declined>;

    /// Is told how things stand. It is called from within an exchange, so it must return at once.
    fn event(&self, event: ClientEvent);
}

/// What a person needs to know to enter a PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PinRequest {
    /// Wrong PINs left before the key blocks itself.
    pub retries_left: Option<u64>,
    /// Shortest PIN that the key takes, in Unicode code points.
    pub min_code_points: usize,
    /// Longest PIN that the key takes, in Unicode code points.
    pub max_code_points: usize,
    /// Whether the PIN given just before was wrong.
    pub previous_failed: bool,
}

/// The person gave no PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no PIN was given")]
pub struct Declined;

/// How things stand between the key and the person.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The key is working.
    Processing,
    /// The key waits for a touch.
    TouchNeeded,
    /// The key verifies the person itself, by finger or otherwise: it waits for that.
    VerificationNeeded,
    /// The key did not recognise the person; so many tries of its own are left.
    VerificationFailed {
        /// Tries left, when the key tells.
        left: Option<u64>,
    },
    /// Another program is using the key; the command is tried again.
    Busy,
    /// The PIN is about to be asked for.
    PinNeeded,
    /// The PIN was wrong.
    PinWrong {
        /// Retries left.
        left: Option<u64>,
    },
    /// The key answered the command during which the last event came.
    Answered,
    /// A state of the key that no specification names.
    Other(u8),
}

impl<'a> Ceremony<'a> {
    /// A ceremony with `person` that ends when `cancel` is cancelled; usual timeouts, PINs spared.
    #[must_use]
    pub fn new(person: &'a dyn Person, cancel: &'a CancellationToken) -> Self {
        Self { person, cancel, timeouts: Timeouts::default(), pin_policy: PinPolicy::default() }
    }
}

impl Default for Timeouts {
    /// 10 seconds for an answer, 60 seconds for a touch.
    fn default() -> Self {
        Self { answer: Duration::from_secs(10), touch: Duration::from_secs(60) }
    }
}

impl Default for PinPolicy {
    fn default() -> Self {
        Self { danger_allow_last_retries: false, max_attempts: 2 }
    }
}

impl PinPolicy {
    /// A PIN is not spent when so few retries are left.
    pub const LAST_RETRIES: u64 = 2;
}

impl std::fmt::Debug for Ceremony<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ceremony").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// Hands a channel's events to the person, each once: keep-alives repeat every 100 ms.
pub(crate) struct Relay<'a> {
    person: &'a dyn Person,
    last: Mutex<Option<ChannelEvent>>,
}

impl<'a> Relay<'a> {
    pub(crate) fn new(person: &'a dyn Person) -> Self {
        Self { person, last: Mutex::new(None) }
    }

    /// The exchange is over.
    pub(crate) fn finish(self) {
        let last = self.last.into_inner().unwrap_or_else(PoisonError::into_inner);
        if last.is_some() {
            self.person.event(ClientEvent::Answered);
        }
    }
}

impl Progress for Relay<'_> {
    fn event(&self, event: ChannelEvent) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.replace(event) != Some(event) {
            self.person.event(client_event(event));
        }
    }
}

fn client_event(event: ChannelEvent) -> ClientEvent {
    match event {
        ChannelEvent::Processing => ClientEvent::Processing,
        ChannelEvent::TouchNeeded => ClientEvent::TouchNeeded,
        ChannelEvent::Busy => ClientEvent::Busy,
        ChannelEvent::Other(state) => ClientEvent::Other(state),
        _ => ClientEvent::Processing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Log(Mutex<Vec<ClientEvent>>);

    #[async_trait]
    impl Person for Log {
        async fn pin(&self, _: &PinRequest) -> Result<Pin, Declined> {
            Err(Declined)
        }

        fn event(&self, event: ClientEvent) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[test]
    fn a_state_that_is_repeated_is_told_once() {
        let log = Log(Mutex::default());
        let relay = Relay::new(&log);
        let states = [ChannelEvent::Processing, ChannelEvent::TouchNeeded];
        for state in [states[0], states[0], states[1], states[1], states[0]] {
            relay.event(state);
        }
        relay.event(ChannelEvent::Other(9));
        relay.event(ChannelEvent::Busy);
        relay.finish();
        let told = [
            ClientEvent::Processing,
            ClientEvent::TouchNeeded,
            ClientEvent::Processing,
            ClientEvent::Other(9),
            ClientEvent::Busy,
            ClientEvent::Answered,
        ];
        assert_eq!(*log.0.lock().unwrap(), told);
    }

    #[test]
    fn a_command_answered_at_once_tells_nothing() {
        let log = Log(Mutex::default());
        Relay::new(&log).finish();
        assert!(log.0.lock().unwrap().is_empty());
    }
}
