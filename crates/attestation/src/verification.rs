//! What every statement format is given, and what it gives back.

use keyvet_ctap::{AttestedCredentialData, AuthenticatorData};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::Certificate;

use crate::assessment::{AttestationType, Statement};

/// The attestation statement does not have the members its format defines.
pub static STATEMENT_MALFORMED: Kind = Kind {
    id: "attestation.statement-malformed",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The attestation statement lacks a member its format requires, or has one of another type.",
    next_step: "Register the key again; if it repeats, report it to the vendor of the key or the client.",
    source: "WebAuthn L3 §8",
};

/// What the statement is about: the bytes that were signed and what was read from them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ceremony<'a> {
    /// Authenticator data exactly as received.
    pub(crate) auth_data_bytes: &'a [u8],
    /// The same, read.
    pub(crate) auth_data: &'a AuthenticatorData,
    /// The credential in it.
    pub(crate) credential: &'a AttestedCredentialData,
    /// SHA-256 of the client data.
    pub(crate) client_data_hash: &'a [u8; 32],
}

impl Ceremony<'_> {
    /// `authData ‖ clientDataHash`, what most formats sign.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        [self.auth_data_bytes, self.client_data_hash.as_slice()].concat()
    }
}

/// What the verification procedure of one format found.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    /// Worst verdict of the checks so far.
    pub(crate) statement: Statement,
    /// Kind of attestation, if the statement turns out valid.
    pub(crate) attestation_type: AttestationType,
    /// Certificates of `x5c` that could be read, leaf first.
    pub(crate) certificates: Vec<Certificate>,
    /// What was found, in order.
    pub(crate) findings: Vec<Finding>,
    /// Whether the service behind the format is gone, so that no chain of it is trusted.
    pub(crate) retired: bool,
    /// The same for each part of a compound statement.
    pub(crate) parts: Vec<Self>,
}

/// Why the rest of a verification procedure cannot be carried out.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The statement does not decode.
    Malformed(Finding),
    /// A check fails that all later ones need.
    Invalid(Finding),
    /// Something is not implemented here.
    Unsupported(Finding),
    /// What the check needs was not given.
    Unchecked(Finding),
}

impl Verification {
    /// Runs one procedure; everything it reports or stops at ends in the result.
    pub(crate) fn run(
        attestation_type: AttestationType,
        procedure: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Self {
        let mut verification = Self {
            statement: Statement::Valid,
            attestation_type,
            certificates: Vec::new(),
            findings: Vec::new(),
            retired: false,
            parts: Vec::new(),
        };
        if let Err(stop) = procedure(&mut verification) {
            verification.stop(stop);
        }
        verification
    }

    /// A verification that could not begin.
    pub(crate) fn stopped(stop: Stop) -> Self {
        Self::run(AttestationType::None, |_| Err(stop))
    }

    /// Records a finding; one of severity error makes the statement invalid.
    pub(crate) fn report(&mut self, finding: Finding) {
        if finding.severity() == Severity::Error {
            self.lower(Statement::Invalid);
        }
        self.findings.push(finding);
    }

    /// Records several findings.
    pub(crate) fn report_all(&mut self, findings: Vec<Finding>) {
        findings.into_iter().for_each(|finding| self.report(finding));
    }

    /// Records why a check fails, and lets the later ones run.
    pub(crate) fn note(&mut self, result: Result<(), Stop>) {
        if let Err(stop) = result {
            self.stop(stop);
        }
    }

    /// Lowers the verdict; it never rises.
    pub(crate) fn lower(&mut self, to: Statement) {
        self.statement = self.statement.worst(to);
    }

    /// The certificates of `x5c`, or of every part's.
    pub(crate) fn into_certificates(self) -> Vec<Certificate> {
        match self.parts.is_empty() {
            true => self.certificates,
            false => self.parts.into_iter().flat_map(|part| part.certificates).collect(),
        }
    }

    fn stop(&mut self, stop: Stop) {
        let (verdict, finding) = match stop {
            Stop::Malformed(finding) => (Statement::Malformed, finding),
            Stop::Invalid(finding) => (Statement::Invalid, finding),
            Stop::Unsupported(finding) => (Statement::Unsupported, finding),
            Stop::Unchecked(finding) => (Statement::Unchecked, finding),
        };
        self.lower(verdict);
        self.findings.push(finding);
    }
}
