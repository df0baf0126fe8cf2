//! Why bytes are not the JSON that was hoped for.

use keyvet_finding::Printable;

/// Why bytes are no JSON, or a value is of another type than expected. Whose fault that is, the crate that
/// knows what was read says.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// More bytes than such a file has.
    #[error("{len} bytes, more than the {max} such a file may have")]
    TooLarge {
        /// Size of the input, bytes.
        len: usize,
        /// The limit, bytes.
        max: usize,
    },
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("not text: neither UTF-8 nor UTF-16 with a byte order mark")]
    NotText,
    /// It breaks a rule of JSON (RFC 8259), nests too deep, or names a member twice.
    #[error("not JSON at line {line}, column {column}: {}", Printable(cause))]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser says.
        cause: String,
    },
    /// A value has another type than expected.
    #[error("{} is {found}, expected {expected}", Printable(path))]
    WrongType {
        /// Path of the value, `passkeyProfiles[0].keyRestrictions`.
        path: String,
        /// The type expected.
        expected: &'static str,
        /// The type found.
        found: &'static str,
    },
}
