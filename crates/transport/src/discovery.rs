//! Finding authenticators on one transport.

use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;

use crate::{Channel, ChannelError, Device, DeviceId, Exchange, Transport};

/// Finds authenticators on one transport, and opens channels to them.
#[async_trait]
pub trait Discovery: Send + Sync {
    /// The transport.
    fn transport(&self) -> Transport;

    /// The authenticators present now. Nothing is sent to them.
    ///
    /// # Errors
    /// [`ChannelError`] when the transport as a whole cannot be asked. A device that cannot be opened is listed with the
    /// reason in [`Device::denied`].
    fn scan(&self) -> Result<Vec<Device>, ChannelError>;

    /// What comes and goes from now on; begins with the devices present and [`DeviceEvent::InitialScanDone`].
    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>>;

    /// Opens a channel to `device`.
    ///
    /// A path may name another authenticator after a replug: the [`Identity`](crate::Identity) found at the scan is
    /// compared again after opening.
    ///
    /// # Errors
    /// [`ChannelError`]; [`ChannelError::Replaced`] when the path names another device by now.
    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError>;
}

/// What happened on a transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// A device is there.
    Added(Device),
    /// A device is gone.
    Removed(DeviceId),
    /// Every device that was there at the start has been told.
    InitialScanDone,
    /// The transport cannot be asked, and why; it is asked again.
    Unavailable(ChannelError),
}
