//! The smallest changes that unblock those who are stuck, each tried on a copy of the tenant.

mod candidates;
mod change;
mod search;
mod words;

pub use change::{APP_RESOURCES, Change, NamedObject, PassKind};

use crate::matrix;
use crate::{Attempt, Confidence, Rule, Summary, Tenant, Verdict, evaluate};
use std::collections::HashMap;

/// Causes that are searched at most; what is found for one is tried on everybody.
const MAX_CAUSES: usize = 32;

/// A set of changes, none of which can be left out, and what comes of them.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Proposal {
    /// What to change.
    pub changes: Vec<Change>,
    /// Attempts that are no longer stuck, by their places in the list, and how each ends now.
    pub unblocks: Vec<(usize, Verdict)>,
    /// Attempts that are stuck all the same.
    pub still_stuck: Vec<usize>,
    /// Whether it gives up a protection of every passkey; such proposals come last.
    pub is_weaker: bool,
    /// Rules that the changes rest on, in the order of their numbers.
    pub rules: Vec<&'static Rule>,
    /// That of the weakest of these rules.
    pub confidence: Confidence,
}

impl Proposal {
    /// What to do, in one line.
    #[must_use]
    pub fn title(&self) -> String {
        self.changes.iter().map(Change::title).collect::<Vec<_>>().join("; then ")
    }

    /// What each change gives up.
    #[must_use]
    pub fn loosens(&self) -> Vec<String> {
        self.changes.iter().map(Change::loosens).collect()
    }

    /// The tenant after the changes.
    #[must_use]
    pub fn apply(&self, tenant: &Tenant) -> Tenant {
        search::changed(tenant, &self.changes)
    }
}

/// Proposes changes for the attempts that are blocked. Those that are not are left out of account.
///
/// The order: what changes no policy, then fewer changes, then more people helped; what weakens every registration
/// comes last. Nobody who got through is stopped by a proposal: all of them only loosen.
#[must_use]
pub fn plan(tenant: &Tenant, attempts: &[Attempt]) -> Vec<Proposal> {
    let kin = Kin::of(tenant, attempts);
    let mut sets: Vec<Vec<Change>> = Vec::new();
    for attempt in kin.causes() {
        for set in search::solutions(tenant, attempt) {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
    }
    let mut proposals: Vec<Proposal> = sets.iter().map(|set| kin.proposal(tenant, set)).collect();
    proposals.sort_by_cached_key(|proposal| {
        let of_the_tenant = proposal.changes.iter().filter(|change| change.is_of_the_tenant());
        let helped = usize::MAX.saturating_sub(proposal.unblocks.len());
        (
            proposal.is_weaker,
            of_the_tenant.count(),
            proposal.changes.len(),
            helped,
            proposal.title(),
        )
    });
    proposals
}

/// Attempts that are stuck, those of one kin together.
struct Kin {
    stuck: Vec<Stuck>,
}

/// One attempt that is stuck.
struct Stuck {
    attempt: Attempt,
    /// The places where it stands in the list.
    indices: Vec<usize>,
    /// What stops it, and what was signed in with: searched once for all who share it.
    cause: String,
}

impl Kin {
    fn of(tenant: &Tenant, attempts: &[Attempt]) -> Self {
        let named = matrix::Named::by(tenant);
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut all: Vec<Stuck> = Vec::new();
        for (index, attempt) in attempts.iter().enumerate() {
            let reduced = named.reduce_attempt(attempt);
            let place = *places.entry(format!("{reduced:?}")).or_insert(all.len());
            match all.get_mut(place) {
                Some(known) => known.indices.push(index),
                None => {
                    let (attempt, indices) = (reduced, vec![index]);
                    all.push(Stuck { attempt, indices, cause: String::new() });
                }
            }
        }
        all.retain_mut(|stuck| {
            let answer = Summary::of(evaluate(tenant, &stuck.attempt));
            let used = &stuck.attempt.signed_in_with;
            stuck.cause = format!("{:?} {:?} {used:?}", answer.stopped_at, answer.why);
            answer.verdict == Verdict::Blocked
        });
        Self { stuck: all }
    }

    /// One attempt for each cause, at most [`MAX_CAUSES`].
    fn causes(&self) -> Vec<&Attempt> {
        let mut known: Vec<&str> = Vec::new();
        let mut causes = Vec::new();
        for stuck in &self.stuck {
            if !known.contains(&stuck.cause.as_str()) && causes.len() < MAX_CAUSES {
                known.push(&stuck.cause);
                causes.push(&stuck.attempt);
            }
        }
        causes
    }

    /// The proposal of a set of changes.
    fn proposal(&self, tenant: &Tenant, changes: &[Change]) -> Proposal {
        let changed = search::changed(tenant, changes);
        let (mut unblocks, mut still_stuck) = (Vec::new(), Vec::new());
        for Stuck { attempt, indices, .. } in &self.stuck {
            match search::verdict(&changed, attempt, changes) {
                Verdict::Blocked => still_stuck.extend(indices),
                verdict => unblocks.extend(indices.iter().map(|index| (*index, verdict))),
            }
        }
        unblocks.sort_by_key(|(index, _)| *index);
        still_stuck.sort_unstable();
        let rules = rules(changes);
        let confidence = rules.iter().map(|rule| rule.kind.confidence()).max();
        Proposal {
            changes: changes.to_vec(),
            unblocks,
            still_stuck,
            is_weaker: changes.iter().any(Change::is_weaker),
            rules,
            confidence: confidence.unwrap_or(Confidence::Documented),
        }
    }
}

fn rules(changes: &[Change]) -> Vec<&'static Rule> {
    let used: Vec<&'static Rule> = changes.iter().flat_map(Change::rules).collect();
    crate::RULES.iter().filter(|rule| used.contains(rule)).copied().collect()
}

#[cfg(test)]
mod tests;
