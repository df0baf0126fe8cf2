//! The PIN (CTAP 2.3 §6.5.1).

use keyvet_finding::{Coded, Culprit, Kind, Severity};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A PIN in Unicode normalization form C; wiped when dropped, not shown by `Debug`.
pub struct Pin(Zeroizing<String>);

/// Why a PIN cannot be one. Nothing of the PIN but its length is in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// Fewer code points than the authenticator demands.
    #[error("the PIN has {code_points} characters, at least {min} are needed")]
    TooShort {
        /// Code points of the PIN.
        code_points: usize,
        /// Code points needed.
        min: usize,
    },
    /// More code points than the authenticator takes.
    #[error("the PIN has {code_points} characters, at most {max} are allowed")]
    TooLong {
        /// Code points of the PIN.
        code_points: usize,
        /// Code points allowed.
        max: usize,
    },
    /// More bytes in UTF-8 than any authenticator takes.
    #[error("the PIN has {len_bytes} bytes in UTF-8, at most 63 are allowed")]
    TooManyBytes {
        /// Bytes of the PIN.
        len_bytes: usize,
    },
    /// The last byte is zero, which could not be told from padding.
    #[error("the PIN ends in a zero byte")]
    EndsInNul,
}

/// Too few characters.
pub static PIN_TOO_SHORT: Kind = kind(
    "pin-uv.pin-too-short",
    "The PIN has fewer characters than this key demands.",
    "Choose a longer PIN; `keyvet info` shows the key's minPINLength.",
);

/// Too many characters.
pub static PIN_TOO_LONG: Kind = kind(
    "pin-uv.pin-too-long",
    "The PIN has more characters than this key takes.",
    "Choose a shorter PIN; `keyvet info` shows the key's maxPINLength.",
);

/// Too many bytes.
pub static PIN_TOO_MANY_BYTES: Kind = kind(
    "pin-uv.pin-too-many-bytes",
    "The PIN takes more than 63 bytes. Letters outside ASCII take two to four bytes each.",
    "Choose a shorter PIN, or one of ASCII characters.",
);

/// The last byte is zero.
pub static PIN_ENDS_IN_NUL: Kind = kind(
    "pin-uv.pin-ends-in-nul",
    "The PIN ends in a zero byte, which a key cannot tell from the padding behind it.",
    "Choose a PIN of visible characters.",
);

const fn kind(id: &'static str, meaning: &'static str, next_step: &'static str) -> Kind {
    let (severity, culprit) = (Severity::Error, Culprit::Input);
    Kind { id, severity, culprit, meaning, next_step, source: "CTAP 2.3 §6.5.1" }
}

impl Coded for PinError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TooShort { .. } => &PIN_TOO_SHORT,
            Self::TooLong { .. } => &PIN_TOO_LONG,
            Self::TooManyBytes { .. } => &PIN_TOO_MANY_BYTES,
            Self::EndsInNul => &PIN_ENDS_IN_NUL,
        }
    }
}

impl Pin {
    /// Most bytes that a PIN may have.
    pub const MAX_BYTES: usize = 63;

    /// Takes what was typed, as it is but for normalization: nothing is trimmed.
    ///
    /// The caller wipes its own copy.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        // Form C is at most three times as long (Unicode Annex 15), so the text is never moved and no copy left behind.
        let mut pin = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
        typed.nfc().for_each(|c| pin.push(c));
        Self(pin)
    }

    /// Length in Unicode code points, which `minPINLength` and `maxPINLength` count.
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.0.chars().count()
    }

    /// Length in bytes of UTF-8, at most 63 in a PIN that can be set.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.0.len()
    }

    /// Whether an authenticator with these limits, in code points, can have this PIN.
    ///
    /// 4 and 63 are the limits of an authenticator that names none.
    ///
    /// # Errors
    /// [`PinError`]: the first rule that is broken.
    pub fn check(&self, min_code_points: usize, max_code_points: usize) -> Result<(), PinError> {
        let (code_points, min, max) = (self.code_points(), min_code_points, max_code_points);
        if code_points < min {
            return Err(PinError::TooShort { code_points, min });
        }
        if code_points > max {
            return Err(PinError::TooLong { code_points, max });
        }
        self.check_bytes()
    }

    /// The rules that hold for every authenticator: at most 63 bytes, the last not zero.
    fn check_bytes(&self) -> Result<(), PinError> {
        let len_bytes = self.len_bytes();
        if len_bytes > Self::MAX_BYTES {
            return Err(PinError::TooManyBytes { len_bytes });
        }
        if self.0.ends_with('\0') { Err(PinError::EndsInNul) } else { Ok(()) }
    }

    /// The first 16 bytes of the PIN's SHA-256, which is what an authenticator keeps.
    #[must_use]
    pub fn hash(&self) -> Zeroizing<[u8; 16]> {
        let digest = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(self.0.as_bytes())));
        let mut hash = Zeroizing::new([0; 16]);
        hash.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        hash
    }

    /// The PIN behind which zero bytes fill 64.
    pub(crate) fn padded(&self) -> Result<Zeroizing<[u8; 64]>, PinError> {
        self.check_bytes()?;
        let mut padded = Zeroizing::new([0; 64]);
        padded.iter_mut().zip(self.0.bytes()).for_each(|(to, from)| *to = from);
        Ok(padded)
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(..)")
    }
}
