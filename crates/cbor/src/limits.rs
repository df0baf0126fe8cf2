//! How much of an input is looked at before it is refused.

/// Whether a departure from canonical form is an error or is recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// CTAP2 canonical CBOR and nothing else (CTAP 2.2 §8).
    Strict,
    /// Key order, non-minimal integers and lengths, and nesting deeper than 4 become
    /// [`Deviation`](crate::Deviation)s; everything else is still an error.
    Tolerant,
}

/// Bounds on one input. Each is checked before anything is allocated for what it bounds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Nested maps and arrays; the outermost counts as 1. 4 in strict mode, 16 in tolerant mode.
    ///
    /// Values above [`Limits::MAX_DEPTH`] count as that: the reader recurses once per level.
    pub depth: usize,
    /// Bytes of the whole input; 1 MiB.
    pub bytes: usize,
    /// Items of the whole input, keys and containers counted; 16384.
    pub items: usize,
    /// Deviations kept; 32. The rest is counted.
    pub deviations: usize,
}

impl Limits {
    /// Levels that CTAP 2.2 §8 allows in a message.
    pub const CANONICAL_DEPTH: usize = 4;
    /// No limit on depth reaches further than this.
    pub const MAX_DEPTH: usize = 64;

    /// The documented defaults for `mode`.
    #[must_use]
    pub fn for_mode(mode: Mode) -> Self {
        let depth = match mode {
            Mode::Strict => Self::CANONICAL_DEPTH,
            Mode::Tolerant => 16,
        };
        Self { depth, bytes: 1 << 20, items: 1 << 14, deviations: 32 }
    }
}

/// A length as CBOR counts it; no target's `usize` is wider than the 64 bits a header holds.
pub(crate) fn len_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
