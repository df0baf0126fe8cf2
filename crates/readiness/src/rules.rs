//! The rules, R1 to R25, as public sources state them.
//!
//! Each is one static, so that a search for its id ends here; [`RULES`] lists them in order. An edition is the date
//! printed on the page that was read, in ISO 8601: newer pages may say something else. R25 takes the youngest date
//! in its sample.

use crate::{Rule, RuleKind};

/// The edition of this set of rules. It changes whenever a rule, or how one is applied, changes.
pub const RULESET: &str = "2026-11-23";

/// Every rule, in the order of their numbers.
pub static RULES: &[&Rule] = &[
    &R1, &R2, &R3, &R4, &R5, &R6, &R7, &R8, &R9, &R10, &R11, &R12, &R13, &R14, &R15, &R16, &R17,
    &R18, &R19, &R20, &R21, &R22, &R23, &R24, &R25,
];

/// Strengths of the user action replace those of All resources.
pub static R1: Rule = Rule {
    id: "R1",
    statement: "In interrupt registration, authentication strengths on the user action \"Register security \
                info\" are used instead of strengths on All resources; all other grant controls of matching \
                policies still apply.",
    kind: RuleKind::Documented,
    source: STRENGTH_HOW_IT_WORKS,
    edition: "2025-03-17",
};

/// All strengths of the user action.
pub static R2: Rule = Rule {
    id: "R2",
    statement: "When several policies on the user action demand strengths, all of them must be met.",
    kind: RuleKind::Documented,
    source: STRENGTH_HOW_IT_WORKS,
    edition: "2025-03-17",
};

/// Every matching policy.
pub static R3: Rule = Rule {
    id: "R3",
    statement: "Outside interrupt registration every matching policy must be met, several strengths included.",
    kind: RuleKind::Documented,
    source: STRENGTH_HOW_IT_WORKS,
    edition: "2025-03-17",
};

/// What makes a method count.
pub static R4: Rule = Rule {
    id: "R4",
    statement: "A method counts when it is enabled for the person, registered (before or in this flow) and \
                allowed by the strength.",
    kind: RuleKind::Documented,
    source: STRENGTH_HOW_IT_WORKS,
    edition: "2025-03-17",
};

/// Sent to registration.
pub static R5: Rule = Rule {
    id: "R5",
    statement: "Who has no method that satisfies is sent to combined registration, where registering one \
                method that satisfies is enough; a strength without any method that can be registered blocks.",
    kind: RuleKind::Documented,
    source: STRENGTH_HOW_IT_WORKS,
    edition: "2025-03-17",
};

/// Manage and interrupt mode.
pub static R6: Rule = Rule {
    id: "R6",
    statement: "Passkeys can be registered in manage mode and, when a strength demands it, in interrupt mode; \
                certificates and Windows Hello for Business not in interrupt mode.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works (2025-03-17); \
             concept-registration-mfa-sspr-combined (2024-10-01)",
    edition: "2025-03-17",
};

/// First factor first.
pub static R7: Rule = Rule {
    id: "R7",
    statement: "Conditional Access is evaluated after first-factor authentication.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, conditional-access/overview",
    edition: "2025-11-05",
};

/// The built-in strengths.
pub static R8: Rule = Rule {
    id: "R8",
    statement: "The built-in strength \"Multifactor authentication\" contains both kinds of Temporary Access \
                Pass, fido2, password with a second method, and others; \"Phishing-resistant MFA\" contains \
                fido2, Windows Hello for Business and multifactor certificates only: a Temporary Access Pass \
                does not satisfy it.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-authentication-strengths; Microsoft Graph reference, \
             conditionalAccessRoot: evaluate",
    edition: "2024-03-25",
};

/// Fresh strong authentication.
pub static R9: Rule = Rule {
    id: "R9",
    statement: "Both modes demand multifactor authentication of whoever has a method for it; adding a passkey \
                needs strong authentication at most 5 minutes old, and the session is valid for 15 minutes.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-registration-mfa-sspr-combined (2024-10-01); \
             how-to-enable-passkey-fido2 (2025-03-04)",
    edition: "2025-03-04",
};

/// Temporary Access Pass.
pub static R10: Rule = Rule {
    id: "R10",
    statement: "A person has one Temporary Access Pass at a time. It counts as multifactor authentication and \
                may be used directly in Authenticator; one for one-time use allows one sign-in, and then \
                registration within 10 minutes. A session lives no longer than the pass.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, howto-authentication-temporary-access-pass",
    edition: "2023-09-23",
};

/// The user action covers the app.
pub static R11: Rule = Rule {
    id: "R11",
    statement: "A policy on the user action \"Register security info\" also covers signing in to the \
                Authenticator app and switching on phone sign-in; external methods cannot be combined with a \
                strength there.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, conditional-access/policy-all-users-security-info-registration",
    edition: "2025-04-01",
};

/// The app meets the policies on All resources.
pub static R12: Rule = Rule {
    id: "R12",
    statement: "A policy on All resources that demands a passkey makes registration in Authenticator loop. The \
                grant for mobile platforms must match the grant for registering security info, and every policy \
                on the user action must still be met.",
    kind: RuleKind::Documented,
    source: ENABLE_AUTHENTICATOR,
    edition: "2026-07-05",
};

/// App protection.
pub static R13: Rule = Rule {
    id: "R13",
    statement: "An app-protection or approved-client grant on All resources blocks registration in \
                Authenticator; the documented way out is to exclude \"Microsoft Authenticator Credential \
                registration\" (6aa00308-ea33-4caa-90d6-ae905d8cb51b), whose service principal must be made first.",
    kind: RuleKind::Documented,
    source: ENABLE_AUTHENTICATOR,
    edition: "2026-07-05",
};

/// Compliant devices.
pub static R14: Rule = Rule {
    id: "R14",
    statement: "A compliant-device grant does not stop Authenticator from reading a person's methods, but does \
                apply when it writes them.",
    kind: RuleKind::Documented,
    source: ENABLE_AUTHENTICATOR,
    edition: "2026-07-05",
};

/// The two resources.
pub static R15: Rule = Rule {
    id: "R15",
    statement: "The app step asks for Azure Credential Configuration Endpoint Service \
                (ea890292-c8c8-4433-b5ea-b09d0668e1a6) and Windows Azure Active Directory \
                (00000002-0000-0000-c000-000000000000): excluding both from the mobile policy lets people with \
                ordinary multifactor authentication enrol in the app.",
    kind: RuleKind::Observed,
    source: "Jan Bakker, You shall not pass(key)! (updated), 2025-09-09, important note, part II; \
             nathanmcnulty.com, improving passkey registration experiences, 2025-09",
    edition: "2025-09-09",
};

/// Windows Azure Active Directory cannot be picked.
pub static R16: Rule = Rule {
    id: "R16",
    statement: "Windows Azure Active Directory cannot be picked as a resource of its own (it needs the filter by \
                custom attribute), and All resources includes it; since March 2026 low-privilege scopes are \
                enforced with it as audience when a policy on All resources has exclusions.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, conditional-access/concept-conditional-access-cloud-apps",
    edition: "2026-01-26",
};

/// Platform by user agent.
pub static R17: Rule = Rule {
    id: "R17",
    statement: "The device platform is taken from the user agent and not verified.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, conditional-access/howto-policy-unknown-unsupported-device",
    edition: "2024-09-27",
};

/// Attestation stays in the app.
pub static R18: Rule = Rule {
    id: "R18",
    statement: "While attestation is enforced there is no cross-device registration, and passkeys of \
                Authenticator are made inside the app only.",
    kind: RuleKind::Documented,
    source: ENABLE_AUTHENTICATOR,
    edition: "2026-07-05",
};

/// What cross-device registration needs.
pub static R19: Rule = Rule {
    id: "R19",
    statement: "Cross-device registration needs Bluetooth and a way to cable.ua5v.com and cable.auth.com on both \
                sides, and iOS 17 or Android 14 on the phone.",
    kind: RuleKind::Documented,
    source: ENABLE_AUTHENTICATOR,
    edition: "2026-07-05",
};

/// Strengths name models.
pub static R20: Rule = Rule {
    id: "R20",
    statement: "A custom authentication strength may limit fido2 to AAGUIDs (allowedAAGUIDs); a tenant has at \
                most 15 custom strengths.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-authentication-strength-advanced-options; Microsoft Graph \
             reference, fido2CombinationConfiguration",
    edition: "2025-03-04",
};

/// Platform Credential counts as Windows Hello.
pub static R21: Rule = Rule {
    id: "R21",
    statement: "The Platform Credential of macOS counts as Windows Hello for Business in authentication \
                strengths.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-authentication-strengths",
    edition: "2024-03-25",
};

/// The old passkey is asked for.
pub static R22: Rule = Rule {
    id: "R22",
    statement: "Who already has a passkey and signs in with a Temporary Access Pass is still asked for the \
                existing strong method in security info.",
    kind: RuleKind::Observed,
    source: "Microsoft tech community, discussion 4528814",
    edition: "undated",
};

/// Registering devices.
pub static R23: Rule = Rule {
    id: "R23",
    statement: "Windows Hello for Business and device-bound passkeys cannot satisfy a grant on the user action \
                \"Register or join devices\".",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, conditional-access/concept-conditional-access-cloud-apps, user \
             actions",
    edition: "2026-01-26",
};

/// Browsers and systems.
pub static R24: Rule = Rule {
    id: "R24",
    statement: "Browsers on iOS cannot register security keys that need a PIN; Firefox and Safari on macOS, \
                Android, ChromeOS and browsers other than Chrome on Linux have limits. The page may be outdated.",
    kind: RuleKind::Documented,
    source: "Microsoft Entra documentation, concept-fido2-compatibility",
    edition: "2024-10-11",
};

/// All resources and the user action.
pub static R25: Rule = Rule {
    id: "R25",
    statement: "Policies on All resources are reported for the user action \"Register security info\" too, next \
                to the policies on the action itself.",
    kind: RuleKind::Documented,
    source: "Microsoft Graph reference (beta), conditionalAccessRoot: evaluate, example 3",
    edition: "2025-03",
};

const STRENGTH_HOW_IT_WORKS: &str =
    "Microsoft Entra documentation, concept-authentication-strength-how-it-works";
const ENABLE_AUTHENTICATOR: &str =
    "Microsoft Entra documentation, how-to-enable-authenticator-passkey";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stands_once_in_the_order_of_its_number() {
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.id, format!("R{}", at + 1));
            assert!(rule.statement.ends_with('.'), "{}", rule.id);
            assert!(!rule.source.is_empty(), "{}", rule.id);
            let is_date = rule.edition.starts_with("20") && rule.edition.contains('-');
            assert!(is_date || rule.edition == "undated", "{}: {}", rule.id, rule.edition);
        }
        assert_eq!(RULES.len(), 25);
    }

    #[test]
    fn two_rules_are_observed_and_the_others_documented() {
        let observed = RULES.iter().filter(|rule| rule.kind == RuleKind::Observed);
        assert_eq!(observed.map(|rule| rule.id).collect::<Vec<_>>(), ["R15", "R22"]);
    }
}
