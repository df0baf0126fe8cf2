//! Registration of security info: what the audit log says, and the codes that refuse it.

use super::{
    EventResult, Judgement, Reason, View,
    cited::{self, Rules},
    tap,
};
use crate::{
    Confidence,
    sign_in::{Audit, Code, Record, limits::LOOK, words},
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

/// What an activity of the audit log is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sign_in) enum Activity {
    /// A passkey was added, or failed to be.
    PasskeyAdded,
    /// A passkey was deleted.
    PasskeyDeleted,
    /// Some method was registered, by the person or an administrator.
    Registered,
    /// The person began to register.
    Started,
    /// The person gave up.
    Canceled,
    /// A method was changed or deleted.
    Changed,
    /// A policy was changed.
    Policy,
    /// Anything else.
    Other,
}

impl Activity {
    /// What this entry is about. Names are those of Microsoft's activity reference and of public queries; a
    /// name may go on after what is listed: `Add Passkey (device-bound) security key`.
    pub(in crate::sign_in) fn of(audit: &Audit) -> Self {
        let name = audit.activity.as_deref().unwrap_or_default().to_ascii_lowercase();
        let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
        if starts(&["add passkey", "add fido2"]) {
            Self::PasskeyAdded
        } else if starts(&["delete passkey", "delete fido2"]) {
            Self::PasskeyDeleted
        } else if starts(&[
            "user started security info registration",
            "get passkey creation options",
        ]) {
            Self::Started
        } else if starts(&["user canceled security info", "user cancelled security info"]) {
            Self::Canceled
        } else if name.contains("registered") && name.contains("security info") {
            Self::Registered
        } else if name.contains("security info") || tap::is_issue(audit) {
            Self::Changed
        } else if POLICY.iter().any(|word| name.contains(word)) {
            Self::Policy
        } else {
            Self::Other
        }
    }
}

const POLICY: [&str; 6] = [
    "conditional access policy",
    "authentication methods policy",
    "authentication strength",
    "named location",
    "security defaults",
    "passkey profile",
];

/// Judges an entry of the audit log.
pub(super) fn audit(audit: &Audit, view: View<'_>) -> Judgement {
    let activity = Activity::of(audit);
    let result = super::result_of(audit);
    let mut judgement = Judgement {
        result,
        why: Vec::new(),
        notes: Vec::new(),
        open: Vec::new(),
        on_topic: activity != Activity::Other && activity != Activity::Policy,
    };
    match (activity, result) {
        (Activity::PasskeyAdded, EventResult::Passed) => added(audit, &mut judgement),
        (Activity::PasskeyAdded, _) => not_added(audit, view, &mut judgement),
        (Activity::Registered, EventResult::Failed) if is_passkey(audit) => {
            not_added(audit, view, &mut judgement)
        }
        (Activity::Started, EventResult::Passed) => started(view, &mut judgement),
        (Activity::Canceled, _) => {
            judgement.result = EventResult::Interrupted;
            unfinished(&CANCELED, &told(audit), view, &mut judgement);
        }
        (Activity::Changed | Activity::Registered, EventResult::Passed) if tap::is_issue(audit) => {
            let reason = Reason::new(&TAP_ISSUED, cited::R10, Confidence::Documented, told(audit));
            judgement.notes.push(reason);
        }
        (Activity::Other | Activity::Policy, _) | (_, EventResult::Passed) => {}
        _ => push(&mut judgement, &FAILED, cited::NONE, Confidence::Documented, &told(audit)),
    }
    judgement
}

fn added(audit: &Audit, judgement: &mut Judgement) {
    let detail = match aaguid(audit) {
        Some(aaguid) => format!("model {aaguid}{}", model(aaguid)),
        None => "the log does not name its model".to_owned(),
    };
    judgement.notes.push(Reason::new(&ADDED, cited::NONE, Confidence::Documented, detail));
}

/// The log has no code for attestation or a model that is not allowed: only its words can tell.
fn not_added(audit: &Audit, view: View<'_>, judgement: &mut Judgement) {
    let reason = audit.reason.as_deref().unwrap_or_default();
    let mut detail = told(audit);
    if let Some(aaguid) = aaguid(audit) {
        detail.push_str(&format!("; model {aaguid}{}", model(aaguid)));
    }
    if words::contains(reason, "attestation") {
        push(judgement, &ATTESTATION, cited::R18, Confidence::Inferred, &detail);
    } else {
        unfinished(&NOT_ADDED, &detail, view, judgement);
    }
}

/// Registration that was begun and of which nothing more is heard.
fn started(view: View<'_>, judgement: &mut Judgement) {
    let goes_on = view.after().any(|record| match record {
        Record::Audit(audit) => {
            !matches!(Activity::of(audit), Activity::Started | Activity::Other | Activity::Policy)
        }
        Record::SignIn(_) => false,
    });
    if !goes_on {
        judgement.result = EventResult::Interrupted;
        unfinished(&LEFT, "no later entry says that it ended", view, judgement);
    }
}

/// A registration that did not end well, for a reason that the log does not tell. Outside of Authenticator the route
/// by QR code may be behind it (R18); that is a guess, and said to be one.
fn unfinished(kind: &'static Kind, detail: &str, view: View<'_>, judgement: &mut Judgement) {
    let in_app = view.story.iter().take(LOOK).any(|record| match record {
        Record::SignIn(sign_in) => super::in_app::is_authenticator(sign_in),
        Record::Audit(_) => false,
    });
    let reason = match in_app {
        true => Reason::new(kind, cited::NONE, Confidence::Documented, detail),
        false => Reason::new(kind, cited::R18, Confidence::Inferred, detail)
            .and_do(OTHER_ROUTE.to_owned()),
    };
    judgement.why.push(reason);
    let what = match in_app {
        true => {
            "a model outside the policy's list is refused; so is Authenticator while the phone cannot attest; the \
                 person may have given up"
        }
        false => {
            "with attestation enforced, a passkey on a phone reached by QR code and Bluetooth cannot be registered \
             (R18); a model outside the policy's list is refused as well; the person may have given up"
        }
    };
    judgement.open.push(Finding::new(&CAUSE_OPEN, what));
}

/// What to do where the route by QR code may be behind it.
const OTHER_ROUTE: &str = "If attestation is enforced and the person scanned a QR code, have them choose a different \
                           method and add the passkey in Authenticator itself. Otherwise compare the attempt with \
                           the passkey policy: `keyvet readiness` walks it.";

/// What a code says about registration, if it does.
pub(super) fn by_code(code: &Code) -> Option<Reason> {
    let (kind, rules): (&'static Kind, Rules) = match code.number {
        50_072 | 50_079 | 50_203 => (&WANTED, cited::R5),
        53_004 => (&RISK, cited::NONE),
        53_010 => (&PLACE, cited::R1),
        54_010 => (&METHOD, cited::R9),
        _ => return None,
    };
    let detail = format_args!("code {}: {}", code.number, code.meaning);
    Some(Reason::new(kind, rules, Confidence::Documented, detail))
}

fn push(
    judgement: &mut Judgement,
    kind: &'static Kind,
    rules: Rules,
    confidence: Confidence,
    detail: &str,
) {
    judgement.why.push(Reason::new(kind, rules, confidence, detail));
}

/// The entry in the log's own words.
fn told(audit: &Audit) -> String {
    let activity = audit.activity.as_deref().unwrap_or("an activity without a name");
    match &audit.reason {
        Some(reason) => format!("{activity}: {reason}"),
        None => format!("{activity}; the log gives no reason"),
    }
}

fn is_passkey(audit: &Audit) -> bool {
    let reason = audit.reason.as_deref().unwrap_or_default();
    let mut values = audit.details.iter().map(|(_, value)| value.as_str());
    super::passkey::is_passkey(reason) || values.any(super::passkey::is_passkey)
}

/// `additionalDetails` names the model under `AAGuid`.
fn aaguid(audit: &Audit) -> Option<&str> {
    let found = audit.details.iter().find(|(key, _)| key.eq_ignore_ascii_case("AAGuid"));
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// The two models that Microsoft's page names Authenticator.
fn model(aaguid: &str) -> &'static str {
    if aaguid.eq_ignore_ascii_case("90a3ccdf-635c-4729-a248-9b709135078f") {
        " (Microsoft Authenticator on iOS)"
    } else if aaguid.eq_ignore_ascii_case("de1e552d-db1d-4423-a619-566b625cdc84") {
        " (Microsoft Authenticator on Android)"
    } else {
        ""
    }
}

/// A passkey was added.
pub(in crate::sign_in) static ADDED: Kind = Kind {
    id: "readiness.sign-in-passkey-added",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The audit log says that a passkey was registered.",
    next_step: "Nothing: this is as it should be.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// A passkey was not added.
pub(in crate::sign_in) static NOT_ADDED: Kind = Kind {
    id: "readiness.sign-in-passkey-not-added",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The registration of a passkey failed. The log has no code for a missing attestation or a \
              model that is not allowed; its own words are all there is.",
    next_step: "Compare the attempt with the passkey policy: `keyvet readiness` walks it, `keyvet verify \
                --policy` judges a registration that was kept.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// The attestation was refused.
pub(in crate::sign_in) static ATTESTATION: Kind = Kind {
    id: "readiness.sign-in-attestation",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The registration of a passkey failed, and the log's words speak of attestation. Passkeys \
              on a phone reached by QR code and Bluetooth carry none, and neither do synced passkeys.",
    next_step: "Have the person add the passkey in Authenticator itself; or, where that is acceptable, \
                stop enforcing attestation for their profile.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey, 2026-07-05",
};

/// Registration was begun and not finished.
pub(in crate::sign_in) static LEFT: Kind = Kind {
    id: "readiness.sign-in-registration-left",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The person began to register security info, and the log has no end of it.",
    next_step: "Ask the person where they stopped; if the log was exported soon after, export it again.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// Registration was cancelled.
pub(in crate::sign_in) static CANCELED: Kind = Kind {
    id: "readiness.sign-in-registration-canceled",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The log says that the person cancelled the registration of security info. A wizard that \
              cannot go on is left the same way.",
    next_step: "Ask the person what they saw last.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// The log does not say why.
pub(in crate::sign_in) static CAUSE_OPEN: Kind = Kind {
    id: "readiness.sign-in-cause-open",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The log has no code for what stops a passkey at registration, so several causes look the \
              same in it.",
    next_step: "Compare the attempt with the policies: `keyvet readiness` walks it.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// An activity failed.
pub(in crate::sign_in) static FAILED: Kind = Kind {
    id: "readiness.sign-in-activity-failed",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "An activity about a person's sign-in methods failed.",
    next_step: "Read the reason in the log's own words.",
    source: "Microsoft Entra audit log activity reference, 2024-04-15, and later editions",
};

/// A pass was issued.
pub(in crate::sign_in) static TAP_ISSUED: Kind = Kind {
    id: "readiness.sign-in-tap-issued",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "An administrator gave the person a Temporary Access Pass.",
    next_step: "Nothing: this is as it should be.",
    source: "Microsoft Entra security operations for privileged accounts",
};

/// The person has to register first.
pub(in crate::sign_in) static WANTED: Kind = Kind {
    id: "readiness.sign-in-registration-asked",
    severity: Severity::Warning,
    culprit: Culprit::TenantPolicy,
    meaning: "The sign-in stopped to have the person register security info. When nothing follows, \
              they did not get through registration.",
    next_step: "Nothing, if a later sign-in passed; otherwise help the person through registration, for \
                example with a Temporary Access Pass.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// Registration is refused because of risk.
pub(in crate::sign_in) static RISK: Kind = Kind {
    id: "readiness.sign-in-registration-risk",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Security info cannot be registered because the sign-in or the person counts as risky.",
    next_step: "Look at the person's risk in ID Protection; dismiss it when it is unfounded.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// Registration is refused here.
pub(in crate::sign_in) static PLACE: Kind = Kind {
    id: "readiness.sign-in-registration-place",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "A policy on registering security info allows it from certain places or devices only. \
              Such grants apply whatever strengths say.",
    next_step: "Have the person register from an allowed place or device, or issue a Temporary Access \
                Pass where the policy takes one.",
    source: "Microsoft Entra authentication and authorization error codes, edition 2024-04-24",
};

/// The method used does not allow registration.
pub(in crate::sign_in) static METHOD: Kind = Kind {
    id: "readiness.sign-in-registration-method",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Security info cannot be registered after signing in with the method the person used.",
    next_step: "Have the person sign in with multifactor authentication or a Temporary Access Pass \
                first.",
    source: "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03",
};
