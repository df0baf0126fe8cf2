//! Temporary Access Passes: accepted, wrong, expired, spent, switched off.

use super::{Judgement, Reason, View, cited};
use crate::{
    Confidence,
    sign_in::{Audit, Code, Record, SignIn, words},
};
use keyvet_finding::{Culprit, Kind, Severity};

/// What the code says about a Temporary Access Pass, if it does.
pub(super) fn judge(code: &Code, view: View<'_>) -> Option<Reason> {
    let kind = match code.number {
        130_502 => &OFF,
        130_503 => &WRONG,
        130_504 => &EXPIRED,
        130_505 => &USED,
        _ => return None,
    };
    let history = match code.number {
        130_505 => view.before().find_map(spent),
        130_504 => view.before().find_map(issued),
        _ => None,
    };
    let detail = match history {
        Some(history) => format!("code {}: {}; {history}", code.number, code.meaning),
        None => format!("code {}: {}", code.number, code.meaning),
    };
    Some(Reason::new(kind, cited::R10, Confidence::Documented, detail))
}

/// Notes that a sign-in passed with a Temporary Access Pass.
pub(super) fn accepted(sign_in: &SignIn, judgement: &mut Judgement) {
    if used_in(sign_in) {
        judgement.on_topic = true;
        let detail = "a sign-in with a Temporary Access Pass passed";
        judgement.notes.push(Reason::new(&ACCEPTED, cited::R10, Confidence::Documented, detail));
    }
}

/// Whether a step of this sign-in was passed with a Temporary Access Pass.
pub(super) fn used_in(sign_in: &SignIn) -> bool {
    sign_in.steps.iter().any(|step| {
        let method = step.method.as_deref().unwrap_or_default();
        words::contains(method, "Temporary Access Pass") && step.succeeded != Some(false)
    })
}

/// The earlier sign-in that took the one use.
fn spent(record: &Record) -> Option<String> {
    let Record::SignIn(sign_in) = record else { return None };
    if sign_in.code != Some(0) || !used_in(sign_in) {
        return None;
    }
    let app = sign_in.app.call().unwrap_or("an app that the log does not name");
    let os = sign_in.os.as_deref().unwrap_or("a platform that the log does not name");
    Some(format!("the log has the sign-in that used it: {}, {app}, on {os}", sign_in.time.text()))
}

/// The audit entry that tells when a pass was issued.
fn issued(record: &Record) -> Option<String> {
    let Record::Audit(audit) = record else { return None };
    is_issue(audit).then(|| format!("the log has its issue: {}", audit.time.text()))
}

/// Whether an administrator gave somebody a Temporary Access Pass.
pub(super) fn is_issue(audit: &Audit) -> bool {
    let reason = audit.reason.as_deref().unwrap_or_default();
    let activity = audit.activity.as_deref().unwrap_or_default();
    words::contains(reason, "registered temporary access pass")
        || words::contains(activity, "Temporary Access Pass method for user")
}

/// Temporary Access Passes are off for the person.
pub(in crate::sign_in) static OFF: Kind = Kind {
    id: "readiness.sign-in-tap-off",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant's policy does not let this person sign in with a Temporary Access Pass.",
    next_step: "Under Authentication methods, policies, switch Temporary Access Pass on for a group that \
                has this person.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The pass was wrong.
pub(in crate::sign_in) static WRONG: Kind = Kind {
    id: "readiness.sign-in-tap-wrong",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The person typed a Temporary Access Pass that is not theirs, or mistyped it.",
    next_step: "Have the person type it again; if it fails again, issue a new one.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The pass has expired.
pub(in crate::sign_in) static EXPIRED: Kind = Kind {
    id: "readiness.sign-in-tap-expired",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The Temporary Access Pass was past its time. It also ends the sign-ins made with it.",
    next_step: "Issue a new Temporary Access Pass that begins when the person is ready; a longer life is \
                set in the method's policy.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; Microsoft's \
             error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The one use is spent.
pub(in crate::sign_in) static USED: Kind = Kind {
    id: "readiness.sign-in-tap-used",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The Temporary Access Pass was for one sign-in, and that one is spent. Registering a \
              passkey in Authenticator takes a sign-in on the phone of its own, so a person who begins \
              at a computer needs two.",
    next_step: "Issue a multi-use Temporary Access Pass, or have the person begin in Authenticator on \
                the phone, where one sign-in is enough.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass; Microsoft's \
             error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// A pass was accepted.
pub(in crate::sign_in) static ACCEPTED: Kind = Kind {
    id: "readiness.sign-in-tap-accepted",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "A Temporary Access Pass counts as multifactor authentication. One for a single use is \
              spent by this sign-in, and leaves ten minutes to register.",
    next_step: "Nothing: this is as it should be.",
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass",
};
