//! What a registration is judged against.

use keyvet_mds::Catalogue;
use keyvet_x509::{Anchor, LeafMemory};
use time::OffsetDateTime;

/// Metadata, anchors and time. Nothing in this crate reads a clock or a file.
#[derive(Debug)]
pub struct Context<'a> {
    /// Verified metadata; without it no model is known.
    pub catalogue: Option<&'a Catalogue>,
    /// Anchors given for this run; a chain that reaches one counts as anchored.
    pub extra_anchors: &'a [Anchor],
    /// The time of the check.
    pub at: OffsetDateTime,
    /// Whether an expired certificate fails the chain; otherwise it is a note.
    pub strict_validity: bool,
    /// Chains already searched, for many keys of one batch.
    pub memory: Option<&'a mut LeafMemory>,
}

impl<'a> Context<'a> {
    /// A context with `catalogue` at `at`: no further anchors, expiry a note, no memory.
    #[must_use]
    pub fn new(catalogue: Option<&'a Catalogue>, at: OffsetDateTime) -> Self {
        Self { catalogue, extra_anchors: &[], at, strict_validity: false, memory: None }
    }
}
