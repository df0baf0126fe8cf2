//! Who signed: from `x5c` to a trusted root at a time, under the right name, not revoked.

use crate::crl::{self, Crl};
use crate::error::MdsError;
use crate::report::{ChainLink, Revocation};
use crate::trust::{MDS_HOST, Trust, is_pinned};
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::{Anchor, Certificate, PathOutcome, PathRules, PublicKey, find_path};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The signer's chain, judged.
pub(crate) struct Signer {
    pub(crate) chain: Vec<ChainLink>,
    pub(crate) root: String,
    pub(crate) host: Option<String>,
    pub(crate) revocation: Revocation,
    pub(crate) findings: Vec<Finding>,
}

/// Judges `certificates` (signer first) under `trust`.
pub(crate) fn judge(certificates: &[Certificate], trust: &Trust) -> Result<Signer, MdsError> {
    let (leaf, others) = certificates
        .split_first()
        .ok_or_else(|| MdsError::SignerCertificate { reason: "no certificate".to_owned() })?;
    let path = path(leaf, others, trust)?;
    let mut findings = path.notes;
    let host = check_host(leaf, path.anchor, trust, &mut findings)?;
    let revocation = check_revocation(&path.chain, path.anchor, trust, &mut findings)?;
    let chain = path.chain.into_iter().map(ChainLink::of).collect();
    let root = path.anchor.label().to_owned();
    Ok(Signer { chain, root, host, revocation, findings })
}

struct Path<'a> {
    chain: Vec<&'a Certificate>,
    anchor: &'a Anchor,
    notes: Vec<Finding>,
}

fn path<'a>(
    leaf: &'a Certificate,
    others: &'a [Certificate],
    trust: &'a Trust,
) -> Result<Path<'a>, MdsError> {
    let mut rules = PathRules::server(trust.at, None);
    let outcome = find_path(leaf, others, &trust.roots, &rules);
    if let Some(path) = anchored(&outcome, leaf, others, trust) {
        return Ok(path);
    }
    // is validity the only thing against it?
    rules.check_validity = false;
    let regardless = find_path(leaf, others, &trust.roots, &rules);
    let outside = anchored(&regardless, leaf, others, trust)
        .and_then(|path| path.chain.into_iter().find_map(|link| outside_validity(link, trust.at)));
    Err(outside.unwrap_or_else(|| untrusted(&regardless, leaf, others)))
}

fn anchored<'a>(
    outcome: &PathOutcome,
    leaf: &'a Certificate,
    others: &'a [Certificate],
    trust: &'a Trust,
) -> Option<Path<'a>> {
    let PathOutcome::Anchored { anchor, chain, notes } = outcome else { return None };
    let issuers = chain.iter().filter_map(|place| others.get(*place));
    let chain = std::iter::once(leaf).chain(issuers).collect();
    Some(Path { chain, anchor: trust.roots.get(*anchor)?, notes: notes.clone() })
}

fn outside_validity(certificate: &Certificate, at: OffsetDateTime) -> Option<MdsError> {
    let link = || Box::new(ChainLink::of(certificate));
    let shown = || at.format(&Rfc3339).unwrap_or_else(|_| at.to_string());
    if at > certificate.not_after() {
        Some(MdsError::SignerExpired { link: link(), at: shown() })
    } else if at < certificate.not_before() {
        Some(MdsError::SignerNotYetValid { link: link(), at: shown() })
    } else {
        None
    }
}

fn untrusted(outcome: &PathOutcome, leaf: &Certificate, others: &[Certificate]) -> MdsError {
    let reasons = match outcome {
        PathOutcome::NotAnchored { reasons, .. } => {
            reasons.iter().map(Finding::to_string).collect()
        }
        PathOutcome::BudgetExhausted => vec!["too many certificates to try".to_owned()],
        _ => vec!["no trusted root issued it".to_owned()],
    };
    let chain = std::iter::once(leaf).chain(others).map(ChainLink::of).collect();
    MdsError::ChainUntrusted { reason: reasons.join("; "), chain }
}

/// The signer must bear the service's name. A certificate without any name passes under a root the user
/// gave, with a warning: the conformance signer has none.
fn check_host(
    leaf: &Certificate,
    anchor: &Anchor,
    trust: &Trust,
    findings: &mut Vec<Finding>,
) -> Result<Option<String>, MdsError> {
    let wanted = trust.host.as_deref().unwrap_or(MDS_HOST);
    let names = leaf.dns_names();
    if let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(wanted)) {
        return Ok(Some(name.clone()));
    }
    if !names.is_empty() || is_pinned(anchor) {
        return Err(MdsError::SignerHost { wanted: wanted.to_owned(), found: names });
    }
    findings.push(Finding::new(&SIGNER_HOST_ABSENT, leaf.subject_text()));
    Ok(None)
}

fn check_revocation(
    chain: &[&Certificate],
    anchor: &Anchor,
    trust: &Trust,
    findings: &mut Vec<Finding>,
) -> Result<Revocation, MdsError> {
    let lists = trust.crls.iter().map(|bytes| Crl::parse(bytes)).collect::<Result<Vec<_>, _>>()?;
    let issuers = chain.iter().skip(1).map(|issuer| issuer.public_key());
    let issuers = issuers.chain([anchor.public_key()]);
    let mut checked = 0_usize;
    for (certificate, issuer) in chain.iter().zip(issuers) {
        if is_looked_up(certificate, issuer, &lists, trust.at, findings)? {
            checked = checked.saturating_add(1);
        } else {
            findings.push(Finding::new(&REVOCATION_NOT_CHECKED, certificate.subject_text()));
        }
    }
    Ok(match checked {
        0 => Revocation::NotChecked,
        all if all == chain.len() => Revocation::Checked,
        _ => Revocation::PartlyChecked,
    })
}

/// Whether a complete, current list of `certificate`'s issuer says nothing against it.
fn is_looked_up(
    certificate: &Certificate,
    issuer: &PublicKey,
    lists: &[Crl],
    at: OffsetDateTime,
    findings: &mut Vec<Finding>,
) -> Result<bool, MdsError> {
    let mut looked_up = false;
    for list in lists.iter().filter(|list| list.issuer == certificate.issuer_raw()) {
        list.verify(issuer, &certificate.issuer_text())?;
        if list.revokes(certificate.serial()) {
            return Err(MdsError::SignerRevoked { link: Box::new(ChainLink::of(certificate)) });
        }
        if list.is_stale(at) {
            findings.push(Finding::new(&crl::CRL_STALE, certificate.issuer_text()));
        }
        looked_up |= list.is_complete();
    }
    Ok(looked_up)
}

impl ChainLink {
    pub(crate) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject_text(),
            issuer: certificate.issuer_text(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: certificate.sha256(),
        }
    }
}

/// Under a root given by the user, the signer bears no host name.
pub(crate) static SIGNER_HOST_ABSENT: Kind = Kind {
    id: "mds.signer-host-absent",
    severity: Severity::Warning,
    culprit: Culprit::Metadata,
    meaning: "The signer's certificate bears no host name, so any certificate under the root you gave could have signed this file.",
    next_step: "Accept this only from a root that issues nothing but metadata signers.",
    source: "MDS 3.0 §3.1.7",
};

/// No revocation list was at hand for a certificate.
pub(crate) static REVOCATION_NOT_CHECKED: Kind = Kind {
    id: "mds.revocation-not-checked",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "Whether this certificate of the BLOB's signer was revoked is not known: no revocation list of its issuer was given.",
    next_step: "To have it checked, give the list that its certificate points to (--crl FILE).",
    source: "MDS 3.0 §3.1.7; RFC 5280 §6.3",
};
