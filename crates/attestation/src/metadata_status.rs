//! What the status reports of the model's entries say, read as a set.

use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};
use keyvet_mds::{Compromise, CompromiseReport, Entry, StatusReport, StatusSummary};
use time::OffsetDateTime;

/// Revoked.
pub static STATUS_REVOKED: Kind = Kind {
    id: "attestation.status-revoked",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The FIDO Alliance revoked this model. It must not be accepted.",
    next_step: "Do not accept the key; replace keys of this model.",
    source: "MDS 3.0 §3.1.4",
};

/// A known weakness that touches this key.
pub static STATUS_COMPROMISED: Kind = Kind {
    id: "attestation.status-compromised",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The metadata reports a weakness of this model that no update in this key is known to answer.",
    next_step: "Do not accept the key unless its firmware has the vendor's fix; ask the vendor.",
    source: "MDS 3.0 §3.1.4",
};

/// A weakness that this key's firmware answers.
pub static COMPROMISE_ANSWERED: Kind = Kind {
    id: "attestation.compromise-answered",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The metadata reports a weakness of this model, and this key has firmware that answers it.",
    next_step: "Nothing to do.",
    source: "MDS 3.0 §3.1.4",
};

/// An attestation key that is not in this chain.
pub static COMPROMISE_OTHER_BATCH: Kind = Kind {
    id: "attestation.compromise-other-batch",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "An attestation key of this model was compromised, and it is not in the chain of this registration.",
    next_step: "Nothing to do.",
    source: "MDS 3.0 §3.1.3",
};

/// Newer firmware than the key has.
pub static UPDATE_AVAILABLE: Kind = Kind {
    id: "attestation.update-available",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The metadata says that newer firmware exists than this key has.",
    next_step: "Update the key, or buy newer ones if its firmware cannot be changed.",
    source: "MDS 3.0 §3.1.4",
};

/// Newer firmware may exist.
pub static UPDATE_POSSIBLE: Kind = Kind {
    id: "attestation.update-possible",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The metadata says that an update exists for this model; the firmware of this key is not known.",
    next_step: "Read the key's firmware with `keyvet info` and compare.",
    source: "MDS 3.0 §3.1.4",
};

/// Retired.
pub static STATUS_RETIRED: Kind = Kind {
    id: "attestation.status-retired",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The vendor retired this model; it is no longer certified or sold.",
    next_step: "Plan the replacement of keys of this model.",
    source: "MDS 3.0 §3.1.4",
};

/// A status nobody here knows.
pub static STATUS_UNKNOWN: Kind = Kind {
    id: "attestation.status-unknown",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The metadata gives this model a status that keyvet does not know.",
    next_step: "Look the status up at the FIDO Alliance; use a newer keyvet if there is one.",
    source: "MDS 3.0 §3.1.4",
};

/// Listed, not certified.
pub static STATUS_NOT_CERTIFIED: Kind = Kind {
    id: "attestation.status-not-certified",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The model is listed in the metadata and not certified by the FIDO Alliance.",
    next_step: "Decide by policy whether models without certification are accepted.",
    source: "MDS 3.0 §3.1.4",
};

/// Certified.
pub static STATUS_CERTIFIED: Kind = Kind {
    id: "attestation.status-certified",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The highest certification the metadata reports for this model.",
    next_step: "Nothing to do.",
    source: "MDS 3.0 §3.1.4",
};

/// The key a status is applied to.
pub(crate) struct Subject<'a> {
    /// Certificates of the chain, anchor included, DER.
    pub(crate) chain: &'a [Vec<u8>],
    /// `firmwareVersion` of getInfo, when it was kept.
    pub(crate) firmware: Option<u64>,
    /// The time of the check.
    pub(crate) at: OffsetDateTime,
}

impl Subject<'_> {
    /// What the reports of `entry` mean for this key.
    pub(crate) fn status(&self, entry: &Entry) -> Vec<Finding> {
        let summary = entry.status_summary(self.at);
        let mut findings = Vec::new();
        if let Some(report) = summary.revoked {
            findings.push(Finding::new(&STATUS_REVOKED, describe(report)));
        }
        findings.extend(summary.compromises.iter().map(|report| self.compromise(report)));
        findings.extend(summary.update_available.and_then(|report| self.update(report)));
        findings
            .extend(summary.retired.map(|report| Finding::new(&STATUS_RETIRED, describe(report))));
        let unknown = summary.unknown.iter().take(MAX_UNKNOWN);
        findings.extend(unknown.map(|report| Finding::new(&STATUS_UNKNOWN, describe(report))));
        findings.extend(certification(&summary));
        findings
    }

    /// A compromise report that names a certificate binds only chains through it.
    fn compromise(&self, found: &CompromiseReport<'_>) -> Finding {
        let detail = describe(found.report);
        let named = found.report.certificate.as_ref();
        let elsewhere = named.is_some_and(|certificate| !self.chain.contains(certificate));
        let kind = match found.compromise {
            Compromise::AttestationKey if elsewhere => &COMPROMISE_OTHER_BATCH,
            _ if found.touches(self.firmware) => &STATUS_COMPROMISED,
            _ => &COMPROMISE_ANSWERED,
        };
        Finding::new(kind, detail)
    }

    fn update(&self, report: &StatusReport) -> Option<Finding> {
        let detail = describe(report);
        match (self.firmware, report.authenticator_version) {
            (Some(has), Some(newest)) if has >= newest => None,
            (Some(has), Some(_)) => {
                Some(Finding::new(&UPDATE_AVAILABLE, format!("{detail}; this key has {has}")))
            }
            _ => Some(Finding::new(&UPDATE_POSSIBLE, detail)),
        }
    }
}

fn certification(summary: &StatusSummary<'_>) -> Option<Finding> {
    let level = summary.best_level?;
    let kind = if level.is_certified() { &STATUS_CERTIFIED } else { &STATUS_NOT_CERTIFIED };
    Some(Finding::new(kind, level))
}

fn describe(report: &StatusReport) -> String {
    let date = report.effective_date.as_deref().unwrap_or("no date");
    let version = report.authenticator_version.map(|version| format!(", firmware {version}"));
    let version = version.unwrap_or_default();
    format!("{} ({}{version})", Printable(&report.status), Printable(date))
}

/// Unknown statuses reported one by one.
const MAX_UNKNOWN: usize = 8;
