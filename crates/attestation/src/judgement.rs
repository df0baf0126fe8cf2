//! From a verified statement to a model: lookup, chain, standing of the AAGUID, status.

use keyvet_ctap::AttestationFormat;
use keyvet_evidence::Registration;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aaguid_extension;
use crate::assessment::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
use crate::chain::{Chain, Search};
use crate::context::Context;
use crate::metadata_status;
use crate::model::Model;
use crate::verification::{Ceremony, Verification};

/// The chain of a statement that does not hold.
pub static CHAIN_NOT_JUDGED: Kind = Kind {
    id: "attestation.chain-not-judged",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The statement does not hold or could not be checked, so its certificates prove nothing about this key, \
              wherever their chain leads.",
    next_step: "Solve what makes the statement fail first.",
    source: "keyvet",
};

/// A trusted chain that does not tell which model it is.
pub static AAGUID_NOT_BOUND: Kind = Kind {
    id: "attestation.aaguid-not-bound",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The certificate does not name the model, and its anchor stands for several models or was given by hand. \
              The chain is trusted; which of the models it is remains a claim.",
    next_step: "Do not rely on the exact model, or ask the vendor for keys whose certificate carries the AAGUID extension.",
    source: "WebAuthn L3 §8.2.1",
};

/// Everything known about one registration when its statement has been verified.
pub(crate) struct Subject<'a> {
    pub(crate) format: &'a AttestationFormat,
    pub(crate) ceremony: &'a Ceremony<'a>,
    pub(crate) verification: &'a Verification,
    pub(crate) registration: &'a Registration,
    pub(crate) firmware: Option<u64>,
}

impl Subject<'_> {
    /// Fills in everything after the statement.
    pub(crate) fn judge(&self, assessment: &mut Assessment, context: &mut Context<'_>) {
        let units = self.units();
        let mut model =
            Model::look_up(context.catalogue, self.format, self.ceremony, self.verification);
        let mut chain = Chain::without(self.trust_without_statement(), Vec::new());
        if assessment.statement == Statement::Valid {
            let (attestation_type, followed) = self.follow(&units, &model, context);
            assessment.attestation_type = Some(attestation_type);
            model.check_type(attestation_type);
            chain = followed;
        } else if chain.trust == Trust::Unanchored {
            chain.findings.push(Finding::new(&CHAIN_NOT_JUDGED, assessment.statement.as_str()));
        }
        assessment.trust = chain.trust;
        assessment.model = model.names();
        assessment.metadata = model.entries.iter().map(|entry| entry.position).collect();
        assessment.aaguid_standing = self.standing(&units, &chain);
        let not_bound = self.not_bound(&chain, assessment.aaguid_standing);
        let status = self.status(&model, &chain, context.at);
        let parts = [model.findings, chain.findings, not_bound, status];
        assessment.findings.extend(parts.into_iter().flatten());
    }

    /// The statement, or the parts of a compound one.
    fn units(&self) -> Vec<&Verification> {
        match self.verification.parts.as_slice() {
            [] => vec![self.verification],
            parts => parts.iter().collect(),
        }
    }

    /// No chain is expected of `none` and of self attestation, whether they hold or not.
    fn trust_without_statement(&self) -> Trust {
        let is_self = self.verification.attestation_type == AttestationType::SelfAttestation;
        match *self.format == AttestationFormat::NONE || is_self {
            true => Trust::NotApplicable,
            false => Trust::Unanchored,
        }
    }

    /// Follows every chain. A part that leads to another model outweighs one that leads to this one.
    fn follow(
        &self,
        units: &[&Verification],
        model: &Model<'_>,
        context: &mut Context<'_>,
    ) -> (AttestationType, Chain) {
        let mut attestation_type = self.verification.attestation_type;
        let mut best = Chain::without(Trust::NotApplicable, Vec::new());
        for unit in units {
            let mut chain = self.chain_of(unit, model, context);
            let mut findings = std::mem::take(&mut best.findings);
            findings.append(&mut chain.findings);
            if units.len() == 1 || weight(chain.trust) > weight(best.trust) {
                attestation_type = unit.attestation_type;
                best = chain;
            }
            best.findings = findings;
        }
        (attestation_type, best)
    }

    fn chain_of(&self, unit: &Verification, model: &Model<'_>, context: &mut Context<'_>) -> Chain {
        match unit.attestation_type {
            AttestationType::None | AttestationType::SelfAttestation => {
                Chain::without(Trust::NotApplicable, Vec::new())
            }
            // whatever its chain says: the service that vouched for the phone is gone
            _ if unit.retired => Chain::without(Trust::Unanchored, Vec::new()),
            attestation_type => {
                let (certificates, ceremony_time) = (&unit.certificates, self.ceremony_time());
                Search { attestation_type, certificates, model, ceremony_time }.run(context)
            }
        }
    }

    fn ceremony_time(&self) -> Option<OffsetDateTime> {
        let time = self.registration.time.as_deref()?;
        OffsetDateTime::parse(time, &Rfc3339).ok()
    }

    /// The trust rule: valid statement, trusted chain, and a certificate or an anchor that names this model
    /// and no other. WebAuthn §8.2.1 asks for the extension wherever one root serves several models, so a
    /// missing extension under a root of one model is no gap. No U2F signature covers an AAGUID.
    fn standing(&self, units: &[&Verification], chain: &Chain) -> AaguidStanding {
        let aaguid = self.ceremony.credential.aaguid;
        let is_u2f = *self.format == AttestationFormat::FIDO_U2F;
        let leaves = units.iter().filter_map(|unit| unit.certificates.first());
        let is_named = leaves.into_iter().any(|leaf| aaguid_extension::names(leaf, aaguid));
        match chain.trust {
            _ if aaguid.is_zero() => AaguidStanding::Absent,
            Trust::Anchored if !is_u2f && (is_named || chain.single_model) => {
                AaguidStanding::Proven
            }
            _ => AaguidStanding::Claimed,
        }
    }

    fn not_bound(&self, chain: &Chain, standing: AaguidStanding) -> Vec<Finding> {
        let is_claim = chain.trust == Trust::Anchored && standing == AaguidStanding::Claimed;
        let aaguid = self.ceremony.credential.aaguid;
        is_claim.then(|| Finding::new(&AAGUID_NOT_BOUND, aaguid)).into_iter().collect()
    }

    fn status(&self, model: &Model<'_>, chain: &Chain, at: OffsetDateTime) -> Vec<Finding> {
        let chain = chain.certificates.as_slice();
        let subject = metadata_status::Subject { chain, firmware: self.firmware, at };
        model.entries.iter().flat_map(|entry| subject.status(entry)).collect()
    }
}

fn weight(trust: Trust) -> u8 {
    match trust {
        Trust::NotApplicable => 0,
        Trust::Unanchored => 1,
        Trust::Anchored => 2,
        Trust::AnchoredElsewhere => 3,
    }
}
