//! Codes of everyday sign-ins, codes that nobody explains, and loops.

use super::{Judgement, Reason, cited};
use crate::{
    Confidence,
    sign_in::{Code, CodeClass, SignIn},
};
use keyvet_finding::{Culprit, Kind, Severity};

/// A code that has nothing to do with passkeys.
pub(super) fn everyday(code: &Code) -> Reason {
    let kind = match code.class {
        CodeClass::Interrupt => &PAUSE,
        CodeClass::Failure => &EVERYDAY,
    };
    let detail = format_args!("code {}: {}", code.number, code.meaning);
    Reason::new(kind, cited::NONE, Confidence::Documented, detail)
}

/// A code that is in no public list.
pub(super) fn unknown(sign_in: &SignIn, number: u32, judgement: &mut Judgement) {
    let written = sign_in.reason.as_deref().unwrap_or("the log gives no reason");
    let detail = format_args!("code {number}; in the log's words: {written}");
    judgement.why.push(Reason::new(&UNKNOWN, cited::NONE, Confidence::Inferred, detail));
}

/// A record that does not say how it ended.
pub(super) fn no_code(sign_in: &SignIn, judgement: &mut Judgement) {
    let written = sign_in.reason.as_deref().unwrap_or("no reason either");
    let detail = format_args!("no code; {written}");
    judgement.why.push(Reason::new(&NO_CODE, cited::NONE, Confidence::Inferred, detail));
}

/// An everyday failure.
pub(in crate::sign_in) static EVERYDAY: Kind = Kind {
    id: "readiness.sign-in-everyday-failure",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The sign-in failed for a reason that has nothing to do with passkeys: a wrong password, \
              a locked account.",
    next_step: "Handle it as any failed sign-in.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// A pause of the sign-in.
pub(in crate::sign_in) static PAUSE: Kind = Kind {
    id: "readiness.sign-in-pause",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The sign-in stopped for a page that belongs to it, such as the question whether to stay \
              signed in.",
    next_step: "Nothing: this is as it should be.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// Nobody explains the code.
pub(in crate::sign_in) static UNKNOWN: Kind = Kind {
    id: "readiness.sign-in-code-unknown",
    severity: Severity::Warning,
    culprit: Culprit::Us,
    meaning: "The code is in none of the public lists that keyvet has, so what it means is not known \
              here.",
    next_step: "Look the number up at https://login.microsoftonline.com/error, and tell us what it means \
                in passkey registration.",
    source: "keyvet",
};

/// The record has no code.
pub(in crate::sign_in) static NO_CODE: Kind = Kind {
    id: "readiness.sign-in-no-code",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The record does not say how the sign-in ended.",
    next_step: "Export the log again with the status of each sign-in.",
    source: "Graph reference, signInStatus",
};

/// The same refusal again and again.
pub(in crate::sign_in) static LOOP: Kind = Kind {
    id: "readiness.sign-in-loop",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The person met the same refusal three times or more: they are in a loop that trying again does not \
              leave. A policy on all resources that demands a passkey makes registration in Authenticator loop.",
    next_step: "Change the policy or the method first, then have the person try once more.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey, 2026-07-05",
};
