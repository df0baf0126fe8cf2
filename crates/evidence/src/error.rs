//! Why a file is not a registration.

use keyvet_finding::{Coded, Culprit, Kind, Severity};

/// Why bytes are not the record of one registration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file is longer than is read.
    #[error("{len} bytes, at most {max} are read")]
    TooLong {
        /// Length of the file.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The first byte begins neither JSON nor a CBOR map.
    #[error("begins with byte 0x{first:02x}: neither a JSON object nor a CBOR map")]
    NotRecognised {
        /// The first byte that is not white space.
        first: u8,
    },
    /// Not JSON, or more than one JSON value.
    #[error("not JSON at line {line}, column {column}: {problem}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// In words.
        problem: String,
    },
    /// Several registrations in one file.
    #[error("several registrations in one file: {found}")]
    Several {
        /// Where they were seen.
        found: &'static str,
    },
    /// No attestation object where one is looked for.
    #[error("no attestationObject, neither at the top nor in response or publicKeyCredential")]
    NoAttestationObject,
    /// An evidence file of another version.
    #[error("schema {schema:?} is not {expected:?}")]
    UnknownSchema {
        /// The file's.
        schema: String,
        /// Ours.
        expected: &'static str,
    },
    /// A member is there twice.
    #[error("{member} is there twice")]
    Duplicate {
        /// The member.
        member: &'static str,
    },
    /// A member has another type.
    #[error("{member} is not {expected}")]
    WrongType {
        /// The member.
        member: &'static str,
        /// In words.
        expected: &'static str,
    },
    /// A member is not base64.
    #[error("{member} is not base64 at character {offset}: {problem}")]
    NotBase64 {
        /// The member.
        member: &'static str,
        /// Characters before the fault.
        offset: usize,
        /// In words.
        problem: &'static str,
    },
    /// A member that must have content is empty.
    #[error("{member} is empty")]
    EmptyMember {
        /// The member.
        member: &'static str,
    },
    /// `clientDataHash` is not 32 bytes, or not the hash of `clientDataJSON`.
    #[error("clientDataHash {problem}")]
    ClientDataHash {
        /// In words.
        problem: &'static str,
    },
}

/// The file is too long.
pub static TOO_LONG: Kind = kind(
    "evidence.too-long",
    "The file is larger than any record of one registration.",
    "Check that it is the right file; split a file that holds many registrations.",
);

/// The file is neither JSON nor CBOR.
pub static NOT_RECOGNISED: Kind = kind(
    "evidence.not-recognised",
    "The file is empty or begins neither as JSON nor as a CBOR attestation object.",
    "Give an evidence file, a browser's registration response as JSON, or the attestation object as bytes.",
);

/// The file is not JSON.
pub static NOT_JSON: Kind = kind(
    "evidence.not-json",
    "The file begins like JSON but is not one JSON object.",
    "Correct the place named; one file holds one registration.",
);

/// The file holds several registrations.
pub static SEVERAL: Kind = kind(
    "evidence.several-registrations",
    "The file holds more than one registration, and which is meant is not guessed.",
    "Write each registration to its own file; several files can be given at once.",
);

/// There is no attestation object.
pub static NO_ATTESTATION_OBJECT: Kind = kind(
    "evidence.no-attestation-object",
    "The file is JSON but has no attestationObject where registrations keep it.",
    "Save the answer of navigator.credentials.create(), not of get(); attestation must be asked for.",
);

/// The evidence file is of another version.
pub static UNKNOWN_SCHEMA: Kind = kind(
    "evidence.unknown-schema",
    "The file calls itself keyvet evidence, but of a version that this program does not read.",
    "Use the keyvet that wrote it, or a newer one.",
);

/// A member is there twice.
pub static DUPLICATE_MEMBER: Kind = kind(
    "evidence.duplicate-member",
    "A member of the file is there twice, and which is meant is not guessed.",
    "Find out which program wrote or changed the file.",
);

/// A member has the wrong type or no content.
pub static WRONG_TYPE: Kind = kind(
    "evidence.wrong-type",
    "A member of the file has another type than it should, or is empty.",
    "Correct the member named.",
);

/// A member is not base64.
pub static NOT_BASE64: Kind = kind(
    "evidence.not-base64",
    "A member is not base64. Both alphabets are read, with and without padding.",
    "Correct the member named; a cut line or a placeholder is the usual cause.",
);

/// The client data hash does not fit.
pub static CLIENT_DATA_HASH: Kind = kind(
    "evidence.client-data-hash",
    "The clientDataHash of the file is not 32 bytes or is not the hash of its clientDataJSON.",
    "Keep clientDataJSON as the browser gave it, byte for byte, and drop the hash.",
);

const fn kind(id: &'static str, meaning: &'static str, next_step: &'static str) -> Kind {
    let (severity, culprit) = (Severity::Error, Culprit::Input);
    Kind { id, severity, culprit, meaning, next_step, source: "keyvet" }
}

impl Coded for EvidenceError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::TooLong { .. } => &TOO_LONG,
            Self::Empty | Self::NotRecognised { .. } => &NOT_RECOGNISED,
            Self::Json { .. } => &NOT_JSON,
            Self::Several { .. } => &SEVERAL,
            Self::NoAttestationObject => &NO_ATTESTATION_OBJECT,
            Self::UnknownSchema { .. } => &UNKNOWN_SCHEMA,
            Self::Duplicate { .. } => &DUPLICATE_MEMBER,
            Self::WrongType { .. } | Self::EmptyMember { .. } => &WRONG_TYPE,
            Self::NotBase64 { .. } => &NOT_BASE64,
            Self::ClientDataHash { .. } => &CLIENT_DATA_HASH,
        }
    }
}
