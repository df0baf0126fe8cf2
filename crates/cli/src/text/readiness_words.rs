//! Words for people: what an attempt is, what a step judges, what an answer says.

use crate::document::{
    readiness::{AttemptAsked, AttemptResult, Confidence, StepResult, Verdict},
    readiness_matrix::MatrixContext,
};

/// Who, where, signed in with what, by which route.
pub(crate) fn attempt(asked: &AttemptAsked) -> String {
    let route = match route(asked.route) {
        "" => String::new(),
        route => format!(", {route}"),
    };
    let who = who(asked);
    format!("{who}, {}, {}{route}", place(asked), signed_in(&asked.signed_in_with))
}

/// The person, or that the input names none.
pub(crate) fn who(asked: &AttemptAsked) -> String {
    asked.person.clone().unwrap_or_else(|| "Somebody".to_owned())
}

/// `on Windows in Edge`.
pub(crate) fn place(asked: &AttemptAsked) -> String {
    let on = platform(asked.platform);
    let phone = match asked.phone.filter(|phone| *phone != asked.platform) {
        Some(phone) => format!(" with a phone on {}", platform(phone)),
        None => String::new(),
    };
    match asked.surface.strip_prefix("browser:") {
        Some(browser) => format!("on {on} in {}{phone}", capital(browser)),
        None if asked.surface == "graphOnBehalf" => "registered by an administrator".to_owned(),
        None => format!("on {on} in Microsoft Authenticator"),
    }
}

/// `signed in with a password and push`.
pub(crate) fn signed_in(modes: &[String]) -> String {
    match modes.split_last() {
        None => "not yet signed in".to_owned(),
        Some((last, [])) => format!("signed in with {}", method(last)),
        Some((last, before)) => {
            let before: Vec<_> = before.iter().map(|mode| method(mode)).collect();
            format!("signed in with {} and {}", before.join(", "), method(last))
        }
    }
}

/// Graph's name of a method in words; one that is not known stays as it is.
pub(crate) fn method(mode: &str) -> &str {
    let known = METHODS.iter().find(|(name, _)| *name == mode);
    known.map_or(mode, |(_, words)| *words)
}

const METHODS: [(&str, &str); 13] = [
    ("password", "password"),
    ("microsoftAuthenticatorPush", "push in Authenticator"),
    ("deviceBasedPush", "passwordless phone sign-in"),
    ("temporaryAccessPassOneTime", "a one-time Temporary Access Pass"),
    ("temporaryAccessPassMultiUse", "a multi-use Temporary Access Pass"),
    ("fido2", "a passkey"),
    ("windowsHelloForBusiness", "Windows Hello for Business"),
    ("sms", "a text message"),
    ("voice", "a phone call"),
    ("softwareOath", "a code of an app"),
    ("hardwareOath", "a code of a token"),
    ("x509CertificateMultiFactor", "a certificate (multifactor)"),
    ("x509CertificateSingleFactor", "a certificate (single factor)"),
];

fn platform(name: &str) -> &str {
    match name {
        "windows" => "Windows",
        "linux" => "Linux",
        "android" => "Android",
        other => other,
    }
}

/// A route in words; nothing for "whichever works".
pub(crate) fn route(route: &str) -> &'static str {
    match route {
        "local" => "passkey made on this device or a security key",
        "crossDevice" => "passkey made on a phone by QR code",
        "inApp" => "passkey made in Authenticator",
        _ => "",
    }
}

fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// What a step judges, in a few words.
pub(crate) fn stage(context: &str) -> String {
    match context {
        "userAction" => "Register security info".to_owned(),
        "ceremony" => "Make the passkey".to_owned(),
        "policyCheck" => "Passkey policy".to_owned(),
        "resource(All)" => "Sign in to an app".to_owned(),
        other => {
            let id = other.strip_prefix("resource(").and_then(|rest| rest.strip_suffix(')'));
            format!("Access to {}", resource(id.unwrap_or(other)))
        }
    }
}

/// A name for the resources that registration touches; any other is named by its id.
fn resource(id: &str) -> &str {
    keyvet_readiness::resources::name(id).unwrap_or(id)
}

/// What an answer says, in a sentence.
pub(crate) fn outcome(result: &AttemptResult) -> String {
    let at = stop(result);
    match result.verdict {
        Verdict::Ready => {
            "The registration succeeds, and the passkey signs in afterwards.".to_owned()
        }
        Verdict::Conditional => {
            "The registration succeeds if what stands under \"What to do\" is done.".to_owned()
        }
        Verdict::Unknown if at.is_empty() => {
            "It cannot be told whether the registration succeeds.".to_owned()
        }
        Verdict::Unknown => {
            format!(
                "It cannot be told whether the registration succeeds: something is missing, first{at}."
            )
        }
        Verdict::Blocked => format!("The registration does not succeed: it stops{at}."),
    }
}

/// How a step ends, as one reads it in a list.
pub(crate) const fn ending(result: StepResult) -> &'static str {
    match result {
        StepResult::Passed => "passed",
        StepResult::Registration => "sent to register",
        StepResult::Conditional => "passed, if",
        StepResult::Unknown => "not known",
        StepResult::Blocked => "STOPPED",
    }
}

/// How sure an answer is, in words.
pub(crate) const fn sureness(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "documented: every rule used is stated by the vendor",
        Confidence::Observed => {
            "observed: some rule is what a practitioner saw, not what the vendor states"
        }
        Confidence::Inferred => "inferred: some rule is keyvet's reading of what is documented",
    }
}

/// Where an answer stops, as ` at step 3 of 4`.
pub(crate) fn stop(result: &AttemptResult) -> String {
    let at = result.stopped_step.map(|at| at.saturating_add(1));
    at.map_or_else(String::new, |at| format!(" at step {at} of {}", result.steps.len()))
}

/// What a strength makes of the methods at hand, in words.
pub(crate) fn strength(word: &str) -> &str {
    match word {
        "skippedForProofUp" => "its strength does not count here",
        "satisfied" => "its strength is satisfied",
        "singleChallengeRequired" => "one more prompt satisfies its strength",
        "multipleChallengesRequired" => "more prompts satisfy its strength",
        "singleRegistrationRequired" => "a method its strength takes must be registered first",
        "multipleRegistrationsRequired" => "methods its strength takes must be registered first",
        "cannotSatisfyDueToCombinationConfiguration" => "its strength does not take this model",
        "cannotSatisfy" => "no method at hand satisfies its strength",
        other => other,
    }
}

/// `Edge on Windows, passkey made on a phone by QR code, with what they have`.
pub(crate) fn situation(context: &MatrixContext) -> String {
    let (place, route, with) = situation_parts(context);
    let parts = [place, route, with].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// Where, by which route, signed in with what.
pub(crate) fn situation_parts(context: &MatrixContext) -> (String, String, String) {
    let on = platform(context.platform);
    let place = match context.surface.strip_prefix("browser:") {
        Some(browser) => format!("{} on {on}", capital(browser)),
        None if context.surface == "graphOnBehalf" => "by an administrator".to_owned(),
        None => format!("Authenticator on {on}"),
    };
    let with = match context.sign_in.as_str() {
        _ if context.surface == "graphOnBehalf" => String::new(),
        "own" => "with what they have".to_owned(),
        pass => format!("with {}", method(pass)),
    };
    let route = match context.route {
        "local" => "on this device or a key",
        "crossDevice" => "by QR code",
        "inApp" if context.surface != "authenticatorApp" => "in the app",
        _ => "",
    };
    (place, route.to_owned(), with)
}

/// `1 person`, `2 people`.
pub(crate) fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// The first names, and how many more there are.
pub(crate) fn some(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(NAMES).map(String::as_str).collect();
    match names.len().saturating_sub(NAMES) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}

/// Names in one line.
const NAMES: usize = 5;
