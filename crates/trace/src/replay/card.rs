//! APDUs of a recording, as if a card answered them.

use async_trait::async_trait;
use keyvet_finding::Finding;
use keyvet_nfc::CardLink;
use keyvet_transport::ChannelError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::player::Player;
use super::silence::{before_cancel, waiting};
use crate::asks::Asks;
use crate::error::NOT_RECORDED;
use crate::exchange::{Exchange, Reply, What};
use crate::follow::{Apdu, CardMessage, Kind, is_cancel};

/// The card's end: what comes is compared by command alone, what goes is what was recorded.
pub(super) struct ReplayCard {
    player: Arc<Mutex<Player>>,
    /// What came of a command in parts.
    begun: Vec<u8>,
    /// What is left of the answer.
    rest: VecDeque<Reply>,
    /// What came only after the command was cancelled.
    after_cancel: VecDeque<Reply>,
    /// What is told when there is nothing more.
    silence: ChannelError,
}

impl ReplayCard {
    pub(super) fn new(player: Arc<Mutex<Player>>) -> Self {
        let (rest, after_cancel) = (VecDeque::new(), VecDeque::new());
        Self { player, begun: Vec::new(), rest, after_cancel, silence: no_more() }
    }

    /// Answers a command; one that goes on with the one before is answered by what is left.
    fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let apdu = Apdu::of(command);
        let begins = apdu.as_ref().and_then(CardMessage::of);
        if apdu.as_ref().is_some_and(is_cancel) && !self.after_cancel.is_empty() {
            self.rest = std::mem::take(&mut self.after_cancel);
            self.silence = no_more();
        }
        if let (Some(apdu), Some(kind)) = (apdu, begins) {
            self.begun.extend_from_slice(command.get(apdu.data.clone()).unwrap_or_default());
            if apdu.is_chained() {
                return Ok(TAKEN.to_vec());
            }
            let payload = std::mem::take(&mut self.begun);
            self.play(Asks::of(Kind::Card(kind), &payload), command.len())?;
        }
        match self.rest.pop_front() {
            Some(Reply { what: What::Gone, .. }) => {
                self.silence = ChannelError::Removed;
                Err(ChannelError::Removed)
            }
            Some(reply) => Ok(reply.bytes),
            None => Err(self.silence.clone()),
        }
    }

    fn play(&mut self, asks: Asks, len: usize) -> Result<(), ChannelError> {
        let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut exchange, repeated) = player.play_next(asks)?;
        let after_cancel = exchange.replies.split_off(before_cancel(&exchange));
        self.silence = match exchange.answer() {
            Some(_) => no_more(),
            // it was said again at once: the reader had not carried it
            None if repeated && exchange.replies.is_empty() => {
                ChannelError::TooLong { len, max: len.saturating_sub(1) }
            }
            None => ChannelError::Timeout { phase: waiting(&exchange.replies) },
        };
        let Exchange { replies, .. } = exchange;
        (self.rest, self.after_cancel) = (replies.into(), after_cancel.into());
        Ok(())
    }
}

#[async_trait]
impl CardLink for ReplayCard {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.answer(command)
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }
}

fn no_more() -> ChannelError {
    let detail = "the rest of an answer was asked for; the recording has no more of it";
    ChannelError::Framing(Finding::new(&NOT_RECORDED, detail))
}

/// Said to every part of a command but the last.
const TAKEN: [u8; 2] = [0x90, 0x00];
