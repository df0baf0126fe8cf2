//! Channels: taking one, and bringing the line back in step.

use keyvet_transport::{ChannelError, Exchange, Phase};
use std::time::Duration;
use tokio::time::Instant;

use super::wait::{Limit, Stop};
use super::{HidChannel, Line, refused};
use crate::ReportLink;
use crate::framing::{
    ChannelId, Command, ErrorCode, FramingError, InitReply, MAX_MESSAGE_LEN, NONCE_LEN, Packet,
    Report,
};

impl<L: ReportLink> HidChannel<L> {
    /// Takes a channel.
    pub(super) async fn allocate(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        if exchange.cancel.is_cancelled() {
            return Err(ChannelError::Cancelled);
        }
        let outcome = self.take_channel(Limit::of(&exchange)).await;
        outcome.map_err(|stop| stop.during(Phase::Opening))
    }

    /// Brings the line back in step: ends what the authenticator works on, drops what it received by half, and takes a
    /// new channel, on which no old answer can arrive. The line is poisoned when that does not work in time.
    pub(super) async fn recover(&mut self, limit: Limit<'_>) -> Result<(), Stop> {
        let now = Instant::now();
        let limit = limit.before(now.checked_add(self.timing.resync).unwrap_or(now));
        let half = now.checked_add(self.timing.resync.checked_div(2).unwrap_or_default());
        // ignored by an authenticator that has nothing to do
        self.send_message(Command::CANCEL, &[], limit).await?;
        // one that does not know the channel any more answers nothing or an error, and gives another one
        match self.init(self.channel, limit.before(half.unwrap_or(now))).await {
            Err(Stop::Failed(ChannelError::Removed)) => {
                return Err(Stop::Failed(ChannelError::Removed));
            }
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            _ => {}
        }
        match self.take_channel(limit).await {
            Ok(()) => {
                self.line = Line::InStep;
                Ok(())
            }
            Err(Stop::Late) => {
                self.line = Line::Poisoned;
                Err(Stop::Late)
            }
            Err(stop) => Err(stop),
        }
    }

    async fn take_channel(&mut self, limit: Limit<'_>) -> Result<(), Stop> {
        let reply = self.init(ChannelId::BROADCAST, limit).await?;
        self.channel = reply.channel;
        self.capabilities = reply.capabilities;
        Ok(())
    }

    /// Sends INIT with a new nonce until one is answered: an authenticator may drop what arrives while it sends.
    async fn init(&mut self, on: ChannelId, limit: Limit<'_>) -> Result<InitReply, Stop> {
        let mut patience = FIRST_ATTEMPT;
        loop {
            let nonce = nonce().map_err(Stop::Failed)?;
            let now = Instant::now();
            let attempt = limit.before(now.checked_add(patience).unwrap_or(now));
            match self.init_once(on, nonce, attempt).await {
                Err(Stop::Late | Stop::Failed(ChannelError::Busy)) if !limit.is_over() => {
                    patience = patience.saturating_mul(2);
                }
                outcome => return outcome,
            }
        }
    }

    async fn init_once(
        &mut self,
        on: ChannelId,
        nonce: [u8; NONCE_LEN],
        limit: Limit<'_>,
    ) -> Result<InitReply, Stop> {
        self.send_on(on, Command::INIT, &nonce, limit).await?;
        let mut busy = false;
        loop {
            let report = match limit.over(self.link.receive()).await {
                Err(Stop::Late) if busy => return Err(Stop::Failed(ChannelError::Busy)),
                report => report?,
            };
            match init_reply(&report, on, nonce) {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => {}
                // somebody else has locked it: the next attempt may be served
                Err(ChannelError::Busy) => busy = true,
                Err(error) => return Err(Stop::Failed(error)),
            }
        }
    }
}

/// The reply to INIT on `on` with `nonce`, if `report` is one. On the broadcast channel everybody's replies are heard,
/// and what an authenticator says of other matters is not for us.
fn init_reply(
    report: &Report,
    on: ChannelId,
    nonce: [u8; NONCE_LEN],
) -> Result<Option<InitReply>, ChannelError> {
    let Packet::Initialization { channel, command, len, data } = Packet::of(report) else {
        return Ok(None);
    };
    match command {
        Command::INIT if channel == on => {
            if len > MAX_MESSAGE_LEN {
                return Err(FramingError::TooLong { len, max: MAX_MESSAGE_LEN }.into());
            }
            let payload = data.get(..len).unwrap_or(data);
            Ok(InitReply::parse(payload, nonce)?)
        }
        Command::ERROR if channel == on => {
            let code = ErrorCode(data.first().copied().unwrap_or_default());
            if code.is_busy() { Err(ChannelError::Busy) } else { Err(refused(code)) }
        }
        _ => Ok(None),
    }
}

/// Fresh random bytes: a reply to somebody else's, or to an earlier attempt, must not fit.
pub(super) fn nonce() -> Result<[u8; NONCE_LEN], ChannelError> {
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|error| ChannelError::Io(error.to_string()))?;
    Ok(nonce)
}

/// How long the first INIT is waited for; twice as long each time.
const FIRST_ATTEMPT: Duration = Duration::from_millis(500);
