//! Shapes for what colour alone must not say.

use crate::document::readiness::{StepResult, Verdict};

/// The shapes, once per page; [`small`] points to them.
pub(super) const SYMBOLS: &str = r##"<svg width="0" height="0" class="symbols" aria-hidden="true"><defs>
<symbol id="i-ready" viewBox="-10 -10 20 20"><path d="M-5.5 .5l4 4 7-8"/></symbol>
<symbol id="i-conditional" viewBox="-10 -10 20 20"><path d="M0-6v7M0 5.2v.1"/></symbol>
<symbol id="i-unknown" viewBox="-10 -10 20 20"><path d="M-3.4-2.6c0-4.6 6.8-4.6 6.8-.2C3.4-.2 0-.3 0 2.4M0 6v.1"/></symbol>
<symbol id="i-blocked" viewBox="-10 -10 20 20"><path d="M-5-5L5 5M5-5L-5 5"/></symbol>
<symbol id="i-registration" viewBox="-10 -10 20 20"><path d="M-6 0H5M0-5l5.2 5L0 5"/></symbol>
<symbol id="i-key" viewBox="-10 -10 20 20"><path d="M-2.2 0a2.6 2.6 0 1 1-5.2 0a2.6 2.6 0 1 1 5.2 0H7v3.2M3.4 0v2.4"/></symbol>
</defs></svg>
"##;

/// A verdict as shape and word.
pub(super) fn chip(verdict: Verdict) -> String {
    let word = verdict.as_str();
    format!("<span class=\"chip {word}\">{}{word}</span>", small(word))
}

/// A shape, which a screen reader skips: the word beside it says the same.
pub(super) fn small(name: &str) -> String {
    format!("<svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>")
}

/// Class and shape of a step that ends so.
pub(super) const fn of_step(result: StepResult) -> &'static str {
    match result {
        StepResult::Passed => "ready",
        StepResult::Registration => "registration",
        StepResult::Conditional => "conditional",
        StepResult::Unknown => "unknown",
        StepResult::Blocked => "blocked",
    }
}
