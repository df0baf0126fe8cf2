//! Metadata and tenants, the ordinary first.

use keyvet_ctap::Aaguid;
use keyvet_mds::{Catalogue, danger_read_unsigned_payload};
use keyvet_policy::{Policy, Scope};
use keyvet_virtual_key::fixtures::{
    self, Authority, DEMO_MODEL, LISTED_AAGUID, MetadataEntry, Profile, model,
};
use keyvet_x509::{Anchor, Certificate};
use serde_json::{Value, json};

use super::keys::authority;

/// What a registration is assessed with.
pub(super) struct Metadata {
    pub(super) name: &'static str,
    pub(super) catalogue: Option<Catalogue>,
    pub(super) given: Vec<Anchor>,
}

/// What it is judged by.
pub(super) struct Tenant {
    pub(super) name: &'static str,
    pub(super) policy: Policy,
    pub(super) scope: Scope,
}

/// The tenant that a listed model satisfies.
pub(super) const ENFORCED: &str = "attestation enforced, model allowed";

/// Every metadata.
pub(super) fn metadata() -> Vec<Metadata> {
    let report = |status: &str, version: u64| json!({ "status": status, "effectiveDate": DATE, "authenticatorVersion": version });
    let other_batch = json!({
        "status": "ATTESTATION_KEY_COMPROMISE",
        "effectiveDate": DATE,
        "certificate": data_encoding::BASE64.encode(other().root_der()),
    });
    let certified = || report("FIDO_CERTIFIED_L1", 1);
    let demo = |statuses: &[&str]| of(900, entry().statuses(statuses));
    vec![
        named("certified", of(900, entry())),
        Metadata { name: "none", catalogue: None, given: Vec::new() },
        named("revoked", demo(&["FIDO_CERTIFIED_L1", "REVOKED"])),
        named(
            "attestation key compromised",
            demo(&["FIDO_CERTIFIED_L1", "ATTESTATION_KEY_COMPROMISE"]),
        ),
        named(
            "another batch compromised",
            of(900, entry().reports(vec![certified(), other_batch])),
        ),
        named(
            "compromise answered by the key's firmware",
            of(
                900,
                entry().reports(vec![
                    certified(),
                    report("USER_KEY_REMOTE_COMPROMISE", 0),
                    report("UPDATE_AVAILABLE", 0),
                ]),
            ),
        ),
        named(
            "update available",
            of(900, entry().reports(vec![certified(), report("UPDATE_AVAILABLE", 1 << 30)])),
        ),
        named("update available, no version", demo(&["FIDO_CERTIFIED_L1", "UPDATE_AVAILABLE"])),
        named("retired", demo(&["FIDO_CERTIFIED_L1", "RETIRED"])),
        named("status nobody knows", demo(&["FIDO_CERTIFIED_L1", "KEYVET_NOBODY_KNOWS"])),
        named("not certified", demo(&["NOT_FIDO_CERTIFIED"])),
        named("without hmac-secret", of(900, entry().get_info("extensions", json!([])))),
        named(
            "self attestation alone",
            of(900, entry().statement("attestationTypes", json!(["basic_surrogate"]))),
        ),
        named("without the model", fixtures::Metadata::new(900)),
        Metadata {
            given: given(),
            ..named("without the model, root given by hand", fixtures::Metadata::new(900))
        },
        named(
            "older than the key table",
            fixtures::Metadata::new(200).entry(listed().root(other().root_der())),
        ),
    ]
}

/// The demonstration's model and its neighbours: one of another authority, and the listed one.
fn of(no: u64, demo: MetadataEntry) -> fixtures::Metadata {
    let neighbour = MetadataEntry::new(model(6), "Keyvet Other Key").root(other().root_der());
    let fallback = MetadataEntry::new(fixtures::FALLBACK_AAGUID, "Keyvet Nameless Key");
    let metadata = fixtures::Metadata::new(no).entry(demo).entry(neighbour).entry(fallback);
    metadata.entry(listed().root(authority().root_der()))
}

fn entry() -> MetadataEntry {
    MetadataEntry::new(DEMO_MODEL, "Keyvet Demo Key").root(authority().root_der())
}

fn listed() -> MetadataEntry {
    MetadataEntry::new(LISTED_AAGUID, "Keyvet Listed Key")
}

fn other() -> Authority {
    Authority::new("Other")
}

fn given() -> Vec<Anchor> {
    let certificate = Certificate::parse(authority().root_der()).unwrap();
    vec![Anchor::from_certificate(&certificate, "given by hand")]
}

fn named(name: &'static str, metadata: fixtures::Metadata) -> Metadata {
    let (catalogue, findings) = danger_read_unsigned_payload(&metadata.payload()).unwrap();
    assert!(findings.is_empty(), "{name}: {findings:?}");
    Metadata { name, catalogue: Some(catalogue), given: Vec::new() }
}

/// Every tenant.
pub(super) fn tenants() -> Vec<Tenant> {
    let legacy = fixtures::Tenant::legacy;
    let allowed = [DEMO_MODEL, LISTED_AAGUID];
    let profile = |number| Profile::new(number, NAMES[usize::from(number)]);
    let profiles = |profiles: Vec<Profile>| fixtures::Tenant::profiles(profiles);
    let groups = Scope { groups: vec!["staff".to_owned()], ..Scope::default() };
    let asked = Scope { profile: Some("nobody's profile".to_owned()), ..Scope::default() };
    let unknown = profile(1).with("attestationEnforcement", json!("sometimes"));
    let elsewhere = json!([target("all_users", &[1]), target("staff", &[2])]);
    vec![
        entra("model allowed", &legacy().allow(&allowed)),
        entra(ENFORCED, &legacy().attestation_enforced(true).allow(&allowed)),
        entra("attestation not enforced", &legacy()),
        entra("profile: any key", &profiles(vec![profile(1)])),
        entra("profile: attestation enforced", &profiles(vec![profile(1).attestation_enforced()])),
        entra("another model allowed", &legacy().allow(&[model(9)])),
        entra("model blocked", &legacy().block(&allowed)),
        entra("another model blocked", &legacy().block(&[model(9)])),
        entra("restrictions without a list", &legacy().allow(&[])),
        entra("profile: synced passkeys only", &profiles(vec![profile(1).types("synced")])),
        entra("method disabled", &legacy().disabled()),
        entra("no self-service", &legacy().without_self_service()),
        entra("a group excluded", &legacy().exclude("contractors")),
        entra("everybody excluded", &legacy().exclude("all_users")),
        entra("one group included, none named", &legacy().include_only("staff", &[])),
        Tenant {
            scope: groups,
            ..entra("another group included", &legacy().include_only("board", &[]))
        },
        entra(
            "no profile given",
            &profiles(vec![profile(1)]).with("includeTargets", json!([target("all_users", &[])])),
        ),
        Tenant {
            scope: asked,
            ..entra("a profile that is not there", &profiles(vec![profile(1)]))
        },
        entra(
            "two profiles, neither fits",
            &profiles(vec![profile(1).types("synced"), profile(2).allow(&[model(9)])]),
        ),
        entra(
            "a group's profile fits",
            &profiles(vec![profile(1).types("synced"), profile(2)])
                .with("includeTargets", elsewhere),
        ),
        entra("state not stated", &legacy().without("state")),
        entra("value nobody knows", &profiles(vec![unknown])),
        list("list with the model", &allowed),
        list("list without the model", &[model(9)]),
    ]
}

const NAMES: [&str; 3] = ["", "First", "Second"];

fn target(id: &str, profiles: &[u8]) -> Value {
    let profiles: Vec<_> = profiles.iter().map(|number| Profile::id(*number)).collect();
    json!({ "targetType": "group", "id": id, "allowedPasskeyProfiles": profiles })
}

fn entra(name: &'static str, tenant: &fixtures::Tenant) -> Tenant {
    read(name, &tenant.to_json())
}

fn list(name: &'static str, models: &[Aaguid]) -> Tenant {
    let lines: Vec<_> = models.iter().map(Aaguid::to_string).collect();
    read(name, &lines.join("\n"))
}

fn read(name: &'static str, document: &str) -> Tenant {
    let policy =
        keyvet_policy::read(document.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    Tenant { name, policy, scope: Scope::default() }
}

const DATE: &str = "2025-06-01";
