//! Command APDUs (ISO 7816-4 §5.1).

use super::CardError;

/// A command to a card, before it is encoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Command {
    /// Class byte.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// Data, at most 65535 bytes.
    pub data: Vec<u8>,
    /// How many bytes of answer are wanted at most; none when no answer is wanted. 256 short or 65536 extended means: as
    /// many as there are.
    pub le: Option<u32>,
}

/// How lengths are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Encoding {
    /// One byte each; longer data goes in a chain of commands (ISO 7816-4 §5.1.1.1).
    Short,
    /// Two bytes each after a zero byte; everything in one command.
    Extended,
}

impl Command {
    /// A command without data that wants whatever answer there is.
    #[must_use]
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: Vec::new(), le: Some(ALL) }
    }

    /// The same with `data`.
    #[must_use]
    pub fn with_data(self, data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..self }
    }

    /// The same that wants `le` bytes.
    #[must_use]
    pub fn with_le(self, le: Option<u32>) -> Self {
        Self { le, ..self }
    }

    /// The APDUs to send, in order: one extended, or a chain of short ones with at most [`CHUNK`] bytes of data each.
    #[must_use]
    pub fn encode(&self, encoding: Encoding) -> Vec<Vec<u8>> {
        match encoding {
            Encoding::Extended => vec![self.extended()],
            Encoding::Short if self.data.is_empty() => vec![self.short(self.cla, &[], self.le)],
            Encoding::Short => self.chain(),
        }
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        let mut parts = self.data.chunks(CHUNK).peekable();
        let mut chain = Vec::new();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let (cla, le) =
                if last { (self.cla, self.le) } else { (self.cla | MORE_FOLLOWS, None) };
            chain.push(self.short(cla, part, le));
        }
        chain
    }

    fn short(&self, cla: u8, data: &[u8], le: Option<u32>) -> Vec<u8> {
        let mut apdu = vec![cla, self.ins, self.p1, self.p2];
        if let (Ok(len), false) = (u8::try_from(data.len()), data.is_empty()) {
            apdu.push(len);
            apdu.extend_from_slice(data);
        }
        // 256 and everything above is written as zero
        apdu.extend(le.map(|le| u8::try_from(le).unwrap_or_default()));
        apdu
    }

    fn extended(&self) -> Vec<u8> {
        let mut apdu = vec![self.cla, self.ins, self.p1, self.p2];
        let len = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
        if len > 0 {
            apdu.push(0);
            apdu.extend_from_slice(&len.to_be_bytes());
            apdu.extend(self.data.iter().take(usize::from(len)));
        }
        if let Some(le) = self.le {
            if len == 0 {
                apdu.push(0);
            }
            let le = if le == ALL { 0 } else { u16::try_from(le).unwrap_or_default() };
            apdu.extend_from_slice(&le.to_be_bytes());
        }
        apdu
    }

    /// Reads one command APDU, and how its lengths are written. A chain comes as its parts.
    ///
    /// # Errors
    /// [`CardError::NotACommand`] when the lengths do not fit the bytes.
    pub fn parse(apdu: &[u8]) -> Result<(Self, Encoding), CardError> {
        let wrong = CardError::NotACommand { len: apdu.len() };
        let Some((&[cla, ins, p1, p2], body)) = apdu.split_first_chunk() else { return Err(wrong) };
        let (data, le, encoding) = match body {
            [] => (&[][..], None, Encoding::Short),
            [le] => (&[][..], Some(short_le(*le)), Encoding::Short),
            [0, high, low] => (&[][..], Some(extended_le([*high, *low])), Encoding::Extended),
            [0, high, low, rest @ ..] => {
                let len = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.split_at_checked(len).ok_or(wrong.clone())? {
                    (data, []) => (data, None, Encoding::Extended),
                    (data, &[high, low]) => {
                        (data, Some(extended_le([high, low])), Encoding::Extended)
                    }
                    _ => return Err(wrong),
                }
            }
            [0, _] => return Err(wrong),
            [len, rest @ ..] => {
                match rest.split_at_checked(usize::from(*len)).ok_or(wrong.clone())? {
                    (data, []) => (data, None, Encoding::Short),
                    (data, [le]) => (data, Some(short_le(*le)), Encoding::Short),
                    _ => return Err(wrong),
                }
            }
        };
        if encoding == Encoding::Extended && body.len() > 3 && data.is_empty() {
            return Err(wrong);
        }
        Ok((Self { cla, ins, p1, p2, data: data.to_vec(), le }, encoding))
    }

    /// Whether another part of the same chain follows.
    #[must_use]
    pub const fn more_follows(&self) -> bool {
        self.cla & MORE_FOLLOWS != 0
    }
}

fn short_le(le: u8) -> u32 {
    if le == 0 { 256 } else { u32::from(le) }
}

fn extended_le(le: [u8; 2]) -> u32 {
    match u16::from_be_bytes(le) {
        0 => ALL,
        le => u32::from(le),
    }
}

/// `SELECT` by name (ISO 7816-4 §11.2.2).
pub const SELECT: u8 = 0xa4;
/// `GET RESPONSE` (ISO 7816-4 §11.7.1).
pub const GET_RESPONSE: u8 = 0xc0;
/// `NFCCTAP_MSG` (CTAP 2.2 §11.3.7.1).
pub const NFCCTAP_MSG: u8 = 0x10;
/// `NFCCTAP_GETRESPONSE` (CTAP 2.2 §11.3.7.2).
pub const NFCCTAP_GETRESPONSE: u8 = 0x11;
/// `NFCCTAP_CONTROL` (CTAP 2.2 §11.3.4).
pub const NFCCTAP_CONTROL: u8 = 0x12;

/// Data of one part of a chain, in bytes: what contactless readers carry with their own frame around it.
pub const CHUNK: usize = 240;

/// Bit of the class byte: another part of the chain follows.
const MORE_FOLLOWS: u8 = 0x10;

/// Everything there is.
pub(super) const ALL: u32 = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_four_cases_are_encoded_short_and_extended() {
        let encoded = |command: &Command, encoding| hex(&command.encode(encoding).concat());
        let plain = Command::new(0x80, 0x12, 0x01, 0x00);
        for (command, short, extended) in [
            (plain.clone().with_le(None), "80120100", "80120100"),
            (plain.clone(), "8012010000", "80120100000000"),
            (plain.clone().with_le(Some(5)), "8012010005", "80120100000005"),
            (plain.clone().with_le(None).with_data([4]), "801201000104", "8012010000000104"),
            (plain.with_data([4]), "80120100010400", "80120100000001040000"),
        ] {
            assert_eq!(encoded(&command, Encoding::Short), short);
            assert_eq!(encoded(&command, Encoding::Extended), extended);
        }
    }

    #[test]
    fn a_request_of_300_bytes_is_a_chain_of_two() {
        let data: Vec<u8> = (0..300_u16).map(|at| at.to_be_bytes()[1]).collect();
        let chain = Command::new(0x80, 0x10, 0x80, 0x00).with_data(data.clone());
        let parts = chain.encode(Encoding::Short);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], [&[0x90, 0x10, 0x80, 0x00, 0xf0], &data[..240]].concat());
        assert_eq!(parts[1], [&[0x80, 0x10, 0x80, 0x00, 0x3c], &data[240..], &[0x00]].concat());
        let [whole] = chain.encode(Encoding::Extended).try_into().unwrap();
        let head = [0x80, 0x10, 0x80, 0x00, 0x00, 0x01, 0x2c];
        assert_eq!(whole, [&head[..], &data, &[0x00, 0x00]].concat());
    }

    #[test]
    fn what_was_encoded_is_read_back() {
        for (len, le) in [(0, None), (0, Some(256)), (1, None), (7, Some(3)), (240, Some(256))] {
            let command = Command::new(0x80, 1, 2, 3).with_data(vec![9; len]).with_le(le);
            let [apdu] = command.encode(Encoding::Short).try_into().unwrap();
            assert_eq!(Command::parse(&apdu), Ok((command, Encoding::Short)));
        }
        for (len, le) in [(0, Some(ALL)), (1, None), (7, Some(300)), (7609, Some(ALL))] {
            let command = Command::new(0x80, 1, 2, 3).with_data(vec![9; len]).with_le(le);
            let [apdu] = command.encode(Encoding::Extended).try_into().unwrap();
            assert_eq!(Command::parse(&apdu), Ok((command, Encoding::Extended)));
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_no_command() {
        let wrong: [&[u8]; 7] = [
            &[],
            &[0x80, 0x10, 0x80],
            &[0x80, 0x10, 0x80, 0x00, 0x02, 0x04],
            &[0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00, 0x00],
            &[0x80, 0x10, 0x80, 0x00, 0x00, 0x00],
            &[0x80, 0x10, 0x80, 0x00, 0x00, 0x00, 0x02, 0x04],
            &[0x80, 0x10, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
        ];
        for apdu in wrong {
            let error = CardError::NotACommand { len: apdu.len() };
            assert_eq!(Command::parse(apdu), Err(error), "{apdu:02x?}");
        }
    }
}
