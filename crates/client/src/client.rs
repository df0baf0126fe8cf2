//! One authenticator and what is known of it.

use std::time::Duration;

use keyvet_ctap::{Command, GetInfo, GetInfoRequest, StatusCode, split_answer};
use keyvet_transport::{Channel, DeviceId, Exchange};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    Ceremony, ClientError, Obstacle, Randomness, SystemRandomness, ceremony::Relay, randomness,
};

/// One authenticator, connected.
///
/// It keeps the getInfo answer read at [`Client::connect`] and reads it again only after a command that changes it: PIN
/// set or changed, reset.
pub struct Client {
    channel: Box<dyn Channel>,
    randomness: Box<dyn Randomness>,
    info: GetInfo,
    info_bytes: Vec<u8>,
    /// Whether a registration that stores its credential was sent and its end is not known.
    pub(crate) unsure: bool,
}

impl Client {
    /// Reads getInfo through `channel`, once.
    ///
    /// # Errors
    /// [`ClientError`] when the key does not answer, or answers with something that is not getInfo.
    pub async fn connect(
        channel: Box<dyn Channel>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Self, ClientError> {
        Self::connect_with(channel, Box::new(SystemRandomness), ceremony).await
    }

    /// As [`Client::connect`], with random bytes from `randomness` instead of the operating system.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_with(
        channel: Box<dyn Channel>,
        randomness: Box<dyn Randomness>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Self, ClientError> {
        let (info, info_bytes) = (GetInfo::default(), Vec::new());
        let mut client = Self { channel, randomness, info, info_bytes, unsure: false };
        client.refresh(ceremony).await?;
        Ok(client)
    }

    /// What the key says of itself.
    #[must_use]
    pub fn info(&self) -> &GetInfo {
        &self.info
    }

    /// The getInfo answer as received, CBOR without the status byte.
    #[must_use]
    pub fn info_bytes(&self) -> &[u8] {
        &self.info_bytes
    }

    /// Which device this is.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        self.channel.device()
    }

    /// The channel, for what a client does not do.
    pub fn channel(&mut self) -> &mut dyn Channel {
        self.channel.as_mut()
    }

    /// Makes the key show itself without a touch (`CTAPHID_WINK`).
    ///
    /// # Errors
    /// [`ClientError::Channel`] where the key or the transport has nothing of the kind.
    pub async fn wink(&mut self, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        let relay = Relay::new(ceremony.person);
        let exchange = exchange(ceremony, ceremony.timeouts.answer, &relay);
        Ok(self.channel.wink(exchange).await?)
    }

    /// Puts the key back to the state of a new one (`authenticatorReset`, CTAP 2.2 §6.6): **every credential, the PIN
    /// and every fingerprint on it is deleted**, and nothing brings them back.
    ///
    /// There is no question here: whoever calls this has asked the person and named the key. Most keys allow it only
    /// within ten seconds of being plugged in, and want a touch.
    ///
    /// # Errors
    /// [`ClientError`]; [`StatusCode::NOT_ALLOWED`] means that it was too late.
    pub async fn reset(&mut self, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        let request = keyvet_ctap::Reset.encode();
        self.transact(Command::RESET, &request, Wait::Touch, ceremony).await?;
        self.refresh_changed(ceremony).await
    }

    /// Reads getInfo again after the key was changed, even when the ceremony was cancelled meanwhile: what is done is
    /// done, and the result must not say otherwise.
    pub(crate) async fn refresh_changed(
        &mut self,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        let own = CancellationToken::new();
        self.refresh(&Ceremony { cancel: &own, ..*ceremony }).await
    }

    /// Reads getInfo again.
    pub(crate) async fn refresh(&mut self, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        let request = GetInfoRequest.encode();
        let answer = self.transact(Command::GET_INFO, &request, Wait::Answer, ceremony).await?;
        let body = body(&answer);
        let info = GetInfo::parse(body);
        self.info = info.map_err(|error| ClientError::bad_answer(Command::GET_INFO, &error))?;
        self.info_bytes = body.into();
        Ok(())
    }

    /// One command and its successful answer, status byte and all.
    pub(crate) async fn transact(
        &mut self,
        command: Command,
        request: &[u8],
        wait: Wait,
        ceremony: &Ceremony<'_>,
    ) -> Result<Vec<u8>, ClientError> {
        if ceremony.cancel.is_cancelled() {
            return Err(ClientError::Cancelled);
        }
        self.check_len(request.len())?;
        let relay = Relay::new(ceremony.person);
        let exchange = exchange(ceremony, wait.timeout(ceremony), &relay);
        let answer = self.channel.transact(request, exchange).await;
        relay.finish();
        let answer = answer?;
        let (status, _) =
            split_answer(&answer).map_err(|error| ClientError::bad_answer(command, &error))?;
        if status == StatusCode::OK {
            return Ok(answer);
        }
        Err(refusal(command, status, ceremony))
    }

    /// Whether a request of `len` bytes may be sent.
    pub(crate) fn check_len(&self, len: usize) -> Result<(), Obstacle> {
        let max = self.max_request_len();
        if len <= max { Ok(()) } else { Err(Obstacle::RequestTooLarge { len, max }) }
    }

    /// The longest request that the key and the channel take, in bytes.
    pub(crate) fn max_request_len(&self) -> usize {
        let said = self.info.max_msg_size.unwrap_or(MIN_MAX_MSG_SIZE);
        // every key must take 1024 bytes, whatever it says (CTAP 2.2 §6.4)
        let key = usize::try_from(said.max(MIN_MAX_MSG_SIZE)).unwrap_or(usize::MAX);
        key.min(self.channel.limits().max_message_len)
    }

    pub(crate) fn random<const N: usize>(&mut self) -> Result<[u8; N], ClientError> {
        Ok(randomness::bytes(self.randomness.as_mut())?)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("device", self.device()).finish_non_exhaustive()
    }
}

/// What a command waits for.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// The key alone.
    Answer,
    /// The person.
    Touch,
}

impl Wait {
    fn timeout(self, ceremony: &Ceremony<'_>) -> Duration {
        match self {
            Self::Answer => ceremony.timeouts.answer,
            Self::Touch => ceremony.timeouts.touch,
        }
    }
}

/// The CBOR of an answer, behind its status byte.
pub(crate) fn body(answer: &[u8]) -> &[u8] {
    answer.get(1..).unwrap_or_default()
}

fn exchange<'a>(ceremony: &Ceremony<'a>, timeout: Duration, relay: &'a Relay<'a>) -> Exchange<'a> {
    let now = Instant::now();
    let deadline = now.checked_add(timeout).unwrap_or(now);
    Exchange { deadline, cancel: ceremony.cancel, progress: relay }
}

/// What a status other than success means to the caller.
fn refusal(command: Command, status: StatusCode, ceremony: &Ceremony<'_>) -> ClientError {
    match status {
        StatusCode::KEEPALIVE_CANCEL if ceremony.cancel.is_cancelled() => ClientError::Cancelled,
        StatusCode::PIN_INVALID => ClientError::PinInvalid { left: None },
        StatusCode::PIN_BLOCKED => ClientError::PinBlocked,
        StatusCode::PIN_AUTH_BLOCKED => ClientError::PinAuthBlocked,
        StatusCode::PIN_NOT_SET => ClientError::Precondition(Obstacle::PinNotSet),
        StatusCode::PIN_POLICY_VIOLATION => ClientError::PinRefused,
        StatusCode::UV_INVALID => ClientError::UvInvalid { left: None },
        StatusCode::UV_BLOCKED => ClientError::UvBlocked,
        status => ClientError::Status { command, status },
    }
}

/// Every key takes messages of that many bytes.
const MIN_MAX_MSG_SIZE: u64 = 1024;
