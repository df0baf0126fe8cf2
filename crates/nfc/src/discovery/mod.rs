//! Finding and opening keys in card readers.

mod probe;
mod watch;

use async_trait::async_trait;
use futures_core::Stream;
use keyvet_transport::{
    Channel, ChannelError, Device, DeviceEvent, DeviceId, Discovery, Exchange, Identity, Phase,
    Tap, Transport,
};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::channel::wait::{Limit, Stop};
use crate::iso7816::ApduMode;
use crate::{
    CardChannel, CardId, CardLink, ReaderMemory, ReaderState, Readers, Settings, TappedLink,
};
use probe::{Found, Known};
use watch::Watch;

/// The security keys in the card readers of a machine: cards with a FIDO application (CTAP 2.2 §11.3.3).
///
/// A scan selects that application on every card that it does not know yet, which is all that it ever sends; a bank card
/// is not listed. A card that cannot be asked, because another program has it for itself or because it does not answer,
/// is listed with the reason: it may be the key that somebody looks for.
///
/// The path of a device is the name of its reader. Its identity is the card from its insertion to its removal.
#[derive(Clone)]
pub struct CardDiscovery {
    readers: Arc<dyn Readers>,
    tap: Option<Arc<dyn Tap>>,
    settings: Settings,
    known: Known,
}

impl CardDiscovery {
    /// The keys in `readers`.
    #[must_use]
    pub fn new(readers: Arc<dyn Readers>) -> Self {
        Self { readers, tap: None, settings: Settings::default(), known: Known::default() }
    }

    /// The same with messages written in `mode`.
    #[must_use]
    pub fn apdu_mode(mut self, mode: ApduMode) -> Self {
        self.settings.mode = mode;
        self
    }

    /// The same with `tap` listening to the channels that are opened; scans are not heard.
    #[must_use]
    pub fn tapped(self, tap: Option<Arc<dyn Tap>>) -> Self {
        Self { tap, ..self }
    }

    /// What was learnt of the readers.
    #[must_use]
    pub const fn memory(&self) -> &ReaderMemory {
        &self.settings.memory
    }

    fn devices(&self, readers: &[ReaderState]) -> Vec<Device> {
        let asked = probe::all(&self.readers, &self.known, readers);
        let devices = asked.into_iter().filter_map(|(reader, found)| device(reader, found));
        devices.collect()
    }

    /// Connects, and waits while another program has the card for itself.
    async fn connect(
        &self,
        device: &DeviceId,
        card: &CardId,
        limit: Limit<'_>,
    ) -> Result<Box<dyn CardLink>, ChannelError> {
        loop {
            let connected = limit.over(self.readers.connect(&device.path, card)).await;
            let Err(Stop::Failed(ChannelError::Busy)) = connected else {
                return connected.map_err(|stop| stop.during(Phase::Opening));
            };
            match limit.pause(self.settings.timing.busy).await {
                Err(Stop::Late) => return Err(ChannelError::Busy),
                paused => paused.map_err(|stop| stop.during(Phase::Opening))?,
            }
            // so that the next attempt is not the one that is late
            if let Err(Stop::Late) = limit.check() {
                return Err(ChannelError::Busy);
            }
        }
    }

    /// The card in the reader that `device` names, if it is still the one that was found.
    fn card(&self, device: &DeviceId) -> Result<CardId, ChannelError> {
        let readers = self.readers.list()?;
        let reader = readers.into_iter().find(|reader| reader.name == device.path);
        let card = reader.and_then(|reader| reader.card).ok_or(ChannelError::Removed)?;
        let (found, expected) = (identity(&card), &device.identity);
        // a name given by a person has no identity
        if *expected == Identity::default() || *expected == found {
            return Ok(card);
        }
        Err(ChannelError::Replaced {
            path: device.path.clone(),
            expected: expected.0.clone(),
            found: found.0,
        })
    }
}

#[async_trait]
impl Discovery for CardDiscovery {
    fn transport(&self) -> Transport {
        Transport::Nfc
    }

    fn scan(&self) -> Result<Vec<Device>, ChannelError> {
        Ok(self.devices(&self.readers.list()?))
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
        Box::pin(Watch::new(self.clone()))
    }

    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError> {
        let card = self.card(device)?;
        let limit = Limit::of(&exchange);
        let link = self.connect(device, &card, limit).await?;
        let mut id = device.clone();
        id.identity = identity(&card);
        let link = TappedLink::new(link, id.clone(), self.tap.clone());
        let channel = CardChannel::open_with(link, id, self.settings.clone(), exchange).await?;
        Ok(Box::new(channel))
    }
}

impl fmt::Debug for CardDiscovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDiscovery").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The device in `reader`, if there is one to show.
fn device(reader: &ReaderState, found: Found) -> Option<Device> {
    let mut id = DeviceId::new(Transport::Nfc, &reader.name);
    id.identity = reader.card.as_ref().map(identity)?;
    let mut device = Device::new(id);
    device.denied = match found {
        Found::Key => None,
        Found::NoKey => return None,
        Found::Denied(why) => Some(why),
    };
    device.product = product(&reader.name);
    device.usb_address = reader.usb_address;
    device.interface = Some(reader.interface);
    Some(device)
}

/// `3b8980014a434f5033...`, a dash, and the number of the insertion.
fn identity(card: &CardId) -> Identity {
    let atr: String = card.atr.iter().map(|byte| format!("{byte:02x}")).collect();
    Identity(format!("{atr}-{}", card.events))
}

/// The reader's name without the numbers of reader and slot that the service adds: ` 00 00`, or ` 0`.
fn product(name: &str) -> Option<String> {
    let two = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let one = |word: &str| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = name.split(' ').collect();
    let kept = match words.as_slice() {
        [kept @ .., reader, slot] if !kept.is_empty() && two(reader) && two(slot) => kept,
        [kept @ .., reader] if !kept.is_empty() && one(reader) => kept,
        all => all,
    };
    let product = kept.join(" ").trim().to_owned();
    (!product.is_empty()).then_some(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_a_service_adds_are_no_part_of_a_product() {
        let shown = |name| product(name).unwrap_or_default();
        assert_eq!(shown("Yubico YubiKey OTP+FIDO+CCID 00 00"), "Yubico YubiKey OTP+FIDO+CCID");
        assert_eq!(shown("ACS ACR1252 [PICC] 01 0A"), "ACS ACR1252 [PICC]");
        assert_eq!(shown("Identiv uTrust 3700 F CL 0"), "Identiv uTrust 3700 F CL");
        assert_eq!(shown("Reader"), "Reader");
        assert_eq!(shown("00 00"), "00 00");
        assert_eq!(product(""), None);
    }

    #[test]
    fn a_card_is_another_one_when_it_was_taken_away_in_between() {
        let card = |events| identity(&CardId { atr: vec![0x3b, 0x80], events });
        assert_eq!(card(3).0, "3b80-3");
        assert_ne!(card(3), card(4));
    }
}
