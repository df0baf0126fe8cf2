//! What ctap-hid-fido2 uses of hidapi, carrying the reports over UDP: a path is an address, a report is a datagram.

use std::ffi::CStr;
use std::net::UdpSocket;
use std::time::Duration;

/// The entry point; it knows of no devices, for the client under test is told its path.
pub struct HidApi;

/// A device that would be listed.
pub enum DeviceInfo {}

/// A socket to one virtual key.
pub struct HidDevice(UdpSocket);

/// What the operating system said.
#[derive(Debug)]
pub struct HidError(pub std::io::Error);

/// Alias of the same name as hidapi's.
pub type HidResult<T> = Result<T, HidError>;

impl HidApi {
    /// Nothing to set up.
    pub fn new() -> HidResult<Self> {
        Ok(Self)
    }

    /// No devices.
    pub fn device_list(&self) -> impl Iterator<Item = &DeviceInfo> {
        std::iter::empty()
    }

    /// Connects to the address that `path` is.
    pub fn open_path(&self, path: &CStr) -> HidResult<HidDevice> {
        let address = path.to_string_lossy();
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(&*address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(HidDevice(socket))
    }
}

impl HidDevice {
    /// Sends one report; its first byte is the report number, which is not part of it.
    pub fn write(&self, data: &[u8]) -> HidResult<usize> {
        let report = data.get(1..).unwrap_or_default();
        self.0.send(report)?;
        Ok(data.len())
    }

    /// The next report.
    pub fn read(&self, buffer: &mut [u8]) -> HidResult<usize> {
        Ok(self.0.recv(buffer)?)
    }
}

impl DeviceInfo {
    /// Usage page.
    pub fn usage_page(&self) -> u16 {
        match *self {}
    }

    /// Usage.
    pub fn usage(&self) -> u16 {
        match *self {}
    }

    /// USB product text.
    pub fn product_string(&self) -> Option<&str> {
        match *self {}
    }

    /// USB serial number.
    pub fn serial_number(&self) -> Option<&str> {
        match *self {}
    }

    /// Path.
    pub fn path(&self) -> &CStr {
        match *self {}
    }

    /// USB vendor.
    pub fn vendor_id(&self) -> u16 {
        match *self {}
    }

    /// USB product.
    pub fn product_id(&self) -> u16 {
        match *self {}
    }
}

impl From<std::io::Error> for HidError {
    fn from(error: std::io::Error) -> Self {
        Self(error)
    }
}

/// The client under test reads without a time limit; a virtual key answers or sends keep-alives well within this.
const PATIENCE: Duration = Duration::from_secs(10);
