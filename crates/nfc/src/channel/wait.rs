//! Waiting that ends at a deadline or a cancellation.

use keyvet_transport::{ChannelError, Exchange, Phase};
use std::future::Future;
use std::time::Duration;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::iso7816::CardError;

/// Why something did not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Cancelled from our side.
    Cancelled,
    /// Time ran out.
    Late,
    /// The link failed, or the card answered what it may not.
    Failed(ChannelError),
}

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        Self::Failed(error.into())
    }
}

impl Stop {
    /// The error to report when it happened during `phase`.
    pub(crate) fn during(self, phase: Phase) -> ChannelError {
        match self {
            Self::Cancelled => ChannelError::Cancelled,
            Self::Late => ChannelError::Timeout { phase },
            Self::Failed(error) => error,
        }
    }
}

/// Until when something is waited for.
#[derive(Clone, Copy)]
pub(crate) struct Limit<'a> {
    until: Instant,
    cancel: Option<&'a CancellationToken>,
}

impl<'a> Limit<'a> {
    /// The exchange's own.
    pub(crate) const fn of(exchange: &Exchange<'a>) -> Self {
        Self { until: exchange.deadline, cancel: Some(exchange.cancel) }
    }

    /// For so long, whatever happens.
    pub(crate) fn firm(time: Duration) -> Self {
        Self { until: after(time), cancel: None }
    }

    /// Until then, whatever happens.
    pub(crate) const fn until(until: Instant) -> Self {
        Self { until, cancel: None }
    }

    /// The same, but no longer than `time`.
    pub(crate) fn at_most(self, time: Duration) -> Self {
        Self { until: self.until.min(after(time)), ..self }
    }

    /// Whether it is reached.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancel.is_some_and(CancellationToken::is_cancelled) {
            return Err(Stop::Cancelled);
        }
        if Instant::now() >= self.until {
            return Err(Stop::Late);
        }
        Ok(())
    }

    /// Does `work`. The limit is looked at first, so that a card that always answers at once cannot hold it off.
    pub(crate) async fn over<T>(
        self,
        work: impl Future<Output = Result<T, ChannelError>>,
    ) -> Result<T, Stop> {
        self.check()?;
        tokio::select! {
            biased;
            outcome = work => outcome.map_err(Stop::Failed),
            () = cancelled(self.cancel) => Err(Stop::Cancelled),
            () = unconstrained(sleep_until(self.until)) => Err(Stop::Late),
        }
    }

    /// Lets `time` pass.
    pub(crate) async fn pause(self, time: Duration) -> Result<(), Stop> {
        let passed = async {
            sleep_until(after(time)).await;
            Ok(())
        };
        self.over(passed).await
    }
}

/// The time in so long.
pub(crate) fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

async fn cancelled(token: Option<&CancellationToken>) {
    match token {
        Some(token) => token.cancelled().await,
        None => std::future::pending().await,
    }
}
