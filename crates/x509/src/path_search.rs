//! The search behind [`find_path`](crate::find_path): depth first, anchors before companions, every
//! signature and comparison paid from the budget, so that cycles, cross-signed crowds and chains of ten
//! thousand certificates end soon.

use crate::anchor::Anchors;
use crate::certificate::Certificate;
use crate::extension::UNDERSTOOD;
use crate::path::{PathOutcome, PathRules};
use crate::path_kinds as kinds;
use crate::public_key::PublicKey;
use crate::verify::VerifyError;
use keyvet_finding::{Coded, Finding, Kind};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One search in progress.
pub(crate) struct Search<'a, A: ?Sized> {
    leaf: &'a Certificate,
    others: &'a [Certificate],
    anchors: &'a A,
    rules: &'a PathRules,
    signature_checks: u32,
    steps: u32,
    path: Vec<usize>,
    furthest: Vec<usize>,
    refusals: Vec<Finding>,
}

/// How a branch of the search ended.
enum Branch {
    Anchored(usize),
    DeadEnd,
}

/// The budget is used up.
struct Exhausted;

impl<'a, A: Anchors + ?Sized> Search<'a, A> {
    pub(crate) fn new(
        leaf: &'a Certificate,
        others: &'a [Certificate],
        anchors: &'a A,
        rules: &'a PathRules,
    ) -> Self {
        Self {
            leaf,
            others,
            anchors,
            rules,
            signature_checks: rules.budget.signature_checks,
            steps: rules.budget.steps,
            path: Vec::new(),
            furthest: Vec::new(),
            refusals: Vec::new(),
        }
    }

    pub(crate) fn run(mut self) -> PathOutcome {
        let failures = leaf_failures(self.leaf, self.rules);
        if !failures.is_empty() {
            return PathOutcome::NotAnchored { furthest: Vec::new(), reasons: failures };
        }
        if let Some(anchor) = self.leaf_as_anchor() {
            return self.anchored(anchor);
        }
        match self.climb(self.leaf) {
            Ok(Branch::Anchored(anchor)) => self.anchored(anchor),
            Ok(Branch::DeadEnd) => self.not_anchored(),
            Err(Exhausted) => PathOutcome::BudgetExhausted,
        }
    }

    /// The anchor whose certificate is the leaf, byte for byte.
    fn leaf_as_anchor(&self) -> Option<usize> {
        let same = |n: &usize| self.anchors.anchor(*n).is_some_and(|a| a.der() == self.leaf.der());
        self.anchors.named(self.leaf.subject_raw()).find(same)
    }

    /// Looks for the issuer of `certificate`: an anchor, or a companion from which a path goes on.
    fn climb(&mut self, certificate: &'a Certificate) -> Result<Branch, Exhausted> {
        let anchors = self.anchors;
        for number in anchors.named(certificate.issuer_raw()) {
            let Some(anchor) = anchors.anchor(number) else { continue };
            if self.is_signed_by(certificate, anchor.public_key())? {
                return Ok(Branch::Anchored(number));
            }
        }
        if self.path.len() >= usize::try_from(self.rules.budget.depth).unwrap_or(usize::MAX) {
            return Err(Exhausted);
        }
        for (number, companion) in self.others.iter().enumerate() {
            if !self.may_follow(certificate, number, companion)?
                || !self.is_signed_by(certificate, companion.public_key())?
            {
                continue;
            }
            self.path.push(number);
            if let anchored @ Branch::Anchored(_) = self.climb(companion)? {
                return Ok(anchored);
            }
            if self.path.len() > self.furthest.len() {
                self.furthest.clone_from(&self.path);
            }
            self.path.pop();
        }
        Ok(Branch::DeadEnd)
    }

    /// Whether `companion` has the issuer's name, is not in the path yet, and may be an issuer.
    fn may_follow(
        &mut self,
        certificate: &Certificate,
        number: usize,
        companion: &Certificate,
    ) -> Result<bool, Exhausted> {
        self.steps = self.steps.checked_sub(1).ok_or(Exhausted)?;
        if companion.subject_raw() != certificate.issuer_raw() || self.is_in_path(number) {
            return Ok(false);
        }
        match self.issuer_failure(companion) {
            Some(failure) => {
                self.refuse(failure);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Whether the certificate at `number`, or one with the same bytes, is part of the path.
    fn is_in_path(&self, number: usize) -> bool {
        let Some(certificate) = self.others.get(number) else { return true };
        let same = |n: &usize| *n == number || self.others.get(*n) == Some(certificate);
        self.path.iter().any(same) || certificate == self.leaf
    }

    fn is_signed_by(
        &mut self,
        certificate: &Certificate,
        key: &PublicKey,
    ) -> Result<bool, Exhausted> {
        self.signature_checks = self.signature_checks.checked_sub(1).ok_or(Exhausted)?;
        match certificate.verify_signed_by(key) {
            Ok(()) => Ok(true),
            Err(error) => {
                self.refuse(signature_refusal(certificate, error));
                Ok(false)
            }
        }
    }

    /// Why `certificate` may not issue at this place of the path.
    fn issuer_failure(&self, certificate: &Certificate) -> Option<Finding> {
        if self.rules.require_ca_on_intermediates
            && let Some(failure) = self.ca_failure(certificate)
        {
            return Some(failure);
        }
        general_failures(certificate, self.rules).into_iter().next()
    }

    fn ca_failure(&self, certificate: &Certificate) -> Option<Finding> {
        let name = certificate.subject_text();
        let constraints = certificate.basic_constraints().unwrap_or_default();
        if !constraints.ca {
            return Some(Finding::new(&kinds::ISSUER_NOT_CA, name));
        }
        if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign) {
            return Some(Finding::new(&kinds::ISSUER_KEY_USAGE, name));
        }
        let below = self.intermediates_below();
        let limit = constraints.path_len.and_then(|limit| usize::try_from(limit).ok())?;
        (below > limit).then(|| {
            let detail = format!("{name}: {below} intermediates below it, {limit} allowed");
            Finding::new(&kinds::PATH_LENGTH, detail)
        })
    }

    /// RFC 5280 §4.2.1.9 does not count self-issued intermediates.
    fn intermediates_below(&self) -> usize {
        let path = self.path.iter().filter_map(|n| self.others.get(*n));
        path.filter(|certificate| !certificate.is_self_issued()).count()
    }

    fn refuse(&mut self, finding: Finding) {
        if self.refusals.len() < MAX_REFUSALS && !self.refusals.contains(&finding) {
            self.refusals.push(finding);
        }
    }

    fn not_anchored(mut self) -> PathOutcome {
        let last = self.furthest.last().and_then(|n| self.others.get(*n)).unwrap_or(self.leaf);
        let mut reasons = vec![Finding::new(&kinds::ISSUER_NOT_FOUND, issuer_detail(last))];
        reasons.append(&mut self.refusals);
        PathOutcome::NotAnchored { furthest: self.furthest, reasons }
    }

    fn anchored(self, anchor: usize) -> PathOutcome {
        let mut notes = Vec::new();
        let path = self.path.iter().filter_map(|n| self.others.get(*n));
        for certificate in std::iter::once(self.leaf).chain(path) {
            notes.extend(validity_note(certificate, self.rules.at));
            let unknown = unknown_critical(certificate);
            notes.extend(unknown.map(|detail| Finding::new(&kinds::CRITICAL_EXTENSION, detail)));
        }
        notes.extend(self.anchor_validity(anchor));
        notes.extend(self.order_note());
        notes.extend(self.unrelated_note(anchor));
        PathOutcome::Anchored { anchor, chain: self.path, notes }
    }

    fn anchor_validity(&self, anchor: usize) -> Option<Finding> {
        let certificate = self.anchors.anchor(anchor)?.certificate();
        if certificate == self.leaf {
            return None;
        }
        let at = self.rules.at?;
        (!certificate.is_valid_at(at))
            .then(|| Finding::new(&kinds::ANCHOR_VALIDITY, validity_detail(certificate)))
    }

    /// Each certificate should certify the one before it.
    fn order_note(&self) -> Option<Finding> {
        let in_order = self.path.iter().copied().eq(0..self.path.len());
        let order: Vec<String> =
            self.path.iter().map(|n| n.saturating_add(1).to_string()).collect();
        (!in_order).then(|| {
            let detail = format!("the path goes over x5c positions {}", order.join(", "));
            Finding::new(&kinds::CHAIN_ORDER, detail)
        })
    }

    fn unrelated_note(&self, anchor: usize) -> Option<Finding> {
        let anchor = self.anchors.anchor(anchor)?;
        let is_spare = |(n, certificate): &(usize, &Certificate)| {
            !self.path.contains(n) && !stands_for(certificate, anchor)
        };
        let count = self.others.iter().enumerate().filter(is_spare).count();
        let detail = format!("{count} of {} further certificates", self.others.len());
        (count > 0).then(|| Finding::new(&kinds::UNRELATED_CERTIFICATES, detail))
    }
}

/// Whether `certificate` speaks of the anchor's name and key, as a root repeated in x5c does.
fn stands_for(certificate: &Certificate, anchor: &crate::anchor::Anchor) -> bool {
    certificate.subject_raw() == anchor.subject_raw()
        && certificate.public_key() == anchor.public_key()
}

/// Why the leaf fails before any path is looked for.
fn leaf_failures(leaf: &Certificate, rules: &PathRules) -> Vec<Finding> {
    let mut failures = general_failures(leaf, rules);
    failures.extend(purpose_failure(leaf, rules));
    failures.extend(name_failure(leaf, rules));
    failures
}

/// What can be wrong with any certificate of a path.
fn general_failures(certificate: &Certificate, rules: &PathRules) -> Vec<Finding> {
    let outside = || outside_validity(certificate, rules.at?);
    let validity = rules.check_validity.then(outside).flatten();
    let unknown = || unknown_critical(certificate);
    let critical = rules.refuse_unknown_critical.then(unknown).flatten();
    let validity =
        validity.map(|_| Finding::new(&kinds::OUTSIDE_VALIDITY, validity_detail(certificate)));
    let critical = critical.map(|detail| Finding::new(&kinds::CRITICAL_EXTENSION_REFUSED, detail));
    validity.into_iter().chain(critical).collect()
}

/// The kind of note when `at` lies outside the validity.
fn outside_validity(certificate: &Certificate, at: OffsetDateTime) -> Option<&'static Kind> {
    match () {
        () if at < certificate.not_before() => Some(&kinds::NOT_YET_VALID),
        () if at > certificate.not_after() => Some(&kinds::EXPIRED),
        () => None,
    }
}

fn validity_note(certificate: &Certificate, at: Option<OffsetDateTime>) -> Option<Finding> {
    Some(Finding::new(outside_validity(certificate, at?)?, validity_detail(certificate)))
}

fn validity_detail(certificate: &Certificate) -> String {
    let text = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_else(|_| at.to_string());
    format!(
        "{}: {} to {}",
        certificate.subject_text(),
        text(certificate.not_before()),
        text(certificate.not_after())
    )
}

/// The first critical extension that is not understood, and whose it is.
fn unknown_critical(certificate: &Certificate) -> Option<String> {
    let is_unknown = |e: &crate::Extension<'_>| e.critical && !UNDERSTOOD.iter().any(|o| e.is(o));
    let unknown = certificate.extensions().find(is_unknown)?;
    Some(format!("{}: {}", certificate.subject_text(), unknown.oid()))
}

fn purpose_failure(leaf: &Certificate, rules: &PathRules) -> Option<Finding> {
    let purposes = leaf.extended_key_usage_oids();
    let fits = purposes.iter().any(|oid| oid == SERVER_AUTH || oid == ANY_PURPOSE);
    (rules.server_purpose && !purposes.is_empty() && !fits)
        .then(|| Finding::new(&kinds::PURPOSE, purposes.join(", ")))
}

fn name_failure(leaf: &Certificate, rules: &PathRules) -> Option<Finding> {
    let wanted = rules.dns_name.as_ref()?;
    let names = leaf.dns_names();
    (!names.iter().any(|name| name.eq_ignore_ascii_case(wanted))).then(|| {
        let detail = format!("wanted {wanted}, certificate has {}", names.join(", "));
        Finding::new(&kinds::DNS_NAME, detail)
    })
}

fn signature_refusal(certificate: &Certificate, error: VerifyError) -> Finding {
    let detail = match error {
        VerifyError::UnsupportedAlgorithm | VerifyError::AlgorithmKeyMismatch => format!(
            "{}: signed with {}",
            certificate.subject_text(),
            certificate.signature_algorithm_oid()
        ),
        _ => format!("{}: {error}", certificate.subject_text()),
    };
    Finding::new(error.kind(), detail)
}

fn issuer_detail(certificate: &Certificate) -> String {
    format!("{}, issued by {}", certificate.subject_text(), certificate.issuer_text())
}

/// Refusals kept for the report; more of them explain nothing.
const MAX_REFUSALS: usize = 16;

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE: &str = "2.5.29.37.0";
