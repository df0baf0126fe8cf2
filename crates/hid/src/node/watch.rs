//! What comes and goes, by looking again when something is heard or time has passed.

use futures_core::Stream;
use keyvet_transport::{ChannelError, Device, DeviceEvent, Seen};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc as events;

use super::wake::{self, Stop, Wake, Woken};

/// Looks at once and then again and again, on a thread that lives as long as this stream.
pub(super) struct Watch {
    events: events::Receiver<DeviceEvent>,
    /// Dropped with the stream, which wakes the thread.
    _stop: Stop,
}

impl Watch {
    /// Looks with `scan`, every `interval` while nothing tells of changes.
    pub(super) fn new(
        scan: impl FnMut() -> Result<Vec<Device>, ChannelError> + Send + 'static,
        interval: Duration,
    ) -> Self {
        Self::on(wake::best(), scan, interval)
    }

    fn on(
        (wake, stop): (Box<dyn Wake>, Stop),
        scan: impl FnMut() -> Result<Vec<Device>, ChannelError> + Send + 'static,
        interval: Duration,
    ) -> Self {
        let (sender, events) = events::channel(ROOM);
        let failed = sender.clone();
        let started = thread::Builder::new()
            .name("keyvet-hid-watch".into())
            .spawn(move || look(scan, &sender, wake, interval));
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
    mut wake: Box<dyn Wake>,
    interval: Duration,
) {
    let mut view = View::default();
    loop {
        for event in view.after(scan()) {
            if events.blocking_send(event).is_err() {
                return;
            }
        }
        let longest = match wake.hears() {
            _ if !view.held.is_empty() => interval.min(SETTLING),
            true => interval.saturating_mul(SELDOM),
            false => interval,
        };
        if wake.wait(longest) == Woken::Stop {
            return;
        }
    }
}

/// What was there at the last look.
#[derive(Default)]
struct View {
    seen: Seen,
    /// Keys that came without permission: udev may be about to give it, so they are told at the next look.
    held: Vec<Device>,
}

impl View {
    /// What has changed when a scan ends with `outcome`.
    fn after(&mut self, outcome: Result<Vec<Device>, ChannelError>) -> Vec<DeviceEvent> {
        match outcome {
            Ok(devices) => {
                let settled = self.settled(devices);
                self.seen.found(settled)
            }
            Err(why) => self.seen.failed(why),
        }
    }

    /// Those that can be told now.
    fn settled(&mut self, devices: Vec<Device>) -> Vec<Device> {
        let held = std::mem::take(&mut self.held);
        if !self.seen.told_initial() {
            return devices;
        }
        let seen = self.seen.devices();
        let (early, settled) = devices.into_iter().partition(|device| {
            is_denied(device) && !seen.contains(device) && !held.contains(device)
        });
        self.held = early;
        settled
    }
}

fn is_denied(device: &Device) -> bool {
    matches!(device.denied, Some(ChannelError::PermissionDenied { .. }))
}

/// How long udev is given to set permissions. Where it tells what it did, nobody waits for that long.
const SETTLING: Duration = Duration::from_millis(500);

/// How much more seldom it is looked without being told, where changes are told.
const SELDOM: u32 = 10;

/// Events that may wait for whoever watches; the thread waits when there are more.
const ROOM: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::wake::Ticks;
    use keyvet_transport::{DeviceId, Identity, Transport};
    use std::sync::mpsc;

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

    fn denied(path: &str, identity: &str) -> Device {
        let mut device = device(path, identity);
        device.denied =
            Some(ChannelError::PermissionDenied { path: path.into(), cause: "no".into() });
        device
    }

    #[test]
    fn a_key_whose_permission_comes_a_moment_later_is_told_once_and_with_it() {
        let mut view = View::default();
        view.after(Ok(Vec::new()));
        assert!(view.after(Ok(vec![denied("a", "1")])).is_empty());
        assert_eq!(told(&view.after(Ok(vec![device("a", "1")]))), ["+1"]);
        assert!(view.held.is_empty());
    }

    #[test]
    fn a_key_whose_permission_does_not_come_is_told_at_the_next_look() {
        let mut view = View::default();
        view.after(Ok(Vec::new()));
        assert!(view.after(Ok(vec![denied("a", "1")])).is_empty());
        assert_eq!(told(&view.after(Ok(vec![denied("a", "1")]))), ["+1"]);
        assert!(view.after(Ok(vec![denied("a", "1")])).is_empty());
        assert_eq!(told(&view.after(Ok(Vec::new()))), ["-1"]);
    }

    #[test]
    fn a_key_without_permission_that_was_there_at_the_start_is_told_at_once() {
        let mut view = View::default();
        assert_eq!(told(&view.after(Ok(vec![denied("a", "1")]))), ["+1", "done"]);
    }

    #[test]
    fn a_key_that_is_pulled_before_its_permission_came_was_never_told() {
        let mut view = View::default();
        view.after(Ok(Vec::new()));
        view.after(Ok(vec![denied("a", "1")]));
        assert!(view.after(Ok(Vec::new())).is_empty());
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_stream_on_the_clock_alone_as_well() {
        let (alive, ended) = mpsc::channel::<()>();
        let scan = move || {
            let _ = &alive;
            Ok(Vec::new())
        };
        let (ticks, stop) = Ticks::new();
        drop(Watch::on((Box::new(ticks), stop), scan, Duration::from_secs(3600)));
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
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
