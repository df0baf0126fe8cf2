//! Our path builder against rustls-webpki on made-up hierarchies, within what both understand: version 3,
//! no self-issued intermediates, at most four of them, every date demanded.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use keyvet_x509::{Anchor, Certificate, PathOutcome, find_path};
use rcgen::date_time_ymd;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::time::Duration;
use support::made_up::{Party, ca, leaf, now, strict};

#[test]
fn both_builders_agree_on_two_thousand_hierarchies() {
    let mut dice = Dice(278);
    let keys: Vec<Party> = (0..4).map(|n| ca(&format!("ca {n}"), None)).collect();
    let (mut anchored, mut refused) = (0, 0);
    for round in 0..2_000 {
        let case = Case::roll(&mut dice, &keys);
        let ours = find_path(&case.leaf, &case.others, &case.anchors, &strict());
        let theirs = webpki_accepts(&case);
        match ours {
            PathOutcome::Anchored { .. } => anchored += 1,
            PathOutcome::NotAnchored { .. } => refused += 1,
            ref other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(ours.anchor().is_some(), theirs, "round {round}: {ours:?}");
    }
    assert!(anchored > 200 && refused > 200, "{anchored} anchored, {refused} refused");
}

/// One leaf, what came with it, and what is trusted.
struct Case {
    leaf: Certificate,
    others: Vec<Certificate>,
    anchors: Vec<Anchor>,
}

impl Case {
    /// A leaf under party 0, a certificate of every party from the next one, and party 3 or another as
    /// anchor; with mistakes now and then.
    fn roll(dice: &mut Dice, parties: &[Party]) -> Self {
        let parties: Vec<Party> = parties.iter().map(|party| blemish(dice, party)).collect();
        let start = dice.below(parties.len());
        let device = leaf("device");
        let mut others: Vec<_> = (1..parties.len())
            .map(|n| parties[n - 1].issued_by(signer(dice, &parties, n)))
            .filter(|certificate| !certificate.is_self_issued())
            .collect();
        let last = others.len().max(1);
        others.rotate_left(dice.below(last));
        if dice.one_in(6) {
            others.pop();
        }
        let anchor = if dice.one_in(6) { dice.below(parties.len()) } else { parties.len() - 1 };
        let anchors = vec![parties[anchor].anchor()];
        Self { leaf: device.issued_by(&parties[start]), others, anchors }
    }
}

/// Whom party `n - 1` is issued by: the next party, as a rule.
fn signer<'a>(dice: &mut Dice, parties: &'a [Party], n: usize) -> &'a Party {
    if dice.one_in(8) { &parties[dice.below(parties.len())] } else { &parties[n] }
}

/// The party as it should be, or with one of the mistakes that matter.
fn blemish(dice: &mut Dice, party: &Party) -> Party {
    let mut params = party.params.clone();
    match dice.below(16) {
        0 => params.is_ca = rcgen::IsCa::ExplicitNoCa,
        1 => params.not_after = date_time_ymd(2024, 1, 1),
        2 => params.not_before = date_time_ymd(2030, 1, 1),
        3 => params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0)),
        4 => params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(1)),
        5 => return Party { params, key: rcgen::KeyPair::generate().unwrap() },
        _ => {}
    }
    Party { params, key: rcgen::KeyPair::from_pem(&party.key.serialize_pem()).unwrap() }
}

fn webpki_accepts(case: &Case) -> bool {
    let der = |certificate: &Certificate| CertificateDer::from(certificate.der().to_vec());
    let roots: Vec<_> = case.anchors.iter().map(|anchor| der(anchor.certificate())).collect();
    let anchors: Vec<_> =
        roots.iter().map(|root| webpki::anchor_from_trusted_cert(root).unwrap()).collect();
    let others: Vec<_> = case.others.iter().map(der).collect();
    let leaf = der(&case.leaf);
    let at = u64::try_from(now().unix_timestamp()).unwrap();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(at));
    let leaf = webpki::EndEntityCert::try_from(&leaf).unwrap();
    let checked = leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &others,
        time,
        webpki::KeyUsage::client_auth(),
        None,
        None,
    );
    checked.is_ok()
}

/// A reproducible source of numbers (the multiplier of Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}
