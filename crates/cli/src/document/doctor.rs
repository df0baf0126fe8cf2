//! The document of `keyvet doctor`.

use super::Severity;
use serde::Serialize;

/// What `keyvet doctor --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DoctorDocument {
    /// `keyvet.doctor/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// The exit code of the program: 6 when a finding is an error, else 0.
    pub exit: u8,
    /// What stops keys from working, or may; the worst first.
    pub findings: Vec<Ailment>,
    /// What was looked at.
    pub checked: Vec<Checked>,
}

/// Something that stops keys from working, or may.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ailment {
    /// Stable id; `keyvet explain ID` tells what it means.
    pub id: &'static str,
    /// An error stops keys from working; anything else may.
    pub severity: Severity,
    /// The values of this case.
    pub detail: String,
    /// What it means.
    pub meaning: &'static str,
    /// What to do, mostly a command.
    pub next_step: &'static str,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Checked {
    /// What.
    pub what: &'static str,
    /// How it was found, in a few words for people; they may change.
    pub found: String,
}

impl From<&keyvet_finding::Finding> for Ailment {
    fn from(finding: &keyvet_finding::Finding) -> Self {
        let kind = finding.kind();
        Self {
            id: kind.id,
            severity: kind.severity.into(),
            detail: finding.detail().to_owned(),
            meaning: kind.meaning,
            next_step: kind.next_step,
        }
    }
}

#[cfg(feature = "hid")]
impl From<keyvet_doctor::Checked> for Checked {
    fn from(checked: keyvet_doctor::Checked) -> Self {
        Self { what: checked.what, found: checked.found }
    }
}

/// Name and version of this document.
pub const SCHEMA: &str = "keyvet.doctor/1";
