//! Certificates and the paths between them.

use crate::{checks, parts};
use keyvet_x509::{Anchor, AnchorSet, Certificate, PathOutcome, PathRules, find_path};
use time::OffsetDateTime;

/// Reads certificates and looks for a path: one byte says how many of the last are anchors, the first is the leaf.
///
/// Readers never panic and keep the bytes; a path holds only certificates that came, each once, and each signed by the
/// next; slices and sets of anchors give the same outcome.
pub fn certificate_path(data: &[u8]) {
    let Some((anchors, rest)) = data.split_first() else { return };
    let certificates: Vec<Certificate> =
        parts::all(rest).into_iter().filter_map(|der| read(data, der)).collect();
    let kept = certificates.len().saturating_sub(usize::from(*anchors));
    let (came, trusted) = certificates.split_at(kept);
    let Some((leaf, others)) = came.split_first() else { return };
    let anchors: Vec<Anchor> =
        trusted.iter().map(|certificate| Anchor::from_certificate(certificate, "fuzz")).collect();
    let at = OffsetDateTime::UNIX_EPOCH;
    for rules in [PathRules::attestation(Some(at), false), PathRules::server(at, Some("a.example"))]
    {
        let outcome = find_path(leaf, others, &anchors, &rules);
        check(data, &outcome, leaf, others, &anchors);
        let set: AnchorSet = anchors.iter().collect();
        assert_eq!(set.find_path(leaf, others, &rules), outcome, "a set is searched differently");
    }
}

fn read(input: &[u8], der: &[u8]) -> Option<Certificate> {
    let certificate = match Certificate::parse(der) {
        Ok(certificate) => certificate,
        Err(error) => {
            checks::error(input, &error);
            return None;
        }
    };
    assert_eq!(certificate.der(), der, "the certificate is not the bytes received");
    let again = Certificate::parse(der).expect("the same bytes are read again");
    assert_eq!(again, certificate);
    facts(&certificate);
    Some(certificate)
}

/// Asks for everything there is to ask.
fn facts(certificate: &Certificate) {
    let names = [
        certificate.subject_text(),
        certificate.issuer_text(),
        certificate.serial_hex(),
        certificate.signature_algorithm_oid(),
    ];
    names.iter().for_each(|text| checks::printable(text));
    certificate.dns_names().iter().for_each(|text| checks::printable(text));
    certificate.extended_key_usage_oids().iter().for_each(|text| checks::printable(text));
    certificate.extensions().for_each(|extension| checks::printable(&extension.oid()));
    let _ = certificate.basic_constraints();
    let _ = certificate.key_usage();
    let _ = certificate.subject_alt_directory_attributes();
    let _ = certificate.subject_attributes("2.5.4.3");
    let _ = certificate.public_key().validate();
    let _ = certificate.key_identifier_sha1();
}

fn check(
    input: &[u8],
    outcome: &PathOutcome,
    leaf: &Certificate,
    others: &[Certificate],
    anchors: &[Anchor],
) {
    match outcome {
        PathOutcome::Anchored { anchor, chain, notes } => {
            let anchor = anchors.get(*anchor).expect("the anchor is one of those given");
            signed(leaf, chain, others, anchor);
            checks::findings(input, notes);
        }
        PathOutcome::NotAnchored { furthest, reasons } => {
            assert!(furthest.iter().all(|n| *n < others.len()), "a certificate that did not come");
            checks::findings(input, reasons);
        }
        PathOutcome::BudgetExhausted => {}
        _ => {}
    }
}

/// A path is only a path when every signature on it holds.
fn signed(leaf: &Certificate, chain: &[usize], others: &[Certificate], anchor: &Anchor) {
    let mut below = leaf;
    for (position, number) in chain.iter().enumerate() {
        assert!(!chain.iter().take(position).any(|n| n == number), "a certificate twice in a path");
        let issuer = others.get(*number).expect("the certificate came with the leaf");
        assert_eq!(below.issuer_raw(), issuer.subject_raw());
        assert_eq!(below.verify_signed_by(issuer.public_key()), Ok(()));
        below = issuer;
    }
    if below.der() != anchor.der() {
        assert_eq!(below.issuer_raw(), anchor.subject_raw());
        assert_eq!(below.verify_signed_by(anchor.public_key()), Ok(()));
    }
}
