//! One opener of a virtual key's HID node.

use std::sync::Arc;

use async_trait::async_trait;
use keyvet_hid::{Report, ReportLink};
use keyvet_transport::ChannelError;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::key::Running;
use crate::port::Port;

/// One opener of a virtual key's HID node. Like every opener it hears all reports of the key, also the answers to others.
///
/// It ends at an unplug, as an open file does: after a replug open another with
/// [`VirtualKey::link`](crate::VirtualKey::link). The key lives as long as one of its handles or links.
///
/// Reports that are not received are kept without bound.
pub struct MemoryLink {
    _key: Arc<Running>,
    link: PortLink,
}

impl MemoryLink {
    pub(crate) fn new(key: Arc<Running>) -> Self {
        let link = PortLink::open(&key.port);
        Self { _key: key, link }
    }

    /// The number of the plug it was opened under.
    pub(crate) fn plugged(&self) -> u64 {
        self.link.plugged
    }

    /// The next report, for a thread without a runtime.
    ///
    /// # Errors
    /// [`ChannelError::Removed`] when the key was unplugged since the link was opened, or its firmware stopped.
    ///
    /// # Panics
    /// Within an asynchronous runtime.
    pub fn blocking_receive(&mut self) -> Result<Report, ChannelError> {
        self.link.input.blocking_recv().ok_or(ChannelError::Removed)
    }
}

#[async_trait]
impl ReportLink for MemoryLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.link.write(report)
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        self.link.receive().await
    }
}

impl std::fmt::Debug for MemoryLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryLink").field("plugged", &self.plugged()).finish_non_exhaustive()
    }
}

/// The end of a wire on a virtual key. It does not keep the key alive.
pub(crate) struct PortLink {
    port: Arc<Port>,
    plugged: u64,
    input: UnboundedReceiver<Report>,
}

impl PortLink {
    pub(crate) fn open(port: &Arc<Port>) -> Self {
        let (plugged, input) = port.open();
        Self { port: Arc::clone(port), plugged, input }
    }

    /// The number of the plug it was opened under.
    pub(crate) fn plugged(&self) -> u64 {
        self.plugged
    }

    pub(crate) fn write(&self, report: &Report) -> Result<(), ChannelError> {
        self.port.write(self.plugged, report)
    }

    /// The next report of the key. Dropping the future loses none.
    pub(crate) async fn receive(&mut self) -> Result<Report, ChannelError> {
        self.input.recv().await.ok_or(ChannelError::Removed)
    }
}
