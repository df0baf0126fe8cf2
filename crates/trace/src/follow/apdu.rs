//! Command APDUs, taken apart (ISO 7816-4 §5.1).

use keyvet_transport::Direction;
use std::ops::Range;

/// A command APDU.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Apdu {
    pub(crate) class: u8,
    pub(crate) instruction: u8,
    pub(crate) p1: u8,
    /// Where its data lies.
    pub(crate) data: Range<usize>,
}

impl Apdu {
    /// Takes `bytes` apart: short or extended, with or without data and expected length.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let [class, instruction, p1, _, rest @ ..] = bytes else { return None };
        let (start, len) = match rest {
            [] => (HEADER, 0),
            [_] | [0, _, _] => (bytes.len(), 0),
            [0, high, low, ..] => {
                (HEADER.saturating_add(3), usize::from(u16::from_be_bytes([*high, *low])))
            }
            [len, ..] => (HEADER.saturating_add(1), usize::from(*len)),
        };
        let data = start..start.checked_add(len)?;
        let expected = bytes.len().checked_sub(data.end)?;
        (expected <= LONGEST_EXPECTED).then_some(Self {
            class: *class,
            instruction: *instruction,
            p1: *p1,
            data,
        })
    }

    /// Whether more parts of the same command follow.
    pub(crate) const fn is_chained(&self) -> bool {
        self.class & 0x10 != 0
    }
}

/// Header and lengths of a command, the status word of an answer.
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges that has one")]
pub(super) fn frame(direction: Direction, bytes: &[u8]) -> Vec<Range<usize>> {
    match direction {
        Direction::In => vec![bytes.len().saturating_sub(STATUS)..bytes.len()],
        Direction::Out => match Apdu::of(bytes) {
            Some(apdu) => vec![0..apdu.data.start, apdu.data.end..bytes.len()],
            None => vec![0..HEADER.min(bytes.len())],
        },
    }
}

/// Class, instruction and two parameters.
const HEADER: usize = 4;
/// Bytes of the status word.
pub(super) const STATUS: usize = 2;
const LONGEST_EXPECTED: usize = 2;
