//! What went wrong, where, and in which member.

use std::fmt;

/// Why bytes are not one well-formed, bounded item of CTAP2 CBOR.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at byte {offset}{}", InPath(path))]
pub struct DecodeError {
    /// Where the offending item starts, in bytes from the start of the input.
    pub offset: usize,
    /// The members that lead to it.
    pub path: Path,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

/// The causes of a [`DecodeError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside an item, or declares more content than it has bytes.
    #[error("the input ends inside an item")]
    Truncated,
    /// Bytes follow the item.
    #[error("{len} bytes follow the item")]
    TrailingBytes {
        /// How many.
        len: usize,
    },
    /// Maps and arrays are nested deeper than allowed.
    #[error("nested deeper than {max} levels")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// The input is longer than allowed.
    #[error("{len} bytes of input, at most {max} are read")]
    TooLong {
        /// Length of the input.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The input holds more items than allowed.
    #[error("more than {max} items")]
    TooManyItems {
        /// The limit.
        max: usize,
    },
    /// A string, array or map of indefinite length, or the break that would end one.
    #[error("indefinite length")]
    IndefiniteLength,
    /// A tag.
    #[error("a tag")]
    Tag,
    /// A floating-point number.
    #[error("a floating-point number")]
    Float,
    /// A simple value other than false, true and null.
    #[error("a simple value other than false, true and null")]
    SimpleValue,
    /// Additional information 28 to 30, which no item uses.
    #[error("a reserved initial byte")]
    ReservedByte,
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8")]
    InvalidUtf8,
    /// The same key twice in one map.
    #[error("a duplicate key")]
    DuplicateKey,
    /// A map key that is an array or a map.
    #[error("an array or map used as a key")]
    KeyType,
    /// Strict mode: keys are not in canonical order.
    #[error("a key out of canonical order")]
    KeyOrder,
    /// Strict mode: an integer or length is not in its shortest form.
    #[error("an integer or length not in its shortest form")]
    NonMinimal,
}

/// The members that lead to an item, as printable ASCII: `0x04.uv`, `attStmt.x5c[1]`, `-2`.
///
/// Empty for the outermost item. Unsigned keys are hexadecimal, long texts are cut.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Path(String);

impl Path {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_steps(steps: &[Step<'_>]) -> Self {
        Self(
            steps
                .iter()
                .map(ToString::to_string)
                .collect::<String>()
                .trim_start_matches('.')
                .into(),
        )
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One step of a [`Path`], borrowed while reading.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    Unsigned(u64),
    Negative(u64),
    Text(&'a str),
    Other,
    Index(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(n) => write!(f, ".0x{n:02x}"),
            Self::Negative(n) => write!(f, ".{}", !i128::from(*n)),
            Self::Text(text) => write!(f, ".{}", shortened(text)),
            Self::Other => f.write_str(".?"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

fn shortened(text: &str) -> String {
    let cut = if text.chars().nth(MAX_KEY_CHARS).is_some() { "…" } else { "" };
    let kept: String = text.chars().take(MAX_KEY_CHARS).flat_map(char::escape_default).collect();
    kept + cut
}

struct InPath<'a>(&'a Path);

impl fmt::Display for InPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_str().is_empty() { Ok(()) } else { write!(f, " in {}", self.0) }
    }
}

/// A path is repeated in every deviation: a hostile key must not be.
const MAX_KEY_CHARS: usize = 32;
