//! What is known of a device before anything is sent to it.

use std::{fmt, str::FromStr};

use crate::ChannelError;

/// A kind of transport.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Transport {
    /// USB HID.
    Hid,
    /// CTAPHID over UDP: a firmware simulator.
    Udp,
    /// A smart card reader: contactless (NFC), or the contact interface of a USB key (CTAP 2.2 §11.3).
    Nfc,
    /// A recording.
    Trace,
    /// A key in this process: tests only.
    Memory,
}

/// Names one device for as long as it stays plugged in: `hid:/dev/hidraw3`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DeviceId {
    /// How it is reached.
    pub transport: Transport,
    /// Where: a device node, an address.
    pub path: String,
    /// What the path named when it was found.
    pub identity: Identity,
}

/// What tells this device from another one that takes its path after a replug, as far as the transport can tell. On Linux
/// HID it is the kernel's instance name (`0003:1050:0407.0012`), which is new at every plugging in.
///
/// Empty when the transport has nothing of the kind.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Identity(pub String);

/// A device as the operating system describes it. Texts come from the device: escape them before printing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Device {
    /// Its name.
    pub id: DeviceId,
    /// USB product text.
    pub product: Option<String>,
    /// USB manufacturer text.
    pub manufacturer: Option<String>,
    /// USB serial number; most security keys have none.
    pub serial: Option<String>,
    /// USB vendor and product number.
    pub usb: Option<(u16, u16)>,
    /// Where it is plugged in: two devices of the same address are two faces of one key.
    pub usb_address: Option<UsbAddress>,
    /// The USB port it is plugged into, as the system counts them: `1-2.3` on Linux. Keys that are alike in everything
    /// else differ in it.
    pub usb_port: Option<String>,
    /// How a card reader touches it, or touched it when it was recorded; none on other transports.
    pub interface: Option<CardInterface>,
    /// Why it cannot be opened, when that is known without sending anything.
    pub denied: Option<ChannelError>,
}

impl Device {
    /// A device about which nothing but its name is known.
    #[must_use]
    pub const fn new(id: DeviceId) -> Self {
        Self {
            id,
            product: None,
            manufacturer: None,
            serial: None,
            usb: None,
            usb_address: None,
            usb_port: None,
            interface: None,
            denied: None,
        }
    }

    /// Whether it is, or in a recording was, a card in a reader: no touch tells it from others, it is told by its reader.
    #[must_use]
    pub fn is_card(&self) -> bool {
        self.id.transport == Transport::Nfc || self.interface.is_some()
    }
}

/// Bus and device number of a USB device, as Linux counts them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct UsbAddress {
    /// Number of the bus.
    pub bus: u8,
    /// Number of the device on it, new at every plugging in.
    pub device: u8,
}

/// How a card reader touches a card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CardInterface {
    /// Through contacts: a card in a slot, or the smart card half of a USB key.
    Contact,
    /// Over the air: a key held to an NFC reader.
    Contactless,
    /// The reader does not say.
    Unknown,
}

impl CardInterface {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contact, Self::Contactless, Self::Unknown];

    /// The word used in JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Contactless => "contactless",
            Self::Unknown => "unknown",
        }
    }
}

impl DeviceId {
    /// A device of `transport` at `path`, without identity.
    pub fn new(transport: Transport, path: impl Into<String>) -> Self {
        Self { transport, path: path.into(), identity: Identity::default() }
    }
}

impl Transport {
    /// The word used in selectors, JSON and text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hid => "hid",
            Self::Udp => "udp",
            Self::Nfc => "nfc",
            Self::Trace => "trace",
            Self::Memory => "memory",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.transport, self.path)
    }
}

/// The word is not one of a transport.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a transport of this build")]
pub struct ParseTransportError;

impl FromStr for Transport {
    type Err = ParseTransportError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Hid, Self::Udp, Self::Nfc, Self::Trace, Self::Memory];
        all.into_iter().find(|transport| transport.as_str() == word).ok_or(ParseTransportError)
    }
}
