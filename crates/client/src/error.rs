//! Why a ceremony failed.

pub(crate) mod obstacle;
pub(crate) mod status;

use keyvet_ctap::{Command, StatusCode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};
use keyvet_pin_uv::PinError;
use keyvet_transport::ChannelError;

use crate::{Declined, RandomnessError};
pub use obstacle::Obstacle;

/// Why a ceremony failed.
///
/// [`Coded::kind`] tells causes apart finely: for [`ClientError::Status`] by command and status.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The channel failed.
    #[error(transparent)]
    Channel(ChannelError),
    /// It was cancelled from our side.
    #[error("cancelled")]
    Cancelled,
    /// The person gave no PIN.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// The key refused the command, for a reason that has no variant of its own here.
    #[error("{command}: the key answered {status}")]
    Status {
        /// The command.
        command: Command,
        /// Its answer; an unknown byte survives.
        status: StatusCode,
    },
    /// The key said that all is well, but its answer cannot be used.
    #[error("{command}: {}", cause.detail())]
    BadAnswer {
        /// The command.
        command: Command,
        /// What is wrong with it.
        cause: Finding,
    },
    /// The key is not in a state to do what was asked; nothing was sent.
    #[error(transparent)]
    Precondition(#[from] Obstacle),
    /// The PIN breaks a rule that can be checked here; it was not sent and cost no retry.
    #[error(transparent)]
    PinPolicy(#[from] PinError),
    /// The key refuses the new PIN by its own rules.
    #[error("the key refuses this PIN: too short, too simple or the same as before")]
    PinRefused,
    /// So few retries are left that the PIN was not tried.
    #[error("{left} PIN retries are left; no PIN was tried")]
    PinRetries {
        /// Retries left.
        left: u64,
    },
    /// The PIN was wrong.
    #[error("wrong PIN, {}", retries(*left))]
    PinInvalid {
        /// Retries left, when the key tells.
        left: Option<u64>,
    },
    /// Too many wrong PINs: the key must be reset.
    #[error("the PIN is blocked: no retries are left")]
    PinBlocked,
    /// Too many wrong PINs in a row: the key must be plugged in again.
    #[error("the key takes no PIN until it is plugged in again, after several wrong ones in a row")]
    PinAuthBlocked,
    /// The key did not recognise the person.
    #[error("the key did not recognise the person, {}", retries(*left))]
    UvInvalid {
        /// Tries left, when the key tells.
        left: Option<u64>,
    },
    /// Too many failed tries of the key's own verification.
    #[error("the key's own user verification is blocked")]
    UvBlocked,
    /// There are no random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

fn retries(left: Option<u64>) -> String {
    match left {
        Some(1) => "1 retry is left".into(),
        Some(left) => format!("{left} retries are left"),
        None => "the number of retries left is unknown".into(),
    }
}

impl From<ChannelError> for ClientError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Cancelled => Self::Cancelled,
            error => Self::Channel(error),
        }
    }
}

impl ClientError {
    /// An answer to `command` that is unusable because of `error`.
    pub(crate) fn bad_answer(command: Command, error: &impl Coded) -> Self {
        Self::BadAnswer { command, cause: Finding::new(error.kind(), error) }
    }

    /// An answer to `command` without `member`.
    pub(crate) fn incomplete(command: Command, member: &str) -> Self {
        Self::BadAnswer { command, cause: Finding::new(&ANSWER_INCOMPLETE, member) }
    }
}

impl Coded for ClientError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Channel(error) => error.kind(),
            Self::Cancelled => &CANCELLED,
            Self::Declined(_) => &DECLINED,
            Self::Status { command, status } => status::kind(*command, *status),
            Self::BadAnswer { cause, .. } => cause.kind(),
            Self::Precondition(obstacle) => obstacle.kind(),
            Self::PinPolicy(error) => error.kind(),
            Self::PinRefused => &PIN_REFUSED,
            Self::PinRetries { .. } => &PIN_RETRIES,
            Self::PinInvalid { .. } => &PIN_INVALID,
            Self::PinBlocked => &PIN_BLOCKED,
            Self::PinAuthBlocked => &PIN_AUTH_BLOCKED,
            Self::UvInvalid { .. } => &UV_INVALID,
            Self::UvBlocked => &UV_BLOCKED,
            Self::Randomness(_) => &RANDOMNESS,
        }
    }
}

/// It was cancelled.
pub static CANCELLED: Kind = Kind {
    id: "client.cancelled",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "It was cancelled from this side; the key was told and waits no longer.",
    next_step: "Repeat the command when you are ready.",
    source: "CTAP 2.2 §11.2.9.1.5",
};

/// No PIN was given.
pub static DECLINED: Kind = Kind {
    id: "client.declined",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key wants its PIN and none was given. No retry was spent.",
    next_step: "Repeat the command and enter the PIN, or give it with --pin-stdin or --pin-fd.",
    source: "CTAP 2.2 §6.5",
};

/// A member is missing from an answer.
pub static ANSWER_INCOMPLETE: Kind = Kind {
    id: "client.answer-incomplete",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key said that the command succeeded, but left out the part of the answer that matters.",
    next_step: "Repeat once. If it repeats with this model, report it to the vendor.",
    source: "CTAP 2.2 §6",
};

/// The key refuses the new PIN.
pub static PIN_REFUSED: Kind = Kind {
    id: "client.pin-refused",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key refuses the new PIN: it is too short or too simple for the key's own rules, or it is the one in use.",
    next_step: "Choose another PIN; `keyvet info` shows the minimum length and where the vendor explains its rules.",
    source: "CTAP 2.2 §6.5.5.5, §6.5.5.6",
};

/// Few retries are left.
pub static PIN_RETRIES: Kind = Kind {
    id: "client.pin-retries-low",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "So few PIN retries are left that a mistake could block the key for good, so no PIN was tried. A right PIN brings all retries back.",
    next_step: "If you are certain of the PIN, repeat the command and allow the last retries.",
    source: "keyvet",
};

/// The PIN was wrong.
pub static PIN_INVALID: Kind = Kind {
    id: "client.pin-invalid",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The PIN was wrong. One retry was spent.",
    next_step: "Repeat the command with the right PIN; it brings all retries back.",
    source: "CTAP 2.2 §6.5.5.7",
};

/// The PIN is blocked.
pub static PIN_BLOCKED: Kind = Kind {
    id: "client.pin-blocked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "All PIN retries are spent. The key takes no PIN any more, not even the right one.",
    next_step: "Reset the key, which deletes every credential on it, and register it again everywhere.",
    source: "CTAP 2.2 §6.5.5.7",
};

/// The PIN is blocked until the key is plugged in again.
pub static PIN_AUTH_BLOCKED: Kind = Kind {
    id: "client.pin-auth-blocked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "After three wrong PINs in a row the key takes none until it loses power. Retries are left; nothing is lost.",
    next_step: "Unplug the key, plug it in again and enter the right PIN.",
    source: "CTAP 2.2 §6.5.5.7",
};

/// The key did not recognise the person.
pub static UV_INVALID: Kind = Kind {
    id: "client.uv-invalid",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key did not recognise the finger, or whatever it verifies a person by.",
    next_step: "Repeat with a clean, dry finger that is enrolled on this key.",
    source: "CTAP 2.2 §6.5.5.7.3",
};

/// The key's own verification is blocked.
pub static UV_BLOCKED: Kind = Kind {
    id: "client.uv-blocked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key did not recognise the person too often and verifies by itself no more until a right PIN is entered.",
    next_step: "Use the key once with its PIN. Without a PIN the key has to be reset, which deletes every credential on it.",
    source: "CTAP 2.2 §6.5.5.7.3",
};

/// There are no random bytes.
pub static RANDOMNESS: Kind = Kind {
    id: "client.no-randomness",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "The operating system gave no random bytes, so nothing was sent to the key.",
    next_step: "Repeat the command. If it repeats, look at the operating system's random number generator.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_is_kept_and_named_with_its_command() {
        let error =
            ClientError::Status { command: Command::MAKE_CREDENTIAL, status: StatusCode(0x77) };
        let shown = "authenticatorMakeCredential: the key answered unknown status (0x77)";
        assert_eq!(error.to_string(), shown);
        assert_eq!(error.kind().id, "client.status");
    }

    #[test]
    fn the_number_of_retries_is_told() {
        let shown = |left| ClientError::PinInvalid { left }.to_string();
        assert_eq!(shown(Some(1)), "wrong PIN, 1 retry is left");
        assert_eq!(shown(Some(7)), "wrong PIN, 7 retries are left");
        assert_eq!(shown(None), "wrong PIN, the number of retries left is unknown");
    }

    #[test]
    fn cancelling_is_one_error_wherever_it_is_noticed() {
        assert_eq!(ClientError::from(ChannelError::Cancelled), ClientError::Cancelled);
        let removed = ClientError::from(ChannelError::Removed);
        assert_eq!(removed.kind().id, "transport.removed");
    }

    #[test]
    fn the_two_blocked_states_have_different_next_steps() {
        let (blocked, unplug) = (ClientError::PinBlocked, ClientError::PinAuthBlocked);
        assert!(blocked.kind().next_step.contains("Reset"));
        assert!(unplug.kind().next_step.contains("plug it in again"));
        assert!(!unplug.kind().next_step.contains("Reset"));
    }
}
