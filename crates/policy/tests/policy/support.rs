//! Credentials, metadata and policies for the tests of the verdict.

use keyvet_attestation::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
use keyvet_ctap::{Aaguid, AttestationFormat, CoseAlgorithm, Flags};
use keyvet_mds::Catalogue;
use keyvet_policy::entra::KeyTable;
use keyvet_policy::{Answer, Decision, Effect, Policy, Scope, Subject, Verdict, decide, read};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Listed by Entra and certified.
pub(crate) const YUBIKEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
/// Sold under the same description as [`YUBIKEY`], another model, listed too.
pub(crate) const YUBIKEY_TWIN: &str = "fa2b99dc-9e39-4257-8f92-4a30d23c4118";
/// In metadata, never certified, not listed.
pub(crate) const CANOKEY: &str = "244eb29e-e090-4e49-81fe-1f20f8d3b8f4";
/// In metadata and certified since October 2026; not in the table of that month.
pub(crate) const NOT_YET: &str = "6e34341a-88c7-483d-b777-a425c355be93";
/// Microsoft Authenticator on Android.
pub(crate) const AUTHENTICATOR: &str = "de1e552d-db1d-4423-a619-566b625cdc84";
/// Nowhere.
pub(crate) const INVENTED: &str = "4453496e-7465-726e-616c-730000000000";
/// No findings, no reasons.
pub(crate) const NOTHING: [&str; 0] = [];
pub(crate) const ZERO: &str = "00000000-0000-0000-0000-000000000000";

const UP_UV_AT: u8 = 0x45;
const BE: u8 = 0x08;

/// A registration by a security key with batch attestation, proven.
pub(crate) fn attested(aaguid: &str) -> Assessment {
    let mut assessment = claimed(aaguid);
    assessment.format = Some(AttestationFormat::PACKED);
    assessment.attestation_type = Some(AttestationType::Basic);
    assessment.trust = Trust::Anchored;
    assessment.aaguid_standing = AaguidStanding::Proven;
    assessment
}

/// A registration without attestation.
pub(crate) fn claimed(aaguid: &str) -> Assessment {
    let mut assessment = Assessment::new(Statement::Valid);
    assessment.format = Some(AttestationFormat::NONE);
    assessment.aaguid = Some(id(aaguid));
    assessment.attestation_type = Some(AttestationType::None);
    assessment.trust = Trust::NotApplicable;
    assessment.aaguid_standing = match id(aaguid).is_zero() {
        true => AaguidStanding::Absent,
        false => AaguidStanding::Claimed,
    };
    assessment.flags = Some(Flags(UP_UV_AT));
    assessment.algorithm = Some(CoseAlgorithm::ES256);
    assessment
}

/// The same registration by a passkey that may be copied between devices.
pub(crate) fn synced(mut assessment: Assessment) -> Assessment {
    assessment.flags = Some(Flags(UP_UV_AT | BE));
    assessment
}

pub(crate) fn id(text: &str) -> Aaguid {
    text.parse().unwrap()
}

/// Genuine metadata no 291, its signature left aside.
pub(crate) fn no_291() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        keyvet_mds::danger_read_unsigned_payload(&keyvet_testkit::payload_291()).unwrap().0
    })
}

/// Metadata of one entry.
pub(crate) fn catalogue(no: u64, aaguid: &str, statuses: &[&str]) -> Catalogue {
    let reports: Vec<Value> = statuses.iter().map(|s| json!({ "status": s })).collect();
    let payload = json!({"no": no, "nextUpdate": "2026-12-01", "entries": [{
        "aaguid": aaguid, "statusReports": reports, "metadataStatement": {
            "description": "Test key", "protocolFamily": "fido2", "authenticatorGetInfo": {
                "versions": ["FIDO_2_0"], "extensions": ["hmac-secret"],
                "options": {"rk": true, "clientPin": false}}}}]});
    let bytes = serde_json::to_vec(&payload).unwrap();
    keyvet_mds::danger_read_unsigned_payload(&bytes).unwrap().0
}

/// A policy in profile form for all users; `profile` is laid over one that restricts nothing.
pub(crate) fn with_profile(profile: Value) -> Value {
    with_profiles(&[profile])
}

/// As [`with_profile`], with several; all are given to all users.
pub(crate) fn with_profiles(profiles: &[Value]) -> Value {
    let base = |i: usize| {
        json!({"id": format!("p{i}"), "name": format!("Profile {i}"),
            "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled",
            "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}})
    };
    let profiles: Vec<Value> =
        profiles.iter().enumerate().map(|(i, over)| overlaid(base(i), over)).collect();
    let ids: Vec<&Value> = profiles.iter().map(|profile| &profile["id"]).collect();
    json!({"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "includeTargets": [
            {"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": ids}],
        "excludeTargets": [], "passkeyProfiles": profiles})
}

pub(crate) fn overlaid(mut base: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

pub(crate) fn list(mode: &str, aaguids: &[&str]) -> Value {
    json!({"keyRestrictions":
        {"isEnforced": true, "enforcementType": mode, "aaGuids": aaguids}})
}

pub(crate) fn enforced() -> Value {
    with_profile(json!({"attestationEnforcement": "registrationOnly"}))
}

pub(crate) fn policy(json: &Value) -> Policy {
    read(&serde_json::to_vec(json).unwrap()).unwrap()
}

pub(crate) fn sample(name: &str) -> Vec<u8> {
    keyvet_testkit::vector(&format!("entra/samples/{name}"))
}

/// Judged with metadata no 291 and the embedded table, for nobody in particular.
pub(crate) fn judge(json: &Value, assessment: &Assessment) -> Verdict {
    judge_for(&policy(json), assessment, &Scope::default())
}

pub(crate) fn judge_for(policy: &Policy, assessment: &Assessment, scope: &Scope) -> Verdict {
    judge_with(policy, assessment, Some(no_291()), scope)
}

pub(crate) fn judge_with(
    policy: &Policy,
    assessment: &Assessment,
    catalogue: Option<&Catalogue>,
    scope: &Scope,
) -> Verdict {
    let subject = Subject { assessment, catalogue, key_table: KeyTable::embedded() };
    decide(policy, &subject, scope)
}

pub(crate) fn group(id: &str) -> Scope {
    Scope { groups: vec![id.to_owned()], ..Scope::default() }
}

pub(crate) fn profile(name: &str) -> Scope {
    Scope { profile: Some(name.to_owned()), ..Scope::default() }
}

/// Decisions for registration and sign-in.
pub(crate) fn decisions(verdict: &Verdict) -> (Decision, Decision) {
    (verdict.registration.decision, verdict.sign_in.decision)
}

pub(crate) fn ids(answer: &Answer) -> Vec<&'static str> {
    answer.reasons.iter().map(keyvet_policy::Reason::id).collect()
}

/// Ids of the reasons that decide against, or leave open.
pub(crate) fn deciding(answer: &Answer) -> Vec<&'static str> {
    let decides = |effect| matches!(effect, Effect::Refuses | Effect::LeavesOpen);
    answer.reasons.iter().filter(|r| decides(r.effect)).map(keyvet_policy::Reason::id).collect()
}

/// The reason of that id, as one line: place and values.
pub(crate) fn said(answer: &Answer, id: &str) -> String {
    let reason = answer.reasons.iter().find(|reason| reason.id() == id);
    let reason = reason.unwrap_or_else(|| panic!("{id} is not among {:?}", ids(answer)));
    format!("{} | {}", reason.source, reason.detail())
}

pub(crate) fn finding_ids(findings: &[keyvet_finding::Finding]) -> Vec<&'static str> {
    findings.iter().map(keyvet_finding::Finding::id).collect()
}
