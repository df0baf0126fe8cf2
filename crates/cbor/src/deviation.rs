//! Departures from canonical form that tolerant mode lets pass.

use crate::Path;

/// One departure from CTAP2 canonical form, found in [`Mode::Tolerant`](crate::Mode::Tolerant).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deviation {
    /// Where the item starts, in bytes from the start of the input.
    pub offset: usize,
    /// The members that lead to it.
    pub path: Path,
    /// Which rule it departs from.
    pub kind: DeviationKind,
}

/// Which rule of CTAP 2.2 §8 an item departs from.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DeviationKind {
    /// A map key sorts before the key in front of it.
    KeyOrder,
    /// An integer or length is not in its shortest form.
    NonMinimal,
    /// Maps and arrays are nested deeper than 4 levels; recorded once per input.
    Depth,
}
