//! The channel to a card.

mod exchange;
mod line;
mod memory;
pub(crate) mod wait;

pub use memory::ReaderMemory;

use async_trait::async_trait;
use keyvet_transport::{Channel, ChannelError, DeviceId, Exchange, Limits, Phase};
use std::time::Duration;

use crate::CardLink;
use crate::iso7816::{ApduMode, Application, Encoding, MAX_MESSAGE_LEN, deselect};
use line::{Line, Transaction};
use wait::Limit;

/// A channel to the FIDO application of one card over `L` (CTAP 2.2 §11.3).
///
/// Opening costs one command, `SELECT`. A card that names itself `U2F_V2` is asked for getInfo as well, because only that
/// tells whether it speaks CTAP2; the answer is kept for the first request if that is getInfo.
///
/// Each exchange is one transaction of the reader's service, so no other program gets between its commands. After a
/// request for a PIN/UV auth token the transaction is kept until the end of the next exchange, which uses the token.
/// Between two other exchanges another program may select another application: the card then no longer knows our
/// commands, ours is selected again, and the command repeated once. A token that the card has forgotten at that shows as
/// `CTAP2_ERR_PIN_AUTH_INVALID`.
///
/// A command that a card is carrying out cannot be interrupted: neither by a cancel, unless the card gives keep-alives,
/// nor by a deadline. The exchange returns all the same, and the next one waits until the card is done, selects the
/// application again and so drops what was left, or finds the channel poisoned. No command is ever sent twice that the
/// card may have carried out.
///
/// The application stays selected when this is dropped; [`CardChannel::close`] deselects it.
pub struct CardChannel<L> {
    link: L,
    device: DeviceId,
    settings: Settings,
    limits: Limits,
    application: Application,
    line: Line,
    transaction: Transaction,
    /// A call of the link was begun and did not return.
    outstanding: bool,
    /// The authenticator said that it works on something, and not yet that it ended.
    working: bool,
    /// It has answered a CTAP2 message.
    proven: bool,
    /// The answer to getInfo from the opening.
    info: Option<Vec<u8>>,
}

/// How a channel goes about it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// How messages are written.
    pub mode: ApduMode,
    /// What readers have shown; share it between channels.
    pub memory: ReaderMemory,
    /// How long the steps may take.
    pub timing: Timing,
}

/// How long one step of the protocol may take; the deadline of an exchange ends all of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Timing {
    /// Between two questions whether the authenticator is done (CTAP 2.2 §11.3.7.2). The first one is asked at once.
    pub poll: Duration,
    /// How long a command may go on that was under way when the exchange was ended.
    pub linger: Duration,
    /// How long the answer to a cancel is awaited.
    pub grace: Duration,
    /// How long bringing the line back in step may take.
    pub resync: Duration,
    /// Between two attempts to get the card for ourselves.
    pub busy: Duration,
}

impl Default for Timing {
    /// 100 ms, 50 ms, 2 s, 3 s, 100 ms.
    fn default() -> Self {
        let millis = Duration::from_millis;
        Self {
            poll: millis(100),
            linger: millis(50),
            grace: millis(2000),
            resync: millis(3000),
            busy: millis(100),
        }
    }
}

impl<L: CardLink> CardChannel<L> {
    /// Selects the FIDO application of the card at the other end of `link`.
    ///
    /// # Errors
    /// [`ChannelError`]; one of framing when there is no such application.
    pub async fn open(
        link: L,
        device: DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Self, ChannelError> {
        Self::open_with(link, device, Settings::default(), exchange).await
    }

    /// The same with other settings.
    ///
    /// # Errors
    /// As [`CardChannel::open`].
    pub async fn open_with(
        link: L,
        device: DeviceId,
        settings: Settings,
        exchange: Exchange<'_>,
    ) -> Result<Self, ChannelError> {
        let mut channel = Self {
            link,
            device,
            settings,
            limits: Limits::new(MAX_MESSAGE_LEN),
            application: Application::Fido2,
            line: Line::InStep,
            transaction: Transaction::Free,
            outstanding: false,
            working: false,
            proven: false,
            info: None,
        };
        let opened = channel.select_and_ask(exchange).await;
        channel.settle().await;
        opened.map(|()| channel)
    }

    async fn select_and_ask(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        let limit = Limit::of(&exchange);
        let during = |stop: wait::Stop| stop.during(Phase::Opening);
        self.begin(limit, exchange.progress).await.map_err(during)?;
        self.select(limit).await.map_err(during)?;
        self.limits.ctap1 = self.application == Application::U2f;
        if self.application == Application::U2f {
            match self.carry(GET_INFO, exchange).await {
                Ok(info) => self.info = Some(info),
                Err(ChannelError::Unsupported(CTAP2)) => self.limits.ctap2 = false,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What the application says of itself.
    #[must_use]
    pub const fn application(&self) -> Application {
        self.application
    }

    /// The link, for its counters.
    #[must_use]
    pub const fn link(&self) -> &L {
        &self.link
    }

    /// Ends the use of the application (CTAP 2.2 §11.3.4). The card need not know the command; what it says is ignored.
    pub async fn close(mut self) {
        let limit = Limit::firm(self.settings.timing.resync);
        if self.line == Line::InStep && self.begin(limit, &()).await.is_ok() {
            for apdu in deselect().encode(Encoding::Short) {
                // nothing depends on it
                let _ = limit.over(self.link.transmit(&apdu)).await;
            }
            self.settle().await;
        }
    }

    /// What is known before anything is sent.
    fn check(&self, exchange: &Exchange<'_>) -> Result<(), ChannelError> {
        Limit::of(exchange).check().map_err(|stop| stop.during(Phase::FirstReport))?;
        match &self.line {
            Line::Poisoned => Err(ChannelError::Poisoned),
            Line::Gone(error) => Err(error.clone()),
            Line::InStep | Line::Unknown => Ok(()),
        }
    }
}

#[async_trait]
impl<L: CardLink> Channel for CardChannel<L> {
    fn device(&self) -> &DeviceId {
        &self.device
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn transact(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        let len = request.len();
        if len > MAX_MESSAGE_LEN {
            return Err(ChannelError::TooLong { len, max: MAX_MESSAGE_LEN });
        }
        self.check(&exchange)?;
        if !self.limits.ctap2 {
            return Err(ChannelError::Unsupported(CTAP2));
        }
        let asked_already = self.info.take().filter(|_| request == GET_INFO);
        if let Some(info) = asked_already {
            return Ok(info);
        }
        let outcome = match self.ready(exchange).await {
            Ok(()) => self.carry(request, exchange).await,
            Err(error) => Err(error),
        };
        let done = outcome.as_ref().is_ok_and(|answer| answer.first() == Some(&SUCCESS));
        let begins_a_pair = done && asks_for_token(request);
        if !begins_a_pair {
            self.settle().await;
        }
        outcome
    }

    async fn wink(&mut self, _: Exchange<'_>) -> Result<(), ChannelError> {
        Err(ChannelError::Unsupported("winking"))
    }

    /// Selects the application again: that proves card, line and application, and gives the authenticator nothing to do.
    async fn ping(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        self.check(&exchange)?;
        let outcome = match self.ready(exchange).await {
            Ok(()) => self.select_again(exchange).await,
            Err(error) => Err(error),
        };
        self.settle().await;
        outcome
    }
}

impl<L> std::fmt::Debug for CardChannel<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardChannel")
            .field("device", &self.device)
            .field("application", &self.application)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// Whether `request` asks for a PIN/UV auth token: clientPIN with member 2, the subcommand, 5, 6 or 9 (CTAP 2.2 §6.5.5).
/// Members come in order, so it is the second one after the protocol.
fn asks_for_token(request: &[u8]) -> bool {
    matches!(request, [CLIENT_PIN, _, 0x01, _, 0x02, 0x05 | 0x06 | 0x09, ..])
}

/// `CTAP2_OK`.
const SUCCESS: u8 = 0x00;

/// What is not supported by a card that speaks U2F only.
const CTAP2: &str = "CTAP2";

/// `authenticatorGetInfo`, which has no parameters.
const GET_INFO: &[u8] = &[0x04];

/// `authenticatorClientPIN`.
const CLIENT_PIN: u8 = 0x06;
