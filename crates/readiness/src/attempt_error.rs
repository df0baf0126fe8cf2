//! Why a file or an argument is not an attempt.

use keyvet_finding::{Coded, Culprit, Kind, Printable, Severity};
use keyvet_json::JsonError;

/// Why a file or an argument is not an attempt.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AttemptError {
    /// The file is no JSON, or a member is of another type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A word that has no meaning where it stands.
    #[error("{}: '{}' is not {expected}", Printable(place), Printable(found))]
    Word {
        /// Where it stands, `[2].attempt.platform`.
        place: String,
        /// The word, at most 80 characters of it.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// Something is missing that no default can stand for.
    #[error("{}: missing; it is {expected}", Printable(place))]
    Missing {
        /// Where it should stand.
        place: String,
        /// What may stand there.
        expected: String,
    },
    /// An array without an attempt.
    #[error("the file holds no attempt")]
    Empty,
}

impl AttemptError {
    pub(crate) fn word(place: &str, found: &str, expected: impl Into<String>) -> Self {
        let found = found.chars().take(80).collect();
        Self::Word { place: place.to_owned(), found, expected: expected.into() }
    }
}

impl Coded for AttemptError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Json(_) => &UNREADABLE,
            Self::Word { .. } => &WORD,
            Self::Missing { .. } | Self::Empty => &INCOMPLETE,
        }
    }
}

pub(crate) static UNREADABLE: Kind = Kind {
    id: "readiness.attempt-unreadable",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is not JSON, or a member is of another type than an attempt has.",
    next_step: "Write an object, or an array of objects, with the members user, attempt and candidate.",
    source: "keyvet: the attempt's file",
};

pub(crate) static WORD: Kind = Kind {
    id: "readiness.attempt-word",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A word of the attempt has no meaning where it stands, so it is not known what is asked.",
    next_step: "Use one of the words that the message names.",
    source: "keyvet: the attempt's file",
};

pub(crate) static INCOMPLETE: Kind = Kind {
    id: "readiness.attempt-incomplete",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The attempt leaves out something that no default can stand for.",
    next_step: "Add the member that the message names.",
    source: "keyvet: the attempt's file",
};
