//! How the program ends: the one table of exit codes, and which class wins.

use std::process::ExitCode;

/// The class of an outcome; [`Exit::code`] is what the operating system sees.
///
/// The numbers are stable: scripts depend on them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// The command did what was asked; a registration was accepted.
    Ok,
    /// A mistake in keyvet itself.
    Internal,
    /// The command line, or a file named on it, cannot be used.
    Usage,
    /// The answer is no: the statement or the policy refuses this key.
    Refused,
    /// There is no answer: a fact is missing, or the format is not one keyvet can check.
    Undecided,
    /// No security key, or several and none chosen.
    NoKey,
    /// The operating system does not let keyvet do it: permission, reader or driver.
    Permission,
    /// Nobody touched the key in time, or the operation was cancelled.
    UserTimeout,
    /// The PIN was wrong.
    PinWrong,
    /// The PIN is blocked.
    PinBlocked,
    /// The talk with the key broke down: transport or protocol.
    Transport,
    /// The key does not support what was asked.
    NotSupported,
    /// The trust data (FIDO metadata, its signature, its roots) is missing, stale or invalid.
    TrustData,
    /// The network or the identity provider failed.
    Network,
}

impl Exit {
    /// Every class, in the order of the codes.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::Refused,
        Self::Undecided,
        Self::NoKey,
        Self::Permission,
        Self::UserTimeout,
        Self::PinWrong,
        Self::PinBlocked,
        Self::Transport,
        Self::NotSupported,
        Self::TrustData,
        Self::Network,
    ];

    /// The number given to the operating system.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Undecided => 4,
            Self::NoKey => 5,
            Self::Permission => 6,
            Self::UserTimeout => 7,
            Self::PinWrong => 8,
            Self::PinBlocked => 9,
            Self::Transport => 10,
            Self::NotSupported => 11,
            Self::TrustData => 12,
            Self::Network => 13,
        }
    }

    /// What the class means, in a few words; this is the table in `--help` and in the manual.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "accepted, or done",
            Self::Internal => "internal error of keyvet",
            Self::Usage => "usage: an argument or a file cannot be used",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
            Self::NoKey => "no key, or several",
            Self::Permission => "permission or driver",
            Self::UserTimeout => "touch time-out or cancel",
            Self::PinWrong => "PIN wrong",
            Self::PinBlocked => "PIN blocked",
            Self::Transport => "transport or protocol",
            Self::NotSupported => "not supported by the key",
            Self::TrustData => "trust data missing, stale or invalid",
            Self::Network => "network or identity provider",
        }
    }

    /// How strict a class is when one run has several: **a no beats a don't-know beats a yes**.
    ///
    /// From strictest: internal, refused, trust data, network, the classes that concern a key,
    /// usage (a file that was not judged), undecided, ok.
    #[must_use]
    pub const fn strictness(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Undecided => 1,
            Self::Usage => 2,
            Self::NotSupported => 3,
            Self::UserTimeout => 4,
            Self::NoKey => 5,
            Self::Transport => 6,
            Self::Permission => 7,
            Self::PinWrong => 8,
            Self::PinBlocked => 9,
            Self::Network => 10,
            Self::TrustData => 11,
            Self::Refused => 12,
            Self::Internal => 13,
        }
    }

    /// The stricter of two classes.
    #[must_use]
    pub const fn strictest(self, other: Self) -> Self {
        if other.strictness() > self.strictness() { other } else { self }
    }

    /// The table of codes as shown under `keyvet --help`.
    #[must_use]
    pub fn table() -> String {
        let rows = Self::ALL.map(|exit| format!("  {:>2}  {}", exit.code(), exit.meaning()));
        format!(
            "Exit codes:\n{}\nOver several files the strictest class wins: refused, then trust data, \
             then an unusable file, then undecided.",
            rows.join("\n")
        )
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_published_table_in_order() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, (0..=13).collect::<Vec<u8>>());
    }

    #[test]
    fn meanings_are_the_published_words() {
        let published = "0 accepted/ok · 1 internal · 2 usage · 3 refused · 4 undecided · \
            5 no key or several · 6 permission or driver · 7 touch time-out or cancel · 8 PIN wrong · \
            9 PIN blocked · 10 transport or protocol · 11 not supported by the key · \
            12 trust data missing, stale or invalid · 13 network or identity provider";
        for (row, exit) in published.split(" · ").zip(Exit::ALL) {
            let (code, words) = row.split_once(' ').unwrap();
            assert_eq!(code, exit.code().to_string());
            for word in words.split([' ', ',', '/']) {
                assert!(
                    exit == Exit::Ok || exit.meaning().contains(word),
                    "{word} of {row} is not in {:?}",
                    exit.meaning()
                );
            }
        }
    }

    #[test]
    fn a_no_beats_a_dont_know_beats_a_yes() {
        let order = [Exit::Ok, Exit::Undecided, Exit::Usage, Exit::TrustData, Exit::Refused];
        for pair in order.windows(2) {
            assert_eq!(pair[0].strictest(pair[1]), pair[1]);
            assert_eq!(pair[1].strictest(pair[0]), pair[1]);
        }
    }

    #[test]
    fn no_two_classes_are_equally_strict() {
        let mut ranks: Vec<u8> = Exit::ALL.iter().map(|exit| exit.strictness()).collect();
        ranks.sort_unstable();
        assert_eq!(ranks, (0..=13).collect::<Vec<u8>>());
    }
}
