//! CTAPHID framing without I/O (CTAP 2.2 §11.2.4): bytes in, events out, in both directions.
//!
//! [`Reports`] splits a message, [`Assembler`] puts one together again. [`Transaction`] is the client's view of one
//! command, [`DeviceSide`] the authenticator's view of its line.

mod assembler;
mod device;
mod error;
mod init;
mod packet;
mod reports;
mod transaction;

pub use assembler::{Assembler, Message, Pushed};
pub use device::{DeviceEvent, DeviceSide};
pub use error::{FramingError, KINDS};
pub use init::{Capabilities, InitReply, NONCE_LEN};
pub use packet::Packet;
pub use reports::Reports;
pub use transaction::{Step, Transaction};

use std::fmt;

/// One report, without a report id: an initialization or a continuation packet.
pub type Report = [u8; REPORT_LEN];

/// Length of a report in bytes (CTAP 2.2 §11.2.4).
pub const REPORT_LEN: usize = 64;

/// The longest message in bytes: 57 in the initialization packet and 59 in each of 128 continuation packets.
pub const MAX_MESSAGE_LEN: usize = 7609;

/// A logical channel of one client on one authenticator (CTAP 2.2 §11.2.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ChannelId(pub u32);

impl ChannelId {
    /// Everybody: a channel is asked for here.
    pub const BROADCAST: Self = Self(0xffff_ffff);
    /// Nobody.
    pub const RESERVED: Self = Self(0);

    /// Whether it can belong to one client.
    #[must_use]
    pub fn is_allocatable(self) -> bool {
        self != Self::BROADCAST && self != Self::RESERVED
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// A CTAPHID command, without the bit that marks an initialization packet (CTAP 2.2 §11.2.9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Command(pub u8);

impl Command {
    /// Echoes the payload.
    pub const PING: Self = Self(0x01);
    /// A CTAP1 message.
    pub const MSG: Self = Self(0x03);
    /// Locks the authenticator to one channel for some seconds.
    pub const LOCK: Self = Self(0x04);
    /// Allocates a channel, or brings one back in step.
    pub const INIT: Self = Self(0x06);
    /// Makes the authenticator show itself.
    pub const WINK: Self = Self(0x08);
    /// A CTAP2 message.
    pub const CBOR: Self = Self(0x10);
    /// Ends the pending CTAP2 message; has no reply of its own.
    pub const CANCEL: Self = Self(0x11);
    /// From the authenticator: still working.
    pub const KEEPALIVE: Self = Self(0x3b);
    /// From the authenticator: refused.
    pub const ERROR: Self = Self(0x3f);
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::PING => "CTAPHID_PING",
            Self::MSG => "CTAPHID_MSG",
            Self::LOCK => "CTAPHID_LOCK",
            Self::INIT => "CTAPHID_INIT",
            Self::WINK => "CTAPHID_WINK",
            Self::CBOR => "CTAPHID_CBOR",
            Self::CANCEL => "CTAPHID_CANCEL",
            Self::KEEPALIVE => "CTAPHID_KEEPALIVE",
            Self::ERROR => "CTAPHID_ERROR",
            Self(other) => return write!(f, "command 0x{other:02x}"),
        })
    }
}

/// Why an authenticator refused a message: the byte of `CTAPHID_ERROR` (CTAP 2.2 §11.2.9.1.6).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ErrorCode(pub u8);

impl ErrorCode {
    /// The command is not known.
    pub const INVALID_COMMAND: Self = Self(0x01);
    /// A parameter is wrong.
    pub const INVALID_PARAMETER: Self = Self(0x02);
    /// The length is wrong.
    pub const INVALID_LENGTH: Self = Self(0x03);
    /// A continuation packet is out of order.
    pub const INVALID_SEQUENCE: Self = Self(0x04);
    /// The message did not end in time.
    pub const MESSAGE_TIMEOUT: Self = Self(0x05);
    /// Another channel is being served.
    pub const CHANNEL_BUSY: Self = Self(0x06);
    /// The command needs a lock.
    pub const LOCK_REQUIRED: Self = Self(0x0a);
    /// The channel was not allocated.
    pub const INVALID_CHANNEL: Self = Self(0x0b);
    /// Anything else.
    pub const OTHER: Self = Self(0x7f);

    /// Whether another channel is being served: [`ErrorCode::CHANNEL_BUSY`], or 0x00, which the firmware of Nitrokey 3 and
    /// Solo 2 sends in its place (usbd-ctaphid 0.5.0 writes the number of its enum's variant).
    #[must_use]
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::CHANNEL_BUSY | Self(0x00))
    }

    /// The name in the specification.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::INVALID_COMMAND => "ERR_INVALID_CMD",
            Self::INVALID_PARAMETER => "ERR_INVALID_PAR",
            Self::INVALID_LENGTH => "ERR_INVALID_LEN",
            Self::INVALID_SEQUENCE => "ERR_INVALID_SEQ",
            Self::MESSAGE_TIMEOUT => "ERR_MSG_TIMEOUT",
            Self::CHANNEL_BUSY => "ERR_CHANNEL_BUSY",
            Self::LOCK_REQUIRED => "ERR_LOCK_REQUIRED",
            Self::INVALID_CHANNEL => "ERR_INVALID_CHANNEL",
            Self::OTHER => "ERR_OTHER",
            _ => "a code without a name",
        }
    }
}
