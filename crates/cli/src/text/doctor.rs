//! What is wrong with a machine, as text.

use super::{Style, plural};
use crate::document::{
    Severity,
    doctor::{Ailment, DoctorDocument},
};
use keyvet_finding::Printable;
use std::fmt::Write;

/// `keyvet doctor`: one line where all is well.
pub(super) fn text(document: &DoctorDocument, style: Style) -> String {
    let checked: Vec<_> = document
        .checked
        .iter()
        .map(|checked| format!("{}: {}", checked.what, Printable(&checked.found)))
        .collect();
    let errors = document.findings.iter().filter(|found| found.severity == Severity::Error).count();
    if document.findings.is_empty() {
        return format!("{} ({})\n", style.good(WELL), checked.join("; "));
    }
    let mut text = match errors {
        0 => format!("{}\n", style.doubt(MAYBE)),
        1 => format!(
            "{}\n",
            style.bad("1 problem stops security keys or their readers from working.")
        ),
        count => format!(
            "{}\n",
            style.bad(format_args!(
                "{count} problems stop security keys or their readers from working."
            ))
        ),
    };
    for finding in &document.findings {
        let _ = write!(text, "\n{}", one(finding, style));
    }
    let _ = writeln!(text, "\nLooked at:");
    for line in checked {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(
        text,
        "({}; more about an id: keyvet explain ID)",
        plural(document.findings.len(), "finding")
    );
    text
}

fn one(finding: &Ailment, style: Style) -> String {
    let severity = match finding.severity {
        Severity::Error => style.bad("error"),
        Severity::Warning => style.doubt("warning"),
        Severity::Note => style.dim("note"),
    };
    format!(
        "{severity}: {} [{}]\n  {}\n  next: {}\n",
        Printable(&finding.detail),
        finding.id,
        finding.meaning,
        finding.next_step
    )
}

const WELL: &str = "Nothing on this machine stops security keys from working.";
const MAYBE: &str = "Nothing that was found stops security keys from working for sure; this may:";
