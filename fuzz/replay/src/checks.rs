//! What must hold of everything keyvet says about an input, whichever parser said it.

use keyvet_finding::{Coded, Finding, Printable};

/// Nothing that could drive a terminal.
pub(crate) fn printable(text: &str) {
    assert_eq!(Printable(text).to_string(), text, "outside text came through raw");
}

/// An error is printable, has a kind, and is not much larger than the input it speaks of.
pub(crate) fn error(input: &[u8], error: &impl Coded) {
    let text = error.to_string();
    printable(&text);
    bounded(input, text.len());
    assert!(error.kind().id.contains('.'), "an error code without an area");
}

/// Findings are printable, and all of them together not much larger than the input.
pub(crate) fn findings(input: &[u8], findings: &[Finding]) {
    for finding in findings {
        printable(finding.detail());
    }
    bounded(input, findings.iter().map(|finding| finding.detail().len()).sum());
}

/// What is said about an input grows with it, not faster.
pub(crate) fn bounded(input: &[u8], said: usize) {
    let most = input.len().saturating_mul(MAX_GROWTH).saturating_add(MAX_FIXED);
    assert!(said <= most, "{said} bytes said about {} bytes of input", input.len());
}

/// One byte can become `\u{202e}`, and a name be repeated in each of the refusals of one search.
const MAX_GROWTH: usize = 256;
const MAX_FIXED: usize = 16 * 1024;
