//! Selecting the FIDO application (CTAP 2.2 §11.3.3).

use super::{CardError, Command, Encoding, Response, SELECT, StatusWord, Transfer, TransferStep};

/// Selects the FIDO application: at first saying that an answer is wanted, and without that where that is refused, or
/// nothing is answered.
#[derive(Clone, Debug)]
pub struct Selection {
    transfer: Transfer,
    with_le: bool,
}

/// What comes next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selected {
    /// Send these bytes, and push the answer to them.
    Send(Vec<u8>),
    /// It is selected.
    Done(Application),
}

/// What the FIDO application says of itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Application {
    /// `FIDO_2_0` and what follows it: CTAP2.
    Fido2,
    /// `U2F_V2`: U2F, and CTAP2 or not; getInfo tells.
    U2f,
}

impl Selection {
    /// The selection, and the first bytes to send.
    #[must_use]
    pub fn new() -> (Self, Vec<u8>) {
        let (transfer, first) = Transfer::new(select(Some(256)), Encoding::Short);
        (Self { transfer, with_le: true }, first)
    }

    /// Takes the card's answer to what was sent last.
    ///
    /// # Errors
    /// [`CardError::NotFido`] for another card, [`CardError::Deactivated`], and others.
    pub fn push(&mut self, response: &[u8]) -> Result<Selected, CardError> {
        match self.transfer.push(response)? {
            TransferStep::Send(bytes) => Ok(Selected::Send(bytes)),
            TransferStep::Done(Response { status, data }) if self.with_le && odd(status, &data) => {
                let (transfer, first) = Transfer::new(select(None), Encoding::Short);
                *self = Self { transfer, with_le: false };
                Ok(Selected::Send(first))
            }
            TransferStep::Done(Response { status: StatusWord::SUCCESS, data }) => {
                Application::parse(&data).map(Selected::Done)
            }
            TransferStep::Done(Response { status: StatusWord::DEACTIVATED, .. }) => {
                Err(CardError::Deactivated)
            }
            TransferStep::Done(Response { status, .. }) => Err(CardError::NotFido(status)),
        }
    }
}

impl Application {
    /// Reads the answer to the selection.
    fn parse(version: &[u8]) -> Result<Self, CardError> {
        if version == U2F_V2 {
            return Ok(Self::U2f);
        }
        if version.starts_with(FIDO_2) && version.len() <= LONGEST_VERSION {
            return Ok(Self::Fido2);
        }
        let shown = version.get(..LONGEST_VERSION).unwrap_or(version);
        Err(CardError::UnknownVersion(String::from_utf8_lossy(shown).into_owned()))
    }
}

/// Whether it may be the length field that the card does not like.
fn odd(status: StatusWord, data: &[u8]) -> bool {
    let length = [StatusWord::WRONG_LENGTH, StatusWord::WRONG_PARAMETERS];
    length.contains(&status) || (status == StatusWord::SUCCESS && data.is_empty())
}

fn select(le: Option<u32>) -> Command {
    Command::new(0x00, SELECT, 0x04, 0x00).with_data(AID).with_le(le)
}

/// Name of the FIDO application: RID and PIX (CTAP 2.2 §11.3.3).
pub const AID: [u8; 8] = [0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01];

const U2F_V2: &[u8] = b"U2F_V2";
const FIDO_2: &[u8] = b"FIDO_2_";

/// Longer than any name of a version.
const LONGEST_VERSION: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_LE: [u8; 14] =
        [0x00, 0xa4, 0x04, 0x00, 0x08, 0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01, 0x00];

    fn answered(version: &[u8], status: u16) -> Result<Selected, CardError> {
        let (mut selection, first) = Selection::new();
        assert_eq!(first, WITH_LE);
        let data = version.to_vec();
        selection.push(&Response { data, status: StatusWord(status) }.encode())
    }

    #[test]
    fn every_version_of_fido_is_known() {
        for version in [&b"FIDO_2_0"[..], b"FIDO_2_1", b"FIDO_2_1_PRE", b"FIDO_2_3"] {
            assert_eq!(answered(version, 0x9000), Ok(Selected::Done(Application::Fido2)));
        }
        assert_eq!(answered(b"U2F_V2", 0x9000), Ok(Selected::Done(Application::U2f)));
    }

    #[test]
    fn other_cards_are_told_from_keys_that_are_switched_off() {
        let not_found = StatusWord::NOT_FOUND;
        assert_eq!(answered(b"", 0x6a82), Err(CardError::NotFido(not_found)));
        assert_eq!(answered(b"U2F_V2", 0x6999), Err(CardError::NotFido(StatusWord(0x6999))));
        assert_eq!(answered(b"", 0x6283), Err(CardError::Deactivated));
        let other = CardError::UnknownVersion("\u{1b}[2J".into());
        assert_eq!(answered(b"\x1b[2J", 0x9000), Err(other));
        let Err(CardError::UnknownVersion(long)) = answered(&[b'x'; 5000], 0x9000) else {
            panic!("a long name of nothing is no version");
        };
        assert_eq!(long.len(), LONGEST_VERSION);
    }

    #[test]
    fn a_card_that_does_not_like_the_length_is_asked_without_it() {
        let without = Selected::Send(WITH_LE[..13].to_vec());
        for status in [0x6700, 0x6a86, 0x9000] {
            assert_eq!(answered(b"", status), Ok(without.clone()));
        }
        let (mut selection, _) = Selection::new();
        selection.push(&[0x67, 0x00]).unwrap();
        let more = Selected::Send(vec![0x00, 0xc0, 0x00, 0x00, 0x08]);
        assert_eq!(selection.push(&[0x61, 0x08]), Ok(more));
        let version = [&b"FIDO_2_0"[..], &[0x90, 0x00]].concat();
        assert_eq!(selection.push(&version), Ok(Selected::Done(Application::Fido2)));
        let (mut selection, _) = Selection::new();
        selection.push(&[0x67, 0x00]).unwrap();
        let twice = selection.push(&[0x67, 0x00]);
        assert_eq!(twice, Err(CardError::NotFido(StatusWord::WRONG_LENGTH)));
    }

    #[test]
    fn the_right_length_is_taken_from_the_card() {
        let mut again = WITH_LE;
        again[13] = 0x08;
        assert_eq!(answered(b"", 0x6c08), Ok(Selected::Send(again.to_vec())));
    }
}
