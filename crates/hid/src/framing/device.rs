//! The authenticator's view of its line.

use super::{
    Assembler, ChannelId, Command, ErrorCode, FramingError, Message, Packet, Pushed, Report,
};

/// The authenticator's view of its line (CTAP 2.2 §11.2.5): reports in; whole requests, or the error to answer with, out.
///
/// It receives one message at a time and knows nothing of what is done with it: whoever works on a request answers
/// [`ErrorCode::CHANNEL_BUSY`] to other channels meanwhile.
#[derive(Clone, Debug)]
pub struct DeviceSide {
    assembler: Assembler,
}

/// What one report asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeviceEvent {
    /// Nothing yet.
    Nothing,
    /// A whole request.
    Request(Message),
    /// `CTAPHID_ERROR` is due.
    Refuse {
        /// On which channel.
        channel: ChannelId,
        /// Why.
        code: ErrorCode,
    },
}

impl DeviceSide {
    /// A line on which nothing has been received.
    #[must_use]
    pub const fn new() -> Self {
        Self { assembler: Assembler::of_all() }
    }

    /// Takes one report.
    pub fn push(&mut self, report: &Report) -> DeviceEvent {
        let packet = Packet::of(report);
        let channel = packet.channel();
        if let Packet::Initialization { command: Command::INIT, .. } = packet {
            // INIT is always served, and takes back what its own channel had half sent
            if self.assembler.partial_channel() == Some(channel) {
                self.assembler.abandon();
            }
            return init(report, channel);
        }
        match self.assembler.push(report) {
            Ok(Pushed::Complete(message)) => DeviceEvent::Request(message),
            Ok(Pushed::Foreign(channel)) => Self::foreign(channel, &packet),
            Ok(Pushed::Partial | Pushed::Stray) => DeviceEvent::Nothing,
            Err(error) => DeviceEvent::Refuse { channel, code: code_of(&error) },
        }
    }

    fn foreign(channel: ChannelId, packet: &Packet<'_>) -> DeviceEvent {
        match packet {
            Packet::Initialization { .. } => {
                DeviceEvent::Refuse { channel, code: ErrorCode::CHANNEL_BUSY }
            }
            Packet::Continuation { .. } => DeviceEvent::Nothing,
        }
    }
}

impl Default for DeviceSide {
    fn default() -> Self {
        Self::new()
    }
}

/// An INIT is one report, and does not disturb what another channel is sending.
fn init(report: &Report, channel: ChannelId) -> DeviceEvent {
    match Assembler::of_all().push(report) {
        Ok(Pushed::Complete(message)) => DeviceEvent::Request(message),
        _ => DeviceEvent::Refuse { channel, code: ErrorCode::INVALID_LENGTH },
    }
}

fn code_of(error: &FramingError) -> ErrorCode {
    match error {
        FramingError::TooLong { .. } => ErrorCode::INVALID_LENGTH,
        _ => ErrorCode::INVALID_SEQUENCE,
    }
}
