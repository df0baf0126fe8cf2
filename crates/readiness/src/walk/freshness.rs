//! Step 3: whether the authentication is strong and fresh enough to add a passkey.

use super::{Draft, Walk, strengths, words};
use crate::rules::{R8, R9, R10, R22};
use crate::session::is_pass;
use crate::{Context, MethodMode, StepResult, StrengthResult, TapKind};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::ops::ControlFlow;

pub(super) fn step(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let draft = Draft::new(Context::Ceremony, "Confirms who they are, to add a passkey").by(&[&R9]);
    let draft = strong(walk, draft);
    let draft = existing_method(walk, draft);
    if draft.result == StepResult::Blocked {
        return walk.push(draft);
    }
    let draft = age(walk, draft);
    walk.push(draft)
}

/// Multifactor authentication, by what was used or by what can be asked for.
fn strong(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let multifactor = strengths::multifactor();
    let draft = draft.by(&[&R8]);
    match walk.methods.judge(multifactor) {
        StrengthResult::Satisfied => draft,
        StrengthResult::SingleChallengeRequired | StrengthResult::MultipleChallengesRequired => {
            let demand = strengths::demand(multifactor, &walk.methods, "adding a passkey");
            walk.methods.use_also(&demand.prompts);
            demand.findings.iter().for_each(|finding| walk.require_finding(finding.clone()));
            conditional(draft, demand.findings)
        }
        _ => second_method_first(walk, draft),
    }
}

/// Whoever has nothing strong may register a second method first, where the tenant has one for them; what guards
/// that is the user action, which has been passed.
fn second_method_first(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let used = words::methods(&walk.methods.used);
    walk.methods.register_second_method();
    if walk.methods.judge(strengths::multifactor()) == StrengthResult::CannotSatisfy
        || !walk.methods.has_second_method()
    {
        let detail =
            format!("signed in with {used}, and no second method is had or can be registered");
        return draft.ends(StepResult::Blocked, &NO_STRONG_METHOD, detail);
    }
    let detail = format!(
        "have a Temporary Access Pass issued, or register another second method first: {used} is not strong enough \
         to add a passkey"
    );
    walk.require(&SECOND_METHOD_FIRST, &detail);
    conditional(draft, vec![Finding::new(&SECOND_METHOD_FIRST, detail)])
}

/// Who already has a passkey is asked for it even with a pass (R22).
fn existing_method(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let by_pass = walk.methods.used.iter().all(is_pass);
    if !by_pass || !walk.methods.has("fido2") || draft.result == StepResult::Blocked {
        return draft;
    }
    let detail =
        "confirm with the passkey that is already registered: the pass is not enough for it";
    walk.require(&EXISTING_ASKED, detail);
    conditional(draft, vec![Finding::new(&EXISTING_ASKED, detail)]).by(&[&R22])
}

fn conditional(mut draft: Draft, findings: Vec<Finding>) -> Draft {
    draft.result = draft.result.max(StepResult::Conditional);
    draft.findings.extend(findings);
    draft
}

fn age(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let minutes = walk.attempt.minutes_since_strong_auth.unwrap_or(0);
    let draft = countdown(walk, draft);
    if minutes <= FRESH_MINUTES {
        return draft;
    }
    if only_a_one_time_pass(walk) {
        return one_time(walk, draft, minutes);
    }
    let over = minutes > SESSION_MINUTES;
    let kind = if over { &SESSION_OVER } else { &SIGN_IN_AGAIN };
    let detail = format!(
        "sign in again with {}: the strong authentication is {minutes} minutes old, and at most {} are \
         allowed",
        words::methods(&walk.methods.used),
        if over { SESSION_MINUTES } else { FRESH_MINUTES },
    );
    walk.require(kind, &detail);
    conditional(draft, vec![Finding::new(kind, detail)])
}

/// What a pass leaves of the time.
fn countdown(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    if !walk.methods.used.iter().any(is_pass) {
        return draft;
    }
    if let Some(minutes) = walk.tap.and_then(|tap| tap.minutes_left) {
        let detail = format!("{minutes} minutes are left for everything that follows");
        walk.note(&PASS_COUNTDOWN, detail);
    }
    draft.by(&[&R10])
}

fn only_a_one_time_pass(walk: &Walk<'_>) -> bool {
    let one_time = walk.tap.is_some_and(|tap| tap.kind == TapKind::OneTime);
    let others = walk.methods.registered.iter().any(|method| can_repeat(&method.mode));
    one_time && walk.methods.used.iter().all(is_pass) && !others
}

fn can_repeat(mode: &MethodMode) -> bool {
    !is_pass(mode) && mode.as_str() != "password"
}

/// R9 gives every strong authentication 5 minutes, R10 gives a one-time pass 10: no document says which counts.
fn one_time(walk: &mut Walk<'_>, draft: Draft, minutes: u32) -> Draft {
    if minutes > PASS_MINUTES {
        let detail =
            format!("the pass was used {minutes} minutes ago, and takes no second sign-in");
        return draft.ends(StepResult::Blocked, &PASS_WINDOW, detail);
    }
    let detail = format!(
        "the one-time pass was used {minutes} minutes ago: R9 allows 5 minutes for a passkey, R10 allows 10 for \
         registering with such a pass"
    );
    walk.leave_open(&PASS_WINDOW_DISPUTED, &detail);
    draft.ends(StepResult::Unknown, &PASS_WINDOW_DISPUTED, detail)
}

/// R9.
const FRESH_MINUTES: u32 = 5;
/// R9.
const SESSION_MINUTES: u32 = 15;
/// R10.
const PASS_MINUTES: u32 = 10;

pub(crate) static NO_STRONG_METHOD: Kind = Kind {
    id: "readiness.no-strong-method",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Adding a passkey needs multifactor authentication. The person has no method for it, and the tenant lets \
              them register none.",
    next_step: "Issue a Temporary Access Pass.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2; \
             concept-registration-mfa-sspr-combined",
};

pub(crate) static SECOND_METHOD_FIRST: Kind = Kind {
    id: "readiness.second-method-first",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "Adding a passkey needs multifactor authentication, and the person has no method for it yet.",
    next_step: "Issue a Temporary Access Pass; that is safer than registering a weaker method on the way.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2; \
             concept-registration-mfa-sspr-combined",
};

pub(crate) static EXISTING_ASKED: Kind = Kind {
    id: "readiness.existing-method-asked",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "Whoever already has a passkey and signs in with a Temporary Access Pass is still asked for the \
              passkey in security info.",
    next_step: "Have the old passkey at hand; if it is lost, an administrator deletes it first.",
    source: "Microsoft tech community, discussion 4528814 (observed)",
};

pub(crate) static SIGN_IN_AGAIN: Kind = Kind {
    id: "readiness.sign-in-again",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Adding a passkey needs strong authentication at most 5 minutes old.",
    next_step: "Sign in again when asked to, and add the passkey at once.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2",
};

pub(crate) static SESSION_OVER: Kind = Kind {
    id: "readiness.session-over",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The session of the registration page is valid for 15 minutes, which are over.",
    next_step: "Begin again from the sign-in.",
    source: "Microsoft Entra documentation, concept-registration-mfa-sspr-combined",
};

pub(crate) static PASS_COUNTDOWN: Kind = Kind {
    id: "readiness.pass-countdown",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Sessions that were started with a Temporary Access Pass end when it expires.",
    next_step: "Finish within this time.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass",
};

pub(crate) static PASS_WINDOW: Kind = Kind {
    id: "readiness.pass-window-over",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "After signing in with a one-time Temporary Access Pass, registration has to be finished within 10 \
              minutes; they are over, and the pass takes no second sign-in.",
    next_step: "Issue another pass, and begin again.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass",
};

pub(crate) static PASS_WINDOW_DISPUTED: Kind = Kind {
    id: "readiness.pass-window-disputed",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "Two documented limits speak of this minute: 5 minutes for adding a passkey, 10 for registering after \
              a one-time Temporary Access Pass.",
    next_step: "Finish within 5 minutes of signing in.",
    source: "Microsoft Entra documentation, how-to-enable-passkey-fido2; \
             howto-authentication-temporary-access-pass",
};
