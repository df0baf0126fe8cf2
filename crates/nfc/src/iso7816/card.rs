//! The card's side: what it hears, and how its answers are cut.

use super::{CardError, Command, Encoding, GET_RESPONSE, MAX_MESSAGE_LEN, Response, StatusWord};

/// What a card makes of the command APDUs that it gets, one after the other: chains put together, answers cut into pieces
/// that are fetched with `GET RESPONSE`.
#[derive(Clone, Debug, Default)]
pub struct CardSide {
    /// The chain so far.
    chain: Option<Command>,
    /// What is to be fetched yet.
    waiting: Vec<u8>,
    status: Option<StatusWord>,
}

/// What a card does with one command APDU.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CardEvent {
    /// Answer this at once: a part of a chain was taken, or another piece of an answer was asked for.
    Reply(Vec<u8>),
    /// A whole command came, and the encoding of its last part.
    Command(Command, Encoding),
}

impl CardSide {
    /// A card that was just reset.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one command APDU.
    ///
    /// # Errors
    /// [`CardError::NotACommand`]; the answer to that is `6700`.
    pub fn push(&mut self, apdu: &[u8]) -> Result<CardEvent, CardError> {
        let (command, encoding) = Command::parse(apdu)?;
        if command.ins == GET_RESPONSE && self.status.is_some() {
            return Ok(CardEvent::Reply(self.piece(command.le)));
        }
        self.forget_answer();
        let command = match self.chain.take() {
            Some(chain) if chain.ins == command.ins => joined(chain, command),
            _ => command,
        };
        if command.data.len() > usize::from(u16::MAX) {
            return Ok(CardEvent::Reply(Response::refusal(StatusWord::WRONG_LENGTH)));
        }
        if command.more_follows() {
            self.chain = Some(command);
            return Ok(CardEvent::Reply(Response::refusal(StatusWord::SUCCESS)));
        }
        Ok(CardEvent::Command(command, encoding))
    }

    /// The bytes to answer `command` with: all of `data` where it asks for as much, else the first piece.
    pub fn reply(&mut self, command: &Command, data: Vec<u8>, status: StatusWord) -> Vec<u8> {
        self.waiting = data;
        self.status = Some(status);
        self.piece(command.le)
    }

    fn piece(&mut self, le: Option<u32>) -> Vec<u8> {
        let most = le.and_then(|le| usize::try_from(le).ok()).unwrap_or_default();
        let rest = self.waiting.split_off(self.waiting.len().min(most));
        let data = std::mem::replace(&mut self.waiting, rest);
        let status = match u8::try_from(self.waiting.len()) {
            Ok(0) => self.status.take().unwrap_or(StatusWord::SUCCESS),
            // 256 and everything above is written as zero
            left => StatusWord(u16::from_be_bytes([0x61, left.unwrap_or_default()])),
        };
        Response { data, status }.encode()
    }

    fn forget_answer(&mut self) {
        self.waiting.clear();
        self.status = None;
    }
}

impl Response {
    fn refusal(status: StatusWord) -> Vec<u8> {
        Self { data: Vec::new(), status }.encode()
    }
}

/// The chain with its next part: the last part's class and length of answer count.
fn joined(chain: Command, part: Command) -> Command {
    let mut data = chain.data;
    data.extend_from_slice(&part.data);
    // far beyond any message: it is refused, and nothing grows without end
    data.truncate(MAX_MESSAGE_LEN.saturating_mul(10));
    Command { data, ..part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iso7816::{Transfer, TransferStep};

    /// Sends `command` in `encoding` to a card that answers with `len` bytes.
    fn crossed(command: &Command, encoding: Encoding, len: usize) -> (Command, Response, usize) {
        let mut side = CardSide::new();
        let (mut transfer, mut apdu) = Transfer::new(command.clone(), encoding);
        let mut heard = None;
        for apdus in 1.. {
            let reply = match side.push(&apdu).unwrap() {
                CardEvent::Reply(reply) => reply,
                CardEvent::Command(command, used) => {
                    assert_eq!(used, encoding);
                    let reply = side.reply(&command, vec![7; len], StatusWord::SUCCESS);
                    heard = Some(command);
                    reply
                }
            };
            match transfer.push(&reply).unwrap() {
                TransferStep::Send(next) => apdu = next,
                TransferStep::Done(response) => return (heard.unwrap(), response, apdus),
            }
        }
        unreachable!("it counts for ever")
    }

    #[test]
    fn what_one_side_sends_the_other_hears() {
        for (data, len) in [(1_usize, 1_usize), (240, 256), (241, 257), (300, 1000), (7609, 7609)] {
            let command = Command::new(0x80, 0x10, 0x80, 0x00).with_data(vec![9; data]);
            let short = data.div_ceil(240) + len.div_ceil(256) - 1;
            for (encoding, expected) in [(Encoding::Extended, 1), (Encoding::Short, short)] {
                let (heard, response, apdus) = crossed(&command, encoding, len);
                assert_eq!(heard.data, command.data);
                assert_eq!(heard.cla, 0x80);
                assert_eq!(response.data, vec![7; len]);
                assert_eq!(apdus, expected, "{data} bytes out, {len} in, {encoding:?}");
            }
        }
    }

    #[test]
    fn another_command_forgets_what_waited() {
        let mut side = CardSide::new();
        let command = Command::new(0x80, 0x10, 0x80, 0x00).with_le(Some(2));
        let first = side.reply(&command, vec![1, 2, 3], StatusWord::SUCCESS);
        assert_eq!(first, [1, 2, 0x61, 0x01]);
        assert!(matches!(side.push(&[0x80, 0x11, 0, 0]), Ok(CardEvent::Command(..))));
        let fetched = side.push(&[0x00, 0xc0, 0, 0, 0]);
        assert!(matches!(fetched, Ok(CardEvent::Command(..))), "there is nothing to fetch");
    }

    #[test]
    fn a_chain_without_end_is_refused_at_a_bound() {
        let mut side = CardSide::new();
        let part = [&[0x90, 0x10, 0x80, 0x00, 0xff][..], &[1; 255]].concat();
        let mut replies = std::iter::repeat_with(|| side.push(&part)).take(300);
        let refused = replies.find(|reply| *reply != Ok(CardEvent::Reply(vec![0x90, 0x00])));
        assert_eq!(refused, Some(Ok(CardEvent::Reply(vec![0x67, 0x00]))));
    }
}
