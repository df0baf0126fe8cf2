//! Words of a log, in the spellings of Graph, the portal and PowerShell.

/// Whether a step or an activity succeeded.
pub(super) fn succeeded(word: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|known| word.trim().eq_ignore_ascii_case(known));
    if is(&["true", "yes", "success", "succeeded"]) {
        Some(true)
    } else if is(&["false", "no", "failure", "failed", "timeout"]) {
        Some(false)
    } else {
        None
    }
}

/// Whether `text` has `part` in it, in any case of ASCII letters.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}
