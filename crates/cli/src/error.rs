//! Why a command could not do its work: one finding and one exit class.

use crate::{document::key::Candidate, exit::Exit};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};
use std::fmt;

/// What happened, whose fault it is, what to do next, and how the program ends.
#[derive(Clone, Debug)]
pub struct CliError {
    finding: Finding,
    exit: Exit,
    candidates: Vec<Candidate>,
}

impl CliError {
    /// An error of `kind` about `detail`, ending the program with `exit`.
    pub fn new(kind: &'static Kind, detail: impl fmt::Display, exit: Exit) -> Self {
        Self { finding: Finding::new(kind, detail), exit, candidates: Vec::new() }
    }

    /// An input that cannot be used: exit class 2.
    pub fn usage(kind: &'static Kind, detail: impl fmt::Display) -> Self {
        Self::new(kind, detail, Exit::Usage)
    }

    /// The error of another crate, about `subject` (a file name, say).
    pub fn about(subject: impl fmt::Display, error: &dyn Coded, exit: Exit) -> Self {
        Self::new(error.kind(), format_args!("{subject}: {error}"), exit)
    }

    /// The same error with another exit class, when what could not be used decides the class.
    #[must_use]
    pub fn with_exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The same error with the keys that may have been meant.
    #[must_use]
    pub fn with_candidates(self, candidates: Vec<Candidate>) -> Self {
        Self { candidates, ..self }
    }

    /// The keys that may have been meant, when which one is not clear.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// A mistake of ours.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(&INTERNAL, detail, Exit::Internal)
    }

    /// What is said about it.
    #[must_use]
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// How the program ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

/// A mistake in keyvet.
pub static INTERNAL: Kind = Kind {
    id: "cli.internal",
    severity: Severity::Error,
    culprit: Culprit::Us,
    meaning: "keyvet met a state that its authors thought impossible.",
    next_step: "Report it with the command you ran and the output of `keyvet --version`.",
    source: "keyvet",
};

/// The command line is not one keyvet understands.
pub static USAGE: Kind = Kind {
    id: "cli.usage",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The arguments are not ones keyvet understands, or do not fit together.",
    next_step: "Run the command with `--help` to see its arguments.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_of_ours_is_class_1_and_says_so() {
        let error = CliError::internal("a\u{1b}b");
        assert_eq!((error.finding().id(), error.exit()), ("cli.internal", Exit::Internal));
        assert_eq!(error.finding().detail(), "a\\u{1b}b");
    }
}
