//! In which form a message is tried, and in which next.

use std::str::FromStr;

use super::{Encoding, StatusWord};

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ApduMode {
    /// Extended where card and reader take it, else short.
    #[default]
    Automatic,
    /// Short, with chaining.
    Short,
    /// Extended.
    Extended,
}

/// The text names no mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not one of automatic, short, extended")]
pub struct ParseApduModeError;

impl FromStr for ApduMode {
    type Err = ParseApduModeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "automatic" => Ok(Self::Automatic),
            "short" => Ok(Self::Short),
            "extended" => Ok(Self::Extended),
            _ => Err(ParseApduModeError),
        }
    }
}

/// One way to write a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Form {
    /// How lengths are written.
    pub encoding: Encoding,
    /// Whether the card is told that keep-alives are understood.
    pub keep_alives: bool,
}

impl Form {
    pub(super) const fn p1(self) -> u8 {
        if self.keep_alives { 0x80 } else { 0x00 }
    }
}

/// Decides in which form one message is tried next. Each form is tried once, and only after a status word that says that
/// the card did not carry the message out.
#[derive(Clone, Debug)]
pub struct Forms {
    mode: ApduMode,
    current: Form,
    turned: bool,
}

impl Forms {
    /// For one message in `mode`. `extended` says whether extended commands are worth a try.
    #[must_use]
    pub const fn new(mode: ApduMode, extended: bool) -> Self {
        let encoding = match mode {
            ApduMode::Short => Encoding::Short,
            ApduMode::Automatic if !extended => Encoding::Short,
            ApduMode::Automatic | ApduMode::Extended => Encoding::Extended,
        };
        Self { mode, current: Form { encoding, keep_alives: true }, turned: false }
    }

    /// The form to use now.
    #[must_use]
    pub const fn current(&self) -> Form {
        self.current
    }

    /// The form to use after the card has refused the current one.
    pub fn after_refusal(&mut self, status: StatusWord) -> Option<Form> {
        let parameters = [StatusWord::WRONG_PARAMETERS, StatusWord::WRONG_P1_P2];
        if parameters.contains(&status) && self.current.keep_alives {
            self.current.keep_alives = false;
            return Some(self.current);
        }
        FORM_REFUSED.contains(&status).then(|| self.other_encoding()).flatten()
    }

    /// The form to use when the reader does not carry the current one, and nothing was sent.
    pub fn other_encoding(&mut self) -> Option<Form> {
        if self.turned || self.mode != ApduMode::Automatic {
            return None;
        }
        self.turned = true;
        self.current.encoding = match self.current.encoding {
            Encoding::Short => Encoding::Extended,
            Encoding::Extended => Encoding::Short,
        };
        Some(self.current)
    }
}

/// What cards say to lengths or chains that they do not know. None of them has carried the command out.
const FORM_REFUSED: &[StatusWord] = &[
    StatusWord::WRONG_LENGTH,
    StatusWord::LAST_OF_CHAIN_EXPECTED,
    StatusWord::NO_CHAINING,
    StatusWord::NO_INSTRUCTION,
    StatusWord::NO_CLASS,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(mode: ApduMode, extended: bool, refusals: &[u16]) -> Vec<String> {
        let mut forms = Forms::new(mode, extended);
        let name = |form: Form| format!("{:?} {:02x}", form.encoding, form.p1());
        let mut tried = vec![name(forms.current())];
        for status in refusals {
            tried.extend(forms.after_refusal(StatusWord(*status)).map(name));
        }
        tried
    }

    #[test]
    fn extended_comes_first_and_short_where_it_is_refused() {
        for status in [0x6700, 0x6883, 0x6884, 0x6d00, 0x6e00] {
            let both = ["Extended 80", "Short 80"];
            assert_eq!(tried(ApduMode::Automatic, true, &[status, status]), both);
            let both = ["Short 80", "Extended 80"];
            assert_eq!(tried(ApduMode::Automatic, false, &[status, status]), both);
        }
    }

    #[test]
    fn a_mode_that_was_chosen_is_kept() {
        assert_eq!(tried(ApduMode::Short, true, &[0x6700, 0x6884]), ["Short 80"]);
        assert_eq!(tried(ApduMode::Extended, false, &[0x6700, 0x6d00]), ["Extended 80"]);
    }

    #[test]
    fn a_card_that_does_not_know_of_keep_alives_is_not_told_of_them() {
        let tried = tried(ApduMode::Automatic, true, &[0x6700, 0x6a86, 0x6a86]);
        assert_eq!(tried, ["Extended 80", "Short 80", "Short 00"]);
    }

    #[test]
    fn any_other_refusal_is_final() {
        for status in [0x6985, 0x6982, 0x6f00, 0x6a80, 0x6581, 0x6400, 0x9001] {
            assert_eq!(tried(ApduMode::Automatic, true, &[status]), ["Extended 80"]);
        }
    }

    #[test]
    fn modes_are_named_by_words() {
        assert_eq!("automatic".parse(), Ok(ApduMode::Automatic));
        assert_eq!("short".parse(), Ok(ApduMode::Short));
        assert_eq!("extended".parse(), Ok(ApduMode::Extended));
        assert_eq!("Short".parse::<ApduMode>(), Err(ParseApduModeError));
    }
}
