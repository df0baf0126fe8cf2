//! What comes and goes, by looking again and again.

use futures_core::Stream;
use keyvet_transport::{ChannelError, Device, DeviceEvent};
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc as events;

/// Looks at once and then twice a second, on a thread that lives as long as this stream.
pub(super) struct Watch {
    events: events::Receiver<DeviceEvent>,
    /// Dropped with the stream, which wakes the thread.
    _stop: Sender<()>,
}

impl Watch {
    /// Looks with `scan`.
    pub(super) fn new(
        scan: impl FnMut() -> Result<Vec<Device>, ChannelError> + Send + 'static,
        interval: Duration,
    ) -> Self {
        let (sender, events) = events::channel(ROOM);
        let (stop, stopped) = mpsc::channel();
        let failed = sender.clone();
        let started = thread::Builder::new()
            .name("keyvet-hid-watch".into())
            .spawn(move || look(scan, &sender, &stopped, interval));
        if let Err(error) = started {
            let why = ChannelError::Io(error.to_string());
            // there is room: nothing was sent yet
            let _ = failed.try_send(DeviceEvent::Unavailable(why));
        }
        Self { events, _stop: stop }
    }
}

impl Stream for Watch {
    type Item = DeviceEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<DeviceEvent>> {
        self.events.poll_recv(cx)
    }
}

fn look(
    mut scan: impl FnMut() -> Result<Vec<Device>, ChannelError>,
    events: &events::Sender<DeviceEvent>,
    stopped: &Receiver<()>,
    interval: Duration,
) {
    let mut view = View::default();
    loop {
        for event in view.after(scan()) {
            if events.blocking_send(event).is_err() {
                return;
            }
        }
        if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// What was there at the last look.
#[derive(Default)]
struct View {
    devices: Vec<Device>,
    failure: Option<ChannelError>,
    told_initial: bool,
}

impl View {
    /// What has changed when a scan ends with `outcome`.
    fn after(&mut self, outcome: Result<Vec<Device>, ChannelError>) -> Vec<DeviceEvent> {
        let devices = match outcome {
            Ok(devices) => devices,
            Err(why) => {
                let new = self.failure.replace(why.clone()).as_ref() != Some(&why);
                return if new { vec![DeviceEvent::Unavailable(why)] } else { Vec::new() };
            }
        };
        self.failure = None;
        let mut events = changes(&self.devices, &devices);
        if !std::mem::replace(&mut self.told_initial, true) {
            events.push(DeviceEvent::InitialScanDone);
        }
        self.devices = devices;
        events
    }
}

/// Gone first: a key that was replugged keeps its path and gets another identity.
fn changes(before: &[Device], now: &[Device]) -> Vec<DeviceEvent> {
    let gone = before.iter().filter(|device| !now.contains(device));
    let gone = gone.map(|device| DeviceEvent::Removed(device.id.clone()));
    let come = now.iter().filter(|device| !before.contains(device));
    gone.chain(come.cloned().map(DeviceEvent::Added)).collect()
}

/// Events that may wait for whoever watches; the thread waits when there are more.
const ROOM: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_transport::{DeviceId, Identity, Transport};

    fn device(path: &str, identity: &str) -> Device {
        let mut id = DeviceId::new(Transport::Hid, path);
        id.identity = Identity(identity.into());
        Device::new(id)
    }

    fn told(events: &[DeviceEvent]) -> Vec<String> {
        let tell = |event: &DeviceEvent| match event {
            DeviceEvent::Added(device) => format!("+{}", device.id.identity.0),
            DeviceEvent::Removed(id) => format!("-{}", id.identity.0),
            DeviceEvent::InitialScanDone => "done".into(),
            DeviceEvent::Unavailable(why) => why.to_string(),
            other => format!("{other:?}"),
        };
        events.iter().map(tell).collect()
    }

    #[test]
    fn the_first_look_tells_all_devices_and_then_that_these_were_all() {
        let mut view = View::default();
        let events = view.after(Ok(vec![device("a", "1"), device("b", "2")]));
        assert_eq!(told(&events), ["+1", "+2", "done"]);
        assert!(view.after(Ok(vec![device("a", "1"), device("b", "2")])).is_empty());
    }

    #[test]
    fn a_key_replugged_between_two_looks_is_gone_and_come() {
        let mut view = View::default();
        view.after(Ok(vec![device("a", "1")]));
        assert_eq!(told(&view.after(Ok(vec![device("a", "7")]))), ["-1", "+7"]);
    }

    #[test]
    fn a_transport_that_cannot_be_asked_is_told_once_and_keys_are_not_said_to_be_gone() {
        let mut view = View::default();
        view.after(Ok(vec![device("a", "1")]));
        let why = ChannelError::Io("no bus".into());
        assert_eq!(told(&view.after(Err(why.clone()))), ["no bus"]);
        assert!(view.after(Err(why)).is_empty());
        assert!(view.after(Ok(vec![device("a", "1")])).is_empty());
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_stream() {
        let (alive, ended) = mpsc::channel::<()>();
        let scan = move || {
            let _ = &alive;
            Ok(Vec::new())
        };
        let watch = Watch::new(scan, Duration::from_secs(3600));
        drop(watch);
        // the closure, and with it the sender, is dropped by the thread's end
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
    }
}
