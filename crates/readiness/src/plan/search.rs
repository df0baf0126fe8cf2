//! Sets of changes that let one attempt through, none of them larger than needed.

use super::candidates::candidates;
use super::change::Change;
use crate::{Attempt, Tenant, Verdict, evaluate};

/// Changes that are tried together at most.
const MAX_CHANGES: usize = 3;
/// Sets that are followed from one number of changes to the next.
const MAX_OPEN: usize = 24;

/// The tenant after these changes.
pub(super) fn changed(tenant: &Tenant, changes: &[Change]) -> Tenant {
    let mut copy = tenant.clone();
    changes.iter().for_each(|change| change.apply(&mut copy));
    copy
}

/// How the attempt ends in a tenant that was changed so.
pub(super) fn verdict(changed: &Tenant, attempt: &Attempt, changes: &[Change]) -> Verdict {
    evaluate(changed, &after(attempt, changes)).verdict
}

fn after(attempt: &Attempt, changes: &[Change]) -> Attempt {
    let mut attempt = attempt.clone();
    changes.iter().for_each(|change| change.apply_to_attempt(&mut attempt));
    attempt
}

/// Every set of changes, no part of which is enough, that lets the attempt through. Each step of the search
/// follows the attempt to where it stops next.
pub(super) fn solutions(tenant: &Tenant, attempt: &Attempt) -> Vec<Vec<Change>> {
    let mut found: Vec<Vec<Change>> = Vec::new();
    let mut tried: Vec<Vec<Change>> = Vec::new();
    let mut open: Vec<Vec<Change>> = vec![Vec::new()];
    for _ in 0..MAX_CHANGES {
        let mut next = Vec::new();
        for set in &open {
            for larger in extended(tenant, attempt, set) {
                let known =
                    tried.contains(&larger) || found.iter().any(|set| contains(&larger, set));
                if known {
                    continue;
                }
                tried.push(larger.clone());
                match verdict(&changed(tenant, &larger), attempt, &larger) {
                    Verdict::Ready | Verdict::Conditional => found.push(larger),
                    Verdict::Blocked => next.push(larger),
                    Verdict::Unknown => {}
                }
            }
        }
        next.truncate(MAX_OPEN);
        open = next;
    }
    // a smaller set may have been found after a larger one that contains it
    let all = found.clone();
    found.retain(|set| !all.iter().any(|other| other.len() < set.len() && contains(set, other)));
    found
}

/// The set with each change that could help where the attempt stops now.
fn extended(tenant: &Tenant, attempt: &Attempt, set: &[Change]) -> Vec<Vec<Change>> {
    let tenant = changed(tenant, set);
    let attempt = after(attempt, set);
    let answer = evaluate(&tenant, &attempt);
    let new = candidates(&tenant, &attempt, &answer).into_iter();
    new.filter(|change| !set.contains(change))
        .map(|change| {
            let mut larger = set.to_vec();
            larger.push(change);
            larger.sort();
            larger
        })
        .collect()
}

fn contains(set: &[Change], part: &[Change]) -> bool {
    part.iter().all(|change| set.contains(change))
}
