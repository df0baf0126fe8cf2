//! The step of registration that Authenticator takes by itself: it asks for resources of its own, and policies
//! on all resources meet it there (R12, R13, R15).

use super::{
    Judgement, Reason, View,
    cited::{self, Rules},
    described, refusing,
};
use crate::{
    Confidence,
    resources::{self, AZURE_AD, CREDENTIAL_CONFIGURATION, CREDENTIAL_REGISTRATION},
    sign_in::{Code, Named, Record, SignIn, limits::LOOK, words},
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// The app itself, as it names itself when it asks.
const AUTHENTICATOR: &str = "4813382a-8fa7-425e-ab75-3b753aab3abb";

/// Judges a sign-in that did not pass: is it the in-app step, and did a policy refuse it?
pub(super) fn judge(sign_in: &SignIn, view: View<'_>, judgement: &mut Judgement) {
    let refused = is_refusal(sign_in);
    if names(sign_in, CREDENTIAL_CONFIGURATION) || names(sign_in, CREDENTIAL_REGISTRATION) {
        judgement.on_topic = true;
        if refused {
            judgement.why.push(blocked(sign_in));
        }
    } else if refused && names(sign_in, AZURE_AD) {
        if is_authenticator(sign_in)
            || view.story.iter().take(LOOK).any(|record| is_of_registration(record))
        {
            judgement.on_topic = true;
            judgement.why.push(blocked(sign_in));
        } else {
            let what = "Windows Azure Active Directory is also one of the resources of registration in \
                        Authenticator (R15); nothing else in this story speaks of registration";
            judgement.open.push(Finding::new(&PERHAPS, what));
        }
    }
}

/// Whether Conditional Access refused: by the code, by its status, or by the result of a policy.
pub(super) fn is_refusal(sign_in: &SignIn) -> bool {
    let by_code = sign_in.code.and_then(Code::find).is_some_and(|code| {
        matches!(
            code.number,
            50_097 | 50_131 | 53_000
                ..=53_003 | 53_005 | 53_009 | 501_313 | 530_002 | 530_003 | 530_021 | 530_031
        )
    });
    let failure = |word: &Option<String>| {
        word.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("failure"))
    };
    by_code
        || failure(&sign_in.access_status)
        || sign_in.policies.iter().any(|policy| failure(&policy.result))
}

fn blocked(sign_in: &SignIn) -> Reason {
    let policies = refusing(sign_in);
    let registration = names(sign_in, CREDENTIAL_REGISTRATION);
    let by = if policies.is_empty() { "Conditional Access".to_owned() } else { policies.clone() };
    let detail = format!("{by} refused access to {}", described(&asked(sign_in)));
    let (rules, confidence): (Rules, _) = match registration {
        true => (cited::R13_R12, Confidence::Documented),
        false => (cited::R15_R12, Confidence::Observed),
    };
    let from = if policies.is_empty() {
        "the policy that refused it (the record does not name it; look it up in the portal)"
            .to_owned()
    } else {
        format!("policy {policies}")
    };
    let what = match registration {
        true => {
            "Microsoft Authenticator Credential registration (6aa00308-ea33-4caa-90d6-ae905d8cb51b)"
        }
        false => {
            "Azure Credential Configuration Endpoint Service (ea890292-c8c8-4433-b5ea-b09d0668e1a6) and \
             Windows Azure Active Directory (00000002-0000-0000-c000-000000000000)"
        }
    };
    let next = format!(
        "Exclude {what} from {from}; or let its grant take the method the person registers with, for example a \
         Temporary Access Pass. A policy of its own can ask ordinary multifactor authentication for them."
    );
    Reason::new(&BLOCKED, rules, confidence, detail).and_do(next)
}

/// The resource of this step, by its id where the record names only that.
fn asked(sign_in: &SignIn) -> Named {
    let known = [CREDENTIAL_CONFIGURATION, CREDENTIAL_REGISTRATION, AZURE_AD];
    let found = known.into_iter().find(|id| names(sign_in, id));
    found.map_or_else(
        || sign_in.resource.clone(),
        |id| Named { id: Some(id.to_owned()), name: resources::name(id).map(str::to_owned) },
    )
}

/// Whether the sign-in asks for this resource, or policies were judged for it.
fn names(sign_in: &SignIn, id: &str) -> bool {
    sign_in.resource.has_id(id) || sign_in.audiences.iter().any(|own| own.eq_ignore_ascii_case(id))
}

/// Whether Authenticator itself signs in.
pub(super) fn is_authenticator(sign_in: &SignIn) -> bool {
    let name = sign_in.app.name.as_deref().unwrap_or_default();
    sign_in.app.has_id(AUTHENTICATOR) || words::contains(name, "Authenticator")
}

/// Whether a record of the same attempt shows that it is a registration.
fn is_of_registration(record: &Record) -> bool {
    match record {
        Record::SignIn(sign_in) => {
            names(sign_in, CREDENTIAL_CONFIGURATION)
                || names(sign_in, CREDENTIAL_REGISTRATION)
                || is_authenticator(sign_in)
        }
        Record::Audit(audit) => {
            audit.activity.as_deref().is_some_and(|name| words::contains(name, "security info"))
        }
    }
}

/// A policy refused the in-app step.
pub(in crate::sign_in) static BLOCKED: Kind = Kind {
    id: "readiness.sign-in-in-app-blocked",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "To register a passkey, Authenticator signs in to resources of its own. That is no longer \
              the user action of registering security info, so a policy on all resources applies to \
              it, on the phone's platform, and asks for what the person has yet to register.",
    next_step: "Exclude the resources of this step from the policy on all resources, or let its grant \
                take the method the person registers with.",
    source: "Public field report on passkey roll-out, 2025-09-09; nathanmcnulty.com, 2025-09; \
             Microsoft Entra documentation, how-to-enable-authenticator-passkey, 2026-07-05",
};

/// It may be the in-app step.
pub(in crate::sign_in) static PERHAPS: Kind = Kind {
    id: "readiness.sign-in-in-app-perhaps",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The resource refused is one that registration in Authenticator asks for, and one that \
              ordinary sign-ins ask for as well. The log does not tell which it was.",
    next_step: "Ask the person whether they were adding a passkey in Authenticator.",
    source: "Public field report on passkey roll-out, 2025-09-09",
};
