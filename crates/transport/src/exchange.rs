//! What surrounds one exchange: deadline, cancellation, progress.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What surrounds one exchange. It is cheap to copy; make one per command.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The answer must be complete by then. Keep-alives never extend it. Cancelling what still goes on then, and coming
    /// back in step, takes a bounded time more.
    pub deadline: Instant,
    /// Ends the exchange early: the transport's own cancel is sent, and the answer to it is awaited for a bounded time.
    pub cancel: &'a CancellationToken,
    /// Is told what the authenticator says while it works.
    pub progress: &'a dyn Progress,
}

/// Is told what an authenticator says while it works on a command.
///
/// It is called from within the exchange, so it must return at once.
pub trait Progress: Send + Sync {
    /// One keep-alive or change of state. The same event may come many times.
    fn event(&self, event: ChannelEvent);
}

/// What an authenticator says while it works.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ChannelEvent {
    /// It is working on the command: CTAPHID keep-alive status 1 (CTAP 2.2 §11.2.9.1.7).
    Processing,
    /// It waits for a touch: keep-alive status 2.
    TouchNeeded,
    /// A keep-alive status that the specification does not name.
    Other(u8),
    /// Another program is using it; the command is tried again until the deadline.
    Busy,
}

/// Nobody listens.
impl Progress for () {
    fn event(&self, _: ChannelEvent) {}
}

impl std::fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
