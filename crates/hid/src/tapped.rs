//! A link somebody listens to.

use async_trait::async_trait;
use keyvet_transport::{ChannelError, DeviceId, Direction, Packet, Tap};
use std::fmt;
use std::sync::Arc;

use crate::{Report, ReportLink};

/// A link whose reports a [`Tap`] hears, each once and in order: one sent before it goes out, so that no answer is heard
/// before its question; one received when it is handed on. Reports for other openers of the same node are among them.
///
/// Without a tap it is the link alone.
#[derive(Debug)]
pub struct TappedLink<L> {
    link: L,
    device: DeviceId,
    tap: Listener,
}

/// Who listens, if anybody does.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub(crate) Option<Arc<dyn Tap>>);

impl<L> TappedLink<L> {
    /// `link`, which leads to `device`, heard by `tap`.
    #[must_use]
    pub const fn new(link: L, device: DeviceId, tap: Option<Arc<dyn Tap>>) -> Self {
        Self { link, device, tap: Listener(tap) }
    }

    /// The link, for its counters.
    #[must_use]
    pub const fn inner(&self) -> &L {
        &self.link
    }

    fn tell(&self, direction: Direction, report: &Report) {
        if let Some(tap) = &self.tap.0 {
            tap.packet(Packet::new(&self.device, direction, report));
        }
    }
}

#[async_trait]
impl<L: ReportLink> ReportLink for TappedLink<L> {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.tell(Direction::Out, report);
        self.link.send(report).await
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        let report = self.link.receive().await?;
        self.tell(Direction::In, &report);
        Ok(report)
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        let report = self.link.receive_ready().await?;
        if let Some(report) = &report {
            self.tell(Direction::In, report);
        }
        Ok(report)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a tap" } else { "nobody" })
    }
}
