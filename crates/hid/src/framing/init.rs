//! The reply to `CTAPHID_INIT`.

use super::{ChannelId, FramingError};

/// Length of the nonce in bytes.
pub const NONCE_LEN: usize = 8;

/// The reply to `CTAPHID_INIT` (CTAP 2.2 §11.2.9.1.3): 17 bytes; more are accepted, fewer are not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct InitReply {
    /// The nonce sent.
    pub nonce: [u8; NONCE_LEN],
    /// The channel given.
    pub channel: ChannelId,
    /// Version of the CTAPHID protocol: 2.
    pub protocol: u8,
    /// Version of the device: major, minor, build; the vendor's own.
    pub device_version: [u8; 3],
    /// What it can do.
    pub capabilities: Capabilities,
}

/// Bits of the capabilities byte.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capabilities(pub u8);

impl Capabilities {
    /// Whether it winks.
    #[must_use]
    pub const fn wink(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Whether it understands CTAP2 messages.
    #[must_use]
    pub const fn cbor(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// Whether it understands CTAP1 messages; the bit on the line says that it does **not**.
    #[must_use]
    pub const fn msg(self) -> bool {
        self.0 & 0x08 == 0
    }
}

impl InitReply {
    /// A reply that gives `channel`.
    #[must_use]
    pub const fn new(
        nonce: [u8; NONCE_LEN],
        channel: ChannelId,
        capabilities: Capabilities,
    ) -> Self {
        Self { nonce, channel, protocol: 2, device_version: [0; 3], capabilities }
    }

    /// Reads the reply to the nonce `sent`; none when it is the reply to somebody else's.
    ///
    /// # Errors
    /// [`FramingError::InitTooShort`], [`FramingError::InitChannel`].
    pub fn parse(payload: &[u8], sent: [u8; NONCE_LEN]) -> Result<Option<Self>, FramingError> {
        let too_short = FramingError::InitTooShort { len: payload.len() };
        let (nonce, rest) = payload.split_first_chunk::<NONCE_LEN>().ok_or(too_short.clone())?;
        if *nonce != sent {
            return Ok(None);
        }
        let ([c0, c1, c2, c3, protocol, major, minor, build, capabilities], _) =
            rest.split_first_chunk::<9>().ok_or(too_short)?;
        let channel = ChannelId(u32::from_be_bytes([*c0, *c1, *c2, *c3]));
        if !channel.is_allocatable() {
            return Err(FramingError::InitChannel { channel });
        }
        Ok(Some(Self {
            nonce: *nonce,
            channel,
            protocol: *protocol,
            device_version: [*major, *minor, *build],
            capabilities: Capabilities(*capabilities),
        }))
    }

    /// The 17 bytes of the reply.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let channel = self.channel.0.to_be_bytes();
        let tail = [self.protocol];
        [&self.nonce[..], &channel, &tail, &self.device_version, &[self.capabilities.0]].concat()
    }
}
