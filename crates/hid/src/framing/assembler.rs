//! Reports as a message again.

use super::{ChannelId, Command, FramingError, MAX_MESSAGE_LEN, Packet, Report};

/// Puts one message at a time together from reports, for either side of the line.
///
/// Nothing is allocated before the announced length was found to fit.
#[derive(Clone, Debug)]
pub struct Assembler {
    only: Option<ChannelId>,
    max_len: usize,
    partial: Option<Partial>,
}

/// A whole message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Whose.
    pub channel: ChannelId,
    /// Which command.
    pub command: Command,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// What one report did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pushed {
    /// It belongs to another channel than the one listened to, or than the one whose message is on its way.
    Foreign(ChannelId),
    /// It is a continuation of nothing: dropped (CTAP 2.2 §11.2.5).
    Stray,
    /// More reports follow.
    Partial,
    /// It was the last of a message.
    Complete(Message),
}

#[derive(Clone, Debug)]
struct Partial {
    message: Message,
    len: usize,
    sequence: u8,
}

impl Assembler {
    /// Takes messages of `channel` only, as a client does.
    #[must_use]
    pub const fn of(channel: ChannelId) -> Self {
        Self { only: Some(channel), max_len: MAX_MESSAGE_LEN, partial: None }
    }

    /// Takes messages of every channel, one at a time, as an authenticator does.
    #[must_use]
    pub const fn of_all() -> Self {
        Self { only: None, max_len: MAX_MESSAGE_LEN, partial: None }
    }

    /// Whether a message has begun and not ended.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.partial.is_some()
    }

    /// The channel whose message has begun and not ended.
    #[must_use]
    pub fn partial_channel(&self) -> Option<ChannelId> {
        self.partial.as_ref().map(|partial| partial.message.channel)
    }

    /// Forgets a message that has begun.
    pub fn abandon(&mut self) {
        self.partial = None;
    }

    /// Takes one report.
    ///
    /// # Errors
    /// [`FramingError`] when it breaks the message that had begun, which is then forgotten, or announces one that is too
    /// long.
    pub fn push(&mut self, report: &Report) -> Result<Pushed, FramingError> {
        let packet = Packet::of(report);
        let channel = packet.channel();
        if self.only.or(self.partial_channel()).is_some_and(|mine| mine != channel) {
            return Ok(Pushed::Foreign(channel));
        }
        match (packet, self.partial.take()) {
            (Packet::Initialization { command, len, data, .. }, None) => {
                self.begin(channel, command, len, data)
            }
            (Packet::Initialization { command, .. }, Some(_)) => {
                Err(FramingError::Interrupted { command })
            }
            (Packet::Continuation { .. }, None) => Ok(Pushed::Stray),
            (Packet::Continuation { sequence, data, .. }, Some(partial)) => {
                self.go_on(partial, sequence, data)
            }
        }
    }

    fn begin(
        &mut self,
        channel: ChannelId,
        command: Command,
        len: usize,
        data: &[u8],
    ) -> Result<Pushed, FramingError> {
        if len > self.max_len {
            return Err(FramingError::TooLong { len, max: self.max_len });
        }
        let message = Message { channel, command, payload: Vec::with_capacity(len) };
        Ok(self.take(Partial { message, len, sequence: 0 }, data))
    }

    fn go_on(
        &mut self,
        mut partial: Partial,
        sequence: u8,
        data: &[u8],
    ) -> Result<Pushed, FramingError> {
        if sequence != partial.sequence {
            return Err(FramingError::Sequence { expected: partial.sequence, got: sequence });
        }
        partial.sequence = sequence.saturating_add(1);
        Ok(self.take(partial, data))
    }

    fn take(&mut self, mut partial: Partial, data: &[u8]) -> Pushed {
        let missing = partial.len.saturating_sub(partial.message.payload.len());
        partial.message.payload.extend(data.iter().take(missing));
        if missing <= data.len() {
            return Pushed::Complete(partial.message);
        }
        self.partial = Some(partial);
        Pushed::Partial
    }
}
