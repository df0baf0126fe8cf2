//! Findings as text, wherever they appear.

use super::{Style, plural};
use crate::document::{Finding, Severity};
use std::fmt::Write;

/// A heading and every finding with what it means and what to do; nothing when there is none.
pub(super) fn text(heading: &str, findings: &[Finding], style: Style) -> String {
    let mut text = String::new();
    if findings.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{heading}");
    for finding in findings {
        let severity = painted(finding.severity, style);
        let _ = writeln!(text, "  {severity}: {} [{}]", detail(finding), finding.id);
        let _ = writeln!(text, "    {}", finding.kind.meaning);
        if finding.severity > Severity::Note {
            let _ = writeln!(text, "    next: {}", finding.kind.next_step);
        }
    }
    let _ = writeln!(
        text,
        "  ({}; more about an id: keyvet explain ID)",
        plural(findings.len(), "finding")
    );
    text
}

fn detail(finding: &Finding) -> &str {
    if finding.detail.is_empty() { finding.kind.meaning } else { &finding.detail }
}

/// The word, in the colour of its weight.
fn painted(severity: Severity, style: Style) -> String {
    match severity {
        Severity::Note => style.dim("note"),
        Severity::Warning => style.doubt("warning"),
        Severity::Error => style.bad("error"),
    }
}
