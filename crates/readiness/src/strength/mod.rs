//! What an authentication strength makes of the methods at hand, in Graph's words.

mod built_in;
mod hand;
#[cfg(test)]
mod tests;

use crate::{AuthenticationStrength, MethodMode, RegisteredMethod, StrengthResult};

pub use built_in::built_in;
pub(crate) use built_in::is_built_in;
pub(crate) use hand::Hand;

/// What `strength` makes of a person's methods (R4, R5, R20).
///
/// - `used`: what the person has signed in with, in this session;
/// - `registered`: what they have;
/// - `enabled`: what the tenant lets them use; `None` lets them use everything;
/// - `registrable`: what they could register now; a passkey without AAGUID is one of any model.
///
/// A password counts as had by everybody. A registered or used passkey whose model is not known does not meet
/// a limit on models, and settings that keyvet cannot evaluate are not met: where that matters,
/// [`missing`] says what would have to be known.
#[must_use]
pub fn judge(
    strength: &AuthenticationStrength,
    used: &[MethodMode],
    registered: &[RegisteredMethod],
    enabled: Option<&[MethodMode]>,
    registrable: &[RegisteredMethod],
) -> StrengthResult {
    Hand::new(used, registered, enabled, registrable).judge(strength)
}

/// Inputs without which [`judge`] can only assume the worst, by name; empty when its answer is certain.
#[must_use]
pub fn missing(
    strength: &AuthenticationStrength,
    used: &[MethodMode],
    registered: &[RegisteredMethod],
    enabled: Option<&[MethodMode]>,
    registrable: &[RegisteredMethod],
) -> Vec<String> {
    Hand::new(used, registered, enabled, registrable).missing(strength)
}

/// One combination as Graph writes it, with or without a space after the comma.
pub(crate) fn modes(combination: &str) -> Vec<MethodMode> {
    let words = combination.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(MethodMode::new).collect()
}
