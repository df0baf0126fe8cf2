//! What `--json` prints: one document type per command, and the pieces they share.
//!
//! These types are the published interface; the JSON Schemas in `schemas/` are generated from them.
//! A member may be added within a version; none is renamed, removed or given another meaning.

pub mod check;
pub mod completions;
pub mod doctor;
pub mod error;
pub mod explain;
pub mod identify;
pub mod info;
pub mod key;
pub mod list;
pub mod man;
pub mod mds_diff;
pub mod mds_import;
pub mod mds_show;
pub mod mds_status;
pub mod readiness;
pub mod readiness_matrix;
pub mod readiness_plan;
pub mod sign_in;
#[cfg(feature = "hid")]
pub mod trace;
pub mod verify;

use keyvet_finding as finding;
use serde::Serialize;

/// Any document, as printed.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Document {
    /// `keyvet list`.
    List(Box<list::ListDocument>),
    /// One line of `keyvet list --watch`.
    ListEvent(Box<list::ListEventDocument>),
    /// `keyvet check`.
    Check(Box<check::CheckDocument>),
    /// `keyvet identify`.
    Identify(Box<identify::IdentifyDocument>),
    /// `keyvet doctor`.
    Doctor(Box<doctor::DoctorDocument>),
    /// `keyvet verify`.
    Verify(Box<verify::VerifyDocument>),
    /// `keyvet mds status`.
    MdsStatus(Box<mds_status::MdsStatusDocument>),
    /// `keyvet mds import` and `keyvet mds fetch`.
    MdsImport(Box<mds_import::MdsImportDocument>),
    /// `keyvet mds show`.
    MdsShow(Box<mds_show::MdsShowDocument>),
    /// `keyvet mds diff`.
    MdsDiff(Box<mds_diff::MdsDiffDocument>),
    /// `keyvet readiness --attempt` and `--as`.
    Readiness(Box<readiness::ReadinessDocument>),
    /// `keyvet readiness --matrix`.
    ReadinessMatrix(Box<readiness_matrix::MatrixDocument>),
    /// `keyvet readiness --plan`.
    ReadinessPlan(Box<readiness_plan::PlanDocument>),
    /// `keyvet readiness export-help`.
    ReadinessExport(Box<readiness::ExportHelpDocument>),
    /// A page of `keyvet readiness --format html`, as it is.
    Page(String),
    /// `keyvet sign-in explain`.
    SignIn(Box<sign_in::SignInDocument>),
    /// `keyvet info`.
    Info(Box<info::InfoDocument>),
    /// `keyvet explain`.
    Explain(Box<explain::ExplainDocument>),
    /// `keyvet completions`.
    Completions(Box<completions::CompletionsDocument>),
    /// `keyvet man`.
    Man(Box<man::ManDocument>),
    /// `keyvet trace show`.
    #[cfg(feature = "hid")]
    Trace(Box<trace::TraceDocument>),
    /// Everything was printed while the command ran.
    Printed,
    /// The command could not do its work.
    Error(Box<error::ErrorDocument>),
}

impl Document {
    /// Why the command could not do its work, where the document still tells what is known.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Verify(document) => document.error.as_ref(),
            Self::MdsStatus(document) => document.error.as_ref(),
            Self::Check(document) => document.error.as_ref(),
            Self::Error(document) => Some(&document.error),
            _ => None,
        }
    }
}

/// One finding: something that was noticed, with a stable id.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Stable id; `keyvet explain ID` tells what it means.
    pub id: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The values of this case.
    pub detail: String,
    /// What the id means; the same text for every case, so it is not repeated in JSON.
    #[serde(skip)]
    pub kind: &'static finding::Kind,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// Deviates from a rule, or weakens what is known.
    Warning,
    /// The thing it speaks of fails.
    Error,
}

/// Why something could not be done.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Error {
    /// Stable code; `keyvet explain CODE` tells what it means.
    pub code: String,
    /// What happened in this case.
    pub detail: String,
    /// Who can do something about it: `key`, `reader`, `client`, `metadata`, `tenant policy`, `input`,
    /// `network`, `keyvet` or `nobody`.
    pub culprit: String,
    /// What to do next.
    pub next_step: String,
    /// What the code means.
    #[serde(skip)]
    pub meaning: &'static str,
}

impl From<&finding::Finding> for Finding {
    fn from(finding: &finding::Finding) -> Self {
        Self {
            id: finding.id().to_owned(),
            severity: finding.severity().into(),
            detail: finding.detail().to_owned(),
            kind: finding.kind(),
        }
    }
}

impl From<&finding::Finding> for Error {
    fn from(finding: &finding::Finding) -> Self {
        Self {
            code: finding.id().to_owned(),
            detail: finding.detail().to_owned(),
            culprit: finding.kind().culprit.as_str().to_owned(),
            next_step: finding.kind().next_step.to_owned(),
            meaning: finding.kind().meaning,
        }
    }
}

impl From<finding::Severity> for Severity {
    fn from(severity: finding::Severity) -> Self {
        match severity {
            finding::Severity::Note => Self::Note,
            finding::Severity::Warning => Self::Warning,
            finding::Severity::Error => Self::Error,
        }
    }
}

/// Every finding of a list, in its order.
#[must_use]
pub fn findings(list: &[finding::Finding]) -> Vec<Finding> {
    list.iter().map(Finding::from).collect()
}
