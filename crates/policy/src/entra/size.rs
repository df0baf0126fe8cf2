//! How much of the 20 KB that Entra gives a policy this one takes, by Microsoft's own numbers.

use crate::model::{ListedModel, Policy, Provider};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// A finding when the estimate passes the limit.
pub(crate) fn finding(policy: &Policy) -> Option<Finding> {
    let size = estimate(policy);
    (policy.provider == Provider::EntraProfiles && size > LIMIT).then(|| {
        let rows: usize = policy.profiles.iter().map(|p| rows(p).len()).sum();
        let kb = |hundredths: usize| format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let (size, limit) = (kb(size), LIMIT / 100);
        Finding::new(&TOO_LARGE, format_args!("about {size} KB of {limit}, with {rows} AAGUIDs"))
    })
}

/// The estimate in hundredths of a KB.
pub(crate) fn estimate(policy: &Policy) -> usize {
    let targets = policy.include.value().into_iter().flatten();
    let of_target = |profiles: usize| {
        // one profile 0.23 KB, five 0.4 KB: 0.17 KB for four more
        profiles.saturating_sub(1).saturating_mul(17).div_ceil(4).saturating_add(23)
    };
    let targets = targets.map(|target| of_target(target.profiles.as_ref().map_or(0, Vec::len)));
    let profiles = policy
        .profiles
        .iter()
        .map(|profile| rows(profile).len().saturating_mul(3).saturating_add(40));
    targets.chain(profiles).fold(144, usize::saturating_add)
}

fn rows(profile: &crate::Profile) -> &[ListedModel] {
    profile.requirements.aaguids.value().map_or(&[], |rule| rule.list.as_slice())
}

/// 20 KB.
const LIMIT: usize = 2000;

pub(crate) static TOO_LARGE: Kind = Kind {
    id: "entra.policy-too-large",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "By Microsoft's numbers (base 1.44 KB, target 0.23 to 0.4, profile 0.4, ten AAGUIDs 0.3) \
              the policy is larger than the 20 KB that Entra keeps.",
    next_step: "Shorten the lists: a block list, or one list shared by fewer profiles.",
    source: "Microsoft Entra documentation, how-to-authentication-passkey-profiles",
};
