//! From the leaf to an anchor: of this model, given for this run, or of another model.

use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_mds::{AnchorRef, Catalogue, Entry};
use keyvet_x509::{Anchor, AnchorSet, Certificate, ISSUER_NOT_FOUND};
use keyvet_x509::{PathOutcome, PathRules, find_path};
use time::OffsetDateTime;

use crate::assessment::{AttestationType, Trust};
use crate::context::Context;
use crate::model::{self, Model};

/// The chain ends at an anchor of this model or one that was given.
pub static ANCHORED: Kind = Kind {
    id: "attestation.anchored",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The certificate chain ends at an anchor that vouches for this model, or at one given for this run.",
    next_step: "Nothing to do.",
    source: "WebAuthn L3 §7.1",
};

/// The chain ends at another model's anchor.
pub static ANCHORED_ELSEWHERE: Kind = Kind {
    id: "attestation.anchored-elsewhere",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The certificate chain is genuine, but its anchor belongs to another model than the one the registration names. \
              The model is unknown; nothing is trusted.",
    next_step: "Check that the metadata is current. If it is, ask the vendor which model this key is.",
    source: "WebAuthn L3 §7.1",
};

/// The chain ends nowhere.
pub static UNANCHORED: Kind = Kind {
    id: "attestation.unanchored",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The certificate chain reaches no known anchor, so anybody may have made the attestation certificate.",
    next_step: "Check that the metadata is current, or give the vendor's root with --anchor if you trust it.",
    source: "WebAuthn L3 §7.1",
};

/// The search was given up.
pub static CHAIN_BUDGET: Kind = Kind {
    id: "attestation.chain-budget",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The certificates form so many possible chains that the search was given up. No real key makes such a list.",
    next_step: "Ask where this registration comes from.",
    source: "keyvet",
};

/// The time of the ceremony is unknown where it matters.
pub static CEREMONY_TIME_UNKNOWN: Kind = Kind {
    id: "attestation.ceremony-time-unknown",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "Certificates of this format live for days, so validity counts at the time of registration, which is not known.",
    next_step: "Keep the time of registration with the evidence if validity matters.",
    source: "WebAuthn L3 §8.8",
};

/// Where a chain ends.
pub(crate) struct Chain {
    pub(crate) trust: Trust,
    pub(crate) findings: Vec<Finding>,
    /// Leaf, intermediates and anchor, DER, when it is anchored anywhere.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Whether the anchor stands for the named model and no other.
    pub(crate) single_model: bool,
}

impl Chain {
    pub(crate) fn without(trust: Trust, findings: Vec<Finding>) -> Self {
        Self { trust, findings, certificates: Vec::new(), single_model: false }
    }
}

/// What the chain is checked with.
pub(crate) struct Search<'s, 'c> {
    pub(crate) attestation_type: AttestationType,
    pub(crate) certificates: &'s [Certificate],
    pub(crate) model: &'s Model<'c>,
    /// When the credential was made, if that is known.
    pub(crate) ceremony_time: Option<OffsetDateTime>,
}

impl Search<'_, '_> {
    /// Looks at this model's anchors, then at given ones, then at those of every other model.
    pub(crate) fn run(&self, context: &mut Context<'_>) -> Chain {
        let Some((leaf, others)) = self.certificates.split_first() else {
            return Chain::without(Trust::Unanchored, Vec::new());
        };
        let mut findings = self.time_unknown().into_iter().collect();
        let rules = self.rules(context);
        let found = self
            .own(leaf, others, &rules, context)
            .or_else(|outcome| given(leaf, others, &rules, context).ok_or(outcome))
            .or_else(|outcome| self.elsewhere(&rules, context).ok_or(outcome));
        match found {
            Ok(found) => self.anchored(found, findings),
            Err(outcome) => {
                findings.extend(refusals(outcome, leaf));
                Chain::without(Trust::Unanchored, findings)
            }
        }
    }

    /// Certificates of an anonymization CA live for days: they count when the credential was made.
    fn rules(&self, context: &Context<'_>) -> PathRules {
        let at = if self.is_short_lived() { self.ceremony_time } else { Some(context.at) };
        PathRules::attestation(at, context.strict_validity)
    }

    fn is_short_lived(&self) -> bool {
        self.attestation_type == AttestationType::AnonCa
    }

    fn time_unknown(&self) -> Option<Finding> {
        let unknown = self.is_short_lived() && self.ceremony_time.is_none();
        unknown.then(|| Finding::new(&CEREMONY_TIME_UNKNOWN, "format apple"))
    }

    fn own(
        &self,
        leaf: &Certificate,
        others: &[Certificate],
        rules: &PathRules,
        context: &mut Context<'_>,
    ) -> Result<Found, PathOutcome> {
        // built for a search only: of a batch certificate that was searched before, nothing but hashes is made
        let set = || {
            AnchorSet::new(self.anchors().map(|(der, entry)| (der.to_vec(), model::name(entry))))
        };
        let search = || set().find_path(leaf, others, rules);
        let outcome = match context.memory.as_deref_mut() {
            Some(memory) => {
                let anchors = self.anchors().map(|(der, _)| der);
                memory.find_path_to(leaf, others, anchors, rules, search)
            }
            None => search(),
        };
        let anchor = outcome.anchor().and_then(|number| self.anchors().nth(number));
        let anchor = anchor.and_then(|(der, entry)| Reached::only(der, model::name(entry)));
        let mut found = Found::new(outcome, anchor, leaf, others)?;
        found.single_model =
            context.catalogue.is_some_and(|catalogue| self.is_single(catalogue, &found));
        Ok(found)
    }

    /// The model's anchors, in order, each with the entry that lists it.
    fn anchors(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        let entries = self.model.entries.iter().copied();
        entries.flat_map(|entry| entry.anchors.iter().map(move |der| (der.as_slice(), entry)))
    }

    /// Whether no entry but those of this model lists the anchor.
    fn is_single(&self, catalogue: &Catalogue, found: &Found) -> bool {
        let is_own = |owner: &u32| self.model.entries.iter().any(|entry| entry.position == *owner);
        let same = catalogue.anchors().filter(|anchor| anchor.der == found.anchor.der);
        same.flat_map(|anchor| anchor.owners).all(is_own) && self.model.entries.len() == 1
    }

    fn elsewhere(&self, rules: &PathRules, context: &Context<'_>) -> Option<Found> {
        let catalogue = context.catalogue?;
        let (leaf, others) = self.certificates.split_first()?;
        let candidates = candidates(catalogue, self.certificates);
        let label = |anchor: &AnchorRef<'_>| owners(catalogue, anchor);
        let pairs = candidates.iter().map(|anchor| (anchor.der.to_vec(), label(anchor)));
        let anchors = AnchorSet::new(pairs);
        let outcome = anchors.find_path(leaf, others, rules);
        let anchor = outcome.anchor().and_then(|number| Reached::in_set(&anchors, number));
        let mut found = Found::new(outcome, anchor, leaf, others).ok()?;
        found.elsewhere = true;
        Some(found)
    }

    fn anchored(&self, found: Found, mut findings: Vec<Finding>) -> Chain {
        let (trust, kind) = match found.elsewhere {
            true => (Trust::AnchoredElsewhere, &ANCHORED_ELSEWHERE),
            false => (Trust::Anchored, &ANCHORED),
        };
        let anchor = &found.anchor;
        let detail = format!("{}, anchor of {}", anchor.subject, anchor.label);
        findings.push(Finding::new(kind, detail));
        findings.extend(found.notes);
        let single_model = found.single_model;
        Chain { trust, findings, certificates: found.certificates, single_model }
    }
}

/// The anchor at the end of a path. A remembered path names it without parsing it again.
struct Reached {
    der: Vec<u8>,
    subject: String,
    label: String,
}

impl Reached {
    fn in_set(anchors: &AnchorSet, number: usize) -> Option<Self> {
        Some(Self {
            der: anchors.der(number)?.to_vec(),
            subject: anchors.subject_text(number)?,
            label: anchors.label(number)?.to_owned(),
        })
    }

    fn only(der: &[u8], label: String) -> Option<Self> {
        Self::in_set(&AnchorSet::new([(der, label)]), 0)
    }
}

impl From<&Anchor> for Reached {
    fn from(anchor: &Anchor) -> Self {
        Self {
            der: anchor.der().to_vec(),
            subject: anchor.certificate().subject_text(),
            label: anchor.label().to_owned(),
        }
    }
}

/// A path that was found.
struct Found {
    anchor: Reached,
    certificates: Vec<Vec<u8>>,
    notes: Vec<Finding>,
    elsewhere: bool,
    single_model: bool,
}

impl Found {
    fn new(
        outcome: PathOutcome,
        anchor: Option<Reached>,
        leaf: &Certificate,
        others: &[Certificate],
    ) -> Result<Self, PathOutcome> {
        match (outcome, anchor) {
            (PathOutcome::Anchored { chain, notes, .. }, Some(anchor)) => {
                let between = chain.iter().filter_map(|number| others.get(*number));
                let path = std::iter::once(leaf).chain(between).map(|c| c.der().to_vec());
                let certificates = path.chain([anchor.der.clone()]).collect();
                Ok(Self { anchor, certificates, notes, elsewhere: false, single_model: false })
            }
            (outcome, _) => Err(outcome),
        }
    }
}

fn given(
    leaf: &Certificate,
    others: &[Certificate],
    rules: &PathRules,
    context: &Context<'_>,
) -> Option<Found> {
    let outcome = find_path(leaf, others, context.extra_anchors, rules);
    let anchor = outcome.anchor().and_then(|number| context.extra_anchors.get(number));
    let anchor = anchor.map(Reached::from);
    Found::new(outcome, anchor, leaf, others).ok()
}

/// Anchors that could be the leaf or have issued one of the certificates.
fn candidates<'c>(catalogue: &'c Catalogue, certificates: &'c [Certificate]) -> Vec<AnchorRef<'c>> {
    let mut names: Vec<&[u8]> = certificates.iter().map(Certificate::issuer_raw).collect();
    names.extend(certificates.first().map(Certificate::subject_raw));
    names.sort_unstable();
    names.dedup();
    names.into_iter().flat_map(|name| catalogue.anchors_named(name)).collect()
}

/// Names of the models an anchor belongs to; the catalogue shares some roots among a hundred.
fn owners(catalogue: &Catalogue, anchor: &AnchorRef<'_>) -> String {
    let entries = anchor.owners.iter().filter_map(|position| catalogue.entry(*position));
    let mut names: Vec<String> = entries.take(MAX_OWNERS).map(model::name).collect();
    names.dedup();
    let more = anchor.owners.len().saturating_sub(MAX_OWNERS);
    match more {
        0 => names.join(" / "),
        more => format!("{} and {more} more", names.join(" / ")),
    }
}

fn refusals(outcome: PathOutcome, leaf: &Certificate) -> Vec<Finding> {
    let unanchored = |detail: String| Finding::new(&UNANCHORED, detail);
    match outcome {
        PathOutcome::NotAnchored { reasons, .. } => {
            let end = reasons.iter().find(|reason| reason.kind() == &ISSUER_NOT_FOUND);
            let end = end.map_or_else(|| leaf.subject_text(), |reason| reason.detail().to_owned());
            let mut findings = vec![unanchored(format!("the chain ends at {end}"))];
            let other = |reason: &Finding| reason.kind() != &ISSUER_NOT_FOUND;
            findings.extend(reasons.into_iter().filter(other));
            findings
        }
        _ => vec![
            Finding::new(&CHAIN_BUDGET, "more than 64 signatures"),
            unanchored("the search was given up".to_owned()),
        ],
    }
}

/// Owners named in a detail.
const MAX_OWNERS: usize = 3;
