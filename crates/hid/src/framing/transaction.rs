//! The client's view of one command.

use keyvet_transport::{ChannelEvent, Phase};

use super::{Assembler, ChannelId, Command, ErrorCode, FramingError, Packet, Pushed, Report};

/// The client's view of one command after it was sent: reports in, and what they mean for it.
///
/// Reports of other channels, continuations of nothing and late replies to `CTAPHID_INIT` are skipped. Anything else that
/// is not the reply ends the command: the line is then out of step and must be brought back with `CTAPHID_INIT`.
#[derive(Clone, Debug)]
pub struct Transaction {
    channel: ChannelId,
    command: Command,
    assembler: Assembler,
    waiting: Phase,
}

/// What one report means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Nothing: it is not ours.
    Skipped,
    /// The reply is on its way.
    Partial,
    /// The authenticator is still at work.
    KeepAlive(ChannelEvent),
    /// The reply.
    Reply(Vec<u8>),
    /// The authenticator refused the command.
    Refused(ErrorCode),
}

impl Transaction {
    /// `command` was sent, or is about to be, on `channel`.
    #[must_use]
    pub const fn new(channel: ChannelId, command: Command) -> Self {
        let assembler = Assembler::of(channel);
        Self { channel, command, assembler, waiting: Phase::FirstReport }
    }

    /// What is being waited for.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.assembler.is_partial() { Phase::MidMessage } else { self.waiting }
    }

    /// Takes one report.
    ///
    /// # Errors
    /// [`FramingError`] when it breaks the reply or is no reply to this command.
    pub fn push(&mut self, report: &Report) -> Result<Step, FramingError> {
        match Packet::of(report) {
            packet if packet.channel() != self.channel => Ok(Step::Skipped),
            Packet::Initialization { command, data: [first, ..], .. }
                if !self.assembler.is_partial() && command != self.command =>
            {
                self.aside(command, *first)
            }
            _ => self.reply(report),
        }
    }

    /// A message that begins and is not the reply.
    fn aside(&mut self, command: Command, first: u8) -> Result<Step, FramingError> {
        match command {
            Command::KEEPALIVE => Ok(self.keep_alive(first)),
            Command::ERROR => Ok(Step::Refused(ErrorCode(first))),
            // the line was brought back in step more than once, and this is the reply to an earlier attempt
            Command::INIT => Ok(Step::Skipped),
            got => Err(FramingError::UnexpectedReply { expected: self.command, got }),
        }
    }

    fn keep_alive(&mut self, status: u8) -> Step {
        let (event, phase) = match status {
            1 => (ChannelEvent::Processing, Phase::Processing),
            2 => (ChannelEvent::TouchNeeded, Phase::Touch),
            other => (ChannelEvent::Other(other), Phase::Processing),
        };
        self.waiting = phase;
        Step::KeepAlive(event)
    }

    fn reply(&mut self, report: &Report) -> Result<Step, FramingError> {
        Ok(match self.assembler.push(report)? {
            Pushed::Foreign(_) | Pushed::Stray => Step::Skipped,
            Pushed::Partial => Step::Partial,
            Pushed::Complete(message) => Step::Reply(message.payload),
        })
    }
}
