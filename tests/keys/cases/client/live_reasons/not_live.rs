//! What no live key provokes, and why.

use std::collections::BTreeMap;

/// The reason of each id.
pub(super) fn by_id() -> BTreeMap<&'static str, &'static str> {
    let mut reasons = BTreeMap::new();
    for (why, ids) in NOT_LIVE {
        for id in *ids {
            assert!(reasons.insert(*id, *why).is_none(), "{id} has two reasons");
        }
    }
    reasons
}

const NOT_LIVE: &[(&str, &[&str])] = &[
    (
        "Said of a passkey that does not exist yet, of which nothing but model, type and attestation is foretold; `keyvet readiness` provokes these (`crates/policy/tests`).",
        &[
            "entra.authenticator-attested-in-app",
            "entra.prospect-attestation-not-given",
            "entra.prospect-model-not-given",
            "entra.prospect-type-not-given",
        ],
    ),
    (
        "No security key makes the formats tpm, android-key, android-safetynet, apple and compound; records of the platforms that do provoke these (`crates/attestation/tests`).",
        &[
            "attestation.aik-alternative-name",
            "attestation.aik-key-purpose",
            "attestation.aik-subject",
            "attestation.android-all-applications",
            "attestation.android-challenge",
            "attestation.android-origin",
            "attestation.android-purpose",
            "attestation.android-software-key",
            "attestation.android-unstated",
            "attestation.apple-nonce-mismatch",
            "attestation.apple-nonce-missing",
            "attestation.ceremony-time-unknown",
            "attestation.compound-part",
            "attestation.compound-structure",
            "attestation.compound-too-few",
            "attestation.credential-key-mismatch",
            "attestation.key-description",
            "attestation.safetynet-host",
            "attestation.safetynet-nonce",
            "attestation.safetynet-profile",
            "attestation.safetynet-response",
            "attestation.safetynet-retired",
            "attestation.sha1-signature",
            "attestation.tpm-clock-safe",
            "attestation.tpm-extra-data",
            "attestation.tpm-name-mismatch",
            "attestation.tpm-not-certify",
            "attestation.tpm-structure",
            "attestation.tpm-version",
        ],
    ),
    (
        "keyvet registers by CTAP2, never by U2F, and the fido-u2f statement of the hostile key has nothing wrong but its AAGUID; other registrations provoke these (`crates/attestation/tests`).",
        &[
            "attestation.u2f-certificate-count",
            "attestation.u2f-certificate-key",
            "attestation.model-ambiguous",
            "attestation.credential-key-invalid",
        ],
    ),
    (
        "keyvet writes the client data itself, keeps it, and keeps the credential id that the answer has; registrations of other programs provoke these (`crates/attestation/tests`).",
        &[
            "attestation.client-data-hash-mismatch",
            "attestation.client-data-malformed",
            "attestation.client-data-missing",
            "attestation.client-data-type",
            "attestation.cross-origin",
            "attestation.credential-id-mismatch",
        ],
    ),
    (
        "The client refuses such an answer before there is anything to judge (`tests/keys/cases/client/hostile`).",
        &[
            "attestation.no-credential",
            "attestation.rp-id-mismatch",
            "entra.aaguid-unread",
            "entra.no-credential",
            "entra.type-unread",
            "policy.aaguid-unread",
        ],
    ),
    (
        "The virtual keys make no such thing: chains of dozens of certificates do not fit a message, and certificates are of version 3; made-up registrations provoke these (`crates/attestation/tests`).",
        &["attestation.chain-budget", "attestation.leaf-version"],
    ),
    (
        "It is about the policy document alone, whatever the key (`crates/policy/tests`).",
        &[
            "entra.aaguid-spelling",
            "entra.default-assumed",
            "entra.duplicate-aaguid",
            "entra.legacy-disagrees",
            "entra.list-ignored",
            "entra.malformed-aaguid",
            "entra.no-types",
            "entra.policy-too-large",
            "entra.synced-with-attestation",
            "entra.too-many-profiles",
            "entra.types-grew",
            "entra.unknown-member",
            "entra.unknown-profile-assigned",
            "entra.zero-aaguid-in-list",
        ],
    ),
    (
        "The policy cannot be read, so there is no verdict (`crates/policy/tests`).",
        &[
            "policy.list-empty",
            "policy.list-row",
            "policy.not-a-policy",
            "policy.not-json",
            "policy.not-text",
            "policy.several",
            "policy.too-large",
            "policy.wrong-type",
        ],
    ),
    (
        "No importer makes such a demand yet; a policy made in memory provokes it (`crates/policy/tests`).",
        &["policy.demand-not-judged"],
    ),
];
