//! A key that is to be held to a reader: asked for, waited for, and told when it is there.

use super::{Around, Found, Keys, cancelled, channel_error};
use crate::{error::CliError, exit::Exit};
use keyvet_finding::{Culprit, Kind, Printable, Severity};
use keyvet_nfc::ReaderState;
use keyvet_transport::{DeviceEvent, Discovery, Selector, Transport};
use std::{future::poll_fn, sync::Arc};
use tokio::time::{Instant, sleep_until};

impl Keys {
    /// Waits until a key is held to a reader that `selector` means; returns at once where it means no reader, or where
    /// there is one already.
    ///
    /// # Errors
    /// When there are no readers to hold it to, when nobody does so in time, and on Ctrl-C.
    pub(super) async fn await_card(
        &mut self,
        selector: &Selector,
        around: &Around,
    ) -> Result<(), CliError> {
        if selector.transport() != Some(Transport::Nfc) {
            return Ok(());
        }
        let trouble = self.failed.iter().find(|(transport, _)| *transport == Transport::Nfc);
        if let Some((_, trouble)) = trouble {
            return Err(channel_error(trouble));
        }
        if self.found.iter().any(|found| found.is_meant_by(selector)) {
            return Ok(());
        }
        ask_for_it(&self.meant_readers(selector)?, around);
        let found = self.arrival(selector, around).await?;
        around.console.keep_it_there();
        self.found.push(found);
        Ok(())
    }

    /// The readers that `selector` means.
    fn meant_readers(&self, selector: &Selector) -> Result<Vec<ReaderState>, CliError> {
        let listed = self.readers.as_ref().map(|readers| readers.list()).transpose();
        let readers = listed.map_err(|error| channel_error(&error))?.unwrap_or_default();
        if readers.is_empty() {
            return Err(CliError::new(&NO_READER, "there is no card reader", Exit::NoKey));
        }
        let names: Vec<_> = readers.iter().map(|reader| reader.name.clone()).collect();
        let is_meant = |reader: &ReaderState| is_part(&reader.name, selector);
        let meant: Vec<_> = readers.into_iter().filter(is_meant).collect();
        if meant.is_empty() {
            let what = format_args!("no reader fits {selector}; there is: {}", names.join("; "));
            return Err(CliError::new(&OTHER_READER, what, Exit::NoKey));
        }
        Ok(meant)
    }

    async fn arrival(&self, selector: &Selector, around: &Around) -> Result<Found, CliError> {
        let on_cards = |one: &&Arc<dyn Discovery>| one.transport() == Transport::Nfc;
        let Some(discovery) = self.discoveries.iter().find(on_cards) else {
            return Err(CliError::internal("no way to cards"));
        };
        let now = Instant::now();
        let deadline = now.checked_add(around.touch_timeout).unwrap_or(now);
        let mut events = discovery.watch();
        loop {
            let event = tokio::select! {
                () = around.cancel.cancelled() => return Err(cancelled()),
                () = sleep_until(deadline) => {
                    return Err(CliError::new(&NOT_HELD, "no key came", Exit::UserTimeout));
                }
                event = poll_fn(|context| events.as_mut().poll_next(context)) => event,
            };
            match event {
                Some(DeviceEvent::Added(device)) => {
                    let found = Found::new(device, discovery);
                    if found.is_meant_by(selector) {
                        return Ok(found);
                    }
                }
                Some(DeviceEvent::Unavailable(error)) => return Err(channel_error(&error)),
                Some(_) => {}
                None => return Err(CliError::internal("the readers are watched no longer")),
            }
        }
    }
}

impl Found {
    fn is_meant_by(&self, selector: &Selector) -> bool {
        let id = &self.device.id;
        id.transport == Transport::Nfc && is_part(&id.path, selector)
    }
}

/// As a selector finds a reader: by a part of its name, in any case.
fn is_part(name: &str, selector: &Selector) -> bool {
    match selector {
        Selector::Place { path, .. } => name.to_lowercase().contains(&path.to_lowercase()),
        _ => true,
    }
}

fn ask_for_it(readers: &[ReaderState], around: &Around) {
    for reader in readers.iter().filter(|reader| reader.card.is_some()) {
        let name = Printable(&reader.name);
        around.console.tell(&format!("What lies on {name} is no security key."));
    }
    around.console.tell(&match readers {
        [only] => format!("Hold the key to the reader {}.", Printable(&only.name)),
        _ => String::from("Hold the key to a reader."),
    });
}

/// There is no card reader.
pub(crate) static NO_READER: Kind = Kind {
    id: "cli.no-reader",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "No card reader is plugged in, or its driver does not show it.",
    next_step: "Plug the reader in and repeat; `keyvet doctor` says what keeps a reader from being seen.",
    source: "keyvet",
};

/// No reader of that name.
pub(crate) static OTHER_READER: Kind = Kind {
    id: "cli.no-such-reader",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "There are card readers, but none that the given name fits.",
    next_step: "Give a part of the name of a reader that is listed, or `-d nfc` for any.",
    source: "keyvet",
};

/// Nobody held a key to the reader.
pub(crate) static NOT_HELD: Kind = Kind {
    id: "cli.no-key-at-the-reader",
    severity: Severity::Error,
    culprit: Culprit::Nobody,
    meaning: "No security key was held to the reader in time.",
    next_step: "Repeat the command and lay the key flat on the reader; many readers find it only at one spot. Cards that are no security keys do not count.",
    source: "keyvet",
};
