//! Status codes of CTAP2 answers (CTAP 2.2 §8.2).

use std::fmt;

/// The first byte of an answer; a byte without a name here survives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StatusCode(pub u8);

impl StatusCode {
    /// Success.
    pub const OK: Self = Self(0x00);

    /// Name in the specification, without the `CTAP1_ERR_` or `CTAP2_ERR_` prefix; removed codes that
    /// older keys still send keep their name.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let (_, name) = NAMES.iter().find(|(code, _)| *code == self.0)?;
        Some(name)
    }

    /// 0xE0–0xEF: what it means depends on the extension.
    #[must_use]
    pub fn is_extension(&self) -> bool {
        matches!(self.0, 0xe0..=0xef)
    }

    /// 0xF0–0xFF: what it means depends on the vendor.
    #[must_use]
    pub fn is_vendor(&self) -> bool {
        matches!(self.0, 0xf0..=0xff)
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.name() {
            Some(name) => name,
            None if self.is_extension() => "extension-specific",
            None if self.is_vendor() => "vendor-specific",
            None => "unknown status",
        };
        write!(f, "{name} (0x{:02x})", self.0)
    }
}

/// A constant for each code, and the table of their names.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)+) => {
        impl StatusCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)+
        }

        const NAMES: &[(u8, &str)] = &[(0x00, "SUCCESS"), $(($code, stringify!($name))),+];
    };
}

codes! {
    /// The command is not known.
    INVALID_COMMAND = 0x01;
    /// A parameter is not allowed.
    INVALID_PARAMETER = 0x02;
    /// The message has a wrong length.
    INVALID_LENGTH = 0x03;
    /// A part came out of order.
    INVALID_SEQ = 0x04;
    /// The message did not come in time.
    TIMEOUT = 0x05;
    /// Another channel is being served.
    CHANNEL_BUSY = 0x06;
    /// The command needs a lock on the channel.
    LOCK_REQUIRED = 0x0a;
    /// The channel is not one that was given out.
    INVALID_CHANNEL = 0x0b;
    /// A member has another type.
    CBOR_UNEXPECTED_TYPE = 0x11;
    /// The request is not CBOR.
    INVALID_CBOR = 0x12;
    /// A required parameter is missing.
    MISSING_PARAMETER = 0x14;
    /// There is more of something than the key can take.
    LIMIT_EXCEEDED = 0x15;
    /// Removed after CTAP 2.0.
    UNSUPPORTED_EXTENSION = 0x16;
    /// No room for another fingerprint.
    FP_DATABASE_FULL = 0x17;
    /// No room for the large blob.
    LARGE_BLOB_STORAGE_FULL = 0x18;
    /// A credential of the exclude list is on this key.
    CREDENTIAL_EXCLUDED = 0x19;
    /// Still at work.
    PROCESSING = 0x21;
    /// The credential is not one of this key.
    INVALID_CREDENTIAL = 0x22;
    /// Waiting for the user.
    USER_ACTION_PENDING = 0x23;
    /// A long operation is going on.
    OPERATION_PENDING = 0x24;
    /// Nothing is going on.
    NO_OPERATIONS = 0x25;
    /// None of the algorithms is supported.
    UNSUPPORTED_ALGORITHM = 0x26;
    /// The user refused.
    OPERATION_DENIED = 0x27;
    /// No room for another credential.
    KEY_STORE_FULL = 0x28;
    /// Removed after CTAP 2.0.
    NOT_BUSY = 0x29;
    /// Removed after CTAP 2.0.
    NO_OPERATION_PENDING = 0x2a;
    /// The option is not supported.
    UNSUPPORTED_OPTION = 0x2b;
    /// The option is not allowed here.
    INVALID_OPTION = 0x2c;
    /// Cancelled by the client.
    KEEPALIVE_CANCEL = 0x2d;
    /// There is no fitting credential.
    NO_CREDENTIALS = 0x2e;
    /// The user did not act in time.
    USER_ACTION_TIMEOUT = 0x2f;
    /// Not allowed now.
    NOT_ALLOWED = 0x30;
    /// The PIN is wrong.
    PIN_INVALID = 0x31;
    /// No PIN retries are left; only a reset helps.
    PIN_BLOCKED = 0x32;
    /// `pinUvAuthParam` does not verify.
    PIN_AUTH_INVALID = 0x33;
    /// Too many wrong PINs in a row; the key wants a power cycle.
    PIN_AUTH_BLOCKED = 0x34;
    /// There is no PIN.
    PIN_NOT_SET = 0x35;
    /// A `pinUvAuthToken` is required; `PIN_REQUIRED` in CTAP 2.0.
    PUAT_REQUIRED = 0x36;
    /// The new PIN does not meet the policy.
    PIN_POLICY_VIOLATION = 0x37;
    /// Reserved since CTAP 2.1.
    PIN_TOKEN_EXPIRED = 0x38;
    /// The request is too long for the key.
    REQUEST_TOO_LARGE = 0x39;
    /// The action took too long.
    ACTION_TIMEOUT = 0x3a;
    /// The user must be present.
    UP_REQUIRED = 0x3b;
    /// Built-in user verification is blocked.
    UV_BLOCKED = 0x3c;
    /// A hash over stored data does not fit.
    INTEGRITY_FAILURE = 0x3d;
    /// The subcommand is not known.
    INVALID_SUBCOMMAND = 0x3e;
    /// Built-in user verification failed.
    UV_INVALID = 0x3f;
    /// The permission cannot be had this way.
    UNAUTHORIZED_PERMISSION = 0x40;
    /// Something else.
    OTHER = 0x7f;
    /// The last code of the specification.
    SPEC_LAST = 0xdf;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_and_is_shown() {
        assert_eq!(StatusCode(0x32).to_string(), "PIN_BLOCKED (0x32)");
        assert_eq!(StatusCode(0x29).to_string(), "NOT_BUSY (0x29)");
        assert_eq!(StatusCode(0xe1).to_string(), "extension-specific (0xe1)");
        assert_eq!(StatusCode(0xf2).to_string(), "vendor-specific (0xf2)");
        assert_eq!(StatusCode(0x77).to_string(), "unknown status (0x77)");
        assert!(
            (0..=u8::MAX)
                .all(|byte| StatusCode(byte).to_string().contains(&format!("0x{byte:02x}")))
        );
    }

    #[test]
    fn no_byte_has_two_names() {
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
