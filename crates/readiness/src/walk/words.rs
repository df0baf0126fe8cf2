//! Names of things as a help desk says them.

use crate::{AuthenticationStrength, MethodMode, Platform, Surface};

/// `password and push in Authenticator`.
pub(super) fn methods(modes: &[MethodMode]) -> String {
    let words: Vec<&str> = modes.iter().map(method).collect();
    match words.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The alternatives of a strength, as far as a person reads.
pub(super) fn strength(strength: &AuthenticationStrength) -> String {
    let all = &strength.combinations;
    let shown: Vec<String> = all.iter().take(MAX_SHOWN).map(|modes| methods(modes)).collect();
    let models = match &strength.aaguids {
        Some(models) => format!("; passkeys of {} models only", models.len()),
        None => String::new(),
    };
    match all.len().saturating_sub(MAX_SHOWN) {
        0 => format!("{}{models}", shown.join(" or ")),
        more => format!("{} or {more} more{models}", shown.join(" or ")),
    }
}

fn method(mode: &MethodMode) -> &str {
    match mode.as_str() {
        "microsoftAuthenticatorPush" => "push in Authenticator",
        "deviceBasedPush" => "phone sign-in in Authenticator",
        "fido2" => "a passkey",
        "windowsHelloForBusiness" => "Windows Hello for Business",
        "temporaryAccessPassOneTime" => "a one-time Temporary Access Pass",
        "temporaryAccessPassMultiUse" => "a multi-use Temporary Access Pass",
        "softwareOath" => "a code from an app",
        "hardwareOath" => "a code from a token",
        "sms" => "a text message",
        "voice" => "a phone call",
        "x509CertificateMultiFactor" => "a multifactor certificate",
        "x509CertificateSingleFactor" => "a single-factor certificate",
        other => other,
    }
}

/// `Edge on Windows`.
pub(super) fn place(surface: &Surface, on: Platform) -> String {
    let on = platform(on);
    match surface {
        Surface::Browser(name) if name == "unknown" => format!("a browser on {on}"),
        Surface::Browser(name) => format!("{} on {on}", capitalised(name)),
        Surface::AuthenticatorApp => format!("Microsoft Authenticator on {on}"),
        Surface::GraphOnBehalf => "an administrator's program".to_owned(),
    }
}

pub(super) fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Windows => "Windows",
        Platform::Linux => "Linux",
        Platform::Android => "Android",
        other => other.as_str(),
    }
}

/// The resource signed in to.
pub(super) fn resource(id: Option<&str>) -> String {
    match id {
        Some(id) => format!("the resource {id}"),
        None => "a resource".to_owned(),
    }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Alternatives named in one detail.
const MAX_SHOWN: usize = 6;
