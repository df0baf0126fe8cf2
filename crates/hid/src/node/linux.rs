//! The nodes of this machine, on Linux.

use keyvet_transport::{ChannelError, Device, Identity};
use std::path::Path;

use super::sysfs::Nodes;
pub(super) use super::sysfs::is_gone;
use crate::descriptor::Layout;

/// The keys present.
pub(super) fn scan() -> Result<Vec<Device>, ChannelError> {
    this_machine().keys()
}

/// What the path names now.
pub(super) fn identity(path: &str) -> Identity {
    this_machine().identity(path)
}

/// Why the node cannot be opened, if it cannot.
pub(super) fn denied(path: &str) -> Option<ChannelError> {
    this_machine().denied(path)
}

/// How the reports of the key at `path` look. A node that describes no key was chosen by somebody who knows better.
pub(super) fn layout(path: &str) -> Result<Layout, ChannelError> {
    let name = Path::new(path).file_name().unwrap_or_default();
    let layout = this_machine().layout(&name.to_string_lossy())?;
    Ok(layout.unwrap_or(Layout::USUAL))
}

fn this_machine() -> Nodes<'static> {
    Nodes { class: Path::new("/sys/class/hidraw"), dev: Path::new("/dev") }
}
