//! Command APDUs, as the card reads them (ISO 7816-4 §5.2).

/// A command APDU.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Command {
    pub(super) class: u8,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: Vec<u8>,
    /// Bytes that the answer may have; none when the command did not say.
    pub(super) expected: Option<usize>,
}

impl Command {
    /// Reads a command; `None` when its lengths are wrong.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let ([class, instruction, p1, p2], body) = bytes.split_first_chunk()?;
        let (data, expected) = match *body {
            [] => (&[][..], None),
            [le] => (&[][..], Some(short(le))),
            [0, a, b] => (&[][..], Some(extended([a, b]))),
            [0, a, b, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(u16::from_be_bytes([a, b])))?;
                match *le {
                    [] => (data, None),
                    [a, b] => (data, Some(extended([a, b]))),
                    _ => return None,
                }
            }
            // no data has no length
            [0, _] => return None,
            [lc, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(lc))?;
                match *le {
                    [] => (data, None),
                    [le] => (data, Some(short(le))),
                    _ => return None,
                }
            }
        };
        let (class, instruction, p1, p2) = (*class, *instruction, *p1, *p2);
        Some(Self { class, instruction, p1, p2, data: data.to_vec(), expected })
    }

    /// Whether more of the data follows in another command.
    pub(super) fn continues(&self) -> bool {
        self.class & CHAIN != 0
    }

    /// Whether `other` may carry on with the data of this one.
    pub(super) fn is_continued_by(&self, other: &Self) -> bool {
        let header =
            |command: &Self| (command.class & !CHAIN, command.instruction, command.p1, command.p2);
        header(self) == header(other)
    }

    /// The same command as CTAP1 sends it over HID: extended, for as long an answer as there may be.
    pub(super) fn as_u2f_message(&self) -> Vec<u8> {
        let header = [self.class, self.instruction, self.p1, self.p2, 0];
        let Ok(len) = u16::try_from(self.data.len()) else { return Vec::new() };
        match len {
            0 => [&header[..], &[0, 0]].concat(),
            len => [&header[..], &len.to_be_bytes(), &self.data, &[0, 0]].concat(),
        }
    }
}

/// Whether the lengths of a command are of 3 bytes.
pub(super) fn is_extended(bytes: &[u8]) -> bool {
    bytes.len() >= 7 && bytes.get(4) == Some(&0)
}

fn short(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn extended(le: [u8; 2]) -> usize {
    match u16::from_be_bytes(le) {
        0 => 65_536,
        le => usize::from(le),
    }
}

/// The bit of the class that says so.
pub(super) const CHAIN: u8 = 0x10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_lengths_is_read() {
        let read = |body: &[u8]| {
            let parsed = Command::parse(&[&[0x80, 0x10, 0x80, 0], body].concat());
            parsed.map(|command| (command.data, command.expected))
        };
        let data = || vec![7, 8];
        assert_eq!(read(&[]), Some((vec![], None)));
        assert_eq!(read(&[0]), Some((vec![], Some(256))));
        assert_eq!(read(&[9]), Some((vec![], Some(9))));
        assert_eq!(read(&[2, 7, 8]), Some((data(), None)));
        assert_eq!(read(&[2, 7, 8, 0]), Some((data(), Some(256))));
        assert_eq!(read(&[0, 0, 0]), Some((vec![], Some(65_536))));
        assert_eq!(read(&[0, 1, 0]), Some((vec![], Some(256))));
        assert_eq!(read(&[0, 0, 2, 7, 8]), Some((data(), None)));
        assert_eq!(read(&[0, 0, 2, 7, 8, 0, 0]), Some((data(), Some(65_536))));
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for wrong in [&[2, 7][..], &[1, 7, 8, 9], &[0, 0, 2, 7], &[0, 0, 1, 7, 8], &[0, 7]] {
            assert_eq!(Command::parse(&[&[0, 1, 0, 0], wrong].concat()), None, "{wrong:?}");
        }
        assert_eq!(Command::parse(&[0, 1, 0]), None);
    }
}
