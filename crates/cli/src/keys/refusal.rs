//! What the errors of channel and client mean for the program: their exit class.

use super::Around;
use crate::{error::CliError, exit::Exit};
use keyvet_client::ClientError;
use keyvet_ctap::StatusCode;
use keyvet_finding::{Coded, Culprit, Kind, Severity};
use keyvet_transport::{ChannelError, Device, Phase};

/// A channel error as an error of the program.
pub(crate) fn channel_error(error: &ChannelError) -> CliError {
    CliError::new(error.kind(), error, exit_of_channel(error))
}

/// The error of opening a channel to `device`.
pub(super) fn opening_error(error: &ChannelError, device: &Device) -> CliError {
    match error {
        ChannelError::Removed if device.is_card() => lifted(error),
        _ => channel_error(error),
    }
}

/// Why `device` cannot be opened, when that is known without sending anything. Of a card that another program keeps it
/// is not known whether it is a key.
pub(super) fn denied(device: &Device) -> Option<CliError> {
    let error = device.denied.as_ref()?;
    Some(match error {
        ChannelError::Busy if device.is_card() => {
            CliError::new(&CARD_IN_USE, "another program has it", exit_of_channel(error))
        }
        error => channel_error(error),
    })
}

/// The key was lifted off the reader.
fn lifted(error: &ChannelError) -> CliError {
    CliError::new(&LIFTED, error, Exit::Transport)
}

/// The exit class of a channel error.
pub(crate) fn exit_of_channel(error: &ChannelError) -> Exit {
    match error {
        ChannelError::Timeout { phase: Phase::Touch } | ChannelError::Cancelled => {
            Exit::UserTimeout
        }
        ChannelError::PermissionDenied { .. } | ChannelError::ServiceMissing { .. } => {
            Exit::Permission
        }
        ChannelError::Unsupported(_) => Exit::NotSupported,
        _ => Exit::Transport,
    }
}

/// A ceremony's error as an error of the program. When no PIN could be read, the reason is the error.
pub(crate) fn client_error(error: &ClientError, around: &Around) -> CliError {
    let trouble = around.console.trouble();
    if around.cancel.is_cancelled() {
        return cancelled();
    }
    match (error, trouble) {
        (ClientError::Declined(_), Some(trouble)) => trouble,
        (ClientError::Channel(error @ ChannelError::Removed), _)
            if around.console.is_at_reader() =>
        {
            lifted(error)
        }
        _ => CliError::new(error.kind(), error, exit_of_client(error)),
    }
}

/// The person pressed Ctrl-C.
pub(crate) fn cancelled() -> CliError {
    let cancelled = ClientError::Cancelled;
    CliError::new(cancelled.kind(), cancelled, Exit::UserTimeout)
}

/// The exit class of a ceremony's error.
#[must_use]
pub fn exit_of_client(error: &ClientError) -> Exit {
    match error {
        ClientError::Channel(error) => exit_of_channel(error),
        ClientError::Cancelled | ClientError::Declined(_) => Exit::UserTimeout,
        ClientError::Status { status, .. } => exit_of_status(*status),
        ClientError::Precondition(_) => Exit::NotSupported,
        ClientError::PinPolicy(_) | ClientError::PinRefused => Exit::PinWrong,
        ClientError::PinInvalid { .. } | ClientError::UvInvalid { .. } => Exit::PinWrong,
        ClientError::PinBlocked | ClientError::PinAuthBlocked | ClientError::UvBlocked => {
            Exit::PinBlocked
        }
        // not blocked yet, but no PIN may be tried either
        ClientError::PinRetries { .. } => Exit::PinBlocked,
        ClientError::Randomness(_) => Exit::Internal,
        _ => Exit::Transport,
    }
}

fn exit_of_status(status: StatusCode) -> Exit {
    match status {
        StatusCode::USER_ACTION_TIMEOUT
        | StatusCode::ACTION_TIMEOUT
        | StatusCode::KEEPALIVE_CANCEL
        | StatusCode::OPERATION_DENIED => Exit::UserTimeout,
        StatusCode::KEY_STORE_FULL
        | StatusCode::UNSUPPORTED_ALGORITHM
        | StatusCode::UNSUPPORTED_OPTION
        | StatusCode::INVALID_OPTION
        | StatusCode::INVALID_COMMAND
        | StatusCode::INVALID_SUBCOMMAND
        | StatusCode::PUAT_REQUIRED
        | StatusCode::NOT_ALLOWED
        | StatusCode::LIMIT_EXCEEDED
        | StatusCode::REQUEST_TOO_LARGE => Exit::NotSupported,
        _ => Exit::Transport,
    }
}

/// The key was lifted off the reader.
pub(crate) static LIFTED: Kind = Kind {
    id: "cli.key-left-the-reader",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key was lifted off the reader, or slid out of its field, before the command was done.",
    next_step: "Repeat the command and leave the key lying on the reader until it ends. What the key had finished before stays done.",
    source: "keyvet",
};

/// Another program has the card for itself.
pub(crate) static CARD_IN_USE: Kind = Kind {
    id: "cli.card-in-use",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "Another program has the card in this reader for itself, so it cannot be asked what it is: a security key, or another card.",
    next_step: "Close the program that uses the card, such as one for signatures, banking or certificates, then repeat.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_error_ends_the_program_by_what_it_means_to_a_person() {
        let denied = ChannelError::PermissionDenied { path: "p".into(), cause: "EACCES".into() };
        let touch = ChannelError::Timeout { phase: Phase::Touch };
        let early = ChannelError::Timeout { phase: Phase::FirstReport };
        let cases = [
            (denied, 6),
            (touch, 7),
            (ChannelError::Cancelled, 7),
            (early, 10),
            (ChannelError::Removed, 10),
            (ChannelError::Busy, 10),
            (ChannelError::Unsupported("wink"), 11),
        ];
        for (error, code) in cases {
            assert_eq!(channel_error(&error).exit().code(), code, "{error:?}");
        }
    }
}
