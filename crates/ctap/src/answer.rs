//! Answers: the status byte, and what every response map has in common.

use keyvet_cbor::{DecodeError, Decoded, Item, Mode, decode};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

use crate::{Command, MemberKey, StatusCode, canonical, cose_key_agreement::CoseKeyAgreementError};

/// Takes an answer apart: status, then the CBOR behind it, which may be empty (CTAP 2.3 §8.2).
///
/// Behind a status other than [`StatusCode::OK`] there is nothing to trust.
///
/// # Errors
/// [`AnswerError`] when there is no status.
pub fn split_answer(answer: &[u8]) -> Result<(StatusCode, &[u8]), AnswerError> {
    let (status, cbor) = answer.split_first().ok_or(AnswerError)?;
    Ok((StatusCode(*status), cbor))
}

/// An answer without a status: it is empty.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the answer is empty, not even a status")]
pub struct AnswerError;

/// Why bytes are not the response to a command.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Success was reported, but nothing follows the status.
    #[error("{command} answered success without its map")]
    Empty {
        /// The command.
        command: Command,
    },
    /// Not one item of CBOR.
    #[error("response to {command}: {error}")]
    Cbor {
        /// The command.
        command: Command,
        /// What is wrong.
        error: DecodeError,
    },
    /// Not a map.
    #[error("response to {command} is {found}, not a map")]
    NotAMap {
        /// The command.
        command: Command,
        /// What it is.
        found: &'static str,
    },
    /// A member that this response must have is missing.
    #[error("response to {command} has no {member}")]
    Missing {
        /// The command.
        command: Command,
        /// The member, as the specification names it.
        member: &'static str,
    },
    /// A member has another type.
    #[error("{member} in the response to {command}, byte {offset}, is {found}")]
    WrongType {
        /// The command.
        command: Command,
        /// The member, as the specification names it.
        member: &'static str,
        /// Where its value starts.
        offset: usize,
        /// What it is.
        found: &'static str,
    },
    /// A byte string of fixed length has another.
    #[error("{member} in the response to {command} has {len} bytes, expected {expected}")]
    WrongLength {
        /// The command.
        command: Command,
        /// The member, as the specification names it.
        member: &'static str,
        /// Bytes found.
        len: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// `keyAgreement` is not a key that can be used for key agreement.
    #[error("response to {command}: {error}")]
    KeyAgreement {
        /// The command.
        command: Command,
        /// What is wrong.
        error: CoseKeyAgreementError,
    },
}

/// The answer has no status.
pub static ANSWER_EMPTY: Kind = Kind {
    id: "ctap.answer-empty",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator answered with nothing at all, not even a status byte.",
    next_step: "Repeat the command; if it repeats with this model, report it to the vendor.",
    source: "CTAP 2.3 §8.2",
};

/// The response is not a CBOR map.
pub static RESPONSE_MALFORMED: Kind = Kind {
    id: "ctap.response-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator reported success, but what follows is not the CBOR map that the command promises.",
    next_step: "Repeat the command; if it repeats with this model, report it to the vendor.",
    source: "CTAP 2.3 §6, §8",
};

/// A required member is missing from a response.
pub static RESPONSE_MISSING_MEMBER: Kind = Kind {
    id: "ctap.response-missing-member",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator's response lacks a member that the command cannot do without.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.3 §6",
};

/// A member of a response has another type or length.
pub static RESPONSE_WRONG_TYPE: Kind = Kind {
    id: "ctap.response-wrong-type",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A member of the authenticator's response has another type or length than the specification gives it. Nothing of the response was used.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.3 §6",
};

/// A response has a member that no specification names.
pub static RESPONSE_UNKNOWN_MEMBER: Kind = Kind {
    id: "ctap.response-unknown-member",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The authenticator's response has a member that CTAP 2.3 does not name. It was kept undecoded.",
    next_step: "Nothing to do; a newer keyvet may know the member.",
    source: "CTAP 2.3 §8",
};

impl Coded for AnswerError {
    fn kind(&self) -> &'static Kind {
        &ANSWER_EMPTY
    }
}

impl Coded for ResponseError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Empty { .. } | Self::Cbor { .. } | Self::NotAMap { .. } => &RESPONSE_MALFORMED,
            Self::Missing { .. } => &RESPONSE_MISSING_MEMBER,
            Self::WrongType { .. } | Self::WrongLength { .. } => &RESPONSE_WRONG_TYPE,
            Self::KeyAgreement { error, .. } => error.kind(),
        }
    }
}

/// A response map that is being read; [`Response::decode`] owns what it borrows from.
pub(crate) struct Response<'d, 'a> {
    command: Command,
    item: &'d Item<'a>,
}

impl<'d, 'a> Response<'d, 'a> {
    /// Reads `bytes` as one item, which takes all of them.
    pub(crate) fn decode(command: Command, bytes: &'a [u8]) -> Result<Decoded<'a>, ResponseError> {
        if bytes.is_empty() {
            return Err(ResponseError::Empty { command });
        }
        decode(bytes, Mode::Tolerant).map_err(|error| ResponseError::Cbor { command, error })
    }

    /// The map in `decoded`.
    pub(crate) fn of(command: Command, decoded: &'d Decoded<'a>) -> Result<Self, ResponseError> {
        let item = &decoded.item;
        let found = item.type_name();
        item.as_map().ok_or(ResponseError::NotAMap { command, found })?;
        Ok(Self { command, item })
    }

    /// A member map of this response, for reading what is inside it.
    pub(crate) fn inside(
        &self,
        member: &'static str,
        item: &'d Item<'a>,
    ) -> Result<Self, ResponseError> {
        item.as_map().ok_or_else(|| self.wrong_type(member, item))?;
        Ok(Self { command: self.command, item })
    }

    pub(crate) fn item(&self, key: i64) -> Option<&'d Item<'a>> {
        self.item.get_int(key)
    }

    /// The member under `key` as `read` takes it; another type is an error.
    pub(crate) fn optional<T>(
        &self,
        key: i64,
        member: &'static str,
        read: impl Fn(&'d Item<'a>) -> Option<T>,
    ) -> Result<Option<T>, ResponseError> {
        self.read(self.item.get_int(key), member, read)
    }

    /// As [`Response::optional`]; absence is an error too.
    pub(crate) fn required<T>(
        &self,
        key: i64,
        member: &'static str,
        read: impl Fn(&'d Item<'a>) -> Option<T>,
    ) -> Result<T, ResponseError> {
        let missing = ResponseError::Missing { command: self.command, member };
        self.optional(key, member, read)?.ok_or(missing)
    }

    /// As [`Response::optional`], under a text key.
    pub(crate) fn optional_text_key<T>(
        &self,
        member: &'static str,
        read: impl Fn(&'d Item<'a>) -> Option<T>,
    ) -> Result<Option<T>, ResponseError> {
        self.read(self.item.get_text(member), member, read)
    }

    /// As [`Response::required`], under a text key.
    pub(crate) fn required_text_key<T>(
        &self,
        member: &'static str,
        read: impl Fn(&'d Item<'a>) -> Option<T>,
    ) -> Result<T, ResponseError> {
        let missing = ResponseError::Missing { command: self.command, member };
        self.optional_text_key(member, read)?.ok_or(missing)
    }

    /// A byte string of exactly `N` bytes.
    pub(crate) fn exactly<const N: usize>(
        &self,
        key: i64,
        member: &'static str,
    ) -> Result<Option<[u8; N]>, ResponseError> {
        let Some(bytes) = self.optional(key, member, Item::as_bytes)? else { return Ok(None) };
        let (command, len) = (self.command, bytes.len());
        let wrong = ResponseError::WrongLength { command, member, len, expected: N };
        bytes.try_into().map(Some).map_err(|_| wrong)
    }

    /// Members whose key is not one of 1 to `last`.
    pub(crate) fn unknown(&self, last: i64) -> Vec<(MemberKey, Vec<u8>)> {
        let pairs = self.item.as_map().unwrap_or_default().iter();
        let unknown =
            pairs.filter(|(key, _)| key.as_i64().is_none_or(|n| !(1..=last).contains(&n)));
        unknown.map(|(key, value)| (key.into(), value.raw().into())).collect()
    }

    /// What is odd about the map: departures from canonical form, then unknown members.
    pub(crate) fn findings(
        &self,
        decoded: &Decoded<'_>,
        unknown: &[(MemberKey, Vec<u8>)],
    ) -> Vec<Finding> {
        let mut findings = canonical::findings(&format!("{} response", self.command), decoded);
        let named = unknown.iter().take(MAX_UNKNOWN);
        let detail = |key: &MemberKey| format!("{}: {}", self.command, key.short());
        findings.extend(named.map(|(key, _)| Finding::new(&RESPONSE_UNKNOWN_MEMBER, detail(key))));
        findings
    }

    pub(crate) fn wrong_type(&self, member: &'static str, item: &Item<'_>) -> ResponseError {
        let (offset, found) = (item.offset(), item.type_name());
        ResponseError::WrongType { command: self.command, member, offset, found }
    }

    fn read<T>(
        &self,
        item: Option<&'d Item<'a>>,
        member: &'static str,
        read: impl Fn(&'d Item<'a>) -> Option<T>,
    ) -> Result<Option<T>, ResponseError> {
        let Some(item) = item else { return Ok(None) };
        read(item).map(Some).ok_or_else(|| self.wrong_type(member, item))
    }
}

/// Unknown members reported one by one; a hostile response may hold thousands.
const MAX_UNKNOWN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_status_and_what_follows_it() {
        assert_eq!(split_answer(&[0x00, 0xa0]), Ok((StatusCode::OK, &[0xa0][..])));
        assert_eq!(split_answer(&[0x31]), Ok((StatusCode::PIN_INVALID, &[][..])));
        assert_eq!(split_answer(&[0xf3]), Ok((StatusCode(0xf3), &[][..])));
    }

    #[test]
    fn an_answer_without_a_status_is_an_error() {
        let error = split_answer(&[]).unwrap_err();
        assert_eq!(error.kind().id, "ctap.answer-empty");
    }
}
