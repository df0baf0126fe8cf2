//! What this crate can say is listed, named after the crate, and explained.

use keyvet_x509::KINDS;

#[test]
fn every_kind_is_unique_and_carries_a_meaning_and_a_next_step() {
    for (n, kind) in KINDS.iter().enumerate() {
        assert!(kind.id.starts_with("x509."), "{}", kind.id);
        assert!(KINDS[..n].iter().all(|other| other.id < kind.id), "{} is out of order", kind.id);
        assert!(kind.meaning.ends_with('.') && kind.next_step.ends_with('.'), "{}", kind.id);
    }
}
