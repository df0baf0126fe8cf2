//! One report, taken apart.

use super::{ChannelId, Command, Report};

/// One report, taken apart (CTAP 2.2 §11.2.4). Every report is one or the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packet<'a> {
    /// The first of a message: bit 7 of the fifth byte is set.
    Initialization {
        /// Whose.
        channel: ChannelId,
        /// Which command.
        command: Command,
        /// Length of the whole message in bytes, as announced: up to 65535.
        len: usize,
        /// The first bytes of the message, and padding.
        data: &'a [u8; 57],
    },
    /// One of the rest.
    Continuation {
        /// Whose.
        channel: ChannelId,
        /// Its number, 0 to 127.
        sequence: u8,
        /// The next bytes of the message, and padding.
        data: &'a [u8; 59],
    },
}

impl<'a> Packet<'a> {
    /// Takes `report` apart.
    #[must_use]
    pub fn of(report: &'a Report) -> Self {
        let [c0, c1, c2, c3, kind, rest @ ..] = report;
        let channel = ChannelId(u32::from_be_bytes([*c0, *c1, *c2, *c3]));
        if kind & INITIALIZATION == 0 {
            return Self::Continuation { channel, sequence: *kind, data: rest };
        }
        let [high, low, data @ ..] = rest;
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        Self::Initialization { channel, command: Command(kind & !INITIALIZATION), len, data }
    }

    /// Whose it is.
    #[must_use]
    pub fn channel(&self) -> ChannelId {
        match self {
            Self::Initialization { channel, .. } | Self::Continuation { channel, .. } => *channel,
        }
    }
}

/// The bit that tells an initialization packet from a continuation packet.
pub(super) const INITIALIZATION: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initialization_packet_is_channel_command_length_data() {
        let mut report = [0; 64];
        report[..9].copy_from_slice(&[0x00, 0x22, 0x00, 0x02, 0xbb, 0x00, 0x01, 0x02, 0x00]);
        let Packet::Initialization { channel, command, len, data } = Packet::of(&report) else {
            panic!("bit 7 is set");
        };
        assert_eq!((channel, command, len), (ChannelId(0x0022_0002), Command::KEEPALIVE, 1));
        assert_eq!(data[0], 2);
    }

    #[test]
    fn a_continuation_packet_is_channel_sequence_data() {
        let mut report = [9; 64];
        report[..5].copy_from_slice(&[0, 0, 0, 1, 0x7f]);
        let expected =
            Packet::Continuation { channel: ChannelId(1), sequence: 0x7f, data: &[9; 59] };
        assert_eq!(Packet::of(&report), expected);
    }
}
