//! What comes and goes, as the service tells it.

use futures_core::Stream;
use keyvet_transport::{ChannelError, DeviceEvent, Seen};
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc as events;

use super::CardDiscovery;

/// Looks at once, and again whenever the service says that something changed, on a thread that lives as long as this
/// stream.
pub(super) struct Watch {
    events: events::Receiver<DeviceEvent>,
    /// Dropped with the stream, which wakes the thread.
    _stop: Sender<()>,
}

impl Watch {
    pub(super) fn new(discovery: CardDiscovery) -> Self {
        let (sender, events) = events::channel(ROOM);
        let (stop, stopped) = mpsc::channel();
        let failed = sender.clone();
        let started = thread::Builder::new()
            .name("keyvet-card-watch".into())
            .spawn(move || look(&discovery, &sender, &stopped));
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

fn look(discovery: &CardDiscovery, events: &events::Sender<DeviceEvent>, stopped: &Receiver<()>) {
    let mut seen = Seen::default();
    loop {
        let listed = discovery.readers.list();
        let readers = listed.as_deref().unwrap_or_default();
        let told = match &listed {
            Ok(readers) => seen.found(discovery.devices(readers)),
            Err(why) => seen.failed(why.clone()),
        };
        for event in told {
            if events.blocking_send(event).is_err() {
                return;
            }
        }
        // a card that is busy is asked again: nobody tells when it is free
        let busy = seen.devices().iter().any(|device| device.denied == Some(ChannelError::Busy));
        let waited = match &listed {
            Ok(_) if !busy => discovery.readers.wait(readers, stopped),
            Ok(_) => Ok(()),
            Err(why) => Err(why.clone()),
        };
        // what fails at once, or says at once that something changed, must not keep a processor busy
        let pause = if waited.is_err() || busy { AGAIN } else { BREATH };
        if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Events that may wait for whoever watches; the thread waits when there are more.
const ROOM: usize = 64;

/// Between two looks at a service that is not there, or a card that is busy.
const AGAIN: Duration = Duration::from_secs(1);

/// Between two looks at all.
const BREATH: Duration = Duration::from_millis(50);
