//! Response APDUs and their status words (ISO 7816-4 §5.1.3).

use std::fmt;

use super::CardError;

/// What a card answers: data, and a status word at the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// Data.
    pub data: Vec<u8>,
    /// Status word.
    pub status: StatusWord,
}

impl Response {
    /// Reads one response APDU.
    ///
    /// # Errors
    /// [`CardError::TooShort`] for less than a status word: what some readers give when the card was pulled.
    pub fn parse(apdu: &[u8]) -> Result<Self, CardError> {
        match apdu.split_last_chunk() {
            Some((data, status)) => {
                Ok(Self { data: data.to_vec(), status: StatusWord(u16::from_be_bytes(*status)) })
            }
            None => Err(CardError::TooShort { len: apdu.len() }),
        }
    }

    /// The response APDU.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut apdu = self.data.clone();
        apdu.extend_from_slice(&self.status.0.to_be_bytes());
        apdu
    }
}

/// A status word, known or not.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done.
    pub const SUCCESS: Self = Self(0x9000);
    /// The authenticator works on it; the data is a keep-alive status (CTAP 2.2 §11.3.7.2).
    pub const WORKING: Self = Self(0x9100);
    /// The selected application is deactivated.
    pub const DEACTIVATED: Self = Self(0x6283);
    /// The length is wrong.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// The last command of a chain was expected.
    pub const LAST_OF_CHAIN_EXPECTED: Self = Self(0x6883);
    /// Chaining is not supported.
    pub const NO_CHAINING: Self = Self(0x6884);
    /// Security status not satisfied.
    pub const SECURITY: Self = Self(0x6982);
    /// Conditions of use are not satisfied: U2F wants a touch.
    pub const CONDITIONS: Self = Self(0x6985);
    /// The data is wrong.
    pub const WRONG_DATA: Self = Self(0x6a80);
    /// There is no such application.
    pub const NOT_FOUND: Self = Self(0x6a82);
    /// The parameters are wrong.
    pub const WRONG_PARAMETERS: Self = Self(0x6a86);
    /// The parameters are wrong, in older words.
    pub const WRONG_P1_P2: Self = Self(0x6b00);
    /// The instruction is not known.
    pub const NO_INSTRUCTION: Self = Self(0x6d00);
    /// The class is not known.
    pub const NO_CLASS: Self = Self(0x6e00);

    /// How many bytes wait for `GET RESPONSE`: `61xx`, where 00 is 256 or more.
    #[must_use]
    pub fn more(self) -> Option<u32> {
        self.count_after(0x61)
    }

    /// With how many bytes the command is to be repeated: `6Cxx`.
    #[must_use]
    pub fn right_le(self) -> Option<u32> {
        self.count_after(0x6c)
    }

    fn count_after(self, first: u8) -> Option<u32> {
        let [high, low] = self.0.to_be_bytes();
        let count = if low == 0 { 256 } else { u32::from(low) };
        (high == first).then_some(count)
    }

    /// The command was not carried out: the card knows neither its class nor its instruction.
    #[must_use]
    pub fn is_unknown_command(self) -> bool {
        [Self::NO_INSTRUCTION, Self::NO_CLASS].contains(&self)
    }

    /// What a card says to commands of an application that is not the selected one. The command was not carried out.
    #[must_use]
    pub fn is_of_another_application(self) -> bool {
        self.is_unknown_command() || [Self::CONDITIONS, Self(0x6986)].contains(&self)
    }

    /// The card failed while it worked: `64xx` to `66xx`, and `6Fxx`.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self.0, 0x6400..=0x66ff | 0x6f00..=0x6fff)
    }

    /// What it means, in a few words (ISO 7816-4 §5.1.3, CTAP 2.2 §11.3).
    #[must_use]
    pub fn meaning(self) -> &'static str {
        let known = MEANINGS.iter().find(|(status, _)| *status == self);
        match (known, self.0.to_be_bytes()) {
            (Some((_, meaning)), _) => meaning,
            (None, [0x61, _]) => "more of the answer waits",
            (None, [0x62 | 0x63, _]) => "done, with a warning",
            (None, [0x64..=0x66, _]) => "the card failed while it worked",
            (None, [0x67, _]) => "wrong length",
            (None, [0x68, _]) => "a function of the class is not supported",
            (None, [0x69, _]) => "the command is not allowed",
            (None, [0x6a, _]) => "wrong data or parameters",
            (None, [0x6c, _]) => "wrong length of the answer wanted",
            (None, _) => "not named by the specification",
        }
    }
}

/// `6a82: no such application`.
impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}: {}", self.0, self.meaning())
    }
}

/// Status words that have a meaning of their own.
const MEANINGS: &[(StatusWord, &str)] = &[
    (StatusWord::SUCCESS, "done"),
    (StatusWord::WORKING, "the authenticator is working"),
    (StatusWord::DEACTIVATED, "the application is deactivated"),
    (StatusWord(0x6300), "verification failed"),
    (StatusWord(0x6400), "the card failed, nothing was changed"),
    (StatusWord(0x6581), "the memory of the card failed"),
    (StatusWord::WRONG_LENGTH, "wrong length"),
    (StatusWord(0x6881), "no logical channels"),
    (StatusWord(0x6882), "no secure messaging"),
    (StatusWord::LAST_OF_CHAIN_EXPECTED, "the last command of a chain was expected"),
    (StatusWord::NO_CHAINING, "no command chaining"),
    (StatusWord::SECURITY, "security status not satisfied"),
    (StatusWord(0x6983), "blocked"),
    (StatusWord::CONDITIONS, "conditions of use not satisfied"),
    (StatusWord(0x6986), "not allowed now"),
    (StatusWord(0x6999), "the application cannot be selected"),
    (StatusWord::WRONG_DATA, "wrong data"),
    (StatusWord(0x6a81), "function not supported"),
    (StatusWord::NOT_FOUND, "no such application"),
    (StatusWord(0x6a84), "no memory left"),
    (StatusWord::WRONG_PARAMETERS, "wrong parameters"),
    (StatusWord(0x6a88), "nothing of the kind is there"),
    (StatusWord::WRONG_P1_P2, "wrong parameters"),
    (StatusWord::NO_INSTRUCTION, "unknown instruction"),
    (StatusWord::NO_CLASS, "unknown class"),
    (StatusWord(0x6f00), "the card gives no reason"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_word_is_at_the_end_whatever_the_data_looks_like() {
        let response = Response::parse(&[0x61, 0x05, 0x90, 0x00, 0x90, 0x00]).unwrap();
        assert_eq!(response.data, [0x61, 0x05, 0x90, 0x00]);
        assert_eq!(response.status, StatusWord::SUCCESS);
        assert_eq!(Response::parse(&response.encode()), Ok(response));
    }

    #[test]
    fn fewer_than_two_bytes_are_an_error() {
        assert_eq!(Response::parse(&[]), Err(CardError::TooShort { len: 0 }));
        assert_eq!(Response::parse(&[0x90]), Err(CardError::TooShort { len: 1 }));
        assert!(Response::parse(&[0x90, 0x00]).is_ok());
    }

    #[test]
    fn counts_are_read_from_their_status_words_only() {
        assert_eq!(StatusWord(0x6105).more(), Some(5));
        assert_eq!(StatusWord(0x6100).more(), Some(256));
        assert_eq!(StatusWord(0x9000).more(), None);
        assert_eq!(StatusWord(0x6c20).right_le(), Some(32));
        assert_eq!(StatusWord(0x6c00).right_le(), Some(256));
        assert_eq!(StatusWord(0x6105).right_le(), None);
    }

    #[test]
    fn every_status_word_means_something_and_keeps_its_number() {
        assert_eq!(StatusWord::NOT_FOUND.to_string(), "6a82: no such application");
        assert_eq!(StatusWord(0x6a99).to_string(), "6a99: wrong data or parameters");
        assert_eq!(StatusWord(0x0102).to_string(), "0102: not named by the specification");
        for status in 0..=u16::MAX {
            assert!(!StatusWord(status).meaning().is_empty());
        }
    }
}
