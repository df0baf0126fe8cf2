//! The strengths that Entra ID comes with.

use super::modes;
use crate::AuthenticationStrength;

/// The strengths that every tenant has, with the combinations Graph gives them
/// (Authentication strengths, built-in; Graph reference, authenticationStrengthPolicy).
#[must_use]
pub fn built_in() -> [AuthenticationStrength; 3] {
    let strength = |digit: u8, name: &str, combinations: &[&str]| AuthenticationStrength {
        id: format!("00000000-0000-0000-0000-00000000000{digit}"),
        name: name.to_owned(),
        combinations: combinations.iter().map(|text| modes(text)).collect(),
        aaguids: None,
        unjudged: Vec::new(),
    };
    [
        strength(2, "Multifactor authentication", &MULTIFACTOR),
        strength(3, "Passwordless MFA", &PASSWORDLESS),
        strength(4, "Phishing-resistant MFA", &PHISHING_RESISTANT),
    ]
}

/// Whether the id is that of a built-in strength, which nobody can change.
pub(crate) fn is_built_in(id: &str) -> bool {
    built_in().iter().any(|strength| strength.id.eq_ignore_ascii_case(id))
}

const MULTIFACTOR: [&str; 19] = [
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,x509CertificateSingleFactor",
    "password,x509CertificateMultiFactor",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
];

const PASSWORDLESS: [&str; 4] =
    ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"];

const PHISHING_RESISTANT: [&str; 3] =
    ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"];
