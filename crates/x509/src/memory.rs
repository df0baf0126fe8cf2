//! Validated leaves remembered: batch certificates repeat, FIDO asks for 100,000 keys and more per batch.
//!
//! A hit is exactly what the full search would give, because everything the search reads is the key:
//! every certificate byte for byte and in order, every anchor in order, every rule, the time included.

use crate::anchor::{AnchorSet, fingerprint};
use crate::certificate::Certificate;
use crate::digest::Sha256;
use crate::path::{PathOutcome, PathRules};
use std::collections::HashMap;

/// Outcomes of path searches, by what they depend on. Bounded: when full it starts afresh.
#[derive(Clone, Debug)]
pub struct LeafMemory {
    outcomes: HashMap<Key, PathOutcome>,
    capacity: usize,
    hits: u64,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Key {
    certificates: [u8; 32],
    anchors: [u8; 32],
    rules: PathRules,
}

impl LeafMemory {
    /// Outcomes kept by [`LeafMemory::default`]: more than the batches in use worldwide.
    pub const DEFAULT_CAPACITY: usize = 16 * 1024;

    /// A memory for at most `capacity` outcomes; 0 remembers nothing.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { outcomes: HashMap::new(), capacity, hits: 0 }
    }

    /// [`AnchorSet::find_path`], remembered.
    pub fn find_path(
        &mut self,
        leaf: &Certificate,
        others: &[Certificate],
        anchors: &AnchorSet,
        rules: &PathRules,
    ) -> PathOutcome {
        let key = Key::new(leaf, others, anchors.fingerprint(), rules);
        self.recall(key, || anchors.find_path(leaf, others, rules))
    }

    /// What `search` would find from `leaf` over `others` to one of the anchors of these bytes, remembered: nothing but
    /// their hash is made of the anchors when it is.
    pub fn find_path_to<'a>(
        &mut self,
        leaf: &Certificate,
        others: &[Certificate],
        anchors: impl IntoIterator<Item = &'a [u8]>,
        rules: &PathRules,
        search: impl FnOnce() -> PathOutcome,
    ) -> PathOutcome {
        self.recall(Key::new(leaf, others, fingerprint(anchors), rules), search)
    }

    fn recall(&mut self, key: Key, search: impl FnOnce() -> PathOutcome) -> PathOutcome {
        if let Some(outcome) = self.outcomes.get(&key) {
            self.hits = self.hits.saturating_add(1);
            return outcome.clone();
        }
        let outcome = search();
        self.remember(key, &outcome);
        outcome
    }

    /// How often a search was spared.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits
    }

    fn remember(&mut self, key: Key, outcome: &PathOutcome) {
        if self.outcomes.len() >= self.capacity {
            self.outcomes.clear();
        }
        if self.capacity > 0 {
            self.outcomes.insert(key, outcome.clone());
        }
    }
}

impl Default for LeafMemory {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl Key {
    fn new(
        leaf: &Certificate,
        others: &[Certificate],
        anchors: [u8; 32],
        rules: &PathRules,
    ) -> Self {
        let hash = Sha256::new().part(leaf.der());
        let hash = others.iter().fold(hash, |hash, other| hash.part(other.der()));
        Self { certificates: hash.finish(), anchors, rules: rules.clone() }
    }
}
