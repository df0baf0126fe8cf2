//! Format `android-safetynet` (WebAuthn L3 §8.5): a statement by a service that Google has switched off.
//!
//! Old registrations are still checked: a signed response (JWS, RS256), a nonce, a verdict on the phone.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use keyvet_cbor::Item;
use keyvet_ctap::CoseAlgorithm;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{Certificate, sha256};
use serde::Deserialize;

use crate::assessment::AttestationType;
use crate::att_stmt::{self, CERTIFICATE_MALFORMED, MAX_CERTIFICATES, X5C_EMPTY, X5C_TOO_LARGE};
use crate::signature::{self, ALGORITHM_UNSUPPORTED, Sha1};
use crate::verification::{Ceremony, Stop, Verification};

/// The service no longer exists.
pub static SAFETYNET_RETIRED: Kind = Kind {
    id: "attestation.safetynet-retired",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "SafetyNet attestation was switched off by Google in 2024. It speaks of the phone at the time, not of how the key is kept.",
    next_step: "Do not rely on it for new registrations; register again with a current phone.",
    source: "WebAuthn L3 §8.5",
};

/// The response is not a signed SafetyNet answer.
pub static SAFETYNET_RESPONSE: Kind = Kind {
    id: "attestation.safetynet-response",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The response member is not a SafetyNet answer: three base64url parts with a JSON header and a JSON payload.",
    next_step: "Register again; a proxy or script may have altered the object.",
    source: "WebAuthn L3 §8.5",
};

/// The nonce is for another registration.
pub static SAFETYNET_NONCE: Kind = Kind {
    id: "attestation.safetynet-nonce",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "SafetyNet answered for another registration: its nonce is not the hash of this authenticator data and client data.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.5",
};

/// The phone failed the compatibility test.
pub static SAFETYNET_PROFILE: Kind = Kind {
    id: "attestation.safetynet-profile",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "SafetyNet said that the phone does not match a known, unmodified Android device.",
    next_step: "Do not accept this credential; register with an unmodified phone.",
    source: "WebAuthn L3 §8.5",
};

/// Somebody else than the service signed.
pub static SAFETYNET_HOST: Kind = Kind {
    id: "attestation.safetynet-host",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate that signed the response is not for the host attest.android.com.",
    next_step: "Do not accept this credential; the response was not made by Google.",
    source: "WebAuthn L3 §8.5",
};

/// Checks an android-safetynet statement.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::Basic, |verification| {
        verification.retired = true;
        verification.report(Finding::new(&SAFETYNET_RETIRED, "format android-safetynet"));
        let response = att_stmt::bytes(statement, "response")?;
        let jws = Jws::read(response)?;
        verification.certificates = jws.certificates()?;
        let leaf = att_stmt::leaf(verification)?;
        let outcome = jws.check_signature(leaf);
        let mut findings = host(leaf);
        findings.extend(jws.payload.findings(ceremony));
        verification.note(outcome);
        verification.report_all(findings);
        Ok(())
    })
}

/// A compact JWS, taken apart.
struct Jws<'a> {
    signed: &'a str,
    header: Header,
    payload: Payload,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Vec<String>,
}

/// The members of the answer that WebAuthn judges.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    cts_profile_match: bool,
    #[serde(default)]
    basic_integrity: bool,
}

impl<'a> Jws<'a> {
    fn read(response: &'a [u8]) -> Result<Self, Stop> {
        let text = std::str::from_utf8(response).map_err(|error| refuse(&error.to_string()))?;
        let (signed, signature) = text.rsplit_once('.').ok_or_else(|| refuse("not three parts"))?;
        let (header, payload) = signed.split_once('.').ok_or_else(|| refuse("not three parts"))?;
        Ok(Self {
            signed,
            header: json(&base64url("header", header)?, "header")?,
            payload: json(&base64url("payload", payload)?, "payload")?,
            signature: base64url("signature", signature)?,
        })
    }

    fn certificates(&self) -> Result<Vec<Certificate>, Stop> {
        match self.header.x5c.len() {
            0 => Err(Stop::Invalid(Finding::new(&X5C_EMPTY, "the response has no x5c"))),
            more if more > MAX_CERTIFICATES => {
                let detail = format!("{more} certificates");
                Err(Stop::Invalid(Finding::new(&X5C_TOO_LARGE, detail)))
            }
            _ => self.header.x5c.iter().map(|text| certificate(text)).collect(),
        }
    }

    fn check_signature(&self, leaf: &Certificate) -> Result<(), Stop> {
        if self.header.alg != "RS256" {
            let detail = format!("JWS algorithm `{}`", self.header.alg);
            return Err(Stop::Unsupported(Finding::new(&ALGORITHM_UNSUPPORTED, detail)));
        }
        let (key, signed) = (leaf.public_key(), self.signed.as_bytes());
        signature::check(CoseAlgorithm::RS256, key, signed, &self.signature, Sha1::Refused)
    }
}

impl Payload {
    fn findings(&self, ceremony: &Ceremony<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.nonce != BASE64.encode(&sha256(&ceremony.signed_bytes())) {
            findings.push(Finding::new(&SAFETYNET_NONCE, format!("nonce `{}`", self.nonce)));
        }
        if !self.cts_profile_match {
            let detail = format!("ctsProfileMatch false, basicIntegrity {}", self.basic_integrity);
            findings.push(Finding::new(&SAFETYNET_PROFILE, detail));
        }
        findings
    }
}

fn host(leaf: &Certificate) -> Vec<Finding> {
    let names = leaf.dns_names();
    let common_name = leaf.subject_attribute(COMMON_NAME);
    let is_host = |name: &String| name.eq_ignore_ascii_case(HOST);
    if names.iter().chain(&common_name).any(is_host) {
        return Vec::new();
    }
    vec![Finding::new(&SAFETYNET_HOST, leaf.subject_text())]
}

fn certificate(text: &str) -> Result<Certificate, Stop> {
    let fail = |error: String| Stop::Invalid(Finding::new(&CERTIFICATE_MALFORMED, error));
    let der = BASE64.decode(text.as_bytes()).map_err(|error| fail(error.to_string()))?;
    Certificate::parse(&der).map_err(|error| fail(error.to_string()))
}

fn base64url(part: &str, text: &str) -> Result<Vec<u8>, Stop> {
    let trimmed = text.trim_end_matches('=').as_bytes();
    BASE64URL_NOPAD.decode(trimmed).map_err(|error| refuse(&format!("{part}: {error}")))
}

fn json<T: for<'de> Deserialize<'de>>(bytes: &[u8], part: &str) -> Result<T, Stop> {
    serde_json::from_slice(bytes).map_err(|error| refuse(&format!("{part}: {error}")))
}

fn refuse(detail: &str) -> Stop {
    Stop::Malformed(Finding::new(&SAFETYNET_RESPONSE, detail))
}

const HOST: &str = "attest.android.com";
const COMMON_NAME: &str = "2.5.4.3";
