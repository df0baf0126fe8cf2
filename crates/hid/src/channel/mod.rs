//! The client's side of CTAPHID over any link.

mod exchange;
mod recover;
mod wait;

use async_trait::async_trait;
use keyvet_transport::{Channel, ChannelError, DeviceId, Exchange, Limits};
use std::time::Duration;

use crate::ReportLink;
use crate::framing::{
    Capabilities, ChannelId, Command, ErrorCode, FramingError, MAX_MESSAGE_LEN, Step,
};

/// A channel to one authenticator over `L` (CTAP 2.2 §11.2).
///
/// Opening costs one report out and one in; an exchange costs the reports of its messages and nothing else. What others
/// say on the same line is skipped.
///
/// After a failure in the middle of an exchange the line is brought back in step: `CTAPHID_INIT` on the old channel drops
/// what was half sent, and a new channel is taken, so that an answer that comes late meets nobody. CTAPHID numbers no
/// messages: a stray copy of an answer is told from the next one only while it arrives before the next request is sent.
pub struct HidChannel<L> {
    link: L,
    device: DeviceId,
    channel: ChannelId,
    capabilities: Capabilities,
    line: Line,
    timing: Timing,
}

/// How long one step of the protocol may take; the deadline of an exchange ends all of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// Silence before the first report of any kind. A key that works longer says so every 100 ms.
    pub first_report: Duration,
    /// Silence inside a message.
    pub gap: Duration,
    /// Silence after a keep-alive, of which there is one every 100 ms.
    pub keep_alive: Duration,
    /// How long the answer to a cancel is awaited.
    pub grace: Duration,
    /// How long bringing the line back in step may take.
    pub resync: Duration,
}

impl Default for Timing {
    /// Generous beside CTAP 2.2 §11.2.5: 5 s, 3 s, 5 s, 2 s, 2 s.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            first_report: seconds(5),
            gap: seconds(3),
            keep_alive: seconds(5),
            grace: seconds(2),
            resync: seconds(2),
        }
    }
}

/// What is known of the line between two exchanges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Line {
    /// Nothing is on its way.
    InStep,
    /// An exchange was begun and not brought to its end.
    Unknown,
    /// It could not be brought back in step.
    Poisoned,
}

impl<L: ReportLink> HidChannel<L> {
    /// Takes a channel on the authenticator at the other end of `link`.
    ///
    /// # Errors
    /// [`ChannelError`]; [`ChannelError::Timeout`] when nothing answers until the deadline.
    pub async fn open(
        link: L,
        device: DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Self, ChannelError> {
        Self::open_with(link, device, Timing::default(), exchange).await
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`HidChannel::open`].
    pub async fn open_with(
        link: L,
        device: DeviceId,
        timing: Timing,
        exchange: Exchange<'_>,
    ) -> Result<Self, ChannelError> {
        let mut channel = Self {
            link,
            device,
            channel: ChannelId::BROADCAST,
            capabilities: Capabilities::default(),
            line: Line::InStep,
            timing,
        };
        channel.allocate(exchange).await?;
        Ok(channel)
    }

    /// The channel's number on the line.
    #[must_use]
    pub const fn channel_id(&self) -> ChannelId {
        self.channel
    }

    /// The link, for its counters.
    #[must_use]
    pub const fn link(&self) -> &L {
        &self.link
    }

    /// Sends `payload`, at most 7609 bytes, to be echoed, and compares the echo. There are keys that a ping above 1 KiB
    /// stops for good; [`Channel::ping`] sends 8 bytes.
    ///
    /// # Errors
    /// [`ChannelError`]; one of framing when another echo comes back.
    pub async fn echo(
        &mut self,
        payload: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<(), ChannelError> {
        let echo = self.exchange(Command::PING, payload, exchange).await?;
        if echo == payload {
            return Ok(());
        }
        self.line = Line::Unknown;
        Err(FramingError::PingMismatch { len: echo.len() }.into())
    }
}

#[async_trait]
impl<L: ReportLink> Channel for HidChannel<L> {
    fn device(&self) -> &DeviceId {
        &self.device
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::new(MAX_MESSAGE_LEN);
        limits.ctap2 = self.capabilities.cbor();
        limits.ctap1 = self.capabilities.msg();
        limits.wink = self.capabilities.wink();
        limits
    }

    async fn transact(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        if !self.capabilities.cbor() {
            return Err(ChannelError::Unsupported("CTAP2"));
        }
        let answer = self.exchange(Command::CBOR, request, exchange).await?;
        if answer.is_empty() { Err(FramingError::EmptyReply.into()) } else { Ok(answer) }
    }

    async fn wink(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        if !self.capabilities.wink() {
            return Err(ChannelError::Unsupported("winking"));
        }
        match self.exchange(Command::WINK, &[], exchange).await {
            Err(ChannelError::TransportStatus { code, .. })
                if ErrorCode(code) == ErrorCode::INVALID_COMMAND =>
            {
                Err(ChannelError::Unsupported("winking"))
            }
            outcome => outcome.map(|_| ()),
        }
    }

    async fn ping(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        let payload = recover::nonce()?;
        self.echo(&payload, exchange).await
    }
}

impl<L> std::fmt::Debug for HidChannel<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HidChannel")
            .field("device", &self.device)
            .field("channel", &self.channel)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The error for a refusal that nothing can be done about.
fn refused(code: ErrorCode) -> ChannelError {
    ChannelError::TransportStatus { code: code.0, name: code.name() }
}

/// A step that ends a command.
enum Ending {
    Reply(Vec<u8>),
    Refused(ErrorCode),
}

impl Ending {
    fn of(step: Step) -> Option<Self> {
        match step {
            Step::Reply(answer) => Some(Self::Reply(answer)),
            Step::Refused(code) => Some(Self::Refused(code)),
            _ => None,
        }
    }
}
