//! What a transport has shown so far, for the events of [`Discovery::watch`](crate::Discovery::watch).

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::{ChannelError, Device, DeviceEvent};

/// What was there at the last look.
#[derive(Debug, Default)]
pub struct Seen {
    devices: Vec<Device>,
    failure: Option<ChannelError>,
    told_initial: bool,
}

impl Seen {
    /// The devices of the last look that succeeded.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Whether a look has succeeded before.
    #[must_use]
    pub const fn told_initial(&self) -> bool {
        self.told_initial
    }

    /// What has changed now that these are there: the first time all of them, and that they were all.
    pub fn found(&mut self, devices: Vec<Device>) -> Vec<DeviceEvent> {
        self.failure = None;
        let mut events = changes(&self.devices, &devices);
        if !std::mem::replace(&mut self.told_initial, true) {
            events.push(DeviceEvent::InitialScanDone);
        }
        self.devices = devices;
        events
    }

    /// What is told when a look fails: the reason, once. Nothing is said to be gone.
    pub fn failed(&mut self, why: ChannelError) -> Vec<DeviceEvent> {
        let new = self.failure.replace(why.clone()).as_ref() != Some(&why);
        if new { vec![DeviceEvent::Unavailable(why)] } else { Vec::new() }
    }
}

/// Gone first: a device that was replugged, or another card in the same reader, keeps the path and gets another identity.
fn changes(before: &[Device], now: &[Device]) -> Vec<DeviceEvent> {
    let gone = before.iter().filter(|device| !now.contains(device));
    let gone = gone.map(|device| DeviceEvent::Removed(device.id.clone()));
    let come = now.iter().filter(|device| !before.contains(device));
    gone.chain(come.cloned().map(DeviceEvent::Added)).collect()
}

/// The events where devices neither come nor go: these, that they were all, and nothing more.
#[must_use]
pub fn unchanging(devices: Vec<Device>) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
    let devices = devices.into_iter().map(DeviceEvent::Added);
    let events: Vec<_> = devices.chain([DeviceEvent::InitialScanDone]).collect();
    Box::pin(Fixed { events: events.into_iter() })
}

struct Fixed {
    events: std::vec::IntoIter<DeviceEvent>,
}

impl Stream for Fixed {
    type Item = DeviceEvent;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<DeviceEvent>> {
        self.events.next().map_or(Poll::Pending, |event| Poll::Ready(Some(event)))
    }
}
