//! Why a recording cannot be written, read or played.

use keyvet_finding::{Coded, Culprit, Kind, Severity};

/// Why a recording cannot be written or read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// There is such a file already.
    #[error("{path} is there already")]
    Exists {
        /// The file.
        path: String,
    },
    /// The file cannot be made, or a line not be written.
    #[error("{path}: {cause}")]
    NotWritten {
        /// The file.
        path: String,
        /// What the operating system said.
        cause: String,
    },
    /// The first line is not that of a recording.
    #[error("the first line is not that of a recording: {cause}")]
    NotATrace {
        /// What is wrong with it.
        cause: String,
    },
    /// A recording of another version.
    #[error("the recording is of version {found:?}")]
    Version {
        /// What its first line says.
        found: String,
    },
    /// A line in the middle cannot be read.
    #[error("line {line}: {cause}")]
    BadLine {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// More, or longer lines, than any recording has.
    #[error("{what}: more than {limit}")]
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
}

impl Coded for TraceError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::Exists { .. } => &FILE_EXISTS,
            Self::NotWritten { .. } => &NOT_WRITTEN,
            Self::NotATrace { .. } => &NOT_A_TRACE,
            Self::Version { .. } => &UNKNOWN_VERSION,
            Self::BadLine { .. } => &BAD_LINE,
            Self::TooLarge { .. } => &TOO_LARGE,
        }
    }
}

/// There is such a file already.
pub(crate) static FILE_EXISTS: Kind = Kind {
    id: "trace.file-exists",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file named for the recording is there already, or is a link; nothing is overwritten and no link is followed. No key was asked.",
    next_step: "Give another name, or remove the file if you no longer need it.",
    source: "keyvet",
};

/// The recording cannot be written.
pub(crate) static NOT_WRITTEN: Kind = Kind {
    id: "trace.not-written",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The recording cannot be written, or not to its end.",
    next_step: "Check that the folder exists, that you may write to it and that the disk has room.",
    source: "keyvet",
};

/// It is no recording.
pub(crate) static NOT_A_TRACE: Kind = Kind {
    id: "trace.not-a-trace",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is not a recording of keyvet: the first line of one is a JSON object with the member schema, keyvet.trace/1.",
    next_step: "Give a file that was written with --trace.",
    source: "keyvet",
};

/// It is a recording of another version.
pub(crate) static UNKNOWN_VERSION: Kind = Kind {
    id: "trace.unknown-version",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The recording is of a version that this keyvet does not know.",
    next_step: "Use the keyvet that wrote it, or a newer one.",
    source: "keyvet",
};

/// A line cannot be read.
pub(crate) static BAD_LINE: Kind = Kind {
    id: "trace.bad-line",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A line of the recording cannot be read, and it is not the last one, which a crash may have cut.",
    next_step: "Ask for the file again, as an attachment and not as pasted text.",
    source: "keyvet",
};

/// There is more than any recording has.
pub(crate) static TOO_LARGE: Kind = Kind {
    id: "trace.too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The recording has longer lines, more packets or more devices than keyvet reads.",
    next_step: "Record one command at a time.",
    source: "keyvet",
};

/// The last line is cut.
pub(crate) static CUT_LINE: Kind = Kind {
    id: "trace.cut-line",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The last line of the recording is cut, as a crash leaves it; everything before it was read.",
    next_step: "Nothing to do, unless the file was cut on its way to you: then ask for it again.",
    source: "keyvet",
};

/// There is no closing line.
pub(crate) static NOT_CLOSED: Kind = Kind {
    id: "trace.not-closed",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The recording has no closing line: the program that wrote it was stopped.",
    next_step: "Nothing to do; what was written until then is there.",
    source: "keyvet",
};

/// Packets are missing.
pub(crate) static DROPPED: Kind = Kind {
    id: "trace.packets-missing",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The closing line counts other packets than the recording holds: some could not be written, or were taken out.",
    next_step: "Record the command again if what you look for is missing.",
    source: "keyvet",
};

/// A request was not recorded.
pub(crate) static NOT_RECORDED: Kind = Kind {
    id: "trace.not-recorded",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The command asks the key something that the recording has no answer to: another command was recorded, or another state of the key.",
    next_step: "Run the command that was recorded: `keyvet trace show` lists what was asked.",
    source: "keyvet",
};

/// The registration was redacted.
pub static REDACTED_REGISTRATION: Kind = Kind {
    id: "trace.redacted-registration",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "This registration was played from a recording. Its credential id, public key and signature were replaced when it was recorded, so no signature can hold and nothing is decided; that says nothing against the key.",
    next_step: "Run the same command on the key itself.",
    source: "keyvet",
};

/// Evidence of a recording would be none.
pub static NO_EVIDENCE: Kind = Kind {
    id: "trace.no-evidence",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A recording is redacted, so a registration that is played from it is evidence of nothing and is not saved.",
    next_step: "Leave out --save, or run the command on the key itself.",
    source: "keyvet",
};

/// Every kind of this crate.
pub static KINDS: &[&Kind] = &[
    &FILE_EXISTS,
    &NOT_WRITTEN,
    &NOT_A_TRACE,
    &UNKNOWN_VERSION,
    &BAD_LINE,
    &TOO_LARGE,
    &CUT_LINE,
    &NOT_CLOSED,
    &DROPPED,
    &NOT_RECORDED,
    &REDACTED_REGISTRATION,
    &NO_EVIDENCE,
];
