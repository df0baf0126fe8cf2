//! The line to the card: transactions, single commands, and coming back in step.

use keyvet_transport::{ChannelError, ChannelEvent, Exchange, Phase, Progress};
use tokio::time::Instant;

use super::CardChannel;
use super::wait::{Limit, Stop, after};
use crate::CardLink;
use crate::iso7816::{Encoding, Form, Message, Selected, Selection};

/// What is known of the line between two exchanges.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// The application is selected and has nothing to do.
    InStep,
    /// An exchange was begun and not brought to its end.
    Unknown,
    /// It could not be brought back in step.
    Poisoned,
    /// The card is not there any more, or is another one: nothing is ever sent again.
    Gone(ChannelError),
}

/// Whether other programs are kept from the card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Transaction {
    Free,
    Held,
    /// A begin or an end did not return.
    Unknown,
}

impl<L: CardLink> CardChannel<L> {
    /// The card is ours and in step when this returns.
    pub(super) async fn ready(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        let limit = Limit::of(&exchange);
        if self.line == Line::InStep {
            let begun = self.begin(limit, exchange.progress).await;
            return begun.map_err(|stop| self.note(stop).during(Phase::FirstReport));
        }
        let limit = limit.at_most(self.settings.timing.resync);
        match self.recover(limit).await {
            Ok(()) => Ok(()),
            Err(_) if self.line == Line::Poisoned => Err(ChannelError::Poisoned),
            Err(stop) => Err(stop.during(Phase::Opening)),
        }
    }

    /// Keeps others from the card, unless they are kept from it already. Waits while another program does that.
    pub(super) async fn begin(
        &mut self,
        limit: Limit<'_>,
        progress: &dyn Progress,
    ) -> Result<(), Stop> {
        if self.transaction == Transaction::Unknown
            && let Err(stop @ (Stop::Cancelled | Stop::Late)) = limit.over(self.link.end()).await
        {
            return Err(busy(stop));
        }
        while self.transaction != Transaction::Held {
            (self.transaction, self.outstanding) = (Transaction::Unknown, true);
            let begun = limit.over(self.link.begin()).await;
            self.outstanding = matches!(begun, Err(Stop::Cancelled | Stop::Late));
            match begun {
                Ok(()) => self.transaction = Transaction::Held,
                Err(Stop::Failed(ChannelError::Busy)) => {
                    self.transaction = Transaction::Free;
                    progress.event(ChannelEvent::Busy);
                    limit.pause(self.settings.timing.busy).await.map_err(busy)?;
                }
                Err(stop) => return Err(busy(stop)),
            }
        }
        Ok(())
    }

    /// Lets others to the card. While it carries out something for us nobody can have it anyway.
    pub(super) async fn settle(&mut self) {
        if self.outstanding || self.transaction == Transaction::Free {
            return;
        }
        self.transaction = Transaction::Unknown;
        let limit = Limit::firm(self.settings.timing.resync);
        // a card that is gone is nobody's; the next exchange tells
        if limit.over(self.link.end()).await.is_ok() {
            self.transaction = Transaction::Free;
        }
    }

    /// Sends one command and waits for its answer. What is under way when the limit is reached may end until `extra`,
    /// which is fixed the first time.
    pub(super) async fn transmit(
        &mut self,
        apdu: &[u8],
        limit: Limit<'_>,
        extra: &mut Option<Instant>,
    ) -> Result<Vec<u8>, Stop> {
        if extra.is_some_and(|until| Instant::now() >= until) {
            limit.check()?;
        }
        self.outstanding = true;
        let linger = self.settings.timing.linger;
        let mut transmit = self.link.transmit(apdu);
        let outcome = match limit.over(&mut transmit).await {
            Err(stop @ (Stop::Cancelled | Stop::Late)) => {
                let until = *extra.get_or_insert_with(|| after(linger));
                match Limit::until(until).over(transmit).await {
                    Err(Stop::Late) => return Err(stop),
                    outcome => outcome,
                }
            }
            outcome => outcome,
        };
        self.outstanding = false;
        outcome
    }

    /// Selects the FIDO application.
    pub(super) async fn select(&mut self, limit: Limit<'_>) -> Result<(), Stop> {
        self.line = Line::Unknown;
        let (mut selection, mut apdu) = Selection::new();
        loop {
            let response = self.transmit(&apdu, limit, &mut Some(Instant::now())).await;
            let response = response.map_err(|stop| self.note(stop))?;
            match selection.push(&response)? {
                Selected::Send(next) => apdu = next,
                Selected::Done(application) => {
                    self.application = application;
                    self.line = Line::InStep;
                    self.working = false;
                    return Ok(());
                }
            }
        }
    }

    /// Selects it again, within an exchange.
    pub(super) async fn select_again(
        &mut self,
        exchange: Exchange<'_>,
    ) -> Result<(), ChannelError> {
        let selected = self.select(Limit::of(&exchange)).await;
        selected.map_err(|stop| stop.during(Phase::FirstReport))
    }

    /// Brings the line back in step: ends what the authenticator works on and selects the application again, which drops
    /// what waits. The line is poisoned when that does not work in time.
    pub(super) async fn recover(&mut self, limit: Limit<'_>) -> Result<(), Stop> {
        self.line = Line::Unknown;
        self.begin(limit, &()).await?;
        let recovered = match self.call_off_blindly(limit).await {
            Ok(()) => self.select(limit).await,
            Err(stop) => Err(stop),
        };
        match recovered {
            Err(Stop::Late) => {
                self.line = Line::Poisoned;
                Err(Stop::Late)
            }
            outcome => outcome,
        }
    }

    /// Cancels, whatever the card says to that.
    async fn call_off_blindly(&mut self, limit: Limit<'_>) -> Result<(), Stop> {
        if !self.working {
            return Ok(());
        }
        let form = Form { encoding: Encoding::Short, keep_alives: true };
        let cancel = Message::new(&[], form).0.cancel();
        let answer = self.transmit(&cancel, limit, &mut Some(Instant::now())).await;
        match answer.map_err(|stop| self.note(stop)) {
            Err(Stop::Failed(error)) if !is_gone(&error) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }

    /// Remembers a card that is gone.
    pub(super) fn note(&mut self, stop: Stop) -> Stop {
        if let Stop::Failed(error) = &stop
            && is_gone(error)
        {
            self.line = Line::Gone(error.clone());
        }
        stop
    }
}

/// Whoever waits for the card in vain waits for another program.
fn busy(stop: Stop) -> Stop {
    match stop {
        Stop::Late => Stop::Failed(ChannelError::Busy),
        stop => stop,
    }
}

/// Whether there is nobody at the other end to come back in step with, or somebody else.
pub(super) fn is_gone(error: &ChannelError) -> bool {
    matches!(
        error,
        ChannelError::Removed | ChannelError::Replaced { .. } | ChannelError::ServiceMissing { .. }
    )
}
