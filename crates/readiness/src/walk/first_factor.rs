//! Before any policy: the first factor, and the Temporary Access Pass that is used up by it.

use super::strengths::INPUT_MISSING;
use super::{Draft, Walk};
use crate::rules::{R4, R7, R10};
use crate::session::is_pass;
use crate::{MethodConfiguration, StepResult, TapKind};
use keyvet_finding::{Culprit, Kind, Severity};

/// Signs in once with what the attempt says, and counts the pass down. What stops here stops before Conditional
/// Access looks (R7).
pub(super) fn sign_in(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    if walk.methods.used.is_empty() {
        let input = "attempt.signedInWith: what the person signs in with";
        walk.leave_open(&INPUT_MISSING, input);
        return draft.ends(StepResult::Unknown, &INPUT_MISSING, input).by(&[&R7]);
    }
    match walk.methods.used.iter().find(|mode| is_pass(mode)).cloned() {
        Some(mode) if !walk.methods.is_enabled(&mode) => {
            let detail = format!("{} is not enabled for the person (error 130502)", mode.as_str());
            draft.ends(StepResult::Blocked, &PASS_NOT_ENABLED, detail).by(&[&R4, &R7])
        }
        Some(_) => {
            let draft = groups_not_said(walk, draft);
            use_pass(walk, draft)
        }
        None => draft,
    }
}

/// A tenant that gives passes to groups only gives them to somebody whose groups are not said, or not.
fn groups_not_said(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let everyone = |ids: &[String]| ids.iter().any(|id| id.eq_ignore_ascii_case("all_users"));
    let by_group = |method: &&MethodConfiguration| {
        let some = !method.include.is_empty() && !everyone(&method.include);
        method.id.eq_ignore_ascii_case("TemporaryAccessPass")
            && (some || !method.exclude.is_empty())
    };
    let person = &walk.attempt.person;
    let said = person.groups.is_some() || person.enabled_modes.is_some();
    if said || !walk.tenant.methods.iter().any(|method| by_group(&method)) {
        return draft;
    }
    let detail = "user.groups: the tenant lets groups use a Temporary Access Pass";
    walk.leave_open(&INPUT_MISSING, detail);
    draft.ends(StepResult::Unknown, &INPUT_MISSING, detail).by(&[&R4])
}

fn use_pass(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let Some(tap) = walk.tap.as_mut() else { return draft };
    if tap.minutes_left == Some(0) {
        let detail = "the pass has no time left (error 130504)";
        return draft.ends(StepResult::Blocked, &PASS_EXPIRED, detail).by(&[&R7, &R10]);
    }
    if tap.uses_left == Some(0) {
        let detail = "the pass has no sign-in left (error 130505)";
        return draft.ends(StepResult::Blocked, &PASS_USED_UP, detail).by(&[&R7, &R10]);
    }
    if tap.kind == TapKind::OneTime {
        // whatever the input counts, such a pass is for one sign-in
        tap.uses_left = Some(0);
    }
    draft.by(&[&R10])
}

/// Whether the pass takes one more sign-in.
pub(super) fn has_another_use(walk: &Walk<'_>) -> bool {
    let spent = |tap: crate::Tap| tap.uses_left == Some(0);
    !walk.tap.is_some_and(spent)
}

pub(crate) static PASS_NOT_ENABLED: Kind = Kind {
    id: "readiness.pass-not-enabled",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant does not let this person sign in with such a Temporary Access Pass. The sign-in ends with \
              error 130502, before Conditional Access looks at it.",
    next_step: "Enable Temporary Access Pass for the person in the authentication methods policy, or give a pass \
                of the kind that is enabled.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; f-bader/EntraID-ErrorCodes",
};

pub(crate) static PASS_EXPIRED: Kind = Kind {
    id: "readiness.pass-expired",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The Temporary Access Pass has expired. The sign-in ends with error 130504, and sessions that were \
              started with the pass have ended with it.",
    next_step: "Issue another pass.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; f-bader/EntraID-ErrorCodes",
};

pub(crate) static PASS_USED_UP: Kind = Kind {
    id: "readiness.pass-used-up",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The Temporary Access Pass is for one sign-in, which has been made. The next one ends with error \
              130505.",
    next_step: "Issue another pass, for multiple use where the tenant allows it.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; f-bader/EntraID-ErrorCodes",
};
