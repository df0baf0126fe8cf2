//! The nodes of this machine where they are no files: hidapi is asked.

use hidapi::{DeviceInfo, HidApi};
use keyvet_transport::{ChannelError, Device, DeviceId, Identity, Transport};
use std::io;

use crate::descriptor::Layout;

/// The keys present.
pub(super) fn scan() -> Result<Vec<Device>, ChannelError> {
    let api = HidApi::new().map_err(|error| ChannelError::Io(error.to_string()))?;
    Ok(api.device_list().filter(|info| is_key(info)).map(device).collect())
}

/// A key by what it says it is, never by who made it.
fn is_key(info: &DeviceInfo) -> bool {
    (info.usage_page(), info.usage()) == (USAGE_PAGE, USAGE)
}

fn device(info: &DeviceInfo) -> Device {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut device = Device::new(DeviceId::new(Transport::Hid, info.path().to_string_lossy()));
    device.product = text(info.product_string());
    device.manufacturer = text(info.manufacturer_string());
    device.serial = text(info.serial_number());
    device.usb = Some((info.vendor_id(), info.product_id()));
    device
}

/// A path names one plugging-in here.
pub(super) fn identity(_path: &str) -> Identity {
    Identity::default()
}

/// That shows only at opening.
pub(super) fn denied(_path: &str) -> Option<ChannelError> {
    None
}

/// The driver hides it.
pub(super) fn layout(_path: &str) -> Result<Layout, ChannelError> {
    Ok(Layout::USUAL)
}

/// hidapi has words for it.
pub(super) fn is_gone(_error: &io::Error) -> bool {
    false
}

/// FIDO Alliance.
const USAGE_PAGE: u16 = 0xf1d0;
/// CTAPHID authenticator.
const USAGE: u16 = 0x01;
