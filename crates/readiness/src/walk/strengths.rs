//! The grant control "require authentication strength", and "require multifactor authentication", which is the
//! built-in strength of that name.

use super::outcome::{Demand, Outcome};
use super::words;
use crate::rule::RuleSet;
use crate::rules::{R4, R8, R20, R21};
use crate::session::Methods;
use crate::strength::Hand;
use crate::{AuthenticationStrength, MethodMode, StrengthResult, Tenant};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use std::cell::OnceCell;
use std::fmt;
use std::sync::LazyLock;

/// The built-in "Multifactor authentication", which the control `mfa` demands.
pub(super) fn multifactor() -> &'static AuthenticationStrength {
    static MULTIFACTOR: LazyLock<[AuthenticationStrength; 3]> =
        LazyLock::new(crate::strength::built_in);
    let [multifactor, _, _] = &*MULTIFACTOR;
    multifactor
}

/// Every strength that is demanded of the same methods, judged once.
#[derive(Debug)]
pub(super) struct Judgements<'a> {
    methods: &'a Methods,
    hand: Hand<'a>,
    multifactor: OnceCell<Judgement<'a>>,
    /// Those of the tenant, in its order.
    named: Vec<(&'a AuthenticationStrength, OnceCell<Judgement<'a>>)>,
}

impl<'a> Judgements<'a> {
    pub(super) fn new(tenant: &'a Tenant, methods: &'a Methods) -> Self {
        let named = tenant.strengths.iter().map(|strength| (strength, OnceCell::new()));
        let hand = methods.hand();
        Self { methods, hand, multifactor: OnceCell::new(), named: named.collect() }
    }

    /// The built-in one.
    pub(super) fn multifactor(&self) -> &Judgement<'a> {
        self.multifactor.get_or_init(|| Judgement::of(multifactor(), self.methods, &self.hand))
    }

    /// What a strength that a policy names by id comes to.
    pub(super) fn named(&self, id: &str, who: impl fmt::Display) -> Demand {
        let known = self.named.iter().find(|(strength, _)| strength.id.eq_ignore_ascii_case(id));
        let Some((strength, judged)) = known else {
            let detail = format!("{who} demands the strength {id}, which the export does not hold");
            return Demand::of(Outcome::Open, Some(Finding::new(&UNKNOWN_STRENGTH, detail)));
        };
        judged.get_or_init(|| Judgement::of(strength, self.methods, &self.hand)).demand(who)
    }
}

/// What findings call a strength, and what was used.
#[derive(Debug)]
struct Words {
    strength: String,
    used: String,
}

/// What a strength makes of the person's methods, whoever demands it.
#[derive(Debug)]
pub(super) struct Judgement<'a> {
    strength: &'a AuthenticationStrength,
    methods: &'a Methods,
    result: StrengthResult,
    outcome: Outcome,
    /// Inputs that it depends on.
    lacking: Vec<String>,
    rules: RuleSet,
    prompts: Vec<MethodMode>,
    /// Made for the first who needs it.
    words: OnceCell<Words>,
}

impl<'a> Judgement<'a> {
    fn of(strength: &'a AuthenticationStrength, methods: &'a Methods, hand: &Hand<'_>) -> Self {
        let result = hand.judge(strength);
        let lacking = match result {
            StrengthResult::Satisfied
            | StrengthResult::SingleChallengeRequired
            | StrengthResult::MultipleChallengesRequired => Vec::new(),
            _ => hand.missing(strength),
        };
        let outcome = if lacking.is_empty() { outcome(result) } else { Outcome::Open };
        let prompts =
            if outcome == Outcome::Ask { prompts(strength, methods, hand) } else { Vec::new() };
        let rules = rules(strength, methods, hand, result);
        Self { strength, methods, result, outcome, lacking, rules, prompts, words: OnceCell::new() }
    }

    /// The demand of somebody, whom `who` names.
    pub(super) fn demand(&self, who: impl fmt::Display) -> Demand {
        Demand {
            strength: Some(self.result),
            prompts: self.prompts.clone(),
            offers_passkey: self.outcome == Outcome::Register && offers_passkey(self.strength),
            authentication: self.outcome != Outcome::Met,
            rules: self.rules,
            ..Demand::of(self.outcome, self.finding(who))
        }
    }

    fn finding(&self, who: impl fmt::Display) -> Option<Finding> {
        if self.outcome == Outcome::Met {
            return None;
        }
        let Words { strength, used } = self.words.get_or_init(|| self.words());
        let (kind, detail) = match self.outcome {
            Outcome::Met | Outcome::Ask => return Some(self.prompt(who)),
            Outcome::Open => {
                let lacking = self.lacking.join(", ");
                (&INPUT_MISSING, format!("{who} demands {strength}; not known: {lacking}"))
            }
            Outcome::Register => (
                &REGISTRATION,
                format!(
                    "{who} demands {strength}; signed in with {used}, and nothing else that fits is had"
                ),
            ),
            Outcome::Stop => (&NOT_MET, format!("{who} demands {strength}; signed in with {used}")),
        };
        Some(Finding::new(kind, detail))
    }

    fn words(&self) -> Words {
        let Self { strength, methods, .. } = self;
        Words {
            strength: format!("'{}' ({})", strength.name, words::strength(strength)),
            used: words::methods(&methods.used),
        }
    }

    fn prompt(&self, who: impl fmt::Display) -> Finding {
        let asked = words::methods(&self.prompts);
        let name = &self.strength.name;
        if self.prompts.iter().any(|mode| mode.as_str() == "windowsHelloForBusiness") {
            let detail = format!("sign out and sign in again with {asked}: {who} demands '{name}'");
            return Finding::new(&SIGN_IN_WITH_HELLO, detail);
        }
        Finding::new(&PROMPT, format!("answer the prompt for {asked}: {who} demands '{name}'"))
    }
}

/// What a strength makes of the person's methods. `who` demands it.
pub(super) fn demand(strength: &AuthenticationStrength, methods: &Methods, who: &str) -> Demand {
    Judgement::of(strength, methods, &methods.hand()).demand(who)
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
    hand: &Hand<'_>,
    result: StrengthResult,
) -> RuleSet {
    let built_in = strength.id.starts_with("00000000-0000-0000-0000-");
    let disabled =
        methods.enabled.is_some() && methods.hand_if_all_were_enabled().judge(strength) != result;
    let limited = strength.aaguids.is_some()
        && result != StrengthResult::Satisfied
        && hand.judge_any_model(strength) != result;
    let has = |mode: &str| strength.combinations.iter().flatten().any(|m| m.as_str() == mode);
    let hello =
        methods.has_platform_credential() && (has("windowsHelloForBusiness") || has("fido2"));
    [(built_in, &R8), (disabled, &R4), (limited, &R20), (hello, &R21)]
        .into_iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, rule)| rule)
        .collect()
}

/// What the combination that asks least still needs.
fn prompts(
    strength: &AuthenticationStrength,
    methods: &Methods,
    hand: &Hand<'_>,
) -> Vec<MethodMode> {
    let unused = |combination: &Vec<MethodMode>| -> Vec<MethodMode> {
        combination.iter().filter(|mode| !methods.used.contains(mode)).cloned().collect()
    };
    let possible = strength.combinations.iter().filter(|modes| hand.prompts(strength, modes));
    possible.map(unused).min_by_key(Vec::len).unwrap_or_default()
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
