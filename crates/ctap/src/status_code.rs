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

const NAMES: [(u8, &str); 51] = [
    (0x00, "SUCCESS"),
    (0x01, "INVALID_COMMAND"),
    (0x02, "INVALID_PARAMETER"),
    (0x03, "INVALID_LENGTH"),
    (0x04, "INVALID_SEQ"),
    (0x05, "TIMEOUT"),
    (0x06, "CHANNEL_BUSY"),
    (0x0a, "LOCK_REQUIRED"),
    (0x0b, "INVALID_CHANNEL"),
    (0x11, "CBOR_UNEXPECTED_TYPE"),
    (0x12, "INVALID_CBOR"),
    (0x14, "MISSING_PARAMETER"),
    (0x15, "LIMIT_EXCEEDED"),
    // removed after CTAP 2.0
    (0x16, "UNSUPPORTED_EXTENSION"),
    (0x17, "FP_DATABASE_FULL"),
    (0x18, "LARGE_BLOB_STORAGE_FULL"),
    (0x19, "CREDENTIAL_EXCLUDED"),
    (0x21, "PROCESSING"),
    (0x22, "INVALID_CREDENTIAL"),
    (0x23, "USER_ACTION_PENDING"),
    (0x24, "OPERATION_PENDING"),
    (0x25, "NO_OPERATIONS"),
    (0x26, "UNSUPPORTED_ALGORITHM"),
    (0x27, "OPERATION_DENIED"),
    (0x28, "KEY_STORE_FULL"),
    // removed after CTAP 2.0
    (0x29, "NOT_BUSY"),
    // removed after CTAP 2.0
    (0x2a, "NO_OPERATION_PENDING"),
    (0x2b, "UNSUPPORTED_OPTION"),
    (0x2c, "INVALID_OPTION"),
    (0x2d, "KEEPALIVE_CANCEL"),
    (0x2e, "NO_CREDENTIALS"),
    (0x2f, "USER_ACTION_TIMEOUT"),
    (0x30, "NOT_ALLOWED"),
    (0x31, "PIN_INVALID"),
    (0x32, "PIN_BLOCKED"),
    (0x33, "PIN_AUTH_INVALID"),
    (0x34, "PIN_AUTH_BLOCKED"),
    (0x35, "PIN_NOT_SET"),
    // PIN_REQUIRED in CTAP 2.0
    (0x36, "PUAT_REQUIRED"),
    (0x37, "PIN_POLICY_VIOLATION"),
    // reserved since CTAP 2.1
    (0x38, "PIN_TOKEN_EXPIRED"),
    (0x39, "REQUEST_TOO_LARGE"),
    (0x3a, "ACTION_TIMEOUT"),
    (0x3b, "UP_REQUIRED"),
    (0x3c, "UV_BLOCKED"),
    (0x3d, "INTEGRITY_FAILURE"),
    (0x3e, "INVALID_SUBCOMMAND"),
    (0x3f, "UV_INVALID"),
    (0x40, "UNAUTHORIZED_PERMISSION"),
    (0x7f, "OTHER"),
    (0xdf, "SPEC_LAST"),
];

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
