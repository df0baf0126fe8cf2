//! HID nodes of the operating system, through hidapi.
//!
//! The thread above [`RawHid`] is tested with a node of ours, identities on a made-up `/sys`, and all of it on nodes that
//! a kernel with uhid makes (`tests/uhid.rs`, by hand). Windows and real USB were not tried.

mod discovery;
mod thread;
mod watch;

pub use discovery::HidDiscovery;
pub use thread::HidapiLink;

use keyvet_transport::ChannelError;
use std::time::Duration;

use crate::Report;

/// An open HID node, used by one thread only.
pub(crate) trait RawHid: Send {
    /// Sends one report.
    fn write(&mut self, report: &Report) -> Result<(), ChannelError>;

    /// Waits for one report, at most `timeout`.
    fn read(&mut self, timeout: Duration) -> Result<Option<Report>, ChannelError>;
}
