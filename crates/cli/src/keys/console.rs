//! The person at the key: what they are told, and how they are asked for a PIN.

use super::PinSource;
use crate::{error::CliError, render::Renderer};
use async_trait::async_trait;
use keyvet_client::{ClientEvent, Declined, Person, PinRequest};
use keyvet_finding::Printable;
use keyvet_pin_uv::Pin;
use keyvet_transport::Device;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// The person at the key, through the terminal.
pub(crate) struct Console {
    renderer: Renderer,
    source: PinSource,
    cancel: CancellationToken,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the key is called, printable.
    name: Option<String>,
    /// Whether it lies on a reader.
    on_reader: bool,
    /// Whether the person was told to leave it there.
    kept: bool,
    /// The last thing told, so that it is not repeated.
    told: Option<String>,
    /// Why no PIN could be read.
    trouble: Option<CliError>,
}

impl Console {
    pub(crate) fn new(renderer: Renderer, source: PinSource, cancel: CancellationToken) -> Self {
        Self { renderer, source, cancel, state: Mutex::default() }
    }

    /// The person is before this key now.
    pub(crate) fn is_before(&self, name: &str, device: &Device) {
        let mut state = self.state();
        state.name = Some(Printable(name).to_string());
        state.on_reader = super::lies_on_reader(device);
    }

    /// Whether the key is held to a reader.
    pub(crate) fn is_at_reader(&self) -> bool {
        self.state().on_reader
    }

    /// Tells the person that the key will want a touch; one in the field of a reader counts as touched.
    pub(crate) fn tell_touch(&self) {
        if self.is_at_reader() {
            self.keep_it_there();
        } else {
            self.tell(TOUCH);
        }
    }

    /// Tells the person, once, that the key is to stay on the reader.
    pub(crate) fn keep_it_there(&self) {
        let kept = std::mem::replace(&mut self.state().kept, true);
        if !kept {
            self.tell(KEEP);
        }
    }

    /// Tells the person something, unless it was the last thing told.
    pub(crate) fn tell(&self, text: &str) {
        let repeated = self.state().told.replace(text.to_owned()).as_deref() == Some(text);
        if !repeated {
            self.renderer.tell(text);
        }
    }

    /// Why no PIN could be read, when that is why a ceremony ended.
    pub(crate) fn trouble(&self) -> Option<CliError> {
        self.state().trouble.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the PIN on a thread of its own: a prompt waits for a person, and Ctrl-C must not.
    async fn read(&self, prompt: String) -> Result<Pin, Declined> {
        let source = self.source;
        let terminal =
            matches!(source, PinSource::Terminal).then(super::terminal::Terminal::hushed);
        let reading = tokio::task::spawn_blocking(move || source.read(&prompt));
        let read = tokio::select! {
            read = reading => Some(read),
            () = self.cancel.cancelled() => None,
        };
        if let Some(terminal) = terminal {
            terminal.restore();
        }
        let Some(read) = read else { return Err(Declined) };
        match read.unwrap_or_else(|error| Err(CliError::internal(error))) {
            Ok(Some(pin)) => return Ok(pin),
            Ok(None) => self.cancel.cancel(),
            Err(trouble) => self.state().trouble = Some(trouble),
        }
        Err(Declined)
    }

    fn prompt(&self, ask: &PinRequest) -> String {
        let state = self.state();
        let name = state.name.as_deref().unwrap_or("the key");
        match ask.retries_left {
            Some(left) => format!("PIN of {name} ({}): ", tries(left)),
            None => format!("PIN of {name}: "),
        }
    }
}

#[async_trait]
impl Person for Console {
    async fn pin(&self, ask: &PinRequest) -> Result<Pin, Declined> {
        if ask.previous_failed && !self.source.can_be_asked_again() {
            return Err(Declined);
        }
        self.read(self.prompt(ask)).await
    }

    fn event(&self, event: ClientEvent) {
        match event {
            ClientEvent::TouchNeeded if self.is_at_reader() => self.tell(TOUCH_TOO),
            ClientEvent::TouchNeeded => self.tell(TOUCH),
            ClientEvent::VerificationNeeded => self.tell(VERIFY),
            ClientEvent::VerificationFailed { left: Some(left) } => {
                self.tell(&format!("The key did not recognise you; {} left.", tries(left)));
            }
            ClientEvent::VerificationFailed { left: None } => {
                self.tell("The key did not recognise you.");
            }
            // who cannot be asked again is told by the error
            ClientEvent::PinWrong { .. } if !self.source.can_be_asked_again() => {}
            ClientEvent::PinWrong { left: Some(left) } => {
                self.tell(&format!("Wrong PIN; {} left.", tries(left)));
            }
            ClientEvent::PinWrong { left: None } => self.tell("Wrong PIN."),
            ClientEvent::Busy => self.tell("Another program is using the key; waiting for it."),
            _ => {}
        }
    }
}

/// `1 try`, `8 tries`.
fn tries(left: u64) -> String {
    if left == 1 { String::from("1 try") } else { format!("{left} tries") }
}

/// Told when the key waits for a touch, and before that where nothing else will be asked for.
pub(crate) const TOUCH: &str = "Touch the key when it blinks.";
/// Told when the key lies on a reader: it is lost when it is lifted off.
const KEEP: &str = "Keep the key on the reader until the end.";
/// Told when a key on a reader wants more than that.
const TOUCH_TOO: &str =
    "The key wants a touch: touch it where it lies, or lift it off and repeat the command.";
/// Told when the key verifies the person itself.
const VERIFY: &str = "Put your finger on the key's reader, or confirm on the key.";
