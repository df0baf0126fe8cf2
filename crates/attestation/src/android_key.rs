//! Format `android-key` (WebAuthn L3 §8.4): Android Keystore certifies the credential key itself.

use keyvet_cbor::Item;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::Certificate;

use crate::assessment::AttestationType;
use crate::key_description::{AuthorizationList, KeyDescription};
use crate::signature::{self, Sha1};
use crate::verification::{Ceremony, Verification};
use crate::{att_stmt, public_key};

/// The key description is missing or cannot be read.
pub static KEY_DESCRIPTION: Kind = Kind {
    id: "attestation.key-description",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate lacks Android's key description, or it cannot be read, so it does not say how the key is kept.",
    next_step: "Register again; if it repeats, report it to the vendor of the phone.",
    source: "WebAuthn L3 §8.4.1",
};

/// The challenge is for another registration.
pub static ANDROID_CHALLENGE: Kind = Kind {
    id: "attestation.android-challenge",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate was made for another registration: its challenge is not the hash of this client data.",
    next_step: "Make sure that attestation object and client data are of the same registration; register again.",
    source: "WebAuthn L3 §8.4",
};

/// The key is open to every application.
pub static ANDROID_ALL_APPLICATIONS: Kind = Kind {
    id: "attestation.android-all-applications",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Every application on the phone may use the credential key; it must be scoped to the relying party.",
    next_step: "Do not accept this credential; update the phone and register again.",
    source: "WebAuthn L3 §8.4",
};

/// The key was not made inside the keystore.
pub static ANDROID_ORIGIN: Kind = Kind {
    id: "attestation.android-origin",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The keystore does not say that it generated the credential key; it may have been imported.",
    next_step: "Do not accept this credential; update the phone and register again.",
    source: "WebAuthn L3 §8.4",
};

/// The key is not for signing.
pub static ANDROID_PURPOSE: Kind = Kind {
    id: "attestation.android-purpose",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The keystore does not say that the credential key is for signing.",
    next_step: "Do not accept this credential; update the phone and register again.",
    source: "WebAuthn L3 §8.4",
};

/// Origin or purpose is not stated.
pub static ANDROID_UNSTATED: Kind = Kind {
    id: "attestation.android-unstated",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The key description leaves out the origin or the purpose of the credential key. Real phones state both; the vectors of WebAuthn do not.",
    next_step: "Nothing to do for a test vector; for a real phone, update it and register again.",
    source: "WebAuthn L3 §8.4",
};

/// Software keeps the key.
pub static ANDROID_SOFTWARE_KEY: Kind = Kind {
    id: "attestation.android-software-key",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "Android keeps the credential key, or attests it, in software rather than in a trusted environment.",
    next_step: "If keys must be in hardware, use a phone with a hardware keystore.",
    source: "WebAuthn L3 §8.4",
};

/// Checks an android-key statement.
pub(crate) fn verify(statement: &Item<'_>, ceremony: &Ceremony<'_>) -> Verification {
    Verification::run(AttestationType::Basic, |verification| {
        let algorithm = att_stmt::algorithm(statement)?;
        let signature = att_stmt::bytes(statement, "sig")?;
        att_stmt::read_x5c(statement, verification)?;
        let leaf = att_stmt::leaf(verification)?;
        let key = leaf.public_key();
        let signed = ceremony.signed_bytes();
        let outcome = signature::check(algorithm, key, &signed, signature, Sha1::Refused);
        let same = public_key::from_cose(&ceremony.credential.public_key)
            .and_then(|credential| public_key::same(key, &credential));
        let description = describe(leaf, ceremony);
        verification.note(outcome);
        verification.note(same);
        verification.report_all(description);
        Ok(())
    })
}

fn describe(leaf: &Certificate, ceremony: &Ceremony<'_>) -> Vec<Finding> {
    let Some(extension) = leaf.extension(KEY_DESCRIPTION_OID) else {
        return vec![Finding::new(&KEY_DESCRIPTION, "the extension is absent")];
    };
    match KeyDescription::parse(extension.value) {
        Ok(description) => judge(&description, ceremony),
        Err(error) => vec![Finding::new(&KEY_DESCRIPTION, error)],
    }
}

fn judge(description: &KeyDescription, ceremony: &Ceremony<'_>) -> Vec<Finding> {
    let lists = [&description.software_enforced, &description.hardware_enforced];
    let challenge = (description.challenge != ceremony.client_data_hash).then(|| {
        let len = description.challenge.len();
        Finding::new(&ANDROID_CHALLENGE, format!("a challenge of {len} bytes"))
    });
    let findings = [challenge, scope(lists), origin(lists), purpose(lists), level(description)];
    findings.into_iter().flatten().collect()
}

fn scope(lists: [&AuthorizationList; 2]) -> Option<Finding> {
    let open = lists.iter().any(|list| list.all_applications);
    open.then(|| Finding::new(&ANDROID_ALL_APPLICATIONS, "allApplications is present"))
}

/// Both lists count: the specification allows the union of what software and hardware enforce.
fn origin(lists: [&AuthorizationList; 2]) -> Option<Finding> {
    let origins: Vec<i64> = lists.iter().filter_map(|list| list.origin).collect();
    match origins.as_slice() {
        [] => Some(Finding::new(&ANDROID_UNSTATED, "no origin")),
        stated if stated.iter().all(|origin| *origin == GENERATED) => None,
        stated => Some(Finding::new(&ANDROID_ORIGIN, format!("origin {stated:?}"))),
    }
}

fn purpose(lists: [&AuthorizationList; 2]) -> Option<Finding> {
    let purposes: Vec<i64> = lists.iter().flat_map(|list| list.purposes.clone()).collect();
    match purposes.as_slice() {
        [] => Some(Finding::new(&ANDROID_UNSTATED, "no purpose")),
        stated if stated.contains(&SIGN) => None,
        stated => {
            let stated: Vec<&i64> = stated.iter().take(MAX_PURPOSES).collect();
            Some(Finding::new(&ANDROID_PURPOSE, format!("purpose {stated:?}")))
        }
    }
}

fn level(description: &KeyDescription) -> Option<Finding> {
    let (attestation, key) =
        (description.attestation_security_level, description.key_security_level);
    let software = attestation == SOFTWARE || key == SOFTWARE;
    let detail = format!("attestation level {attestation}, key level {key}");
    software.then(|| Finding::new(&ANDROID_SOFTWARE_KEY, detail))
}

/// Purposes repeated in a detail.
const MAX_PURPOSES: usize = 8;
const KEY_DESCRIPTION_OID: &str = "1.3.6.1.4.1.11129.2.1.17";
/// KM_ORIGIN_GENERATED.
const GENERATED: i64 = 0;
/// KM_PURPOSE_SIGN.
const SIGN: i64 = 2;
/// SecurityLevel Software.
const SOFTWARE: i64 = 0;
