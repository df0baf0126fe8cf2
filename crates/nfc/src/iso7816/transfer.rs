//! One command and its whole answer.

use std::collections::VecDeque;

use super::command::ALL;
use super::{CardError, Command, Encoding, GET_RESPONSE, MAX_MESSAGE_LEN, Response, StatusWord};

/// One command on its way, with whatever it takes: the parts of a chain, `GET RESPONSE` after `61xx`, one repetition
/// after `6Cxx`.
///
/// Bounds: the answer has at most [`MAX_MESSAGE_LEN`] bytes and comes in at most [`MOST_STEPS`] pieces.
#[derive(Clone, Debug)]
pub struct Transfer {
    command: Command,
    encoding: Encoding,
    /// Parts of the chain not sent yet.
    parts: VecDeque<Vec<u8>>,
    state: State,
    data: Vec<u8>,
    steps: usize,
}

/// What comes next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TransferStep {
    /// Send these bytes, and push the answer to them.
    Send(Vec<u8>),
    /// The whole answer is there.
    Done(Response),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// A part of the chain was sent that is not the last.
    Chain,
    /// The last part, or the only one.
    Last {
        /// The card said `6Cxx` before.
        corrected: Option<u32>,
    },
    /// `GET RESPONSE`.
    More {
        /// Class of the command: some cards know it with one class only.
        cla: u8,
        /// How much was asked for.
        le: u32,
        /// Whether the class has worked.
        proven: bool,
    },
}

impl Transfer {
    /// The transfer, and the first bytes to send.
    #[must_use]
    pub fn new(command: Command, encoding: Encoding) -> (Self, Vec<u8>) {
        let parts = command.encode(encoding).into();
        let state = State::Chain;
        let mut transfer = Self { command, encoding, parts, state, data: Vec::new(), steps: 0 };
        let first = transfer.next_part();
        (transfer, first)
    }

    /// Whether a part of the answer is here and another is missing.
    #[must_use]
    pub const fn has_begun_to_answer(&self) -> bool {
        matches!(self.state, State::More { .. })
    }

    /// Takes the card's answer to what was sent last.
    ///
    /// # Errors
    /// [`CardError`]; the transfer is over then.
    pub fn push(&mut self, response: &[u8]) -> Result<TransferStep, CardError> {
        let Response { data, status } = Response::parse(response)?;
        match self.state {
            State::Chain if status == StatusWord::SUCCESS && data.is_empty() => {
                Ok(TransferStep::Send(self.next_part()))
            }
            // a chain that was not taken whole was not carried out
            State::Chain => Ok(TransferStep::Done(Response { data, status })),
            State::Last { corrected } => match (status.right_le(), corrected) {
                (Some(le), None) => Ok(TransferStep::Send(self.repeat(le))),
                (Some(le), Some(_)) => Err(CardError::LengthLoop { le }),
                (None, _) => self.take(data, status, FIRST_CLASS, false),
            },
            State::More { cla, le, proven } => {
                let nothing = data.is_empty();
                match status.right_le() {
                    _ if nothing
                        && !proven
                        && status.is_unknown_command()
                        && cla == FIRST_CLASS =>
                    {
                        Ok(TransferStep::Send(self.get_response(OTHER_CLASS, le, false)?))
                    }
                    Some(right) if nothing => {
                        Ok(TransferStep::Send(self.get_response(cla, right, proven)?))
                    }
                    _ => self.take(data, status, cla, true),
                }
            }
        }
    }

    fn next_part(&mut self) -> Vec<u8> {
        let part = self.parts.pop_front().unwrap_or_default();
        if self.parts.is_empty() {
            self.state = State::Last { corrected: None };
        }
        part
    }

    /// The last part again, with the length that the card gave. It did not carry it out (ISO 7816-4 §5.1.3).
    fn repeat(&mut self, le: u32) -> Vec<u8> {
        self.state = State::Last { corrected: Some(le) };
        let command = self.command.clone().with_le(Some(le));
        command.encode(self.encoding).pop().unwrap_or_default()
    }

    fn take(
        &mut self,
        data: Vec<u8>,
        status: StatusWord,
        cla: u8,
        proven: bool,
    ) -> Result<TransferStep, CardError> {
        self.data.extend_from_slice(&data);
        if self.data.len() > MAX_MESSAGE_LEN {
            return Err(CardError::TooLong { max: MAX_MESSAGE_LEN });
        }
        match status.more() {
            Some(le) => Ok(TransferStep::Send(self.get_response(cla, le, proven)?)),
            None => {
                let data = std::mem::take(&mut self.data);
                Ok(TransferStep::Done(Response { data, status }))
            }
        }
    }

    fn get_response(&mut self, cla: u8, le: u32, proven: bool) -> Result<Vec<u8>, CardError> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MOST_STEPS {
            return Err(CardError::EndlessAnswer { steps: MOST_STEPS });
        }
        self.state = State::More { cla, le, proven };
        let command = Command::new(cla, GET_RESPONSE, 0, 0).with_le(Some(le.min(ALL)));
        Ok(command.encode(Encoding::Short).pop().unwrap_or_default())
    }
}

/// ISO 7816-4's own class, and the one that some keys want instead.
const FIRST_CLASS: u8 = 0x00;
const OTHER_CLASS: u8 = 0x80;

/// The longest message in pieces of 30 bytes: no card gives less at a time.
pub const MOST_STEPS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(encoding: Encoding) -> Transfer {
        let command = Command::new(0x80, 0x10, 0x80, 0x00).with_data([4]);
        let (transfer, first) = Transfer::new(command, encoding);
        let expected: &[u8] = match encoding {
            Encoding::Short => &[0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00],
            Encoding::Extended => &[0x80, 0x10, 0x80, 0x00, 0x00, 0x00, 0x01, 0x04, 0x00, 0x00],
        };
        assert_eq!(first, expected);
        transfer
    }

    fn send(bytes: &[u8]) -> Result<TransferStep, CardError> {
        Ok(TransferStep::Send(bytes.to_vec()))
    }

    fn done(data: &[u8], status: u16) -> Result<TransferStep, CardError> {
        Ok(TransferStep::Done(Response { data: data.to_vec(), status: StatusWord(status) }))
    }

    #[test]
    fn more_of_an_answer_is_fetched_and_put_together() {
        for encoding in [Encoding::Short, Encoding::Extended] {
            let mut transfer = transfer(encoding);
            assert_eq!(transfer.push(&[1, 2, 0x61, 0x00]), send(&[0x00, 0xc0, 0, 0, 0x00]));
            assert!(transfer.has_begun_to_answer());
            assert_eq!(transfer.push(&[3, 0x61, 0x07]), send(&[0x00, 0xc0, 0, 0, 0x07]));
            assert_eq!(transfer.push(&[4, 0x90, 0x00]), done(&[1, 2, 3, 4], 0x9000));
        }
    }

    #[test]
    fn a_card_that_knows_get_response_with_its_own_class_only_is_asked_so() {
        for refused in [0x6e, 0x6d] {
            let mut transfer = transfer(Encoding::Short);
            assert_eq!(transfer.push(&[1, 0x61, 0x02]), send(&[0x00, 0xc0, 0, 0, 0x02]));
            assert_eq!(transfer.push(&[refused, 0x00]), send(&[0x80, 0xc0, 0, 0, 0x02]));
            assert_eq!(transfer.push(&[2, 0x61, 0x01]), send(&[0x80, 0xc0, 0, 0, 0x01]));
            assert_eq!(transfer.push(&[3, 0x90, 0x00]), done(&[1, 2, 3], 0x9000));
        }
        let mut transfer = transfer(Encoding::Short);
        assert!(transfer.push(&[1, 0x61, 0x02]).is_ok());
        assert!(transfer.push(&[0x6e, 0x00]).is_ok());
        assert_eq!(transfer.push(&[0x6e, 0x00]), done(&[1], 0x6e00), "and not for ever");
    }

    #[test]
    fn a_wrong_length_is_mended_once() {
        let mut short = transfer(Encoding::Short);
        let again = [0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x20];
        assert_eq!(short.push(&[0x6c, 0x20]), send(&again));
        assert_eq!(short.push(&[0x6c, 0x20]), Err(CardError::LengthLoop { le: 32 }));
        let mut extended = transfer(Encoding::Extended);
        let again = [0x80, 0x10, 0x80, 0x00, 0x00, 0x00, 0x01, 0x04, 0x00, 0x20];
        assert_eq!(extended.push(&[0x6c, 0x20]), send(&again));
        assert_eq!(extended.push(&[7, 0x90, 0x00]), done(&[7], 0x9000));
    }

    #[test]
    fn only_the_last_part_of_a_chain_is_repeated() {
        let command = Command::new(0x80, 0x10, 0x80, 0x00).with_data(vec![9; 241]);
        let (mut transfer, first) = Transfer::new(command, Encoding::Short);
        assert_eq!(first.first(), Some(&0x90));
        let last = [0x80, 0x10, 0x80, 0x00, 0x01, 0x09, 0x00];
        assert_eq!(transfer.push(&[0x90, 0x00]), send(&last));
        let repeated = [0x80, 0x10, 0x80, 0x00, 0x01, 0x09, 0x05];
        assert_eq!(transfer.push(&[0x6c, 0x05]), send(&repeated));
    }

    #[test]
    fn a_chain_that_is_refused_ends_there() {
        let command = Command::new(0x80, 0x10, 0x80, 0x00).with_data(vec![9; 600]);
        let (mut transfer, _) = Transfer::new(command, Encoding::Short);
        assert!(matches!(transfer.push(&[0x90, 0x00]), Ok(TransferStep::Send(_))));
        assert_eq!(transfer.push(&[0x68, 0x84]), done(&[], 0x6884));
    }

    #[test]
    fn an_answer_without_end_ends_at_a_bound() {
        let mut empty = transfer(Encoding::Short);
        let endless = std::iter::repeat_with(|| empty.push(&[0x61, 0x00]));
        let error = endless.take(MOST_STEPS + 1).find_map(Result::err);
        assert_eq!(error, Some(CardError::EndlessAnswer { steps: MOST_STEPS }));
        let mut giant = transfer(Encoding::Short);
        let piece = [&[7; 256][..], &[0x61, 0x00]].concat();
        let endless = std::iter::repeat_with(|| giant.push(&piece));
        let error = endless.take(31).find_map(Result::err);
        assert_eq!(error, Some(CardError::TooLong { max: MAX_MESSAGE_LEN }));
        let mut whole = transfer(Encoding::Extended);
        let giant = [vec![7; 70_000], vec![0x90, 0x00]].concat();
        assert_eq!(whole.push(&giant), Err(CardError::TooLong { max: MAX_MESSAGE_LEN }));
        let mut lengths = transfer(Encoding::Short);
        lengths.push(&[0x61, 0x10]).unwrap();
        let endless = std::iter::repeat_with(|| lengths.push(&[0x6c, 0x10]));
        let error = endless.take(MOST_STEPS + 1).find_map(Result::err);
        assert_eq!(error, Some(CardError::EndlessAnswer { steps: MOST_STEPS }));
    }

    #[test]
    fn fewer_bytes_than_a_status_word_end_it() {
        for len in [0, 1] {
            let error = Err(CardError::TooShort { len });
            assert_eq!(transfer(Encoding::Short).push(&vec![0x90; len]), error);
        }
    }
}
