//! What cards and readers do wrong.

use std::fmt;
use std::str::FromStr;

/// A way for a card to misbehave, and from which command on. SELECT is not counted: faults of commands begin with the
/// first command after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CardFault {
    /// What goes wrong.
    pub bend: Bend,
    /// From which command on, counted from 1; or how many milliseconds, for [`Bend::Slow`].
    pub from: u32,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Bend {
    /// Extended commands are refused: 6700.
    NoExtended,
    /// Chained commands are refused: 6884.
    NoChaining,
    /// Every answer says that 16 bytes more are to be had, and has 16 bytes.
    Endless61,
    /// The same without a byte.
    Empty61,
    /// The card works for ever and does not stop for a cancel.
    Endless91,
    /// The card works for ever, and stops for a cancel.
    Endless91Cancellable,
    /// Every answer says that the length should have been another: 6Cxx.
    Endless6c,
    /// Answers have no byte, as when a card is pulled.
    ZeroBytes,
    /// Answers have one byte.
    OneByte,
    /// Answers end early, status word included.
    Truncated,
    /// Answers end early, with a good status word.
    BodyCut,
    /// Good answers have no body.
    NoBody,
    /// Good answers have the status word 6F00.
    WrongStatus,
    /// Answers come twice in one.
    Doubled,
    /// Answers are those to the command before.
    Stale,
    /// Every answer takes that many milliseconds longer.
    Slow,
    /// The card is pulled at that command, before it has it.
    Pulled,
    /// The card is pulled at that command, after it has done it.
    PulledAfter,
    /// Another card is in the reader from that command on.
    Swapped,
    /// SELECT without Le is refused: 6700.
    SelectNeedsLe,
    /// SELECT with Le is refused: 6700.
    SelectRefusesLe,
    /// The applet speaks U2F alone.
    U2fOnly,
    /// There is no FIDO applet: 6A82.
    NotFido,
    /// The answer to reset has terminal controls in it.
    HostileAtr,
    /// Cancel is taken for another poll.
    CancelIgnored,
    /// Cancel is refused: 6A86, as keys do that are older than it.
    CancelRefused,
}

impl Bend {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::NoExtended,
        Self::NoChaining,
        Self::Endless61,
        Self::Empty61,
        Self::Endless91,
        Self::Endless91Cancellable,
        Self::Endless6c,
        Self::ZeroBytes,
        Self::OneByte,
        Self::Truncated,
        Self::BodyCut,
        Self::NoBody,
        Self::WrongStatus,
        Self::Doubled,
        Self::Stale,
        Self::Slow,
        Self::Pulled,
        Self::PulledAfter,
        Self::Swapped,
        Self::SelectNeedsLe,
        Self::SelectRefusesLe,
        Self::U2fOnly,
        Self::NotFido,
        Self::HostileAtr,
        Self::CancelIgnored,
        Self::CancelRefused,
    ];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// What it does, in a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoExtended => ("no-extended", "refuses extended commands: 6700"),
            Self::NoChaining => ("no-chaining", "refuses chained commands: 6884"),
            Self::Endless61 => ("endless-61", "always has 16 bytes more"),
            Self::Empty61 => ("empty-61", "always has more, and never a byte"),
            Self::Endless91 => ("endless-91", "works for ever, also after a cancel"),
            Self::Endless91Cancellable => ("endless-91-cancellable", "works until cancelled"),
            Self::Endless6c => ("endless-6c", "always wants another length"),
            Self::ZeroBytes => ("zero-bytes", "answers with no byte"),
            Self::OneByte => ("one-byte", "answers with one byte"),
            Self::Truncated => ("truncated", "cuts answers and their status words"),
            Self::BodyCut => ("body-cut", "cuts answers before good status words"),
            Self::NoBody => ("no-body", "answers with good status words alone"),
            Self::WrongStatus => ("wrong-status", "answers with 6F00 instead of 9000"),
            Self::Doubled => ("doubled", "gives each answer twice in one"),
            Self::Stale => ("stale", "gives the answer to the command before"),
            Self::Slow => ("slow", "takes N milliseconds longer"),
            Self::Pulled => ("pulled", "is pulled at command N"),
            Self::PulledAfter => ("pulled-after", "is pulled once it has done command N"),
            Self::Swapped => ("swapped", "is another card from command N on"),
            Self::SelectNeedsLe => ("select-needs-le", "refuses a SELECT without Le"),
            Self::SelectRefusesLe => ("select-refuses-le", "refuses a SELECT with Le"),
            Self::U2fOnly => ("u2f-only", "speaks U2F alone"),
            Self::NotFido => ("not-fido", "has no FIDO applet: 6A82"),
            Self::HostileAtr => ("hostile-atr", "has terminal controls in its answer to reset"),
            Self::CancelIgnored => ("cancel-ignored", "takes a cancel for a poll"),
            Self::CancelRefused => ("cancel-refused", "refuses a cancel: 6A86"),
        }
    }

    /// From the first command on.
    #[must_use]
    pub const fn from_the_start(self) -> CardFault {
        self.from(1)
    }

    /// From command `from` on.
    #[must_use]
    pub const fn from(self, from: u32) -> CardFault {
        CardFault { bend: self, from }
    }
}

impl fmt::Display for Bend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a card fault, as NAME or NAME:N; --list-card-faults lists them")]
pub struct ParseCardFaultError;

/// `NAME` or `NAME:N`.
impl FromStr for CardFault {
    type Err = ParseCardFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, from) = match text.split_once(':') {
            None => (text, 1),
            Some((name, from)) => (name, from.parse().map_err(|_| ParseCardFaultError)?),
        };
        let named = |bend: &Bend| bend.name() == name;
        let bend = Bend::ALL.into_iter().find(named).ok_or(ParseCardFaultError)?;
        Ok(Self { bend, from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_named_with_or_without_a_number() {
        for bend in Bend::ALL {
            assert_eq!(bend.name().parse(), Ok(bend.from_the_start()));
            assert_eq!(format!("{bend}:7").parse(), Ok(bend.from(7)));
        }
        for wrong in ["", "pulled:", "pulled:x", "pulls", "pulled:-1"] {
            assert_eq!(wrong.parse::<CardFault>(), Err(ParseCardFaultError), "{wrong}");
        }
    }
}
