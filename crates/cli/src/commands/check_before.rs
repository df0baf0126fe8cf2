//! What can be said before anybody has to touch the key: the key's own word against the policy.

use super::judge::Bench;
use crate::{commands::verify_result, document::verify::Reason};
use keyvet_attestation::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
use keyvet_ctap::{AttestationFormat, GetInfo};
use keyvet_policy::{Decision, Effect, Verdict};

/// The reasons for which the policy refuses this key however well its registration goes; none when nothing that the
/// key says of itself decides it.
pub(super) fn refusal(bench: &Bench, info: &GetInfo) -> Vec<Reason> {
    let Some(verdict) = bench.verdict(&best_case(bench, info)) else { return Vec::new() };
    let Verdict { registration, sign_in, .. } = &verdict;
    let answers = [registration, sign_in];
    let refused = answers.into_iter().find(|answer| answer.decision == Decision::Refused);
    let reasons = refused.map(|answer| answer.reasons.as_slice()).unwrap_or_default();
    let refusing = reasons.iter().filter(|reason| reason.effect == Effect::Refuses);
    refusing.map(verify_result::reason).collect()
}

/// The best that a registration on this key can prove: a valid packed statement whose chain ends where the metadata
/// has an anchor for the model that the key claims.
fn best_case(bench: &Bench, info: &GetInfo) -> Assessment {
    let catalogue = bench.metadata.as_ref().map(|metadata| &metadata.catalogue);
    let entry = info.aaguid.and_then(|aaguid| catalogue?.by_aaguid(&aaguid));
    let anchored = entry.is_some() || catalogue.is_none() || bench.has_anchors();
    let mut assessment = Assessment::new(Statement::Valid);
    assessment.format = Some(AttestationFormat::PACKED);
    assessment.attestation_type = Some(AttestationType::Basic);
    assessment.trust = if anchored { Trust::Anchored } else { Trust::Unanchored };
    assessment.aaguid = info.aaguid;
    assessment.aaguid_standing = AaguidStanding::Claimed;
    assessment.model = entry.and_then(|entry| entry.description.clone());
    assessment
}
