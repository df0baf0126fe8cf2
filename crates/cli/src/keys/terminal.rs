//! The terminal's settings, put back when a prompt is left by Ctrl-C: the prompt switched the echo off.

/// The settings as they were.
pub(crate) struct Terminal {
    #[cfg(unix)]
    before: Option<(std::fs::File, rustix::termios::Termios)>,
}

impl Terminal {
    /// The settings as they are now; nothing where there is no terminal.
    #[cfg(unix)]
    pub(crate) fn now() -> Self {
        let terminal = std::fs::File::open("/dev/tty").ok();
        let before = terminal.and_then(|terminal| {
            let settings = rustix::termios::tcgetattr(&terminal).ok()?;
            Some((terminal, settings))
        });
        Self { before }
    }

    #[cfg(not(unix))]
    pub(crate) fn now() -> Self {
        Self {}
    }

    /// Puts them back.
    pub(crate) fn restore(self) {
        #[cfg(unix)]
        if let Some((terminal, settings)) = self.before {
            let when = rustix::termios::OptionalActions::Now;
            // a terminal that is gone needs no settings
            let _ = rustix::termios::tcsetattr(&terminal, when, &settings);
        }
    }
}
