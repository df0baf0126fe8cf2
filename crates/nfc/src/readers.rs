//! Card readers, as an operating system offers them.

use async_trait::async_trait;
use keyvet_transport::{CardInterface, ChannelError, UsbAddress};

use crate::CardLink;

/// The card readers of a machine.
#[async_trait]
pub trait Readers: Send + Sync {
    /// Every reader there is, with or without a card, sorted by name. Nothing is sent to a card. Blocks for as long as
    /// the service takes to answer.
    ///
    /// # Errors
    /// [`ChannelError::ServiceMissing`] without a service to ask.
    fn list(&self) -> Result<Vec<ReaderState>, ChannelError>;

    /// Connects to the card `card` in the reader of this name.
    ///
    /// # Errors
    /// [`ChannelError::Replaced`] when there is another card by now; [`ChannelError::Removed`] when there is none;
    /// [`ChannelError::Busy`] when another program has it for itself.
    async fn connect(&self, reader: &str, card: &CardId)
    -> Result<Box<dyn CardLink>, ChannelError>;

    /// Returns when a reader or a card came or went since `known` was listed, or after an error. Blocks; ends when
    /// `stop` is dropped at the other end.
    ///
    /// # Errors
    /// As [`Readers::list`].
    fn wait(
        &self,
        known: &[ReaderState],
        stop: &std::sync::mpsc::Receiver<()>,
    ) -> Result<(), ChannelError>;
}

/// One reader.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ReaderState {
    /// Its name, unique among the readers present. Text of the device: escape it before printing.
    pub name: String,
    /// The card in it.
    pub card: Option<CardId>,
    /// Whether another program has the card for itself.
    pub exclusive: bool,
    /// How it touches cards.
    pub interface: CardInterface,
    /// Where the reader is plugged in, when it says so.
    pub usb_address: Option<UsbAddress>,
}

impl ReaderState {
    /// An empty reader.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            card: None,
            exclusive: false,
            interface: CardInterface::Unknown,
            usb_address: None,
        }
    }
}

/// One card, from its insertion to its removal.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct CardId {
    /// What it answered to the reset (ISO 7816-3): at most 33 bytes, of the card's making.
    pub atr: Vec<u8>,
    /// Counts insertions and removals in this reader, where the service does.
    pub events: u64,
}
