//! Listening to what crosses the wire.

use crate::DeviceId;

/// Hears every packet that crosses the wire, in order, as the transport carries it: 64-byte reports without report id, or
/// whole APDUs. It is called from within exchanges, so it must return at once.
///
/// What it hears is not redacted: it holds credential ids, user data and encrypted PINs.
pub trait Tap: Send + Sync {
    /// One packet.
    fn packet(&self, packet: Packet<'_>);
}

/// One packet on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Packet<'a> {
    /// The device at the other end.
    pub device: &'a DeviceId,
    /// Which way it goes.
    pub direction: Direction,
    /// The packet.
    pub bytes: &'a [u8],
}

impl<'a> Packet<'a> {
    /// A packet to or from `device`.
    #[must_use]
    pub const fn new(device: &'a DeviceId, direction: Direction, bytes: &'a [u8]) -> Self {
        Self { device, direction, bytes }
    }
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From here to the key.
    Out,
    /// From the key to here.
    In,
}
