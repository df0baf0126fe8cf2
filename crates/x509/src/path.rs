//! From a leaf to an anchor: what is demanded of a path, what it costs at most, what came of it.
//!
//! An anchor is a name and a key. A path starts at the leaf, goes over certificates that came with it in
//! any order, and ends at the first certificate issued by an anchor; a leaf that *is* an anchor's
//! certificate needs no path. The search is in `path_search.rs`.

use crate::anchor::{Anchor, AnchorSet};
use crate::certificate::Certificate;
use crate::path_search::Search;
use keyvet_finding::Finding;
use time::OffsetDateTime;

/// What is demanded of a path.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct PathRules {
    /// Certificates between leaf and anchor must have the CA flag and keep to path lengths.
    pub require_ca_on_intermediates: bool,
    /// The time that validity is looked at; without it, no word is said about validity.
    pub at: Option<OffsetDateTime>,
    /// Whether a leaf or intermediate outside its validity fails; otherwise it is a note.
    pub check_validity: bool,
    /// Whether a critical extension that keyvet does not know fails; otherwise it is a note.
    pub refuse_unknown_critical: bool,
    /// Whether the leaf must be for TLS servers when it limits its purposes.
    pub server_purpose: bool,
    /// A DNS name that the leaf must carry.
    pub dns_name: Option<String>,
    /// How much may be spent.
    pub budget: Budget,
}

/// Limits of one search. Real paths need at most four signature checks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Budget {
    /// Signatures checked.
    pub signature_checks: u32,
    /// Names compared.
    pub steps: u32,
    /// Certificates between leaf and anchor.
    pub depth: u32,
}

/// What a search found.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PathOutcome {
    /// The leaf is an anchor's certificate, or a path leads to one.
    Anchored {
        /// Number of the anchor.
        anchor: usize,
        /// Positions in `others` between leaf and anchor, the leaf's issuer first.
        chain: Vec<usize>,
        /// What is worth knowing about the path.
        notes: Vec<Finding>,
    },
    /// No path was found.
    NotAnchored {
        /// The longest path that held, as positions in `others`.
        furthest: Vec<usize>,
        /// Why it goes no further, and what was refused on the way.
        reasons: Vec<Finding>,
    },
    /// The limits of [`Budget`] were reached: neither yes nor no. [`crate::PATH_TOO_COSTLY`] says so.
    BudgetExhausted,
}

impl PathRules {
    /// Attestation: intermediates must be CAs; expiry is a note unless `strict_validity`.
    #[must_use]
    pub fn attestation(at: Option<OffsetDateTime>, strict_validity: bool) -> Self {
        Self {
            require_ca_on_intermediates: true,
            at,
            check_validity: strict_validity,
            refuse_unknown_critical: false,
            server_purpose: false,
            dns_name: None,
            budget: Budget::default(),
        }
    }

    /// A TLS-like signer such as that of the metadata BLOB: valid at `at`, with nothing critical unknown.
    #[must_use]
    pub fn server(at: OffsetDateTime, dns_name: Option<&str>) -> Self {
        Self {
            check_validity: true,
            refuse_unknown_critical: true,
            server_purpose: true,
            dns_name: dns_name.map(str::to_owned),
            ..Self::attestation(Some(at), true)
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { signature_checks: 64, steps: 200_000, depth: 16 }
    }
}

/// Looks for a path from `leaf` over `others`, in any order, to one of `anchors`.
#[must_use]
pub fn find_path(
    leaf: &Certificate,
    others: &[Certificate],
    anchors: &[Anchor],
    rules: &PathRules,
) -> PathOutcome {
    Search::new(leaf, others, anchors, rules).run()
}

impl AnchorSet {
    /// [`find_path`] to an anchor of this set, found by name without looking at the others.
    #[must_use]
    pub fn find_path(
        &self,
        leaf: &Certificate,
        others: &[Certificate],
        rules: &PathRules,
    ) -> PathOutcome {
        Search::new(leaf, others, self, rules).run()
    }
}

impl PathOutcome {
    /// The anchor's number, when there is one.
    #[must_use]
    pub fn anchor(&self) -> Option<usize> {
        match self {
            Self::Anchored { anchor, .. } => Some(*anchor),
            _ => None,
        }
    }
}
