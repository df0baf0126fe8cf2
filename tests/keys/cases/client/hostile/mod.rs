//! The client on a key that misbehaves: one case or more for every quirk there is. Each has a deadline of virtual minutes on
//! a paused clock, ends in the named error or in a documented tolerance, and loses no PIN retry.

mod answers;
mod harness;
mod line;
mod pin;

use harness::Case;
use keyvet_virtual_key::hostile::Quirk;

/// Every case.
fn all() -> Vec<Case> {
    [line::CASES, answers::CASES, pin::CASES].concat()
}

#[test]
fn every_quirk_has_a_case() {
    let cases = all();
    let forgotten: Vec<_> =
        Quirk::ALL.iter().filter(|quirk| !cases.iter().any(|case| case.quirk == **quirk)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
