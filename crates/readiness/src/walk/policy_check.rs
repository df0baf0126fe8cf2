//! Step 6: the tenant's passkey policy (P1 to P7), asked about a passkey that does not exist yet.

use super::candidate::prospect;
use super::strengths::INPUT_MISSING;
use super::{Draft, Walk};
use crate::rules::R4;
use crate::{Context, StepResult};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_policy::{Decision, Effect, Policy, Reason};
use std::ops::ControlFlow;

pub(super) fn step(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let mut draft = Draft::new(Context::PolicyCheck, "The tenant checks the new passkey");
    if walk.attempt.person.external == Some(true) {
        let detail = "the person is a guest in this tenant";
        return walk.push(draft.ends(StepResult::Blocked, &GUEST, detail));
    }
    let prospect = prospect(&walk.candidate, walk.candidate.attestation, walk.in_app);
    let Some(prediction) = walk.standing.predicted(&prospect) else {
        let detail = "fido2.json: the passkey method of the tenant";
        walk.leave_open(&INPUT_MISSING, detail);
        return walk.push(draft.ends(StepResult::Unknown, &INPUT_MISSING, detail));
    };
    if let Some(policy) = &walk.tenant.passkeys {
        draft = groups_not_said(walk, policy, draft);
    }
    let answer = &prediction.registration;
    let of = |effect| answer.reasons.iter().filter(move |reason| reason.effect == effect);
    match answer.decision {
        Decision::Accepted => {
            draft.findings.extend(of(Effect::Passes).map(|reason| reason.finding.clone()));
        }
        Decision::Undecided => {
            draft.result = StepResult::Unknown;
            draft.findings.extend(of(Effect::LeavesOpen).map(|reason| reason.finding.clone()));
            let open: Vec<Finding> = of(Effect::LeavesOpen).map(said).collect();
            open.into_iter().for_each(|finding| walk.leave_open_finding(finding));
        }
        Decision::Refused => {
            let why: Vec<String> =
                of(Effect::Refuses).map(|r| format!("{}: {}", r.source, r.detail())).collect();
            draft = draft.ends(StepResult::Blocked, &REFUSED, why.join("; ")).by(&[&R4]);
            draft.findings.extend(of(Effect::Refuses).map(|reason| reason.finding.clone()));
        }
    }
    walk.push(draft)
}

fn said(reason: &Reason) -> Finding {
    reason.finding.clone()
}

/// Exclusions by group cannot be told for somebody whose groups are not said.
fn groups_not_said(walk: &mut Walk<'_>, policy: &Policy, draft: Draft) -> Draft {
    let excluded = policy.exclude.value().is_some_and(|targets| !targets.is_empty());
    if walk.attempt.person.groups.is_some() || !excluded {
        return draft;
    }
    let detail = "user.groups: the passkey method excludes groups";
    walk.leave_open(&INPUT_MISSING, detail);
    draft.ends(StepResult::Unknown, &INPUT_MISSING, detail)
}

pub(crate) static REFUSED: Kind = Kind {
    id: "readiness.passkey-refused",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant's passkey method does not take this passkey. It is only said after the person has made \
              it: \"this particular key type has been blocked by your organization\" or a plain failure.",
    next_step: "See the findings beside this one for the profile and the list that refuse.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static GUEST: Kind = Kind {
    id: "readiness.guest",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Guests and other external people cannot register passkeys in the tenant they visit.",
    next_step: "Register the passkey in the person's home tenant.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};
