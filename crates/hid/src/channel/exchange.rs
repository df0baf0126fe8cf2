//! One exchange: send, wait, and what to do when it does not end well.

use keyvet_transport::{ChannelError, ChannelEvent, Exchange, Phase};
use std::time::Duration;
use tokio::time::Instant;

use super::wait::{Limit, Stop};
use super::{Ending, HidChannel, Line, refused};
use crate::ReportLink;
use crate::framing::{ChannelId, Command, ErrorCode, Reports, Step, Transaction};

impl<L: ReportLink> HidChannel<L> {
    pub(super) async fn exchange(
        &mut self,
        command: Command,
        payload: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        too_long(command, payload)?;
        self.prepare(exchange).await?;
        let (mut pause, mut reallocated) = (FIRST_PAUSE, false);
        loop {
            match self.attempt(command, payload, exchange).await? {
                Ending::Reply(answer) => return Ok(answer),
                Ending::Refused(code) if code.is_busy() => {
                    self.let_others_finish(pause, exchange).await?;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
                Ending::Refused(ErrorCode::INVALID_CHANNEL) if !reallocated => {
                    reallocated = true;
                    self.allocate(exchange).await?;
                }
                Ending::Refused(code) => return Err(self.refusal(code, payload).await),
            }
        }
    }

    /// The line is in step when this returns, and nothing of an earlier exchange waits on it.
    async fn prepare(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        if exchange.cancel.is_cancelled() {
            return Err(ChannelError::Cancelled);
        }
        let limit = Limit::of(&exchange);
        if limit.is_over() {
            return Err(ChannelError::Timeout { phase: Phase::FirstReport });
        }
        match self.line {
            Line::InStep => self.discard_what_waits().await,
            Line::Unknown => self.recover(limit).await.map_err(|stop| self.lost(stop)),
            Line::Poisoned => Err(ChannelError::Poisoned),
        }
    }

    /// The error of an exchange that was not begun because the line could not be brought back in step.
    fn lost(&self, stop: Stop) -> ChannelError {
        if self.line == Line::Poisoned {
            return ChannelError::Poisoned;
        }
        stop.during(Phase::Opening)
    }

    async fn discard_what_waits(&mut self) -> Result<(), ChannelError> {
        for _ in 0..MOST_WAITING {
            if self.link.receive_ready().await?.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn attempt(
        &mut self,
        command: Command,
        payload: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Ending, ChannelError> {
        // stays so when this future is dropped
        self.line = Line::Unknown;
        let mut transaction = Transaction::new(self.channel, command);
        let limit = Limit::of(&exchange);
        if let Err(stop) = self.send_message(command, payload, limit).await {
            return Err(self.give_up(stop, Phase::FirstReport).await);
        }
        match self.wait(&mut transaction, exchange).await {
            Ok(ending) => {
                self.line = Line::InStep;
                Ok(ending)
            }
            Err(Stop::Failed(error)) => {
                Err(self.give_up(Stop::Failed(error), transaction.phase()).await)
            }
            Err(stop) => {
                let phase = ended_during(&transaction, &stop, limit);
                self.call_off(command, transaction, stop, phase).await
            }
        }
    }

    pub(super) async fn send_message(
        &mut self,
        command: Command,
        payload: &[u8],
        limit: Limit<'_>,
    ) -> Result<(), Stop> {
        self.send_on(self.channel, command, payload, limit).await
    }

    pub(super) async fn send_on(
        &mut self,
        channel: ChannelId,
        command: Command,
        payload: &[u8],
        limit: Limit<'_>,
    ) -> Result<(), Stop> {
        let reports = Reports::new(channel, command, payload);
        for report in reports.map_err(|error| Stop::Failed(error.into()))? {
            limit.over(self.link.send(&report)).await?;
        }
        Ok(())
    }

    async fn wait(
        &mut self,
        transaction: &mut Transaction,
        exchange: Exchange<'_>,
    ) -> Result<Ending, Stop> {
        let mut limit = self.patience(transaction.phase(), &exchange);
        loop {
            let report = limit.over(self.link.receive()).await?;
            let step = transaction.push(&report).map_err(|error| Stop::Failed(error.into()))?;
            if let Step::Skipped = step {
                continue;
            }
            if let Step::KeepAlive(event) = step {
                exchange.progress.event(event);
            }
            if let Some(ending) = Ending::of(step) {
                return Ok(ending);
            }
            limit = self.patience(transaction.phase(), &exchange);
        }
    }

    /// Until when the next report of ours must be there.
    fn patience<'a>(&self, phase: Phase, exchange: &Exchange<'a>) -> Limit<'a> {
        let limit = Limit::of(exchange);
        let silence = match phase {
            Phase::FirstReport => self.timing.first_report,
            Phase::MidMessage => self.timing.gap,
            // it has said that it works, and says so again and again
            _ => self.timing.keep_alive,
        };
        Instant::now().checked_add(silence).map_or(limit, |until| limit.before(until))
    }

    /// Cancels what the authenticator works on and waits for the end of it. A success that was quicker than the cancel is
    /// what the authenticator did, so it is told.
    async fn call_off(
        &mut self,
        command: Command,
        mut transaction: Transaction,
        stop: Stop,
        phase: Phase,
    ) -> Result<Ending, ChannelError> {
        if command != Command::CBOR {
            return Err(self.give_up(stop, phase).await);
        }
        match self.cancel_and_drain(&mut transaction).await {
            Ok(Ending::Reply(answer)) if answer.first() == Some(&SUCCESS) => {
                self.line = Line::InStep;
                Ok(Ending::Reply(answer))
            }
            Ok(_) => {
                self.line = Line::InStep;
                Err(stop.during(phase))
            }
            Err(_) => Err(self.give_up(stop, phase).await),
        }
    }

    async fn cancel_and_drain(&mut self, transaction: &mut Transaction) -> Result<Ending, Stop> {
        let now = Instant::now();
        let limit = Limit::firm(now.checked_add(self.timing.grace).unwrap_or(now));
        self.send_message(Command::CANCEL, &[], limit).await?;
        loop {
            let report = limit.over(self.link.receive()).await?;
            let step = transaction.push(&report).map_err(|error| Stop::Failed(error.into()))?;
            if let Some(ending) = Ending::of(step) {
                return Ok(ending);
            }
        }
    }

    /// Brings the line back in step after an exchange that failed, so that the authenticator is free for others too.
    async fn give_up(&mut self, stop: Stop, phase: Phase) -> ChannelError {
        let now = Instant::now();
        let until = now.checked_add(self.timing.resync).unwrap_or(now);
        // how that ends shows in `line`, and with the next exchange
        let gone = matches!(&stop, Stop::Failed(error) if is_gone(error));
        if !gone {
            let _ = self.recover(Limit::firm(until)).await;
        }
        stop.during(phase)
    }

    /// Every report after the first of a refused message may have been refused as well: none of that may stay.
    async fn refusal(&mut self, code: ErrorCode, payload: &[u8]) -> ChannelError {
        if payload.len() > ONE_REPORT {
            return self.give_up(Stop::Failed(refused(code)), Phase::FirstReport).await;
        }
        refused(code)
    }

    /// Waits a little before the next attempt, and drops what arrives meanwhile.
    async fn let_others_finish(
        &mut self,
        pause: Duration,
        exchange: Exchange<'_>,
    ) -> Result<(), ChannelError> {
        exchange.progress.event(ChannelEvent::Busy);
        let limit = Limit::of(&exchange);
        let now = Instant::now();
        let soon = limit.before(now.checked_add(pause).unwrap_or(now));
        loop {
            match soon.over(self.link.receive()).await {
                Ok(_) => {}
                Err(Stop::Late) if limit.is_over() => return Err(ChannelError::Busy),
                Err(Stop::Late) => return Ok(()),
                Err(stop) => return Err(stop.during(Phase::FirstReport)),
            }
        }
    }
}

/// What was going on when the wait ended. Who was at work and says nothing more long before the deadline has not been
/// left untouched: it has stopped.
fn ended_during(transaction: &Transaction, stop: &Stop, limit: Limit<'_>) -> Phase {
    match transaction.phase() {
        Phase::Processing | Phase::Touch if matches!(stop, Stop::Late) && !limit.is_over() => {
            Phase::FellSilent
        }
        phase => phase,
    }
}

/// Whether there is nobody at the other end to come back in step with.
fn is_gone(error: &ChannelError) -> bool {
    matches!(
        error,
        ChannelError::Removed | ChannelError::ServiceMissing { .. } | ChannelError::Io(_)
    )
}

fn too_long(command: Command, payload: &[u8]) -> Result<(), ChannelError> {
    use crate::framing::MAX_MESSAGE_LEN as MAX;
    match Reports::new(ChannelId::RESERVED, command, payload) {
        Ok(_) => Ok(()),
        Err(_) => Err(ChannelError::TooLong { len: payload.len(), max: MAX }),
    }
}

/// `CTAP2_OK`.
const SUCCESS: u8 = 0x00;

/// Bytes of a message that is one report.
const ONE_REPORT: usize = 57;

/// How many reports may wait on the line at once: more than the operating system keeps (64 on Linux).
const MOST_WAITING: usize = 256;

/// The specification suggests about 100 ms between attempts; a short command of another program ends sooner.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
