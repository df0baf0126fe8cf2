//! What the authenticator data says about the ceremony (WebAuthn L3 §7.1), beside the statement.

use keyvet_ctap::{AttestedCredentialData, AuthenticatorData};
use keyvet_evidence::Registration;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::sha256;

/// No credential in the authenticator data.
pub static NO_CREDENTIAL: Kind = Kind {
    id: "attestation.no-credential",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The authenticator data holds no credential, so this is not a registration.",
    next_step: "Make sure that the file holds the registration and not a sign-in.",
    source: "WebAuthn L3 §6.5",
};

/// Nobody touched the key.
pub static USER_NOT_PRESENT: Kind = Kind {
    id: "attestation.user-not-present",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The authenticator did not see a person when it made the credential. \
              Only credentials that a password manager makes on its own may lack this.",
    next_step: "Register again with a touch; if it repeats with a security key, report it to the vendor.",
    source: "WebAuthn L3 §7.1",
};

/// The person was not verified.
pub static USER_NOT_VERIFIED: Kind = Kind {
    id: "attestation.user-not-verified",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The authenticator did not verify the person by PIN or biometrics when it made the credential.",
    next_step: "If verification is required, register with user verification `required`.",
    source: "WebAuthn L3 §7.1",
};

/// Another credential than the envelope says.
pub static CREDENTIAL_ID_MISMATCH: Kind = Kind {
    id: "attestation.credential-id-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "The credential id beside the attestation object is not the one the authenticator attested.",
    next_step: "Make sure that all parts of the file are of the same registration; register again.",
    source: "WebAuthn L3 §7.1",
};

/// Made for another relying party than the evidence says.
pub static RP_ID_MISMATCH: Kind = Kind {
    id: "attestation.rp-id-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "The credential was made for another relying party than the evidence names.",
    next_step: "Make sure that all parts of the file are of the same registration; register again.",
    source: "WebAuthn L3 §7.1",
};

/// Hash and client data are not of each other.
pub static CLIENT_DATA_HASH_MISMATCH: Kind = Kind {
    id: "attestation.client-data-hash-mismatch",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The evidence holds client data and a hash that is not the hash of it.",
    next_step: "Make sure that all parts of the file are of the same registration; register again.",
    source: "WebAuthn L3 §7.1",
};

/// An algorithm nobody asked for.
pub static ALGORITHM_NOT_REQUESTED: Kind = Kind {
    id: "attestation.algorithm-not-requested",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The credential uses an algorithm that was not in the list the relying party asked for. A relying party refuses it.",
    next_step: "Register again; if it repeats, report it to the vendor.",
    source: "WebAuthn L3 §7.1",
};

/// What the flags say.
pub(crate) fn flags(auth_data: &AuthenticatorData) -> Vec<Finding> {
    let flags = auth_data.flags;
    let detail = format!("flags {:#04x}", flags.0);
    let missing = [(flags.up(), &USER_NOT_PRESENT), (flags.uv(), &USER_NOT_VERIFIED)];
    missing
        .into_iter()
        .filter(|(is_set, _)| !is_set)
        .map(|(_, kind)| Finding::new(kind, &detail))
        .collect()
}

/// Whether the parts of the registration belong together.
pub(crate) fn belonging(
    registration: &Registration,
    auth_data: &AuthenticatorData,
    credential: &AttestedCredentialData,
) -> Vec<Finding> {
    let checks = [
        credential_id(registration, credential),
        rp_id(registration, auth_data),
        client_data_hash(registration),
        algorithm(registration, credential),
    ];
    checks.into_iter().flatten().collect()
}

fn credential_id(
    registration: &Registration,
    credential: &AttestedCredentialData,
) -> Option<Finding> {
    let given = registration.credential_id.as_ref()?;
    (*given != credential.credential_id).then(|| {
        let detail =
            format!("{} bytes given, {} attested", given.len(), credential.credential_id.len());
        Finding::new(&CREDENTIAL_ID_MISMATCH, detail)
    })
}

fn rp_id(registration: &Registration, auth_data: &AuthenticatorData) -> Option<Finding> {
    let rp_id = registration.rp_id.as_ref()?;
    (sha256(rp_id.as_bytes()) != auth_data.rp_id_hash)
        .then(|| Finding::new(&RP_ID_MISMATCH, format!("evidence says {rp_id}")))
}

fn client_data_hash(registration: &Registration) -> Option<Finding> {
    let (json, hash) =
        (registration.client_data_json.as_ref()?, registration.client_data_hash.as_ref()?);
    (sha256(json) != *hash).then(|| {
        let detail = format!("clientDataJSON of {} bytes", json.len());
        Finding::new(&CLIENT_DATA_HASH_MISMATCH, detail)
    })
}

fn algorithm(registration: &Registration, credential: &AttestedCredentialData) -> Option<Finding> {
    let requested = &registration.requested_algorithms;
    let made = credential.public_key.alg?;
    (!requested.is_empty() && !requested.contains(&made.0)).then(|| {
        let requested: Vec<String> = requested.iter().take(16).map(i64::to_string).collect();
        let detail = format!("{made}, requested {}", requested.join(", "));
        Finding::new(&ALGORITHM_NOT_REQUESTED, detail)
    })
}
