//! Why a card's answers are not what they should be.

use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};
use keyvet_transport::ChannelError;

use super::StatusWord;

/// Why a card's answers are not what ISO 7816-4 and CTAP 2.2 §11.3 allow.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// There is no status word.
    #[error("the card's answer has {len} bytes, and no status word")]
    TooShort {
        /// Length in bytes.
        len: usize,
    },
    /// The bytes are no command APDU.
    #[error("{len} bytes whose lengths do not fit are no command")]
    NotACommand {
        /// Length in bytes.
        len: usize,
    },
    /// The answer has more bytes than a message may.
    #[error("the answer has more than {max} bytes")]
    TooLong {
        /// What is carried, in bytes.
        max: usize,
    },
    /// The card says again and again that there is more, and gives little or nothing.
    #[error("the card said {steps} times that more of the answer waits")]
    EndlessAnswer {
        /// How often.
        steps: usize,
    },
    /// The card gives a right length and refuses it.
    #[error("the card refuses the length of {le} bytes that it asked for")]
    LengthLoop {
        /// The length in bytes.
        le: u32,
    },
    /// The answer to a CTAP2 message has no status byte.
    #[error("the card says that it is done and answers nothing")]
    EmptyAnswer,
    /// The card refuses a command.
    #[error("the card refuses {command} with {status}")]
    Refused {
        /// Which.
        command: &'static str,
        /// Its reason.
        status: StatusWord,
    },
    /// There is no FIDO application on the card.
    #[error("there is no FIDO application on the card ({0})")]
    NotFido(StatusWord),
    /// The FIDO application is deactivated.
    #[error("the FIDO application of the card is deactivated (6283)")]
    Deactivated,
    /// The FIDO application says that it is something else.
    #[error("the FIDO application does not name a version of FIDO, but {0:?}")]
    UnknownVersion(String),
}

impl From<CardError> for ChannelError {
    fn from(error: CardError) -> Self {
        Self::Framing(Finding::new(error.kind(), &error))
    }
}

impl Coded for CardError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TooShort { .. } => &TOO_SHORT,
            Self::NotACommand { .. } => &NOT_A_COMMAND,
            Self::TooLong { .. } => &TOO_LONG,
            Self::EndlessAnswer { .. } => &ENDLESS_ANSWER,
            Self::LengthLoop { .. } => &LENGTH_LOOP,
            Self::EmptyAnswer => &EMPTY_ANSWER,
            Self::Refused { .. } => &REFUSED,
            Self::NotFido(_) => &NOT_FIDO,
            Self::Deactivated => &DEACTIVATED,
            Self::UnknownVersion(_) => &UNKNOWN_VERSION,
        }
    }
}

/// No status word.
pub(crate) static TOO_SHORT: Kind = Kind {
    id: "nfc.answer-too-short",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The reader gave an answer of the card without the two bytes that every answer ends with, as some do when the card is taken away while it works.",
    next_step: "Lay the key on the reader again, leave it there until the command ends, and repeat.",
    source: "ISO 7816-4 §5.1.3",
};

/// Not a command.
pub(crate) static NOT_A_COMMAND: Kind = Kind {
    id: "nfc.not-a-command",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "Bytes that should be a command to a card, in a recording or from a client, have lengths that do not fit.",
    next_step: "Use a recording that was not edited.",
    source: "ISO 7816-4 §5.1",
};

/// The answer is too long.
pub(crate) static TOO_LONG: Kind = Kind {
    id: "nfc.answer-too-long",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card answers with more bytes than a CTAP message may have (7609).",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.2.4",
};

/// The answer does not end.
pub(crate) static ENDLESS_ANSWER: Kind = Kind {
    id: "nfc.endless-answer",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card says again and again that more of its answer waits, and does not come to an end.",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "ISO 7816-4 §5.1.3",
};

/// The card refuses the length that it asked for.
pub(crate) static LENGTH_LOOP: Kind = Kind {
    id: "nfc.length-loop",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card asks for another length of the answer, and refuses that one too.",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "ISO 7816-4 §5.1.3",
};

/// Success and nothing else.
pub(crate) static EMPTY_ANSWER: Kind = Kind {
    id: "nfc.empty-answer",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card says that it is done, without the CTAP status byte that every answer begins with.",
    next_step: "Repeat once. If it repeats, report it to the vendor: the key's firmware is at fault.",
    source: "CTAP 2.2 §11.3.7.1",
};

/// The card refuses a command.
pub(crate) static REFUSED: Kind = Kind {
    id: "nfc.refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card refuses the command on its own level, before any CTAP command was read; the message has its status word and what it means.",
    next_step: "Take the key off the reader, lay it on again and repeat. If it repeats, report it to the vendor with the status word.",
    source: "ISO 7816-4 §5.1.3",
};

/// No FIDO application.
pub(crate) static NOT_FIDO: Kind = Kind {
    id: "nfc.not-a-key",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The card in the reader is no security key: it has no FIDO application.",
    next_step: "Put a security key in the place of this card. If it is one, its FIDO application may be switched off for this interface: look with the vendor's program.",
    source: "CTAP 2.2 §11.3.3",
};

/// The FIDO application is deactivated.
pub(crate) static DEACTIVATED: Kind = Kind {
    id: "nfc.deactivated",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card has a FIDO application, and it is switched off.",
    next_step: "Switch it on for this interface with the vendor's program, then repeat.",
    source: "CTAP 2.2 §11.3.3",
};

/// The FIDO application names no version.
pub(crate) static UNKNOWN_VERSION: Kind = Kind {
    id: "nfc.unknown-version",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The card has something under the name of the FIDO application that does not say which version of FIDO it speaks.",
    next_step: "Report it to the vendor: the key's firmware is at fault, or the card is no security key.",
    source: "CTAP 2.2 §11.3.3",
};

/// Every kind of this crate's protocol.
pub static KINDS: &[&Kind] = &[
    &TOO_SHORT,
    &NOT_A_COMMAND,
    &TOO_LONG,
    &ENDLESS_ANSWER,
    &LENGTH_LOOP,
    &EMPTY_ANSWER,
    &REFUSED,
    &NOT_FIDO,
    &DEACTIVATED,
    &UNKNOWN_VERSION,
];
