//! The channel to one authenticator.

use async_trait::async_trait;

use crate::{ChannelError, DeviceId, Exchange};

/// A channel to one authenticator: one CTAP message at a time, and its answer.
///
/// The contract, proved for every transport by the same tests (`contract`):
///
/// - one request is in flight; a reply belongs to the request, or the exchange fails;
/// - on cancel or deadline the transport's own cancel is sent and the line is drained for a bounded time; afterwards the
///   channel works again, or every further exchange is [`ChannelError::Poisoned`]; a success that was quicker than the
///   cancel is returned, because it is what the authenticator did;
/// - keep-alives become progress events and never extend the deadline;
/// - nothing sleeps between the last report and the return, and every loop over device input has a bound;
/// - dropping the future of an exchange leaves a channel that recovers or is poisoned, never one that gives the old
///   answer to the next request.
#[async_trait]
pub trait Channel: Send {
    /// Which authenticator this is.
    fn device(&self) -> &DeviceId;

    /// What the channel can carry.
    fn limits(&self) -> Limits;

    /// Sends `request`, a command byte and its CBOR parameters, and returns the answer: a status byte and CBOR. The answer
    /// has at least the status byte and at most [`Limits::max_message_len`] bytes.
    ///
    /// # Errors
    /// [`ChannelError`]. A CTAP status other than success is not an error here.
    async fn transact(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError>;

    /// Makes the authenticator show itself without a touch (`CTAPHID_WINK`, CTAP 2.2 §11.2.9.2.1).
    ///
    /// # Errors
    /// [`ChannelError::Unsupported`] where the authenticator or the transport has nothing of the kind.
    async fn wink(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError>;

    /// Proves that the line is alive and in step without giving the authenticator anything to do.
    ///
    /// # Errors
    /// [`ChannelError`].
    async fn ping(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError>;
}

/// What a channel can carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest message in either direction, in bytes: 7609 on HID (CTAP 2.2 §11.2.4).
    pub max_message_len: usize,
    /// Whether CTAP2 messages (CBOR) are understood.
    pub ctap2: bool,
    /// Whether CTAP1 (U2F) messages are understood.
    pub ctap1: bool,
    /// Whether [`Channel::wink`] is.
    pub wink: bool,
}

impl Limits {
    /// The limits of a channel for messages of at most `max_message_len` bytes that understands CTAP2 only.
    #[must_use]
    pub const fn new(max_message_len: usize) -> Self {
        Self { max_message_len, ctap2: true, ctap1: false, wink: false }
    }
}
