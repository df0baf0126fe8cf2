//! Passkeys at sign-in: used, refused, unknown, switched off.

use super::{
    Judgement, Reason,
    cited::{self, Rules},
};
use crate::{
    Confidence,
    sign_in::{Code, SignIn, words},
};
use keyvet_finding::{Culprit, Kind, Severity};

/// What the code says about a passkey, if it does.
pub(super) fn judge(code: &Code) -> Option<Reason> {
    let (kind, rules): (&'static Kind, Rules) = match code.number {
        135_016 => (&OFF, cited::R4),
        135_001 | 135_010 => (&UNKNOWN, cited::NONE),
        135_012 | 500_344 => (&OTHER_PERSON, cited::NONE),
        135_011 => (&DEVICE_DISABLED, cited::NONE),
        135_017 => (&COUNTER, cited::NONE),
        135_018 | 135_019 => (&CHALLENGE, cited::NONE),
        29_210 | 130_500 | 130_501 => (&METHOD_OFF, cited::R4),
        135_000..=135_020 => (&REFUSED, cited::NONE),
        _ => return None,
    };
    let detail = format_args!("code {}: {}", code.number, code.meaning);
    Some(Reason::new(kind, rules, Confidence::Documented, detail))
}

/// Notes that a sign-in passed with a passkey.
pub(super) fn used(sign_in: &SignIn, judgement: &mut Judgement) {
    let methods = sign_in.steps.iter().filter(|step| step.succeeded != Some(false));
    let mut methods = methods.filter_map(|step| step.method.as_deref());
    if let Some(method) = methods.find(|method| is_passkey(method)) {
        judgement.on_topic = true;
        let detail = format_args!("method as written: {method}");
        judgement.notes.push(Reason::new(&USED, cited::NONE, Confidence::Documented, detail));
    }
}

/// Whether a method of a log is a passkey: `Passkey (device-bound)`, `FIDO2 security key`.
pub(super) fn is_passkey(method: &str) -> bool {
    words::contains(method, "passkey") || words::contains(method, "FIDO")
}

/// Passkeys are off for the person.
pub(in crate::sign_in) static OFF: Kind = Kind {
    id: "readiness.sign-in-passkey-off",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant's passkey policy does not let this person sign in with a passkey: the method \
              is off, or the person is in no group it includes, or in one it excludes.",
    next_step: "Under Authentication methods, policies, Passkey (FIDO2), check that the method is on and \
                whom it includes and excludes.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The method is off for the person.
pub(in crate::sign_in) static METHOD_OFF: Kind = Kind {
    id: "readiness.sign-in-method-off",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant's policy does not let this person sign in with the method they chose.",
    next_step: "Under Authentication methods, policies, include the person for that method, or have them \
                choose another one.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The account does not know the passkey.
pub(in crate::sign_in) static UNKNOWN: Kind = Kind {
    id: "readiness.sign-in-passkey-unknown",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The passkey that answered is not registered for this account: it was deleted there, \
              belongs to a time before the user name changed, or is for another tenant.",
    next_step: "Delete the passkey on the device or key, and register a new one.",
    source: "Microsoft Entra documentation, how-to-sign-in-passkey, 2026-07-05; Microsoft's error \
             look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The passkey is somebody else's.
pub(in crate::sign_in) static OTHER_PERSON: Kind = Kind {
    id: "readiness.sign-in-passkey-of-another",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The passkey that answered belongs to another user object, or the user it names is not \
              found.",
    next_step: "Have the person choose the passkey of this account; if the account was made anew, \
                register a new passkey.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The device is disabled.
pub(in crate::sign_in) static DEVICE_DISABLED: Kind = Kind {
    id: "readiness.sign-in-passkey-device-disabled",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The device that holds the passkey is disabled in the directory.",
    next_step: "Enable the device in the directory, or have the person use another one.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The counter is not as expected.
pub(in crate::sign_in) static COUNTER: Kind = Kind {
    id: "readiness.sign-in-passkey-counter",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The passkey's signature counter is not what the service expects. A key that counts while \
              it claims to be synced, or a copy of a key, gives this.",
    next_step: "Delete the passkey and register it again; if it returns, use another model and tell the \
                vendor.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The challenge does not hold.
pub(in crate::sign_in) static CHALLENGE: Kind = Kind {
    id: "readiness.sign-in-passkey-challenge",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "The answer of the passkey came too late, or to another question.",
    next_step: "Have the person try again without leaving the page open for minutes.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// The answer of the passkey does not hold.
pub(in crate::sign_in) static REFUSED: Kind = Kind {
    id: "readiness.sign-in-passkey-refused",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The service could not accept what the browser and the passkey answered: signature, \
              gesture, origin or form.",
    next_step: "Try another browser and then another key; `keyvet check` tests the key itself.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};

/// A passkey was used.
pub(in crate::sign_in) static USED: Kind = Kind {
    id: "readiness.sign-in-passkey-used",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "This sign-in passed with a passkey.",
    next_step: "Nothing: this is as it should be.",
    source: "Graph reference, authenticationDetail",
};
