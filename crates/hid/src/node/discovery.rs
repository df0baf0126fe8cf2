//! Finding HID nodes.

use async_trait::async_trait;
use futures_core::Stream;
use keyvet_transport::{
    Channel, ChannelError, Device, DeviceEvent, DeviceId, Discovery, Exchange, Tap, Transport,
};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::HidapiLink;
use super::open::Node;
use super::watch::Watch;
use crate::tapped::Listener;
use crate::{HidChannel, TappedLink};

/// The security keys among the HID nodes: usage page F1D0, usage 01 (CTAP 2.2 §11.2.8), whoever made them.
///
/// Looking reads what the kernel knows and opens each node once to see whether that is allowed; nothing is sent. A key
/// that cannot be used is listed with the reason: no permission, no node, reports that are not of 64 bytes.
///
/// [`Discovery::watch`] looks again when the kernel, or udev where it runs, says that a node came, went or changed; and
/// now and then without being told, because in a container nobody says it.
///
/// What a suspended machine does to an exchange was not tried: the kernel either resets the key, which then has forgotten
/// its channels and answers so, or loses it, which is [`ChannelError::Removed`].
#[derive(Clone, Debug)]
pub struct HidDiscovery {
    tap: Listener,
    interval: Duration,
}

impl HidDiscovery {
    /// The nodes of this machine.
    #[must_use]
    pub const fn new() -> Self {
        Self { tap: Listener(None), interval: INTERVAL }
    }

    /// The same, and every channel opened from now on is heard by `tap`.
    #[must_use]
    pub fn tapped(mut self, tap: Option<Arc<dyn Tap>>) -> Self {
        self.tap = Listener(tap);
        self
    }

    /// The same, and whoever watches looks this often while nothing has been heard from the kernel or udev, which is
    /// twice a second unless said; and a tenth as often when something has.
    #[must_use]
    pub const fn looking_every(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }
}

impl Default for HidDiscovery {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Discovery for HidDiscovery {
    fn transport(&self) -> Transport {
        Transport::Hid
    }

    fn scan(&self) -> Result<Vec<Device>, ChannelError> {
        super::scan()
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
        Box::pin(Watch::new(super::scan, self.interval))
    }

    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError> {
        let wanted = device.clone();
        let link = HidapiLink::start(move || Node::open(wanted)).await?;
        let link = TappedLink::new(link, device.clone(), self.tap.0.clone());
        Ok(Box::new(HidChannel::open(link, device.clone(), exchange).await?))
    }
}

/// How often nodes are looked at while somebody watches and nothing tells of changes.
const INTERVAL: Duration = Duration::from_millis(500);

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use keyvet_finding::Coded;
    use keyvet_transport::Identity;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn a_node_that_is_gone_and_a_file_that_is_no_node_are_told_apart() {
        let cancel = CancellationToken::new();
        let open = async |path: &str| {
            let now = tokio::time::Instant::now();
            let deadline = now + Duration::from_secs(5);
            let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
            let id = DeviceId::new(Transport::Hid, path);
            HidDiscovery::new().open(&id, exchange).await.map(|_| ()).unwrap_err()
        };
        assert_eq!(open("/dev/no-such-node").await, ChannelError::Removed);
        assert_eq!(open("/dev/null").await.kind().id, "transport.io");
    }

    #[test]
    fn a_scan_finds_nodes_only_and_names_every_plugging_in() {
        for device in HidDiscovery::new().scan().unwrap() {
            assert!(device.id.path.starts_with("/dev/hidraw"), "{}", device.id);
            assert_ne!(device.id.identity, Identity::default());
        }
    }
}
