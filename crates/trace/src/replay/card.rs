//! APDUs of a recording, as if a card answered them.

use async_trait::async_trait;
use keyvet_finding::Finding;
use keyvet_nfc::CardLink;
use keyvet_transport::ChannelError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::player::Player;
use crate::asks::Asks;
use crate::error::NOT_RECORDED;
use crate::follow::{Apdu, CardMessage, Kind};

/// The card's end: what comes is compared by command alone, what goes is what was recorded.
pub(super) struct ReplayCard {
    player: Arc<Mutex<Player>>,
    /// What came of a command in parts.
    begun: Vec<u8>,
    /// What is left of the answer.
    rest: VecDeque<Vec<u8>>,
}

impl ReplayCard {
    pub(super) fn new(player: Arc<Mutex<Player>>) -> Self {
        Self { player, begun: Vec::new(), rest: VecDeque::new() }
    }

    /// Answers a command; one that goes on with the one before is answered by what is left.
    fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let apdu = Apdu::of(command);
        let begins = apdu.as_ref().and_then(CardMessage::of);
        if let (Some(apdu), Some(kind)) = (apdu, begins) {
            self.begun.extend_from_slice(command.get(apdu.data.clone()).unwrap_or_default());
            if apdu.is_chained() {
                return Ok(TAKEN.to_vec());
            }
            let payload = std::mem::take(&mut self.begun);
            let asks = Asks::of(Kind::Card(kind), &payload);
            let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
            let replies = player.play(asks)?.replies;
            self.rest = replies.into_iter().map(|reply| reply.bytes).collect();
        }
        self.rest.pop_front().ok_or_else(|| {
            let detail = "the rest of an answer was asked for; the recording has no more of it";
            ChannelError::Framing(Finding::new(&NOT_RECORDED, detail))
        })
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

/// Said to every part of a command but the last.
const TAKEN: [u8; 2] = [0x90, 0x00];
