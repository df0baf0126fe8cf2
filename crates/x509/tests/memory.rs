//! The memory of leaves gives what a fresh search gives, and forgets nothing that matters.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are ours"
)]

mod support;

use keyvet_x509::{AnchorSet, Certificate, LeafMemory, PathRules};
use rcgen::date_time_ymd;
use support::made_up::{ca, leaf, lenient, strict};

struct Scene {
    leaf: Certificate,
    others: Vec<Certificate>,
    anchors: AnchorSet,
}

fn scene() -> Scene {
    let (root, middle) = (ca("root", None), ca("middle", None));
    let old = leaf("key").with(|params| params.not_after = date_time_ymd(2024, 1, 1));
    Scene {
        leaf: old.issued_by(&middle),
        others: vec![middle.issued_by(&root)],
        anchors: AnchorSet::from_iter([root.anchor()]),
    }
}

#[test]
fn the_second_answer_is_the_first_and_costs_no_search() {
    let (scene, mut memory) = (scene(), LeafMemory::default());
    let ask = |memory: &mut LeafMemory| {
        memory.find_path(&scene.leaf, &scene.others, &scene.anchors, &lenient())
    };
    let first = ask(&mut memory);
    assert_eq!(memory.hits(), 0);
    let second = ask(&mut memory);
    assert_eq!(memory.hits(), 1);
    assert_eq!(first, second);
    assert_eq!(first, scene.anchors.find_path(&scene.leaf, &scene.others, &lenient()));
    assert_eq!(first.anchor(), Some(0));
}

#[test]
fn anything_the_search_depends_on_is_part_of_the_key() {
    let (scene, mut memory) = (scene(), LeafMemory::default());
    let elsewhere = AnchorSet::from_iter([ca("root", None).anchor()]);
    let stranger = ca("stranger", None).self_signed();
    let with_stranger = [&scene.others[..], &[stranger]].concat();
    let early = PathRules::attestation(Some(date_time_ymd(2022, 1, 1)), true);
    let mut no_ca = lenient();
    no_ca.require_ca_on_intermediates = false;
    let cases: [(&[Certificate], &AnchorSet, &PathRules); 7] = [
        (&scene.others, &scene.anchors, &lenient()),
        (&scene.others, &scene.anchors, &strict()),
        (&scene.others, &scene.anchors, &early),
        (&scene.others, &scene.anchors, &no_ca),
        (&scene.others, &elsewhere, &lenient()),
        (&[], &scene.anchors, &lenient()),
        (&with_stranger, &scene.anchors, &lenient()),
    ];
    for round in 0..2 {
        for (n, (others, anchors, rules)) in cases.iter().enumerate() {
            let remembered = memory.find_path(&scene.leaf, others, anchors, rules);
            assert_eq!(remembered, anchors.find_path(&scene.leaf, others, rules), "{round} {n}");
            let bytes = (0..anchors.len()).filter_map(|number| anchors.der(number));
            let never = || panic!("{round} {n}: the same bytes are the same anchors");
            assert_eq!(memory.find_path_to(&scene.leaf, others, bytes, rules, never), remembered);
        }
    }
    assert_eq!(memory.hits(), 7 + 14, "seven different keys, each asked twice, and by their bytes");
}

#[test]
fn a_full_memory_starts_afresh_and_stays_right() {
    let (scene, mut memory) = (scene(), LeafMemory::new(1));
    for rules in [lenient(), strict(), lenient(), strict()] {
        let found = memory.find_path(&scene.leaf, &scene.others, &scene.anchors, &rules);
        assert_eq!(found, scene.anchors.find_path(&scene.leaf, &scene.others, &rules));
    }
    assert_eq!(memory.hits(), 0);
    let mut none = LeafMemory::new(0);
    for _ in 0..2 {
        none.find_path(&scene.leaf, &scene.others, &scene.anchors, &lenient());
    }
    assert_eq!(none.hits(), 0);
}

#[test]
fn a_set_and_a_slice_of_the_same_anchors_answer_alike() {
    let scene = scene();
    let slice = [scene.anchors.get(0).unwrap().clone()];
    let from_slice = keyvet_x509::find_path(&scene.leaf, &scene.others, &slice, &lenient());
    assert_eq!(from_slice, scene.anchors.find_path(&scene.leaf, &scene.others, &lenient()));
}

#[test]
fn an_unreadable_anchor_is_counted_and_does_not_disturb_the_others() {
    let root = ca("root", None);
    let set = AnchorSet::new([
        (b"no certificate".to_vec(), "bad"),
        (root.anchor().der().to_vec(), "good"),
    ]);
    assert_eq!(set.len(), 2);
    assert_eq!(set.unreadable().map(|(number, _)| number).collect::<Vec<_>>(), [0]);
    let found = set.find_path(&leaf("key").issued_by(&root), &[], &lenient());
    assert_eq!(found.anchor(), Some(1));
    assert_eq!(set.get(1).unwrap().label(), "good");
}
