//! The bones of CBOR that cannot be decoded: what is wrong with it stays, what it says does not.

use super::canvas::{Canvas, FILLER};

/// Lets of a getInfo answer that breaks the rules of CBOR show what types and lengths it declares, and small numbers, which
/// are keys: so the same is wrong with it when it is played back. From the first byte that makes no sense on, and behind
/// the end of the answer, nothing shows.
///
/// For no other answer: in those, bytes that are read out of step may be of a secret.
pub(super) fn bones(canvas: &mut Canvas<'_>, bytes: &[u8], base: usize) {
    let mut bones = Bones { canvas, bytes, base, at: 0, open: vec![Some(1)] };
    for _ in 0..MOST_ITEMS {
        if bones.item().is_none() {
            break;
        }
    }
}

struct Bones<'c, 'a, 'b> {
    canvas: &'c mut Canvas<'a>,
    bytes: &'b [u8],
    base: usize,
    at: usize,
    /// How many items are due on each level; none where a break ends it.
    open: Vec<Option<u64>>,
}

impl Bones<'_, '_, '_> {
    fn item(&mut self) -> Option<()> {
        while self.open.last() == Some(&Some(0)) {
            self.open.pop();
        }
        let due = self.open.last_mut()?;
        let first = *self.bytes.get(self.at)?;
        if first == BREAK {
            return due.is_none().then(|| self.end());
        }
        *due = due.map(|left| left.saturating_sub(1));
        let (major, info) = (first >> 5, first & 0x1f);
        let len = argument_len(info)?;
        let from = self.at.saturating_add(1);
        let argument = self.bytes.get(from..from.saturating_add(len));
        self.keep(1);
        let argument = argument?;
        let value = match argument {
            [] => u64::from(info),
            bytes => bytes.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte)),
        };
        self.of_type(major, info == INDEFINITE, value, len)
    }

    fn of_type(&mut self, major: u8, indefinite: bool, value: u64, len: usize) -> Option<()> {
        match major {
            2..=5 if indefinite => self.nest(0, None),
            2 | 3 => {
                self.keep(len);
                self.string(major, value)
            }
            4 => {
                self.keep(len);
                self.nest(0, Some(value))
            }
            5 => {
                self.keep(len);
                self.nest(0, Some(value.saturating_mul(2)))
            }
            6 => self.nest(len, Some(1)),
            _ if indefinite => None,
            _ => {
                self.at = self.at.saturating_add(len);
                Some(())
            }
        }
    }

    fn nest(&mut self, skip: usize, due: Option<u64>) -> Option<()> {
        self.at = self.at.saturating_add(skip);
        self.open.push(due);
        (self.open.len() <= DEEPEST).then_some(())
    }

    /// A text that is none stays none.
    fn string(&mut self, major: u8, len: u64) -> Option<()> {
        let end = self.at.checked_add(usize::try_from(len).ok()?)?;
        let content = self.bytes.get(self.at..end)?;
        if major == 3 {
            let filler = if std::str::from_utf8(content).is_ok() { b'x' } else { FILLER };
            let from = self.base.saturating_add(self.at);
            self.canvas.fill(from..self.base.saturating_add(end), filler);
        }
        self.at = end;
        Some(())
    }

    fn end(&mut self) {
        self.keep(1);
        self.open.pop();
    }

    fn keep(&mut self, len: usize) {
        let from = self.base.saturating_add(self.at);
        self.canvas.keep(from..from.saturating_add(len));
        self.at = self.at.saturating_add(len);
    }
}

/// Bytes of the argument behind a first byte that has `info`; none where that is reserved.
fn argument_len(info: u8) -> Option<usize> {
    match info {
        0..=23 | INDEFINITE => Some(0),
        24 => Some(1),
        25 => Some(2),
        26 => Some(4),
        27 => Some(8),
        _ => None,
    }
}

const INDEFINITE: u8 = 31;
const BREAK: u8 = 0xff;
const MOST_ITEMS: usize = 16_384;
const DEEPEST: usize = 256;
