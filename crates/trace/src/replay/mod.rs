//! A recording as a place where keys are: it is played through the same framing that spoke to the key.

mod card;
mod hid;
mod player;
mod silence;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use futures_core::Stream;
use keyvet_hid::HidChannel;
use keyvet_nfc::{CardChannel, Settings};
use keyvet_transport::{
    Channel, ChannelError, Device, DeviceEvent, DeviceId, Discovery, Exchange, Transport,
    unchanging,
};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::exchange::exchanges;
use crate::{RecordedDevice, Recording};
use card::ReplayCard;
use hid::ReplayLink;
use player::Player;

/// Finds the devices of a recording, and plays what they said.
///
/// Requests are compared by command and subcommand, not by their parameters: each recorded exchange is played once, in
/// order; getInfo and the opening of a channel as often as they are asked for. Channel number, nonce and echo are those of
/// today. Nothing waits: keep-alives come at once, and where the key had fallen silent the channel is told that it has.
///
/// A PIN typed at a recording is right, whatever it is: nothing checks it. A registration is redacted: its signature
/// cannot hold ([`crate::REDACTED_REGISTRATION`]).
pub struct ReplayDiscovery {
    devices: Vec<Played>,
}

struct Played {
    device: Device,
    transport: Transport,
    player: Arc<Mutex<Player>>,
}

impl ReplayDiscovery {
    /// The devices of `recording`, which is called `name`: the only one so, one of several `NAME#NUMBER`.
    #[must_use]
    pub fn new(name: &str, recording: &Recording) -> Self {
        let spoken =
            |device: &&RecordedDevice| recording.packets_of(device.number).next().is_some();
        let spoken: Vec<_> = recording.devices.iter().filter(spoken).collect();
        let alone = spoken.len() == 1;
        let play = |recorded: &RecordedDevice| {
            let path = if alone { name.to_owned() } else { format!("{name}#{}", recorded.number) };
            let mut device = Device::new(DeviceId::new(Transport::Trace, path));
            device.product.clone_from(&recorded.product);
            device.manufacturer.clone_from(&recorded.manufacturer);
            device.serial.clone_from(&recorded.serial);
            device.usb = recorded.usb;
            device.interface = recorded.interface;
            let player = Player::new(exchanges(recording, recorded));
            let transport = recorded.transport;
            Played { device, transport, player: Arc::new(Mutex::new(player)) }
        };
        Self { devices: spoken.into_iter().map(play).collect() }
    }

    fn found(&self) -> Vec<Device> {
        self.devices.iter().map(|played| played.device.clone()).collect()
    }
}

#[async_trait]
impl Discovery for ReplayDiscovery {
    fn transport(&self) -> Transport {
        Transport::Trace
    }

    fn scan(&self) -> Result<Vec<Device>, ChannelError> {
        Ok(self.found())
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
        // it is as it was recorded: nothing comes or goes
        unchanging(self.found())
    }

    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError> {
        let found = self.devices.iter().find(|played| played.device.id == *device);
        let played = found.ok_or(ChannelError::Removed)?;
        let player = Arc::clone(&played.player);
        match played.transport {
            Transport::Nfc => {
                let card = ReplayCard::new(player);
                let mut settings = Settings::default();
                settings.timing.poll = Duration::ZERO;
                let device = device.clone();
                Ok(Box::new(CardChannel::open_with(card, device, settings, exchange).await?))
            }
            _ => {
                let link = ReplayLink::new(player);
                Ok(Box::new(HidChannel::open(link, device.clone(), exchange).await?))
            }
        }
    }
}

impl std::fmt::Debug for ReplayDiscovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplayDiscovery").field("devices", &self.found()).finish()
    }
}
