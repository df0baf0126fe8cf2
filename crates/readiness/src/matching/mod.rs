//! Whether a Conditional Access policy applies: assignments and conditions, all of which must hold.
//!
//! What the question does not say leaves a policy undecided when, and only when, the answer depends on it.

mod applications;
mod condition;
mod device_filter;
mod network;
mod question;
mod signals;
mod suites;
mod users;

pub use question::{Question, Target, UserAction};

use crate::{Applies, ConditionalAccessPolicy, PolicyState};
use condition::Holds;

/// Whether `policy` is in force for `question`.
///
/// A policy that only reports answers [`Applies::ReportOnly`] unless a condition rules it out: whatever is
/// missing about it changes nothing for the person.
#[must_use]
pub fn applies(policy: &ConditionalAccessPolicy, question: &Question<'_>) -> Applies {
    if policy.state == PolicyState::Disabled {
        return Applies::No("disabled".to_owned());
    }
    match (&policy.state, matches(policy, question)) {
        (_, no @ Applies::No(_)) => no,
        (PolicyState::ReportOnly, _) => Applies::ReportOnly,
        (PolicyState::Unknown(word), Applies::Undecided(mut missing)) => {
            missing.push(unknown_state(word));
            Applies::Undecided(missing)
        }
        (PolicyState::Unknown(word), _) => Applies::Undecided(vec![unknown_state(word)]),
        (PolicyState::Enabled | PolicyState::Disabled, answer) => answer,
    }
}

fn unknown_state(word: &str) -> String {
    format!("policy.state ({word})")
}

/// Whether the policy's assignments and conditions hold, whatever its state: what Graph's What If calls
/// `policyApplies`. Never [`Applies::ReportOnly`].
#[must_use]
pub fn matches(policy: &ConditionalAccessPolicy, question: &Question<'_>) -> Applies {
    // lazily, the cheapest and most often deciding first: most questions end at the second
    let conditions: [fn(&ConditionalAccessPolicy, &Question<'_>) -> Holds; 9] = [
        |policy, question| network::platform(policy.platforms.as_ref(), question.platform),
        |policy, question| applications::apply(&policy.applications, question.target),
        |policy, question| users::apply(&policy.users, question.person),
        |policy, question| signals::client_app(&policy.client_apps, question.client_app),
        signals::authentication_flow,
        signals::risks,
        |policy, question| network::location(policy.locations.as_ref(), question),
        |policy, question| device_filter::apply(policy.device_filter.as_ref(), question.device),
        |policy, _| match policy.unjudged.as_slice() {
            [] => Holds::Yes,
            names => Holds::Undecided(names.to_vec()),
        },
    ];
    condition::all(conditions.iter().map(|condition| condition(policy, question)))
}

#[cfg(test)]
mod tests;
