//! Conditional Access and what it asks for: multifactor authentication, a device, an app.

use super::{
    Reason,
    cited::{self, Rules},
    described, refusing,
};
use crate::{
    Confidence,
    sign_in::{Code, SignIn},
};
use keyvet_finding::{Culprit, Kind, Severity};

/// What the code says about access, if it does.
pub(super) fn judge(code: &Code, sign_in: &SignIn) -> Option<Reason> {
    let (kind, rules): (&'static Kind, Rules) = match code.number {
        53_003 | 530_031 | 50_131 => (&BLOCKED, cited::R3),
        53_000 | 53_001 | 50_097 | 50_129 | 50_155 | 501_313 | 530_002 | 530_003 => {
            (&DEVICE, cited::R3)
        }
        53_002 | 53_005 | 53_009 | 50_127 | 530_021 => (&APP, cited::R3_R13),
        50_074 | 50_076 | 50_158 => (&MFA, cited::R3),
        50_078 | 70_043 | 70_044 => (&TOO_OLD, cited::R3),
        530_035 => (&DEFAULTS, cited::NONE),
        _ => return None,
    };
    let by = match refusing(sign_in) {
        names if names.is_empty() => String::new(),
        names => format!(", by policy {names}"),
    };
    let what = described(&sign_in.resource);
    let detail = format!("code {}: {}{by}, for {what}", code.number, code.meaning);
    Some(Reason::new(kind, rules, Confidence::Documented, detail))
}

/// Conditional Access refused.
pub(in crate::sign_in) static BLOCKED: Kind = Kind {
    id: "readiness.sign-in-access-blocked",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A Conditional Access policy refused this sign-in.",
    next_step: "Open the sign-in in the portal, tab Conditional Access, to see which condition and grant \
                of the policy named here decided; with exported policies, `keyvet readiness` walks the \
                same attempt.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// The device is not as required.
pub(in crate::sign_in) static DEVICE: Kind = Kind {
    id: "readiness.sign-in-device-required",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy asks for a compliant, joined or registered device, and this one is not or did \
              not show it.",
    next_step: "Enrol the device, or, for registration in Authenticator on a private phone, leave the \
                resources of registration out of that policy.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// The app is not as required.
pub(in crate::sign_in) static APP: Kind = Kind {
    id: "readiness.sign-in-app-required",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy asks for an approved or protected app. On all resources such a policy also \
              stops the registration of passkeys in Authenticator.",
    next_step: "Exclude Microsoft Authenticator Credential registration \
                (6aa00308-ea33-4caa-90d6-ae905d8cb51b) from that policy.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// Multifactor authentication is asked for.
pub(in crate::sign_in) static MFA: Kind = Kind {
    id: "readiness.sign-in-mfa-asked",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The sign-in stopped to ask for multifactor authentication. When nothing follows, the \
              person did not go on or had no method that would do.",
    next_step: "Nothing, if a later sign-in passed; otherwise ask the person what they saw.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// The sign-in is too old.
pub(in crate::sign_in) static TOO_OLD: Kind = Kind {
    id: "readiness.sign-in-too-old",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Policies ask for a fresher sign-in than the person has.",
    next_step: "Have the person sign in again.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// Security defaults refused.
pub(in crate::sign_in) static DEFAULTS: Kind = Kind {
    id: "readiness.sign-in-security-defaults",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The tenant's security defaults refused this sign-in.",
    next_step: "Use a current app and method; security defaults have no exceptions.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};
