//! The terminal without echo, from before the prompt is shown until the PIN is read or the prompt is left by Ctrl-C.

/// The settings as they were.
pub(crate) struct Terminal {
    #[cfg(unix)]
    before: Option<(std::fs::File, rustix::termios::Termios)>,
}

impl Terminal {
    /// Switches the echo off; nothing where there is no terminal. The prompt itself would do so only after it is shown,
    /// and who types at once would see the PIN.
    #[cfg(unix)]
    pub(crate) fn hushed() -> Self {
        let terminal = std::fs::File::open("/dev/tty").ok();
        let before = terminal.and_then(|terminal| {
            let settings = rustix::termios::tcgetattr(&terminal).ok()?;
            let mut silent = settings.clone();
            silent.local_modes.remove(rustix::termios::LocalModes::ECHO);
            let when = rustix::termios::OptionalActions::Now;
            rustix::termios::tcsetattr(&terminal, when, &silent).ok()?;
            Some((terminal, settings))
        });
        Self { before }
    }

    #[cfg(not(unix))]
    pub(crate) fn hushed() -> Self {
        Self {}
    }

    /// Puts the settings back.
    pub(crate) fn restore(self) {
        #[cfg(unix)]
        if let Some((terminal, settings)) = self.before {
            let when = rustix::termios::OptionalActions::Now;
            // a terminal that is gone needs no settings
            let _ = rustix::termios::tcsetattr(&terminal, when, &settings);
        }
    }
}
