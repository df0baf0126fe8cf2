//! HID nodes of the operating system. Linux is asked through sysfs and others through hidapi which nodes there are; hidapi
//! opens them.
//!
//! The thread above [`RawHid`] is tested with a node of ours, what sysfs says on a made-up `/sys`, and all of it on nodes
//! that a kernel with uhid makes (`tests/uhid.rs`). Windows was not tried.

mod discovery;
#[cfg(target_os = "linux")]
mod linux;
mod open;
#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(target_os = "linux")]
mod sysfs;
mod thread;
#[cfg(target_os = "linux")]
mod uevents;
mod wake;
mod watch;

pub use discovery::HidDiscovery;
pub use thread::HidapiLink;

#[cfg(target_os = "linux")]
use linux::{denied, identity, is_gone, layout, scan};
#[cfg(not(target_os = "linux"))]
use other::{denied, identity, is_gone, layout, scan};

use keyvet_transport::ChannelError;
use std::time::Duration;

use crate::Report;

/// An open HID node, used by one thread only.
pub(crate) trait RawHid: Send {
    /// Sends one report.
    fn write(&mut self, report: &Report) -> Result<(), ChannelError>;

    /// Waits for one report, at most `timeout`; may return earlier without one.
    fn read(&mut self, timeout: Duration) -> Result<Option<Report>, ChannelError>;
}
