//! The key of a map member that has no name here.

use std::fmt;

use keyvet_cbor::Item;

/// The key of an unknown member, kept so that nothing an authenticator says is lost.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MemberKey {
    /// An integer.
    Int(i64),
    /// A text, unescaped.
    Text(String),
    /// Anything else, as its CBOR bytes.
    Raw(Vec<u8>),
}

impl MemberKey {
    /// As [`fmt::Display`], cut after 64 characters: a hostile key may be as long as its message.
    pub(crate) fn short(&self) -> String {
        let text = self.to_string();
        let kept: String = text.chars().take(MAX_CHARS).collect();
        if kept.len() < text.len() { kept + "…" } else { kept }
    }
}

impl From<&Item<'_>> for MemberKey {
    fn from(key: &Item<'_>) -> Self {
        match (key.as_i64(), key.as_text()) {
            (Some(n), _) => Self::Int(n),
            (_, Some(text)) => Self::Text(text.into()),
            _ => Self::Raw(key.raw().into()),
        }
    }
}

impl fmt::Display for MemberKey {
    /// Integers in decimal, text as it is (escape it before a terminal), bytes in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => write!(f, "{n}"),
            Self::Text(text) => f.write_str(text),
            Self::Raw(bytes) => f.write_str(&crate::hex::hex(bytes)),
        }
    }
}

const MAX_CHARS: usize = 64;
