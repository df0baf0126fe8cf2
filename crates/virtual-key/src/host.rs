//! The smallest host there is: one message at a time, for preparing a key before anybody else sees it.

use keyvet_hid::framing::{Assembler, ChannelId, Command, InitReply, Pushed, Reports};
use keyvet_transport::ChannelError;

use crate::{MemoryLink, VirtualKey};

/// A host on a channel of its own. It blocks, so it needs a thread without a runtime.
pub(crate) struct Host {
    key: VirtualKey,
    link: MemoryLink,
    channel: ChannelId,
}

impl Host {
    /// Allocates a channel.
    pub(crate) fn open(key: &VirtualKey) -> Result<Self, ChannelError> {
        let channel = ChannelId::BROADCAST;
        let mut host = Self { key: key.clone(), link: key.link(), channel };
        let answer = host.call(Command::INIT, &NONCE)?;
        let reply = InitReply::parse(&answer, NONCE).map_err(|_| ChannelError::Poisoned)?;
        host.channel = reply.ok_or(ChannelError::Poisoned)?.channel;
        Ok(host)
    }

    /// Sends a CTAP2 message and returns the answer: status ‖ CBOR.
    pub(crate) fn cbor(&mut self, message: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.call(Command::CBOR, message)
    }

    /// A key that did not get the whole message in time says so, and has not carried it out: on a busy machine this
    /// thread may have stood still between two reports.
    fn call(&mut self, command: Command, message: &[u8]) -> Result<Vec<u8>, ChannelError> {
        for _ in 0..TRIES {
            if let Some(answer) = self.once(command, message)? {
                return Ok(answer);
            }
        }
        Err(ChannelError::Poisoned)
    }

    /// The answer; none when the key says that the message did not arrive.
    fn once(&mut self, command: Command, message: &[u8]) -> Result<Option<Vec<u8>>, ChannelError> {
        let reports = Reports::new(self.channel, command, message);
        for report in reports.map_err(|_| ChannelError::Poisoned)? {
            self.key.port().write(self.link.plugged(), &report)?;
        }
        let mut assembler = Assembler::of(self.channel);
        loop {
            let report = self.link.blocking_receive()?;
            match assembler.push(&report) {
                Ok(Pushed::Complete(answer)) if answer.command == command => {
                    return Ok(Some(answer.payload));
                }
                Ok(Pushed::Complete(answer)) if answer.command == Command::ERROR => {
                    return Ok(None);
                }
                // keep-alives, others' reports
                Ok(_) => {}
                Err(_) => return Err(ChannelError::Poisoned),
            }
        }
    }
}

const TRIES: usize = 20;
const NONCE: [u8; 8] = *b"prepared";
