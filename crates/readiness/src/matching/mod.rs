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

use crate::{Applies, ConditionalAccessPolicy, Person, Platform, PolicyState};
use condition::Holds;
use device_filter::Filter;

/// Whether `policy` is in force for `question`.
///
/// A policy that only reports answers [`Applies::ReportOnly`] unless a condition rules it out: whatever is
/// missing about it changes nothing for the person.
#[must_use]
pub fn applies(policy: &ConditionalAccessPolicy, question: &Question<'_>) -> Applies {
    Prepared::new(policy, question.person).applies(question)
}

/// Whether the policy's assignments and conditions hold, whatever its state: what Graph's What If calls
/// `policyApplies`. Never [`Applies::ReportOnly`].
#[must_use]
pub fn matches(policy: &ConditionalAccessPolicy, question: &Question<'_>) -> Applies {
    Prepared::new(policy, question.person).matches(question)
}

/// A policy with what is the same in every question about one person.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) policy: &'a ConditionalAccessPolicy,
    user: Holds,
    filter: Option<Filter<'a>>,
}

impl<'a> Prepared<'a> {
    /// Questions must be about that person.
    pub(crate) fn new(policy: &'a ConditionalAccessPolicy, person: &Person) -> Self {
        let filter = policy.device_filter.as_ref().map(Filter::new);
        Self { policy, user: users::apply(&policy.users, person), filter }
    }

    pub(crate) fn applies(&self, question: &Question<'_>) -> Applies {
        if self.policy.state == PolicyState::Disabled {
            return Applies::No("disabled");
        }
        match (&self.policy.state, self.matches(question)) {
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

    pub(crate) fn matches(&self, question: &Question<'_>) -> Applies {
        match self.platform(question.platform) {
            Holds::No(why) => Applies::No(why),
            Holds::Yes | Holds::Undecided(_) => self.matches_platform_aside(question),
        }
    }

    /// Whether everything would hold on some other platform.
    pub(crate) fn matches_elsewhere(&self, question: &Question<'_>) -> bool {
        let mut others =
            Platform::ALL.into_iter().filter(|platform| *platform != question.platform);
        others.any(|platform| self.is_for(platform))
            && self.matches_platform_aside(question) == Applies::Yes
    }

    /// Whether the condition on platforms lets this one in; it is never open, since every attempt names its platform.
    pub(crate) fn is_for(&self, platform: Platform) -> bool {
        self.platform(platform) == Holds::Yes
    }

    fn platform(&self, platform: Platform) -> Holds {
        network::platform(self.policy.platforms.as_ref(), platform)
    }

    fn matches_platform_aside(&self, question: &Question<'_>) -> Applies {
        // lazily, the cheapest and most often deciding first: most questions end at the first
        let conditions: [fn(&Self, &Question<'_>) -> Holds; 8] = [
            |this, question| applications::apply(&this.policy.applications, question.target),
            |this, _| this.user.clone(),
            |this, question| signals::client_app(&this.policy.client_apps, question.client_app),
            |this, question| signals::authentication_flow(this.policy, question),
            |this, question| signals::risks(this.policy, question),
            |this, question| network::location(this.policy.locations.as_ref(), question),
            |this, question| device_filter::apply(this.filter.as_ref(), question.device),
            |this, _| match this.policy.unjudged.as_slice() {
                [] => Holds::Yes,
                names => Holds::Undecided(names.to_vec()),
            },
        ];
        condition::all(conditions.iter().map(|condition| condition(self, question)))
    }
}

fn unknown_state(word: &str) -> String {
    format!("policy.state ({word})")
}

#[cfg(test)]
mod tests;
