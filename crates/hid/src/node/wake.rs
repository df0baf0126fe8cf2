//! What the thread that watches nodes waits for.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Why it wakes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Woken {
    /// It is time to look, or something has changed.
    Look,
    /// Nobody watches any more.
    Stop,
}

/// Something to wait on.
pub(super) trait Wake: Send {
    /// Waits for a reason to look, at most `longest`.
    fn wait(&mut self, longest: Duration) -> Woken;

    /// Whether changes are told here, so that looking without being told is needed seldom.
    fn hears(&self) -> bool {
        false
    }
}

/// Wakes the thread for the last time when it is dropped.
pub(super) type Stop = Box<dyn Send>;

/// The best there is on this machine.
pub(super) fn best() -> (Box<dyn Wake>, Stop) {
    #[cfg(target_os = "linux")]
    if let Ok((uevents, stop)) = super::uevents::Uevents::listen() {
        return (Box::new(uevents), Box::new(stop));
    }
    let (ticks, stop) = Ticks::new();
    (Box::new(ticks), stop)
}

/// The clock alone.
pub(super) struct Ticks {
    stopped: Receiver<()>,
}

impl Ticks {
    pub(super) fn new() -> (Self, Stop) {
        let (stop, stopped) = mpsc::channel::<()>();
        (Self { stopped }, Box::new(stop))
    }
}

impl Wake for Ticks {
    fn wait(&mut self, longest: Duration) -> Woken {
        match self.stopped.recv_timeout(longest) {
            Err(RecvTimeoutError::Timeout) => Woken::Look,
            _ => Woken::Stop,
        }
    }
}
