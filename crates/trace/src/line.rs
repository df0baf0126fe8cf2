//! The lines of a recording.

use keyvet_transport::Direction;
use serde::{Deserialize, Serialize};

/// The first line.
#[derive(Debug, Serialize)]
pub(crate) struct HeaderLine<'a> {
    pub(crate) schema: &'a str,
    pub(crate) keyvet: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) redacted: bool,
    pub(crate) note: &'a str,
}

/// A device, before its first packet; again when more is known of it.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceLine<'a> {
    pub(crate) device: u32,
    pub(crate) transport: &'a str,
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manufacturer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usb: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interface: Option<&'static str>,
}

/// A packet.
#[derive(Debug, Serialize)]
pub(crate) struct PacketLine<'a> {
    pub(crate) us: u64,
    pub(crate) device: u32,
    pub(crate) dir: Way,
    pub(crate) data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<&'a str>,
}

/// The last line.
#[derive(Debug, Serialize)]
pub(crate) struct ClosingLine {
    pub(crate) end_us: u64,
    pub(crate) packets: u64,
    pub(crate) dropped: u64,
}

/// Any line, as it is read: what a line is shows by its members, and members that nobody knows are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AnyLine {
    pub(crate) schema: Option<String>,
    pub(crate) keyvet: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) us: Option<u64>,
    pub(crate) device: Option<u32>,
    pub(crate) dir: Option<Way>,
    pub(crate) data: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) transport: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) usb: Option<String>,
    pub(crate) interface: Option<String>,
    pub(crate) end_us: Option<u64>,
    pub(crate) packets: Option<u64>,
    pub(crate) dropped: Option<u64>,
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// To the key.
    Out,
    /// From the key.
    In,
}

impl From<Direction> for Way {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Out => Self::Out,
            Direction::In => Self::In,
        }
    }
}

impl From<Way> for Direction {
    fn from(way: Way) -> Self {
        match way {
            Way::Out => Self::Out,
            Way::In => Self::In,
        }
    }
}

/// Name and version of the format.
pub const SCHEMA: &str = "keyvet.trace/1";
