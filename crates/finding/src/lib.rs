//! One shape for everything keyvet has to say: a finding about a registration, a reason of a verdict,
//! a defect of a metadata entry, an error.
//!
//! What can be said is a [`Kind`]: a static with a stable id, declared in the file that raises it, so
//! that a search for the id lands on the check. What was said once is a [`Finding`]: a kind plus the
//! detail of this case. Text is made from both at the edge.
//!
//! Ids read `area.cause`, lower case, with dashes: `attestation.aaguid-mismatch`. They are stable: an
//! id is never given a second meaning.
//!
//! ```
//! use keyvet_finding::{Culprit, Finding, Kind, Severity};
//! static SHORT: Kind = Kind {
//!     id: "example.too-short",
//!     severity: Severity::Error,
//!     culprit: Culprit::Key,
//!     meaning: "The answer ends before its last member.",
//!     next_step: "Read the key again; if it repeats, report it to the vendor.",
//!     source: "CTAP 2.2 §8",
//! };
//! let finding = Finding::new(&SHORT, "3 bytes of 16");
//! assert_eq!(finding.to_string(), "example.too-short: 3 bytes of 16");
//! ```

mod printable;

pub use printable::Printable;
use std::fmt;

/// Something keyvet can say, with its meaning. Declared once, as a `static`, beside the check.
#[derive(Debug, Eq, PartialEq)]
pub struct Kind {
    /// Stable identifier, `area.cause`.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Who can do something about it.
    pub culprit: Culprit,
    /// What it means, in one or two sentences for a person who has not read the specification.
    pub meaning: &'static str,
    /// What to do next, as an instruction.
    pub next_step: &'static str,
    /// The rule behind it: specification and section, vendor page, or "keyvet" for a rule of ours.
    pub source: &'static str,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// Deviates from a rule, or weakens what is known; does not make the statement invalid.
    Warning,
    /// The thing it speaks of fails.
    Error,
}

/// Who can do something about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Culprit {
    /// The authenticator or its vendor.
    Key,
    /// The reader, cable, driver or permission between us and the key.
    Reader,
    /// The browser or program that made the registration.
    Client,
    /// The metadata BLOB or whoever signs it.
    Metadata,
    /// The tenant's policy.
    TenantPolicy,
    /// A file, argument or other input given to keyvet.
    Input,
    /// The network or a service beyond it.
    Network,
    /// keyvet itself.
    Us,
    /// Nobody: a fact.
    Nobody,
}

/// A [`Kind`] with the detail of one case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    kind: &'static Kind,
    detail: String,
}

impl Finding {
    /// A finding of `kind`; `detail` is the values of this case, escaped for a terminal here.
    pub fn new(kind: &'static Kind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: Printable(&detail.to_string()).to_string() }
    }

    /// What was found.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The stable id, `area.cause`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.kind.id
    }

    /// How much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.severity
    }

    /// The values of this case: printable, no control characters.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.id, self.detail)
    }
}

impl Severity {
    /// `note`, `warning` or `error`, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Culprit {
    /// The word used in JSON and text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Reader => "reader",
            Self::Client => "client",
            Self::Metadata => "metadata",
            Self::TenantPolicy => "tenant policy",
            Self::Input => "input",
            Self::Network => "network",
            Self::Us => "keyvet",
            Self::Nobody => "nobody",
        }
    }
}

/// An error that carries the [`Kind`] it is explained by.
pub trait Coded: std::error::Error {
    /// The stable code of this error.
    fn kind(&self) -> &'static Kind;
}
