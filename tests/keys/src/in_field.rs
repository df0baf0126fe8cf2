//! A reader in this process: APDUs straight into a virtual card.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use keyvet_nfc::CardLink;
use keyvet_transport::ChannelError;
use keyvet_virtual_key::card::Card;
use tokio::task::spawn_blocking;

/// A virtual card in the field of a reader in this process, with its power on.
///
/// It leaves the field when this and its links are dropped.
#[derive(Clone)]
pub struct InField(Arc<Mutex<Box<dyn Card>>>);

/// A connection to the card that was there when it was made.
pub struct InFieldLink {
    field: InField,
    atr: Vec<u8>,
    /// The first failure; there is no way back from it.
    failure: Option<ChannelError>,
}

impl InField {
    /// Puts `card` into the field.
    pub fn new(mut card: impl Card + 'static) -> Self {
        card.enter();
        card.power_up();
        Self(Arc::new(Mutex::new(Box::new(card))))
    }

    /// A connection to the card.
    #[must_use]
    pub fn link(&self) -> InFieldLink {
        let atr = self.with(|card| card.atr());
        InFieldLink { field: self.clone(), atr, failure: None }
    }

    /// Takes the power from the card, as at the end of a session: what it was doing ends.
    pub fn power_down(&self) {
        self.with(|card| card.power_down());
    }

    fn with<T>(&self, with: impl FnOnce(&mut dyn Card) -> T) -> T {
        with(&mut **self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What pcscd gives for `command`.
    fn transmit(&self, command: &[u8], atr: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.with(|card| {
            let answer = card.apdu(command);
            if !card.is_present() {
                // a swapped one is another card as soon as it had no power
                card.power_down();
            }
            if card.atr() != atr {
                let hex = |atr: &[u8]| data_encoding::HEXUPPER.encode(atr);
                return Err(ChannelError::Replaced {
                    path: "in the field".to_owned(),
                    expected: hex(atr),
                    found: hex(&card.atr()),
                });
            }
            // no byte, or one, is a card that was pulled
            if card.is_present() && answer.len() >= 2 {
                Ok(answer)
            } else {
                Err(ChannelError::Removed)
            }
        })
    }
}

#[async_trait]
impl CardLink for InFieldLink {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let (field, atr, command) = (self.field.clone(), self.atr.clone(), command.to_vec());
        let answered = spawn_blocking(move || field.transmit(&command, &atr)).await;
        let answer = answered.unwrap_or(Err(ChannelError::Removed));
        self.failure = answer.as_ref().err().cloned();
        answer
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}
