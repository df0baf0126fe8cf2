//! Client apps, authentication flows, risks.

use super::condition::{Holds, contains};
use super::question::Question;
use crate::ConditionalAccessPolicy;

/// No list and `all` are every client.
pub(super) fn client_app(list: &[String], client_app: &str) -> Holds {
    if list.is_empty() || contains(list, "all") {
        Holds::Yes
    } else if client_app.is_empty() {
        Holds::undecided("clientAppType")
    } else {
        Holds::when(contains(list, client_app), "client app not included")
    }
}

/// The condition is about sign-ins whose tokens another device uses. Registration is not one of them unless
/// the input says so.
pub(super) fn authentication_flow(
    policy: &ConditionalAccessPolicy,
    question: &Question<'_>,
) -> Holds {
    let listed = &policy.authentication_flows;
    if listed.is_empty() || (listed.len() == 1 && contains(listed, "none")) {
        return Holds::Yes;
    }
    let flow = question.device.authentication_flow.as_deref().unwrap_or("none");
    Holds::when(contains(listed, flow), "authentication flow not included")
}

pub(super) fn risks(policy: &ConditionalAccessPolicy, question: &Question<'_>) -> Holds {
    let device = question.device;
    let conditions = [
        (&policy.sign_in_risks, &device.sign_in_risk, "signInRiskLevel"),
        (&policy.user_risks, &device.user_risk, "userRiskLevel"),
        (&policy.insider_risks, &device.insider_risk, "insiderRiskLevel"),
    ];
    let mut missing = Vec::new();
    for (levels, level, input) in conditions {
        match level {
            _ if levels.is_empty() => {}
            Some(level) if !contains(levels, level) => return Holds::No("risk level not included"),
            Some(_) => {}
            None => missing.push(input.to_owned()),
        }
    }
    if missing.is_empty() { Holds::Yes } else { Holds::Undecided(missing) }
}
