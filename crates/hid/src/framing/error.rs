//! Why reports are not a message.

use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};
use keyvet_transport::ChannelError;

use super::{ChannelId, Command};

/// Why reports are not the message they should be (CTAP 2.2 §11.2.4, §11.2.5).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// A continuation packet is not the next one.
    #[error("expected continuation {expected}, got {got}")]
    Sequence {
        /// Number of the next one.
        expected: u8,
        /// Number of this one.
        got: u8,
    },
    /// A message is longer than the protocol carries.
    #[error("message length {len} exceeds {max} bytes")]
    TooLong {
        /// Announced length in bytes.
        len: usize,
        /// What is carried, in bytes.
        max: usize,
    },
    /// Another message begins inside one.
    #[error("{command} began inside another message")]
    Interrupted {
        /// Which.
        command: Command,
    },
    /// The reply to `CTAPHID_INIT` is too short.
    #[error("the reply to CTAPHID_INIT has {len} bytes of 17")]
    InitTooShort {
        /// Its length in bytes.
        len: usize,
    },
    /// The reply to `CTAPHID_INIT` gives a channel that nobody may have.
    #[error("the reply to CTAPHID_INIT gives channel {channel}")]
    InitChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// The reply is one to another command.
    #[error("expected a reply to {expected}, got {got}")]
    UnexpectedReply {
        /// The command sent.
        expected: Command,
        /// The command of the reply.
        got: Command,
    },
    /// The reply to a CTAP2 message has no status byte.
    #[error("the reply to CTAPHID_CBOR is empty")]
    EmptyReply,
    /// The reply to `CTAPHID_PING` is not what was sent.
    #[error("{len} bytes came back to a ping, and they are not the ones sent")]
    PingMismatch {
        /// Length of the reply in bytes.
        len: usize,
    },
    /// The device sends reports of another length.
    #[error("a report has {len} bytes of 64")]
    ReportLength {
        /// Length in bytes.
        len: usize,
    },
}

impl From<FramingError> for ChannelError {
    fn from(error: FramingError) -> Self {
        Self::Framing(Finding::new(error.kind(), &error))
    }
}

impl Coded for FramingError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Sequence { .. } => &SEQUENCE,
            Self::TooLong { .. } => &TOO_LONG,
            Self::Interrupted { .. } => &INTERRUPTED,
            Self::InitTooShort { .. } => &INIT_TOO_SHORT,
            Self::InitChannel { .. } => &INIT_CHANNEL,
            Self::UnexpectedReply { .. } => &UNEXPECTED_REPLY,
            Self::EmptyReply => &EMPTY_REPLY,
            Self::PingMismatch { .. } => &PING_MISMATCH,
            Self::ReportLength { .. } => &REPORT_LENGTH,
        }
    }
}

/// A report is missing or came twice.
pub(crate) static SEQUENCE: Kind = Kind {
    id: "hid.wrong-sequence",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A part of the key's answer is missing or came twice; keyvet gave the answer up and brought the line back in step.",
    next_step: "Repeat the command. If it repeats, try another port or cable.",
    source: "CTAP 2.2 §11.2.5",
};

/// The announced length cannot be.
pub(crate) static TOO_LONG: Kind = Kind {
    id: "hid.message-too-long",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A message is announced with more bytes than CTAPHID can carry (7609).",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.2.4",
};

/// A message inside a message.
pub(crate) static INTERRUPTED: Kind = Kind {
    id: "hid.interrupted-message",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key began another message before the one it was sending had ended.",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.2.5",
};

/// The reply to INIT is too short.
pub(crate) static INIT_TOO_SHORT: Kind = Kind {
    id: "hid.init-too-short",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key answers the opening of a channel with fewer bytes than the specification has.",
    next_step: "Report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.2.9.1.3",
};

/// The reply to INIT gives nobody's channel.
pub(crate) static INIT_CHANNEL: Kind = Kind {
    id: "hid.init-channel",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key gives a channel number that is reserved (zero or broadcast).",
    next_step: "Report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.2.9.1.3",
};

/// A reply to something else.
pub(crate) static UNEXPECTED_REPLY: Kind = Kind {
    id: "hid.unexpected-reply",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key answered another command than the one sent; keyvet does not guess which answer belongs to what.",
    next_step: "Repeat the command. If it repeats, unplug the key and plug it in again.",
    source: "CTAP 2.2 §11.2.5",
};

/// A reply without a status.
pub(crate) static EMPTY_REPLY: Kind = Kind {
    id: "hid.empty-reply",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key answered without the status byte that every answer begins with.",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §8",
};

/// The echo differs.
pub(crate) static PING_MISMATCH: Kind = Kind {
    id: "hid.ping-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key did not echo what was sent to prove the line.",
    next_step: "Unplug the key, plug it in again and repeat. If it repeats, try another port or cable.",
    source: "CTAP 2.2 §11.2.9.1.4",
};

/// The reports are not of 64 bytes.
pub(crate) static REPORT_LENGTH: Kind = Kind {
    id: "hid.report-length",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The device sends reports of another length than 64 bytes; keyvet does not speak to such keys.",
    next_step: "Report the key's model to us, or use another key.",
    source: "CTAP 2.2 §11.2.8",
};

/// Every kind of this crate.
pub static KINDS: &[&Kind] = &[
    &SEQUENCE,
    &TOO_LONG,
    &INTERRUPTED,
    &INIT_TOO_SHORT,
    &INIT_CHANNEL,
    &UNEXPECTED_REPLY,
    &EMPTY_REPLY,
    &PING_MISMATCH,
    &REPORT_LENGTH,
    &crate::descriptor::REPORT_DESCRIPTOR,
];
