//! Demands that the model can hold and this version cannot judge: they leave a profile open.

use crate::model::{Attestation, Profile, Roots, Stated};
use crate::verdict::Reason;
use keyvet_finding::{Culprit, Kind, Severity};

/// One reason per profile that makes such demands.
pub(crate) fn judge(profile: &Profile, place: &str) -> Option<Reason> {
    let demands = &profile.requirements;
    let weaker = [Attestation::Any, Attestation::NotSelf].map(Stated::Value);
    let level = demands.certification_min.as_ref().map(|level| format!("certification {level}"));
    let named = [
        (demands.roots != Roots::Metadata).then(|| "roots of its own".to_owned()),
        level,
        demands.user_verification.map(|_| "user verification".to_owned()),
        weaker.contains(&demands.attestation).then(|| "attestation without a chain".to_owned()),
    ];
    let named: Vec<String> =
        named.into_iter().flatten().chain(demands.unjudged.iter().cloned()).collect();
    let detail = named.join(", ");
    (!named.is_empty()).then(|| Reason::leaves_open(&NOT_JUDGED, place, detail))
}

pub(crate) static NOT_JUDGED: Kind = Kind {
    id: "policy.demand-not-judged",
    severity: Severity::Warning,
    culprit: Culprit::Us,
    meaning: "The profile makes a demand that this version of keyvet reads and does not judge.",
    next_step: "Judge the demand named by hand, or use a newer keyvet.",
    source: "keyvet",
};
