//! The published table against genuine metadata: where the documented rule reproduces it, and where not.

use crate::support::{AUTHENTICATOR, CANOKEY, INVENTED, NOT_YET, YUBIKEY, ZERO, id, no_291};
use keyvet_policy::entra::{Attestable, KeyTable, RuleTerm, attestable};
use std::collections::BTreeMap;

/// The rule alone: what an empty table answers.
fn rule(aaguid: &str) -> Vec<RuleTerm> {
    match attestable(id(aaguid), &KeyTable::parse("").unwrap(), Some(no_291())) {
        Attestable::PredictedNotListed { .. } | Attestable::InAppOnly => Vec::new(),
        Attestable::RuleFails { terms, .. } => terms,
        other => panic!("{aaguid}: {other:?}"),
    }
}

/// The counts of the module documentation of `attestable.rs`.
#[test]
fn the_documented_rule_and_the_table_agree_on_332_of_348_models() {
    let table = KeyTable::embedded();
    let mut counts = BTreeMap::new();
    for aaguid in no_291().entries().filter_map(|entry| entry.aaguid) {
        let key = (rule(&aaguid.to_string()).is_empty(), table.row(aaguid).is_some());
        *counts.entry(key).or_insert(0) += 1;
    }
    let expected =
        [((true, true), 250), ((false, false), 82), ((true, false), 1), ((false, true), 15)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn every_listed_model_is_in_metadata_no_291() {
    let absent: Vec<_> = KeyTable::embedded()
        .rows()
        .iter()
        .filter(|row| no_291().by_aaguid(&row.aaguid).is_none())
        .collect();
    assert!(absent.is_empty(), "{absent:?}");
}

/// Of the 18 models listed against the rule in July 2026, three have been certified since.
#[test]
fn listed_against_the_rule_are_nine_with_incomplete_metadata_and_six_uncertified() {
    let against: Vec<_> = KeyTable::embedded()
        .rows()
        .iter()
        .map(|row| rule(&row.aaguid.to_string()))
        .filter(|terms| !terms.is_empty())
        .collect();
    let uncertified = |terms: &&Vec<RuleTerm>| **terms == [RuleTerm::Certified];
    assert_eq!(against.iter().filter(uncertified).count(), 6);
    assert_eq!(against.iter().filter(|terms| !terms.contains(&RuleTerm::Certified)).count(), 9);

    let recorded = include_str!("../../../../tests/vectors/entra/mds-rule-exceptions.csv");
    let earlier = recorded.lines().filter(|line| line.contains(",yes,no,"));
    let since: Vec<&str> =
        earlier.filter_map(|l| l.split(',').next()).filter(|a| rule(a).is_empty()).collect();
    assert_eq!(
        since,
        [
            "238ab2f5-b57f-4917-b3c6-3d3c6c0c350f",
            "b68c4b8d-65cb-42ae-b4f6-8606dfba3c22",
            "1f8e43df-71ff-e11d-bea3-c4ee7003b232",
        ]
    );
}

#[test]
fn a_model_has_one_of_seven_standings() {
    let ask = |aaguid, catalogue| attestable(id(aaguid), KeyTable::embedded(), catalogue);
    let mds_no = 291;
    assert!(matches!(ask(YUBIKEY, None), Attestable::Listed(row)
        if row.description == "YubiKey 5 Series with NFC"));
    assert_eq!(ask(NOT_YET, Some(no_291())), Attestable::PredictedNotListed { mds_no });
    let terms = vec![RuleTerm::Certified];
    assert_eq!(ask(CANOKEY, Some(no_291())), Attestable::RuleFails { mds_no, terms });
    assert_eq!(ask(INVENTED, Some(no_291())), Attestable::NotInMetadata { mds_no });
    assert_eq!(ask(INVENTED, None), Attestable::NotListed);
    assert_eq!(ask(AUTHENTICATOR, Some(no_291())), Attestable::InAppOnly);
    assert_eq!(ask(ZERO, Some(no_291())), Attestable::Unidentified);
}
