//! Why files are no tenant.

use keyvet_finding::{Coded, Culprit, Kind, Printable, Severity};
use keyvet_json::JsonError;
use keyvet_policy::PolicyError;

/// Why files cannot be read as a tenant or as attempts. What is odd but readable is a finding instead.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadinessError {
    /// No file was given, or nothing in any of them was recognised.
    #[error("no part of a tenant: {}", Printable(what))]
    NoTenant {
        /// What there is instead.
        what: String,
    },
    /// A file is no text, no JSON, or too large.
    #[error("{}: {cause}", Printable(file))]
    Json {
        /// The file, by the name given.
        file: String,
        /// Why.
        cause: JsonError,
    },
    /// The passkey policy in a file cannot be read.
    #[error("{}: {cause}", Printable(file))]
    Passkeys {
        /// The file, by the name given.
        file: String,
        /// Why.
        cause: PolicyError,
    },
}

impl Coded for ReadinessError {
    fn kind(&self) -> &'static Kind {
        match self {
            Self::NoTenant { .. } => &NO_TENANT,
            Self::Json { cause: JsonError::TooLarge { .. }, .. } => &TOO_LARGE,
            Self::Json { cause: JsonError::NotText, .. } => &NOT_TEXT,
            Self::Json { .. } => &NOT_JSON,
            Self::Passkeys { cause, .. } => cause.kind(),
        }
    }
}

pub(crate) static NO_TENANT: Kind = Kind {
    id: "readiness.tenant-none",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "None of the files holds anything keyvet knows of a tenant.",
    next_step: "Export the tenant again; `keyvet readiness export-help` prints the calls.",
    source: "Microsoft Graph reference, conditionalAccessPolicy",
};

pub(crate) static TOO_LARGE: Kind = Kind {
    id: "readiness.tenant-too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is larger than an export of a tenant may be.",
    next_step: "Export fewer people per file, or only the members that `keyvet readiness export-help` names.",
    source: "keyvet",
};

pub(crate) static NOT_TEXT: Kind = Kind {
    id: "readiness.tenant-not-text",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is not text in UTF-8 or UTF-16.",
    next_step: "Export it again as JSON text.",
    source: "RFC 8259 §8.1",
};

pub(crate) static NOT_JSON: Kind = Kind {
    id: "readiness.tenant-not-json",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file breaks a rule of JSON, nests too deep, or names a member twice.",
    next_step: "Export it again, or correct it at the line and column given.",
    source: "RFC 8259",
};
