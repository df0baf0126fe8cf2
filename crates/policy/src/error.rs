//! Why a document is not a policy.

use keyvet_finding::{Coded, Culprit, Kind, Printable, Severity};
use keyvet_json::JsonError;

/// Why a document is not a policy keyvet can judge by.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// More bytes than any policy has.
    #[error("{len} bytes, more than the {max} a policy file may have")]
    TooLarge {
        /// Size of the input, bytes.
        len: usize,
        /// The limit, bytes.
        max: usize,
    },
    /// No text, no JSON, or a member of another type than the reference says.
    #[error(transparent)]
    Json(JsonError),
    /// JSON, but nothing known as a passkey policy.
    #[error("no passkey policy: {}", Printable(what))]
    NotAPolicy {
        /// What it is instead, as far as can be told.
        what: String,
    },
    /// More than one passkey policy in one document.
    #[error("{count} passkey policies in one document")]
    Several {
        /// How many.
        count: usize,
    },
    /// A row of an AAGUID list is not an AAGUID.
    #[error("{place} is not an AAGUID: '{}'", Printable(text))]
    ListRow {
        /// `line 3` or `item 2`.
        place: String,
        /// The row, at most 80 characters of it.
        text: String,
    },
    /// An AAGUID list without a row.
    #[error("the list holds no AAGUID")]
    ListEmpty,
}

impl From<JsonError> for PolicyError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::TooLarge { len, max } => Self::TooLarge { len, max },
            other => Self::Json(other),
        }
    }
}

impl Coded for PolicyError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TooLarge { .. } => &TOO_LARGE,
            Self::Json(JsonError::NotText) => &NOT_TEXT,
            Self::Json(JsonError::WrongType { .. }) => &WRONG_TYPE,
            Self::Json(_) => &NOT_JSON,
            Self::NotAPolicy { .. } => &NOT_A_POLICY,
            Self::Several { .. } => &SEVERAL,
            Self::ListRow { .. } => &LIST_ROW,
            Self::ListEmpty => &LIST_EMPTY,
        }
    }
}

pub(crate) static TOO_LARGE: Kind = Kind {
    id: "policy.too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is larger than any passkey policy.",
    next_step: "Give the passkey policy alone: the fido2 configuration object, or a list of AAGUIDs.",
    source: "keyvet (an Entra policy is at most 20 KB)",
};

pub(crate) static NOT_TEXT: Kind = Kind {
    id: "policy.not-text",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The policy file is not text in UTF-8 or UTF-16.",
    next_step: "Export the policy again as JSON text.",
    source: "RFC 8259 §8.1",
};

pub(crate) static NOT_JSON: Kind = Kind {
    id: "policy.not-json",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The policy file starts like JSON and breaks a rule of JSON, nests too deep, or names a \
              member twice.",
    next_step: "Correct the file at the line and column given; documentation samples often hold \
                placeholder lines that are no JSON.",
    source: "RFC 8259",
};

pub(crate) static WRONG_TYPE: Kind = Kind {
    id: "policy.wrong-type",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A member of the policy holds another type than the provider's reference gives it.",
    next_step: "Export the policy again, or correct the member named.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration",
};

pub(crate) static NOT_A_POLICY: Kind = Kind {
    id: "policy.not-a-policy",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The document is readable, but it is not a passkey policy of a kind keyvet knows.",
    next_step: "Give the answer of GET \
                /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2, or a \
                list of AAGUIDs.",
    source: "Microsoft Graph reference, fido2AuthenticationMethodConfiguration",
};

pub(crate) static SEVERAL: Kind = Kind {
    id: "policy.several",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The document holds more than one passkey policy, and which one is meant is not said.",
    next_step: "Give one policy per file.",
    source: "keyvet",
};

pub(crate) static LIST_ROW: Kind = Kind {
    id: "policy.list-row",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A row of the AAGUID list is not an AAGUID.",
    next_step: "Write one AAGUID per line, or a JSON array of strings; text after # is a comment.",
    source: "keyvet",
};

pub(crate) static LIST_EMPTY: Kind = Kind {
    id: "policy.list-empty",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The AAGUID list is empty, so it would refuse every key; an empty file is more often a \
              mistake than a policy.",
    next_step: "Check how the file was made; give at least one AAGUID.",
    source: "keyvet",
};
