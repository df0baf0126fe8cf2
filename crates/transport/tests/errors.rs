//! Every error of a channel has a stable code of its own and says what happened.

use keyvet_finding::{Coded, Culprit};
use keyvet_transport::{ChannelError, KINDS, Phase};

fn all() -> Vec<(ChannelError, &'static str, &'static str)> {
    let text = String::from;
    let timeout = |phase| ChannelError::Timeout { phase };
    let permission =
        ChannelError::PermissionDenied { path: text("/dev/hidraw3"), cause: text("no") };
    let replaced = ChannelError::Replaced {
        path: text("/dev/hidraw3"),
        expected: text("0003.0001"),
        found: text("0003.0002"),
    };
    let missing = ChannelError::ServiceMissing { service: "pcscd", cause: text("no socket") };
    let status = ChannelError::TransportStatus { code: 0x7f, name: "ERR_OTHER" };
    vec![
        (timeout(Phase::Opening), "transport.timeout", "no answer in time while opening a channel"),
        (
            timeout(Phase::Touch),
            "transport.touch-timeout",
            "no answer in time while the key waited for a touch",
        ),
        (ChannelError::Cancelled, "transport.cancelled", "cancelled"),
        (ChannelError::Removed, "transport.removed", "the key was removed"),
        (
            replaced,
            "transport.replaced",
            "/dev/hidraw3 is another device now: 0003.0002, not 0003.0001",
        ),
        (ChannelError::Busy, "transport.busy", "another program kept the key busy"),
        (permission, "transport.permission-denied", "no permission for /dev/hidraw3: no"),
        (missing, "transport.service-missing", "pcscd is not there: no socket"),
        (status, "transport.transport-status", "the key refused the message: ERR_OTHER (0x7f)"),
        (
            ChannelError::TooLong { len: 7610, max: 7609 },
            "transport.message-too-long",
            "the message has 7610 bytes, the channel carries 7609",
        ),
        (ChannelError::Unsupported("winking"), "transport.unsupported", "winking is not supported"),
        (
            ChannelError::Poisoned,
            "transport.poisoned",
            "the line is out of step after an earlier failure",
        ),
        (ChannelError::Io(text("bus fault")), "transport.io", "bus fault"),
    ]
}

#[test]
fn every_error_has_its_own_code_and_words() {
    for (error, id, words) in all() {
        assert_eq!(error.kind().id, id);
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn every_code_of_a_channel_is_listed() {
    for (error, id, _) in all() {
        assert!(KINDS.iter().any(|kind| std::ptr::eq(*kind, error.kind())), "{id}");
    }
}

#[test]
fn nobody_is_blamed_for_a_touch_that_did_not_come() {
    let timeout = |phase| ChannelError::Timeout { phase };
    assert_eq!(timeout(Phase::Touch).kind().culprit, Culprit::Nobody);
    let others = [
        Phase::Opening,
        Phase::FirstReport,
        Phase::MidMessage,
        Phase::Processing,
        Phase::FellSilent,
    ];
    for phase in others {
        assert_eq!(timeout(phase).kind().culprit, Culprit::Key, "{phase}");
    }
}
