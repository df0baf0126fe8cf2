//! The verified metadata as compact bytes, without images; decoded entry by entry.

use crate::catalogue::Index;
use crate::entry::Entry;

/// Encoded entries, decoded one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    bytes: Vec<u8>,
    /// Start and length of each entry in `bytes`.
    ranges: Vec<(u32, u32)>,
}

impl Records {
    /// The entry at `position`, its anchors taken from `index`.
    pub(crate) fn entry(&self, position: u32, index: &Index) -> Option<Entry> {
        let (start, len) = *self.ranges.get(usize::try_from(position).ok()?)?;
        let record = self.bytes.get(usize::try_from(start).ok()?..)?;
        let record = record.get(..usize::try_from(len).ok()?)?;
        let (mut entry, anchors): (Entry, Vec<u32>) = postcard::from_bytes(record).ok()?;
        let places = anchors.into_iter().filter_map(|place| usize::try_from(place).ok());
        let found = places.filter_map(|place| index.anchors.get(place));
        entry.anchors = found.map(|anchor| anchor.der.clone()).collect();
        Some(entry)
    }
}
