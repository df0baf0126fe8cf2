//! What a status byte means, command by command (CTAP 2.2 §8.2).

use keyvet_ctap::{Command, StatusCode as S};
use keyvet_finding::{Culprit, Kind, Severity};

/// The meaning of `status` as an answer to `command`.
pub(crate) fn kind(command: Command, status: S) -> &'static Kind {
    match status {
        S::OPERATION_DENIED => &OPERATION_DENIED,
        S::USER_ACTION_TIMEOUT | S::ACTION_TIMEOUT => &NOT_TOUCHED,
        S::KEEPALIVE_CANCEL => &CANCELLED_BY_KEY,
        S::NOT_ALLOWED if command == Command::RESET => &RESET_NOT_ALLOWED,
        S::KEY_STORE_FULL => &KEY_STORE_FULL,
        S::CREDENTIAL_EXCLUDED => &CREDENTIAL_EXCLUDED,
        S::NO_CREDENTIALS => &NO_CREDENTIALS,
        S::UNSUPPORTED_ALGORITHM => &ALGORITHM_REFUSED,
        S::UNSUPPORTED_OPTION | S::INVALID_OPTION => &OPTION_REFUSED,
        S::PUAT_REQUIRED => &VERIFICATION_REQUIRED,
        S::PIN_AUTH_INVALID | S::PIN_TOKEN_EXPIRED | S::UNAUTHORIZED_PERMISSION => &TOKEN_REFUSED,
        S::REQUEST_TOO_LARGE | S::LIMIT_EXCEEDED => &LIMIT_EXCEEDED,
        S::INVALID_COMMAND | S::INVALID_SUBCOMMAND => &COMMAND_REFUSED,
        S::INVALID_PARAMETER | S::MISSING_PARAMETER | S::INVALID_LENGTH => &REQUEST_REFUSED,
        S::CBOR_UNEXPECTED_TYPE | S::INVALID_CBOR => &REQUEST_REFUSED,
        _ => &STATUS,
    }
}

/// The person said no.
pub static OPERATION_DENIED: Kind = Kind {
    id: "client.operation-denied",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key refused: the person said no on the key, or the key demands a verified person and none was possible.",
    next_step: "Repeat and confirm on the key. If it demands verification, set a PIN or enrol a finger first.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_OPERATION_DENIED",
};

/// Nobody touched the key.
pub static NOT_TOUCHED: Kind = Kind {
    id: "client.not-touched",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key waited for a touch until its own time was up, and nobody touched it.",
    next_step: "Repeat the command and touch the key when it blinks.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_USER_ACTION_TIMEOUT",
};

/// The key says that it was cancelled, and not by us.
pub static CANCELLED_BY_KEY: Kind = Kind {
    id: "client.cancelled-by-key",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key says that the command was cancelled, but not from here: another program used the key at the same time, or the key was touched to say no.",
    next_step: "Close browsers and other programs that use security keys, then repeat.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_KEEPALIVE_CANCEL",
};

/// Too late for a reset.
pub static RESET_NOT_ALLOWED: Kind = Kind {
    id: "client.reset-not-allowed",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key lets itself be reset only in the first seconds after it was plugged in, and only over some connections.",
    next_step: "Unplug the key, plug it in again and repeat within ten seconds.",
    source: "CTAP 2.2 §6.6",
};

/// The key is full.
pub static KEY_STORE_FULL: Kind = Kind {
    id: "client.key-store-full",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key has no room for another discoverable credential.",
    next_step: "Remove credentials that are not used any more, or use another key.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_KEY_STORE_FULL",
};

/// A credential of the exclude list is on the key.
pub static CREDENTIAL_EXCLUDED: Kind = Kind {
    id: "client.credential-excluded",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key holds one of the credentials that must not be there: it is registered already.",
    next_step: "Nothing to do, or remove the old registration first.",
    source: "CTAP 2.2 §6.1.2",
};

/// No such credential.
pub static NO_CREDENTIALS: Kind = Kind {
    id: "client.no-credentials",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The key holds no credential that fits: none for this relying party, none of the list, or none that may be used without verification.",
    next_step: "Use the key that was registered; if it is this one, repeat with user verification.",
    source: "CTAP 2.2 §6.2.2",
};

/// The algorithm is refused.
pub static ALGORITHM_REFUSED: Kind = Kind {
    id: "client.algorithm-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key refused every signature algorithm that was asked for.",
    next_step: "Ask for ES256, which nearly every key offers; `keyvet info` shows what this one says it offers.",
    source: "CTAP 2.2 §6.1.2",
};

/// An option is refused.
pub static OPTION_REFUSED: Kind = Kind {
    id: "client.option-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key refused an option of the request, although its getInfo did not exclude it.",
    next_step: "Repeat with fewer demands: not discoverable, usual attestation. If it repeats, report it to the vendor.",
    source: "CTAP 2.2 §6.1.2, §6.2.2",
};

/// The key wants a verified person.
pub static VERIFICATION_REQUIRED: Kind = Kind {
    id: "client.verification-required",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The key demands a verified person for this.",
    next_step: "Repeat with user verification; set a PIN first if the key has none.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_PUAT_REQUIRED",
};

/// The token is refused.
pub static TOKEN_REFUSED: Kind = Kind {
    id: "client.token-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key refused the permission it had given just before: it ran out, another program asked for one in between, or it does not cover this command.",
    next_step: "Close other programs that use the key and repeat the command. No PIN retry was spent.",
    source: "CTAP 2.2 §6.5.2.1, CTAP2_ERR_PIN_AUTH_INVALID",
};

/// The request is too much for the key.
pub static LIMIT_EXCEEDED: Kind = Kind {
    id: "client.limit-exceeded",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key says that the request is longer than it takes, although it keeps to the limits of its getInfo.",
    next_step: "Ask for less: fewer algorithms, a shorter list of credentials. Report it to the vendor.",
    source: "CTAP 2.2 §8.2, CTAP2_ERR_REQUEST_TOO_LARGE",
};

/// The command is refused.
pub static COMMAND_REFUSED: Kind = Kind {
    id: "client.command-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key does not know the command.",
    next_step: "Use a key that has it; `keyvet info` shows what this one says it can.",
    source: "CTAP 2.2 §8.2, CTAP1_ERR_INVALID_COMMAND",
};

/// The request is refused.
pub static REQUEST_REFUSED: Kind = Kind {
    id: "client.request-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key could not make sense of a parameter of the request.",
    next_step: "Repeat with fewer demands. If it repeats, report it to keyvet with `keyvet info --json`: the key or keyvet is wrong.",
    source: "CTAP 2.2 §8.2",
};

/// Any other status.
pub static STATUS: Kind = Kind {
    id: "client.status",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key refused the command with a status that says no more than its name, or that only its vendor knows.",
    next_step: "Unplug the key, plug it in again and repeat. If it repeats, report it to the vendor with the status.",
    source: "CTAP 2.2 §8.2",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_meaning_of_its_command() {
        let meaning = |command, status| kind(command, status).id;
        let cases = [
            (0x01, "client.command-refused"),
            (0x3e, "client.command-refused"),
            (0x02, "client.request-refused"),
            (0x03, "client.request-refused"),
            (0x11, "client.request-refused"),
            (0x12, "client.request-refused"),
            (0x14, "client.request-refused"),
            (0x15, "client.limit-exceeded"),
            (0x39, "client.limit-exceeded"),
            (0x19, "client.credential-excluded"),
            (0x26, "client.algorithm-refused"),
            (0x27, "client.operation-denied"),
            (0x28, "client.key-store-full"),
            (0x2b, "client.option-refused"),
            (0x2c, "client.option-refused"),
            (0x2d, "client.cancelled-by-key"),
            (0x2e, "client.no-credentials"),
            (0x2f, "client.not-touched"),
            (0x3a, "client.not-touched"),
            (0x30, "client.status"),
            (0x33, "client.token-refused"),
            (0x38, "client.token-refused"),
            (0x40, "client.token-refused"),
            (0x36, "client.verification-required"),
            (0x7f, "client.status"),
            (0xf2, "client.status"),
            (0x77, "client.status"),
        ];
        for (status, id) in cases {
            assert_eq!(meaning(Command::MAKE_CREDENTIAL, S(status)), id, "0x{status:02x}");
        }
        assert_eq!(meaning(Command::RESET, S(0x30)), "client.reset-not-allowed");
    }
}
