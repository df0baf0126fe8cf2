//! Why a channel could not do its work.

use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::selector::{NO_KEY, NO_MATCH, SEVERAL_MATCH};

/// Why a channel could not do its work. A CTAP status is not among them: it is an answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The answer was not complete in time.
    #[error("no answer in time while {phase}")]
    Timeout {
        /// What was going on.
        phase: Phase,
    },
    /// It was cancelled from our side.
    #[error("cancelled")]
    Cancelled,
    /// The device is gone.
    #[error("the key was removed")]
    Removed,
    /// The path names another device than the one that was found.
    #[error("{path} is another device now: {found}, not {expected}")]
    Replaced {
        /// The path.
        path: String,
        /// Identity at the scan.
        expected: String,
        /// Identity now.
        found: String,
    },
    /// Another program kept the device busy until the deadline.
    #[error("another program kept the key busy")]
    Busy,
    /// The operating system refuses access.
    #[error("no permission for {path}: {cause}")]
    PermissionDenied {
        /// The path.
        path: String,
        /// What the operating system said.
        cause: String,
    },
    /// A service or driver that the transport needs is not there.
    #[error("{service} is not there: {cause}")]
    ServiceMissing {
        /// The service.
        service: &'static str,
        /// What was seen.
        cause: String,
    },
    /// The bytes on the line are not what the transport's rules allow; the finding is the transport's own.
    #[error("{}", .0.detail())]
    Framing(Finding),
    /// The transport refused the message, with a code of its own.
    #[error("the key refused the message: {name} (0x{code:02x})")]
    TransportStatus {
        /// The code: `CTAPHID_ERROR` (CTAP 2.2 §11.2.9.1.6).
        code: u8,
        /// Its name.
        name: &'static str,
    },
    /// The message is longer than the channel carries; nothing was sent.
    #[error("the message has {len} bytes, the channel carries {max}")]
    TooLong {
        /// Length of the message, in bytes.
        len: usize,
        /// What the channel carries, in bytes.
        max: usize,
    },
    /// The device or the transport has no such function.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// An earlier exchange left the line in a state that could not be cleared.
    #[error("the line is out of step after an earlier failure")]
    Poisoned,
    /// The operating system reported something else.
    #[error("{0}")]
    Io(String),
}

/// What was going on when time ran out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// A channel was being opened.
    Opening,
    /// Nothing at all had come back.
    FirstReport,
    /// A message had begun and did not end.
    MidMessage,
    /// The authenticator was working.
    Processing,
    /// The authenticator waited for a touch.
    Touch,
    /// The authenticator had said that it is at work, or waits for a touch, and said nothing more.
    FellSilent,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Opening => "opening a channel",
            Self::FirstReport => "waiting for the first sign of an answer",
            Self::MidMessage => "receiving a message that did not end",
            Self::Processing => "the key was working",
            Self::Touch => "the key waited for a touch",
            Self::FellSilent => "the key was at work: it has fallen silent",
        })
    }
}

impl Coded for ChannelError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Timeout { phase: Phase::Touch } => &TOUCH_TIMEOUT,
            Self::Timeout { .. } => &TIMEOUT,
            Self::Cancelled => &CANCELLED,
            Self::Removed => &REMOVED,
            Self::Replaced { .. } => &REPLACED,
            Self::Busy => &BUSY,
            Self::PermissionDenied { .. } => &PERMISSION_DENIED,
            Self::ServiceMissing { .. } => &SERVICE_MISSING,
            Self::Framing(finding) => finding.kind(),
            Self::TransportStatus { .. } => &TRANSPORT_STATUS,
            Self::TooLong { .. } => &TOO_LONG,
            Self::Unsupported(_) => &UNSUPPORTED,
            Self::Poisoned => &POISONED,
            Self::Io(_) => &IO,
        }
    }
}

/// The key did not answer in time.
pub(crate) static TIMEOUT: Kind = Kind {
    id: "transport.timeout",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key did not answer in time.",
    next_step: "Unplug the key, plug it in again and repeat. If it repeats, try another port and look for a program that uses the key.",
    source: "CTAP 2.2 §11.2.5",
};

/// Nobody touched the key.
pub(crate) static TOUCH_TIMEOUT: Kind = Kind {
    id: "transport.touch-timeout",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key waited for a touch and nobody touched it in time.",
    next_step: "Repeat the command and touch the key when it blinks.",
    source: "CTAP 2.2 §11.2.9.1.7",
};

/// The command was cancelled.
pub(crate) static CANCELLED: Kind = Kind {
    id: "transport.cancelled",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The command was cancelled from this side; the key was told.",
    next_step: "Repeat the command when you are ready.",
    source: "CTAP 2.2 §11.2.9.1.5",
};

/// The key was removed.
pub(crate) static REMOVED: Kind = Kind {
    id: "transport.removed",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key was unplugged while it was being used, or it fell off the bus.",
    next_step: "Plug the key in and repeat the command. What the key had finished before stays done.",
    source: "keyvet",
};

/// The path names another device now.
pub(crate) static REPLACED: Kind = Kind {
    id: "transport.replaced",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The path names another device than the one that was found: the key was replugged or swapped in between.",
    next_step: "Run `keyvet list` and name the key again.",
    source: "keyvet",
};

/// Another program uses the key.
pub(crate) static BUSY: Kind = Kind {
    id: "transport.busy",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "Another program talks to the key and did not finish in time.",
    next_step: "Close browsers and other programs that use security keys, then repeat.",
    source: "CTAP 2.2 §11.2.5",
};

/// The operating system refuses access.
pub(crate) static PERMISSION_DENIED: Kind = Kind {
    id: "transport.permission-denied",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The operating system does not let this user open the key.",
    next_step: "Run `keyvet doctor`: it says which rule, group or right is missing, and the command that mends it.",
    source: "keyvet",
};

/// A service or driver is not there.
pub(crate) static SERVICE_MISSING: Kind = Kind {
    id: "transport.service-missing",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A service or driver that this transport needs is not there.",
    next_step: "Start or install what the message names, or use another transport.",
    source: "keyvet",
};

/// The key refused the message.
pub(crate) static TRANSPORT_STATUS: Kind = Kind {
    id: "transport.transport-status",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key refused the message on the transport's own level, before any CTAP command was read.",
    next_step: "Repeat once. If it repeats, report it to the vendor with the code.",
    source: "CTAP 2.2 §11.2.9.1.6",
};

/// The message does not fit.
pub(crate) static TOO_LONG: Kind = Kind {
    id: "transport.message-too-long",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The message does not fit the transport; nothing was sent.",
    next_step: "Report it with the command you ran.",
    source: "CTAP 2.2 §11.2.4",
};

/// There is no such function.
pub(crate) static UNSUPPORTED: Kind = Kind {
    id: "transport.unsupported",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key or the transport has no such function.",
    next_step: "Use another way to do it; `keyvet info` shows what the key can.",
    source: "CTAP 2.2 §11",
};

/// The line is out of step.
pub(crate) static POISONED: Kind = Kind {
    id: "transport.poisoned",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "An earlier exchange failed so that the line to the key could not be brought back in step; keyvet does not guess which answer belongs to what.",
    next_step: "Unplug the key, plug it in again and repeat.",
    source: "keyvet",
};

/// The operating system reported an error.
pub(crate) static IO: Kind = Kind {
    id: "transport.io",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The operating system reported an error on the way to the key.",
    next_step: "Unplug the key, plug it in again and repeat; the message has the operating system's words.",
    source: "keyvet",
};

/// Every kind of this crate that an error carries.
pub static KINDS: &[&Kind] = &[
    &TIMEOUT,
    &TOUCH_TIMEOUT,
    &CANCELLED,
    &REMOVED,
    &REPLACED,
    &BUSY,
    &PERMISSION_DENIED,
    &SERVICE_MISSING,
    &TRANSPORT_STATUS,
    &TOO_LONG,
    &UNSUPPORTED,
    &POISONED,
    &IO,
    &NO_KEY,
    &NO_MATCH,
    &SEVERAL_MATCH,
];
