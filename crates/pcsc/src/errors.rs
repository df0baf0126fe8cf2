//! What an error of the library means to whoever waits for a card.

use keyvet_nfc::helper_protocol::{EXTENDED, SERVICE};
use keyvet_transport::ChannelError;
use pcsc::{Context, Error, Scope};

/// An error on the way to the reader `place`.
///
/// A daemon that is gone and one that dies meanwhile are the same to the caller: a service that is not there. The next
/// call asks anew. A daemon that hangs up on us may refuse us (polkit) or have died, and the library has several errors
/// for either. So it is asked for once more: one that takes calls and hangs up again refuses.
pub(crate) fn at_reader(place: &str, error: Error) -> ChannelError {
    if !hung_up(error) {
        return meaning(place, error);
    }
    match Context::establish(Scope::User) {
        Err(again) if hung_up(again) && takes_calls() => denied(place, Error::SecurityViolation),
        Err(again) => meaning(place, if hung_up(again) { Error::NoService } else { again }),
        Ok(_) => meaning(place, error),
    }
}

const fn hung_up(error: Error) -> bool {
    use Error::{CommError, InvalidHandle, NoAccess, NoService, SecurityViolation};
    use Error::{ServiceStopped, Shutdown};
    let refused = matches!(error, SecurityViolation | NoAccess | NoService);
    refused || matches!(error, CommError | InvalidHandle | ServiceStopped | Shutdown)
}

/// Whether somebody listens at pcscd's socket.
fn takes_calls() -> bool {
    #[cfg(target_os = "linux")]
    {
        let socket = std::env::var_os("PCSCLITE_CSOCK_NAME");
        let socket = socket.unwrap_or_else(|| "/run/pcscd/pcscd.comm".into());
        std::os::unix::net::UnixStream::connect(socket).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    false
}

fn meaning(place: &str, error: Error) -> ChannelError {
    match error {
        Error::NoService => missing(error, "install and start it (Debian, Ubuntu: package pcscd)"),
        Error::ServiceStopped | Error::Shutdown | Error::InvalidHandle | Error::CommError => {
            missing(error, "it ended; repeat, and look at its log")
        }
        Error::SecurityViolation | Error::NoAccess => denied(place, error),
        Error::SharingViolation => ChannelError::Busy,
        Error::RemovedCard
        | Error::NoSmartcard
        | Error::ReaderUnavailable
        | Error::UnknownReader
        | Error::NoReadersAvailable
        | Error::UnpoweredCard
        | Error::NotTransacted => ChannelError::Removed,
        Error::ResetCard => reset(place),
        other => ChannelError::Io(format!("{place}: {other}")),
    }
}

/// An error at a card that was connected.
///
/// pcscd tells a handle that is younger than another program's reset only that the card has no protocol any more.
pub(crate) fn at_card(place: &str, error: Error) -> ChannelError {
    match error {
        Error::ProtoMismatch => reset(place),
        other => at_reader(place, other),
    }
}

/// An error of a transmission to a card that the reader says is still there.
///
/// A reader that carries short APDUs only says so in many ways, none of them its own.
pub(crate) fn of_extended(place: &str, error: Error) -> ChannelError {
    match error {
        Error::NotTransacted
        | Error::CommDataLost
        | Error::InvalidParameter
        | Error::InvalidValue
        | Error::InsufficientBuffer
        | Error::UnsupportedFeature
        | Error::ProtoMismatch => ChannelError::Unsupported(EXTENDED),
        other => at_reader(place, other),
    }
}

/// Another program reset the card: whatever was chosen and begun on it is gone.
fn reset(place: &str) -> ChannelError {
    ChannelError::Replaced {
        path: place.into(),
        expected: "the card that was connected".into(),
        found: "a card that was reset since".into(),
    }
}

fn denied(place: &str, error: Error) -> ChannelError {
    let hint = "pcscd does not let this user in: ask its administrator for a polkit rule";
    ChannelError::PermissionDenied { path: place.into(), cause: format!("{error} ({hint})") }
}

fn missing(error: Error, hint: &str) -> ChannelError {
    ChannelError::ServiceMissing { service: SERVICE, cause: format!("{error}; {hint}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_finding::Coded;

    #[test]
    fn errors_of_the_library_have_our_meaning() {
        let table = [
            (Error::NoService, "transport.service-missing"),
            (Error::ServiceStopped, "transport.service-missing"),
            (Error::CommError, "transport.service-missing"),
            (Error::InvalidHandle, "transport.service-missing"),
            (Error::SecurityViolation, "transport.permission-denied"),
            (Error::SharingViolation, "transport.busy"),
            (Error::RemovedCard, "transport.removed"),
            (Error::NoSmartcard, "transport.removed"),
            (Error::ReaderUnavailable, "transport.removed"),
            (Error::NotTransacted, "transport.removed"),
            (Error::ResetCard, "transport.replaced"),
            (Error::ProtoMismatch, "transport.io"),
            (Error::UnresponsiveCard, "transport.io"),
        ];
        for (error, id) in table {
            assert_eq!(meaning("r", error).kind().id, id, "{error:?}");
        }
    }

    #[test]
    fn a_card_without_protocol_was_reset_once_it_had_one() {
        assert_eq!(at_card("r", Error::ProtoMismatch).kind().id, "transport.replaced");
        assert_eq!(at_card("r", Error::SharingViolation).kind().id, "transport.busy");
    }

    #[test]
    fn a_reader_without_extended_apdus_is_told_from_a_card_that_left() {
        let unsupported = of_extended("r", Error::NotTransacted);
        assert_eq!(unsupported, ChannelError::Unsupported(EXTENDED));
        assert_eq!(of_extended("r", Error::RemovedCard), ChannelError::Removed);
    }
}
