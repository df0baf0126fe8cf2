//! Paths to an anchor, over made-up chains: each refusal beside its accepted twin.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use keyvet_x509::{Anchor, Certificate, PathOutcome, PathRules, find_path};
use rcgen::{CustomExtension, KeyUsagePurpose, date_time_ymd};
use support::made_up::{ca, leaf, lenient, now, strict};

/// Ids of the findings of an outcome.
fn ids(outcome: &PathOutcome) -> Vec<&'static str> {
    match outcome {
        PathOutcome::Anchored { notes, .. } => notes.iter().map(|f| f.id()).collect(),
        PathOutcome::NotAnchored { reasons, .. } => reasons.iter().map(|f| f.id()).collect(),
        other => panic!("{other:?}"),
    }
}

/// Asserts a path to anchor 0 over these positions, and these notes.
#[track_caller]
fn assert_anchored(outcome: &PathOutcome, over: &[usize], notes: &[&str]) {
    let PathOutcome::Anchored { anchor, chain, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((*anchor, chain.as_slice()), (0, over));
    assert_eq!(ids(outcome), notes);
}

/// Asserts that there is no path and that `reason` is among the reasons.
#[track_caller]
fn assert_refused(outcome: &PathOutcome, reason: &str) {
    assert!(matches!(outcome, PathOutcome::NotAnchored { .. }), "{outcome:?}");
    assert!(ids(outcome).contains(&reason), "{outcome:?}");
}

#[test]
fn a_leaf_issued_by_the_anchor_is_anchored() {
    let (root, key) = (ca("root", None), leaf("key"));
    let found = find_path(&key.issued_by(&root), &[], &[root.anchor()], &lenient());
    assert_anchored(&found, &[], &[]);
}

#[test]
fn an_issuer_with_the_right_name_and_another_key_is_refused() {
    let (root, key) = (ca("root", None), leaf("key"));
    let forged = key.issued_by(&root.with_other_key());
    let found = find_path(&forged, &[], &[root.anchor()], &lenient());
    assert_refused(&found, "x509.signature-bad");
}

#[test]
fn an_issuer_with_the_right_key_and_another_name_is_refused() {
    let (root, key) = (ca("root", None), leaf("key"));
    let mut renamed = ca("other root", None);
    renamed.key = rcgen::KeyPair::from_pem(&root.key.serialize_pem()).unwrap();
    let found = find_path(&key.issued_by(&renamed), &[], &[root.anchor()], &lenient());
    assert_refused(&found, "x509.issuer-not-found");
    let found = find_path(&key.issued_by(&renamed), &[], &[renamed.anchor()], &lenient());
    assert_anchored(&found, &[], &[]);
}

#[test]
fn a_leaf_that_is_the_anchor_needs_no_path() {
    let elsewhere = ca("root that nobody knows", None);
    let batch = leaf("batch").issued_by(&elsewhere);
    let anchors = [Anchor::from_certificate(&batch, "leaf as anchor")];
    assert_anchored(&find_path(&batch, &[], &anchors, &lenient()), &[], &[]);
    let twin = leaf("batch").issued_by(&elsewhere);
    assert_refused(&find_path(&twin, &[], &anchors, &lenient()), "x509.issuer-not-found");
}

#[test]
fn an_intermediate_in_between_must_be_a_ca() {
    let (root, key) = (ca("root", None), leaf("key"));
    let through = |middle: &support::made_up::Party| {
        let others = [middle.issued_by(&root)];
        find_path(&key.issued_by(middle), &others, &[root.anchor()], &lenient())
    };
    assert_anchored(&through(&ca("middle", None)), &[0], &[]);
    assert_refused(&through(&leaf("middle")), "x509.issuer-not-ca");
    let no_signing = ca("middle", None).with(|params| {
        params.key_usages = vec![KeyUsagePurpose::CrlSign];
    });
    assert_refused(&through(&no_signing), "x509.issuer-key-usage");
    let unsaid = ca("middle", None).with(|params| params.key_usages.clear());
    assert_anchored(&through(&unsaid), &[0], &[]);
}

#[test]
fn the_ca_flag_is_not_asked_when_the_rules_do_not_ask() {
    let (root, middle, key) = (ca("root", None), leaf("middle"), leaf("key"));
    let mut rules = lenient();
    rules.require_ca_on_intermediates = false;
    let others = [middle.issued_by(&root)];
    let found = find_path(&key.issued_by(&middle), &others, &[root.anchor()], &rules);
    assert_anchored(&found, &[0], &[]);
}

#[test]
fn an_anchor_needs_no_ca_flag_no_version_3_and_no_self_signature() {
    let (plain, key) = (leaf("a root without basicConstraints"), leaf("key"));
    let issued = key.issued_by(&plain);
    assert_anchored(&find_path(&issued, &[], &[plain.anchor()], &lenient()), &[], &[]);

    let version_1 = Certificate::parse(&support::as_version_1(&plain.self_signed())).unwrap();
    assert_eq!(version_1.version(), 1);
    assert!(version_1.verify_signed_by(version_1.public_key()).is_err());
    let anchors = [Anchor::from_certificate(&version_1, "v1, self-signature wrong")];
    assert_anchored(&find_path(&issued, &[], &anchors, &lenient()), &[], &[]);
}

#[test]
fn path_length_counts_intermediates_below() {
    let (root, upper, lower, key) =
        (ca("root", None), ca("upper", Some(0)), ca("lower", None), leaf("key"));
    let chain = |upper: &support::made_up::Party| {
        let others = [lower.issued_by(upper), upper.issued_by(&root)];
        find_path(&key.issued_by(&lower), &others, &[root.anchor()], &lenient())
    };
    assert_refused(&chain(&upper), "x509.path-length-exceeded");
    let upper = upper.with(|params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(1));
    });
    assert_anchored(&chain(&upper), &[0, 1], &[]);
}

#[test]
fn expiry_is_a_note_unless_validity_is_strict() {
    let root = ca("root", None);
    let old = |name: &str| leaf(name).with(|params| params.not_after = date_time_ymd(2024, 1, 1));
    let expired = old("key").issued_by(&root);
    let anchors = [root.anchor()];
    assert_anchored(&find_path(&expired, &[], &anchors, &lenient()), &[], &["x509.expired"]);
    assert_refused(&find_path(&expired, &[], &anchors, &strict()), "x509.outside-validity");
    let current = leaf("key").issued_by(&root);
    assert_anchored(&find_path(&current, &[], &anchors, &strict()), &[], &[]);
    let no_time = PathRules::attestation(None, false);
    assert_anchored(&find_path(&expired, &[], &anchors, &no_time), &[], &[]);
}

#[test]
fn an_expired_intermediate_fails_strict_validity_and_an_expired_anchor_does_not() {
    let expire = |params: &mut rcgen::CertificateParams| {
        params.not_after = date_time_ymd(2024, 1, 1);
    };
    let (root, middle, key) = (ca("root", None), ca("middle", None).with(expire), leaf("key"));
    let others = [middle.issued_by(&root)];
    let issued = key.issued_by(&middle);
    assert_refused(
        &find_path(&issued, &others, &[root.anchor()], &strict()),
        "x509.outside-validity",
    );
    let found = find_path(&issued, &others, &[root.anchor()], &lenient());
    assert_anchored(&found, &[0], &["x509.expired"]);

    let old_root = ca("old root", None).with(expire);
    let found = find_path(&key.issued_by(&old_root), &[], &[old_root.anchor()], &strict());
    assert_anchored(&found, &[], &["x509.anchor-validity"]);
}

#[test]
fn a_certificate_of_the_future_is_said_to_be_one() {
    let root = ca("root", None);
    let early = leaf("key").with(|params| params.not_before = date_time_ymd(2030, 1, 1));
    let early = early.issued_by(&root);
    let found = find_path(&early, &[], &[root.anchor()], &lenient());
    assert_anchored(&found, &[], &["x509.not-yet-valid"]);
    assert_refused(&find_path(&early, &[], &[root.anchor()], &strict()), "x509.outside-validity");
}

#[test]
fn order_and_unrelated_certificates_are_notes() {
    let (root, upper, lower, key) =
        (ca("root", None), ca("upper", None), ca("lower", None), leaf("key"));
    let (low, up) = (lower.issued_by(&upper), upper.issued_by(&root));
    let stranger = ca("stranger", None).self_signed();
    let (issued, anchors) = (key.issued_by(&lower), [root.anchor()]);

    let in_order = [low.clone(), up.clone()];
    assert_anchored(&find_path(&issued, &in_order, &anchors, &lenient()), &[0, 1], &[]);
    let mixed = [stranger.clone(), up.clone(), low.clone()];
    let notes = ["x509.chain-order", "x509.unrelated-certificates"];
    assert_anchored(&find_path(&issued, &mixed, &anchors, &lenient()), &[2, 1], &notes);
    let tail = [low, up, stranger];
    let notes = ["x509.unrelated-certificates"];
    assert_anchored(&find_path(&issued, &tail, &anchors, &lenient()), &[0, 1], &notes);
}

#[test]
fn an_anchor_may_be_any_certificate_inside_x5c() {
    let (root, middle, key) = (ca("root", None), ca("middle", None), leaf("key"));
    let others = [middle.issued_by(&root), root.self_signed()];
    let issued = key.issued_by(&middle);
    let middle_anchor = [Anchor::from_certificate(&others[0], "intermediate")];
    let notes = ["x509.unrelated-certificates"];
    assert_anchored(&find_path(&issued, &others, &middle_anchor, &lenient()), &[], &notes);
    assert_anchored(&find_path(&issued, &others, &[root.anchor()], &lenient()), &[0], &[]);
}

#[test]
fn a_root_that_was_cross_signed_is_ordinary() {
    let (old, new, key) = (ca("old root", None), ca("new root", None), leaf("key"));
    let others = [new.issued_by(&old)];
    let issued = key.issued_by(&new);
    assert_anchored(&find_path(&issued, &others, &[old.anchor()], &lenient()), &[0], &[]);
    assert_anchored(&find_path(&issued, &others, &[new.anchor()], &lenient()), &[], &[]);
    let both = [new.self_signed(), new.issued_by(&old)];
    let PathOutcome::Anchored { chain, .. } =
        find_path(&issued, &both, &[old.anchor()], &lenient())
    else {
        panic!("the self-signed twin must not hide the cross-signed one")
    };
    assert!(chain.contains(&1), "{chain:?}");
}

#[test]
fn a_dead_end_does_not_hide_another_path() {
    let (root, stranger, middle, key) =
        (ca("root", None), ca("stranger", None), ca("middle", None), leaf("key"));
    let others = [middle.issued_by(&stranger), middle.issued_by(&root)];
    let found = find_path(&key.issued_by(&middle), &others, &[root.anchor()], &lenient());
    let notes = ["x509.chain-order", "x509.unrelated-certificates"];
    assert_anchored(&found, &[1], &notes);
}

#[test]
fn the_report_names_the_furthest_certificate_and_its_missing_issuer() {
    let (root, middle, key) = (ca("root", None), ca("middle", None), leaf("key"));
    let others = [middle.issued_by(&root)];
    let found = find_path(&key.issued_by(&middle), &others, &[], &lenient());
    let PathOutcome::NotAnchored { furthest, reasons } = &found else { panic!("{found:?}") };
    assert_eq!(furthest, &[0]);
    assert_eq!(reasons[0].id(), "x509.issuer-not-found");
    assert_eq!(reasons[0].detail(), "CN=middle, issued by CN=root");
}

#[test]
fn cyclic_issuers_end_without_a_path() {
    let (a, b, key) = (ca("a", None), ca("b", None), leaf("key"));
    let others = [a.issued_by(&b), b.issued_by(&a), a.self_signed(), b.self_signed()];
    let issued = key.issued_by(&a);
    let root = ca("root", None);
    let found = find_path(&issued, &others, &[root.anchor()], &lenient());
    assert_refused(&found, "x509.issuer-not-found");
    let way_out = [others.to_vec(), vec![b.issued_by(&root)]].concat();
    let found = find_path(&issued, &way_out, &[root.anchor()], &lenient());
    assert!(matches!(found, PathOutcome::Anchored { anchor: 0, .. }), "{found:?}");
}

#[test]
fn a_crowd_of_cross_signed_issuers_uses_up_the_budget() {
    let crowd: Vec<_> = (0..8).map(|n| ca(&format!("ca {n}"), None)).collect();
    let all_by_all =
        |issuer| crowd.iter().map(move |ca: &support::made_up::Party| ca.issued_by(issuer));
    let others: Vec<_> = crowd.iter().flat_map(all_by_all).collect();
    let issued = leaf("key").issued_by(&crowd[0]);
    let root = ca("root", None);
    let found = find_path(&issued, &others, &[root.anchor()], &lenient());
    assert_eq!(found, PathOutcome::BudgetExhausted);
}

#[test]
fn a_chain_of_ten_thousand_ends_at_the_depth_limit() {
    let shared = ca("0", None);
    let named = |n: usize| {
        let mut party = ca(&n.to_string(), None);
        party.key = rcgen::KeyPair::from_pem(&shared.key.serialize_pem()).unwrap();
        party
    };
    // the search never looks further than the depth limit, so the tail repeats one certificate
    let near: Vec<_> = (0..40).map(|n| named(n).issued_by(&named(n + 1))).collect();
    let far = std::iter::repeat_n(named(50).issued_by(&named(51)), 9_960);
    let others: Vec<_> = near.into_iter().chain(far).collect();
    let issued = leaf("key").issued_by(&named(0));
    let found = find_path(&issued, &others, &[named(40).anchor()], &lenient());
    assert_eq!(found, PathOutcome::BudgetExhausted);
    let found = find_path(&issued, &others, &[named(3).anchor()], &lenient());
    assert_anchored(&found, &[0, 1, 2], &["x509.unrelated-certificates"]);
}

#[test]
fn ten_thousand_issuers_of_one_name_use_up_the_budget() {
    let (root, key) = (ca("root", None), leaf("key"));
    let decoy = ca("issuer", None).issued_by(&root);
    let decoys = vec![decoy; 10_000];
    let issued = key.issued_by(&ca("issuer", None));
    let found = find_path(&issued, &decoys, &[root.anchor()], &lenient());
    assert_eq!(found, PathOutcome::BudgetExhausted);
}

#[test]
fn a_real_chain_before_ten_thousand_strangers_is_found() {
    let (root, middle, key) = (ca("root", None), ca("middle", None), leaf("key"));
    let strangers = vec![ca("stranger", None).self_signed(); 10_000];
    let others = [strangers, vec![middle.issued_by(&root)]].concat();
    let found = find_path(&key.issued_by(&middle), &others, &[root.anchor()], &lenient());
    let notes = ["x509.chain-order", "x509.unrelated-certificates"];
    assert_anchored(&found, &[10_000], &notes);
}

#[test]
fn an_unknown_critical_extension_is_a_note_for_attestation_and_fails_a_server() {
    let root = ca("root", None);
    let with_extension = |critical: bool| {
        leaf("key").with(|params| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0x05, 0]);
            extension.set_criticality(critical);
            params.custom_extensions.push(extension);
        })
    };
    let (critical, harmless) =
        (with_extension(true).issued_by(&root), with_extension(false).issued_by(&root));
    let (anchors, server) = ([root.anchor()], PathRules::server(now(), None));
    let kind = "x509.critical-extension";
    assert_anchored(&find_path(&critical, &[], &anchors, &lenient()), &[], &[kind]);
    let refused = find_path(&critical, &[], &anchors, &server);
    assert_refused(&refused, "x509.critical-extension-refused");
    assert_anchored(&find_path(&harmless, &[], &anchors, &server), &[], &[]);
}
