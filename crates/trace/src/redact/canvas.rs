//! A message that is all filler until a part of it is found to be harmless.

use std::ops::Range;

/// A message of which only what was kept shows.
pub(super) struct Canvas<'a> {
    original: &'a [u8],
    shown: Vec<u8>,
}

/// Stands where a byte was. As the argument of a CBOR integer it keeps the encoding the shortest; it is no valid start of
/// an item and no valid UTF-8.
pub(crate) const FILLER: u8 = 0xee;

impl<'a> Canvas<'a> {
    /// Nothing of `original` shows but its length.
    pub(super) fn new(original: &'a [u8]) -> Self {
        Self { original, shown: vec![FILLER; original.len()] }
    }

    /// Lets `range` show, as far as it lies inside.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        let range = range.start..range.end.min(self.original.len());
        if let (Some(from), Some(to)) =
            (self.original.get(range.clone()), self.shown.get_mut(range))
        {
            to.copy_from_slice(from);
        }
    }

    /// Writes `byte` all over `range`.
    pub(super) fn fill(&mut self, range: Range<usize>, byte: u8) {
        if let Some(to) = self.shown.get_mut(range) {
            to.fill(byte);
        }
    }

    /// Writes `byte` at `at`.
    pub(super) fn put(&mut self, at: usize, byte: u8) {
        if let Some(slot) = self.shown.get_mut(at) {
            *slot = byte;
        }
    }

    /// What shows.
    pub(super) fn finish(self) -> Vec<u8> {
        self.shown
    }
}
