//! The verdict from outside: policies in, credentials in, decisions and reasons out.

#[cfg(test)]
mod aaguid_list;
#[cfg(test)]
mod complaints;
#[cfg(test)]
mod entra_checks;
#[cfg(test)]
mod entra_gates;
#[cfg(test)]
mod key_table;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod model;
#[cfg(test)]
mod predict;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod real_records;
#[cfg(test)]
mod support;

use std::collections::BTreeSet;

#[test]
fn every_kind_has_an_id_of_its_own_and_says_what_to_do() {
    let mut seen = BTreeSet::new();
    for kind in keyvet_policy::KINDS {
        assert!(seen.insert(kind.id), "{} twice", kind.id);
        assert!(kind.id.starts_with("policy.") || kind.id.starts_with("entra."), "{}", kind.id);
        for text in [kind.meaning, kind.next_step] {
            assert!(text.len() > 20 && text.ends_with('.'), "{}: {text}", kind.id);
        }
        assert!(!kind.source.is_empty(), "{}", kind.id);
    }
}
