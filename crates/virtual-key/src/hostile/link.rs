//! A line to a hostile key within the same task, on tokio's clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use keyvet_hid::ReportLink;
use keyvet_transport::ChannelError;
use tokio::time::{Instant, sleep_until};

use super::{HostileKey, Next, Report};

/// A line to a [`HostileKey`]. Nothing runs beside it: the key acts when the link is used, and its times are those of
/// tokio's clock, which a test may pause.
#[derive(Debug)]
pub struct HostileLink {
    key: HostileHandle,
    start: Instant,
}

/// The key at the end of one or more links.
#[derive(Clone, Debug)]
pub struct HostileHandle(Arc<Mutex<HostileKey>>);

impl HostileLink {
    /// A line to `key`.
    #[must_use]
    pub fn new(key: HostileKey) -> Self {
        HostileHandle(Arc::new(Mutex::new(key))).link()
    }

    /// The key at the end of the line.
    #[must_use]
    pub fn key(&self) -> HostileHandle {
        self.key.clone()
    }
}

impl HostileHandle {
    /// Another line to the same key, opened after a former one was given up: two at once would take each other's reports.
    #[must_use]
    pub fn link(&self) -> HostileLink {
        HostileLink { key: self.clone(), start: Instant::now() }
    }

    /// The key itself.
    pub fn lock(&self) -> MutexGuard<'_, HostileKey> {
        // no method of the key leaves it half changed
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ReportLink for HostileLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.key.lock().report(self.start.elapsed(), report);
        Ok(())
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        loop {
            let next = self.key.lock().next(self.start.elapsed());
            match next {
                Next::Report(report) => return Ok(report),
                Next::Gone => return Err(ChannelError::Removed),
                Next::At(time) => match self.start.checked_add(time) {
                    Some(time) => sleep_until(time).await,
                    None => std::future::pending().await,
                },
                Next::Idle => std::future::pending().await,
            }
        }
    }
}
