//! The grant control "require authentication strength", and "require multifactor authentication", which is the
//! built-in strength of that name.

use super::outcome::{Demand, Outcome};
use super::words;
use crate::rules::{R4, R8, R20, R21};
use crate::session::Methods;
use crate::strength::{judge, missing};
use crate::{AuthenticationStrength, MethodMode, StrengthResult, Tenant};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::sync::LazyLock;

/// The built-in "Multifactor authentication", which the control `mfa` demands.
pub(super) fn multifactor() -> &'static AuthenticationStrength {
    static MULTIFACTOR: LazyLock<[AuthenticationStrength; 3]> =
        LazyLock::new(crate::strength::built_in);
    let [multifactor, _, _] = &*MULTIFACTOR;
    multifactor
}

/// A strength that a policy names by id.
pub(super) fn named(tenant: &Tenant, id: &str, methods: &Methods, who: &str) -> Demand {
    match tenant.strength(id) {
        Some(strength) => demand(strength, methods, who),
        None => {
            let detail = format!("{who} demands the strength {id}, which the export does not hold");
            Demand::of(Outcome::Open, Some(Finding::new(&UNKNOWN_STRENGTH, detail)))
        }
    }
}

/// What a strength makes of the person's methods. `who` names the policy.
pub(super) fn demand(strength: &AuthenticationStrength, methods: &Methods, who: &str) -> Demand {
    let result = methods.judge(strength);
    let lacking = match result {
        StrengthResult::Satisfied
        | StrengthResult::SingleChallengeRequired
        | StrengthResult::MultipleChallengesRequired => Vec::new(),
        _ => missing(
            strength,
            &methods.used,
            &methods.registered,
            methods.enabled.as_deref(),
            &methods.registrable,
        ),
    };
    let outcome = if lacking.is_empty() { outcome(result) } else { Outcome::Open };
    let asks = format!("{who} demands '{}' ({})", strength.name, words::strength(strength));
    let used = words::methods(&methods.used);
    let finding = match outcome {
        Outcome::Met => None,
        Outcome::Open => {
            let detail = format!("{asks}; not known: {}", lacking.join(", "));
            Some(Finding::new(&INPUT_MISSING, detail))
        }
        Outcome::Ask => Some(prompt(strength, methods, who)),
        Outcome::Register => {
            let detail =
                format!("{asks}; signed in with {used}, and nothing else that fits is had");
            Some(Finding::new(&REGISTRATION, detail))
        }
        Outcome::Stop => {
            let detail = format!("{asks}; signed in with {used}");
            Some(Finding::new(&NOT_MET, detail))
        }
    };
    Demand {
        strength: Some(result),
        prompts: if outcome == Outcome::Ask { prompts(strength, methods) } else { Vec::new() },
        offers_passkey: outcome == Outcome::Register && offers_passkey(strength),
        authentication: outcome != Outcome::Met,
        rules: rules(strength, methods, result),
        ..Demand::of(outcome, finding)
    }
}

fn outcome(result: StrengthResult) -> Outcome {
    match result {
        StrengthResult::Satisfied | StrengthResult::SkippedForProofUp => Outcome::Met,
        StrengthResult::SingleChallengeRequired | StrengthResult::MultipleChallengesRequired => {
            Outcome::Ask
        }
        StrengthResult::SingleRegistrationRequired
        | StrengthResult::MultipleRegistrationsRequired => Outcome::Register,
        _ => Outcome::Stop,
    }
}

/// The rules that make the result what it is.
fn rules(
    strength: &AuthenticationStrength,
    methods: &Methods,
    result: StrengthResult,
) -> Vec<&'static crate::Rule> {
    let built_in = strength.id.starts_with("00000000-0000-0000-0000-");
    let disabled = methods.enabled.is_some() && {
        let (used, had) = (&methods.used, &methods.registered);
        judge(strength, used, had, None, &methods.registrable) != result
    };
    let limited = strength.aaguids.is_some() && result != StrengthResult::Satisfied && {
        let open = AuthenticationStrength { aaguids: None, ..strength.clone() };
        methods.judge(&open) != result
    };
    let has = |mode: &str| strength.combinations.iter().flatten().any(|m| m.as_str() == mode);
    let hello =
        methods.has_platform_credential() && (has("windowsHelloForBusiness") || has("fido2"));
    [(built_in, &R8), (disabled, &R4), (limited, &R20), (hello, &R21)]
        .into_iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, rule)| rule)
        .collect()
}

fn prompt(strength: &AuthenticationStrength, methods: &Methods, who: &str) -> Finding {
    let wanted = prompts(strength, methods);
    let asked = words::methods(&wanted);
    if wanted.iter().any(|mode| mode.as_str() == "windowsHelloForBusiness") {
        return Finding::new(
            &SIGN_IN_WITH_HELLO,
            format!("sign out and sign in again with {asked}: {who} demands '{}'", strength.name),
        );
    }
    Finding::new(
        &PROMPT,
        format!("answer the prompt for {asked}: {who} demands '{}'", strength.name),
    )
}

/// What the combination that asks least still needs.
fn prompts(strength: &AuthenticationStrength, methods: &Methods) -> Vec<MethodMode> {
    let challenges = |combination: &&Vec<MethodMode>| {
        let one = AuthenticationStrength {
            combinations: vec![(*combination).clone()],
            ..strength.clone()
        };
        matches!(
            methods.judge(&one),
            StrengthResult::SingleChallengeRequired | StrengthResult::MultipleChallengesRequired
        )
    };
    let unused = |combination: &Vec<MethodMode>| -> Vec<MethodMode> {
        combination.iter().filter(|mode| !methods.used.contains(mode)).cloned().collect()
    };
    let possible = strength.combinations.iter().filter(challenges).map(unused);
    possible.min_by_key(Vec::len).unwrap_or_default()
}

pub(super) fn offers_passkey(strength: &AuthenticationStrength) -> bool {
    strength.combinations.iter().any(|modes| modes.iter().all(|mode| mode.as_str() == "fido2"))
}

pub(crate) static UNKNOWN_STRENGTH: Kind = Kind {
    id: "readiness.strength-not-in-export",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A policy demands an authentication strength that the export does not hold: it was deleted, or \
              left out. What the policy demands is not known.",
    next_step: "Export the authentication strengths too; if the strength was deleted, give the policy another.",
    source: "Microsoft Graph reference, authenticationStrengthPolicy",
};

pub(crate) static INPUT_MISSING: Kind = Kind {
    id: "readiness.input-missing",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The answer depends on something that the input does not say.",
    next_step: "Say what is named, and ask again.",
    source: "keyvet: what no rule or input decides is not guessed",
};

pub(crate) static PROMPT: Kind = Kind {
    id: "readiness.prompt",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The person has a method that satisfies the policy and is asked for it.",
    next_step: "Have that method at hand.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works",
};

pub(crate) static SIGN_IN_WITH_HELLO: Kind = Kind {
    id: "readiness.sign-in-with-hello",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Windows Hello for Business satisfies the policy, but nobody is prompted for it in a session that \
              was started with another method.",
    next_step: "Start the session again and choose Windows Hello under the sign-in options.",
    source: "Microsoft Entra documentation, concept-authentication-strengths, limitations (2024-03-25)",
};

pub(crate) static REGISTRATION: Kind = Kind {
    id: "readiness.registration-demanded",
    severity: Severity::Note,
    culprit: Culprit::TenantPolicy,
    meaning: "No method the person has satisfies the policy, and one that would can be registered: the person is \
              sent to registration.",
    next_step: "Follow the wizard.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works",
};

pub(crate) static NOT_MET: Kind = Kind {
    id: "readiness.strength-not-met",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "The policy demands authentication that the person cannot give, and no method that would satisfy it \
              can be registered here.",
    next_step: "Give the person a method that the policy takes, such as a Temporary Access Pass where it is \
                listed, or change what the policy demands.",
    source: "Microsoft Entra documentation, concept-authentication-strength-how-it-works",
};
