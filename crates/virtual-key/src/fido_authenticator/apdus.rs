//! The firmware's face as a card: APDUs through its own dispatch, as over the air.

use apdu_dispatch::App;
use apdu_dispatch::dispatch::ApduDispatch;
use apdu_dispatch::interchanges::{Channel, Data, Requester};

use crate::port::Field;

/// The lines between reader and dispatch; contact is there because the dispatch wants it.
#[derive(Default)]
pub(super) struct Lines {
    contact: Channel,
    contactless: Channel,
}

/// The dispatch and the reader's end of its contactless line.
pub(super) struct Apdus<'a> {
    lines: &'a Lines,
    powered: Option<Powered<'a>>,
}

struct Powered<'a> {
    reader: Requester<'a>,
    dispatch: ApduDispatch<'a>,
}

impl<'a> Apdus<'a> {
    pub(super) fn new(lines: &'a Lines) -> Self {
        Self { lines, powered: None }
    }

    /// Does what the reader wants with `app` behind the dispatch.
    pub(super) fn serve(&mut self, field: Field, app: &mut dyn App) {
        match field {
            Field::Reset => self.powered = None,
            Field::Apdu { command, answer } => {
                // nobody waits when the card was taken away meanwhile
                let _ = answer.send(self.answer(&command, app));
            }
        }
    }

    fn answer(&mut self, command: &[u8], app: &mut dyn App) -> Vec<u8> {
        let powered = self.powered.take().or_else(|| Powered::new(self.lines));
        let answer = match (powered, Data::from_slice(command)) {
            (Some(mut powered), Ok(command)) => {
                let answer = powered.answer(command, app);
                self.powered = Some(powered);
                answer
            }
            (powered, _) => {
                self.powered = powered;
                None
            }
        };
        answer.unwrap_or_else(|| WRONG_LENGTH.to_vec())
    }
}

impl<'a> Powered<'a> {
    /// A dispatch with nothing selected; an end that was given back can be taken again.
    fn new(lines: &'a Lines) -> Option<Self> {
        let dispatch =
            ApduDispatch::new(lines.contact.responder()?, lines.contactless.responder()?);
        Some(Self { reader: lines.contactless.requester()?, dispatch })
    }

    /// The dispatch answers within one poll.
    fn answer(&mut self, command: Data, app: &mut dyn App) -> Option<Vec<u8>> {
        self.reader.request(command).ok()?;
        self.dispatch.poll(&mut [app]);
        self.reader.take_response().map(|answer| answer.to_vec())
    }
}

/// What it answers to a command longer than the 3072 bytes of its line.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
