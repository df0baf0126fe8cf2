//! Waiting that ends at a deadline or a cancellation.

use keyvet_transport::{ChannelError, Exchange, Phase};
use std::future::Future;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Why something did not come to its end.
pub(super) enum Stop {
    /// Cancelled from our side.
    Cancelled,
    /// Time ran out.
    Late,
    /// The link failed.
    Failed(ChannelError),
}

/// Until when something is waited for.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) until: Instant,
    pub(super) cancel: Option<&'a CancellationToken>,
}

impl<'a> Limit<'a> {
    /// The exchange's own.
    pub(super) fn of(exchange: &Exchange<'a>) -> Self {
        Self { until: exchange.deadline, cancel: Some(exchange.cancel) }
    }

    /// Until `until` whatever happens.
    pub(super) const fn firm(until: Instant) -> Self {
        Self { until, cancel: None }
    }

    /// The same, but no later than `until`.
    pub(super) fn before(self, until: Instant) -> Self {
        Self { until: self.until.min(until), ..self }
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Does `work`. The limit is looked at first, so that a line that never falls silent cannot hold it off.
    ///
    /// A timer is set only when there is something to wait for: the runtime answers each new one with a system call,
    /// which would cost more than all the rest of an exchange.
    pub(super) async fn over<T>(
        self,
        work: impl Future<Output = Result<T, ChannelError>>,
    ) -> Result<T, Stop> {
        if self.cancel.is_some_and(CancellationToken::is_cancelled) {
            return Err(Stop::Cancelled);
        }
        if self.is_over() {
            return Err(Stop::Late);
        }
        tokio::select! {
            biased;
            outcome = work => outcome.map_err(Stop::Failed),
            () = cancelled(self.cancel) => Err(Stop::Cancelled),
            // whatever `work` used up of the task's budget: it may throw away many reports in one go
            () = unconstrained(sleep_until(self.until)) => Err(Stop::Late),
        }
    }
}

impl Stop {
    /// The error to report when it happened during `phase`.
    pub(super) fn during(self, phase: Phase) -> ChannelError {
        match self {
            Self::Cancelled => ChannelError::Cancelled,
            Self::Late => ChannelError::Timeout { phase },
            Self::Failed(error) => error,
        }
    }
}

async fn cancelled(token: Option<&CancellationToken>) {
    match token {
        Some(token) => token.cancelled().await,
        None => std::future::pending().await,
    }
}
