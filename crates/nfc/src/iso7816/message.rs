//! One CTAP2 message.

use keyvet_transport::{ChannelEvent, Phase};

use super::{
    CardError, Command, Encoding, Form, NFCCTAP_CONTROL, NFCCTAP_GETRESPONSE, NFCCTAP_MSG,
    Response, StatusWord, Transfer, TransferStep,
};

/// One CTAP2 message on its way to a card, and its answer back (CTAP 2.2 §11.3.7).
///
/// It sets no bound to keep-alives: whoever drives it has the deadline.
#[derive(Clone, Debug)]
pub struct Message {
    transfer: Transfer,
    encoding: Encoding,
    last_said: Option<ChannelEvent>,
    what: &'static str,
}

/// What comes next.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MessageStep {
    /// Send these bytes, and push the answer to them.
    Send(Vec<u8>),
    /// The authenticator works: [`Message::poll`] after a while, or [`Message::cancel`].
    Working(ChannelEvent),
    /// The answer: a status byte and CBOR.
    Answer(Vec<u8>),
    /// The card does not take the message. It was not carried out where the status word says so.
    Refused(StatusWord),
}

impl Message {
    /// The message `request`, and the first bytes to send.
    #[must_use]
    pub fn new(request: &[u8], form: Form) -> (Self, Vec<u8>) {
        let command = Command::new(CLA, NFCCTAP_MSG, form.p1(), 0x00).with_data(request);
        let (transfer, first) = Transfer::new(command, form.encoding);
        let what = "a CTAP2 message";
        (Self { transfer, encoding: form.encoding, last_said: None, what }, first)
    }

    /// Takes the card's answer to what was sent last.
    ///
    /// # Errors
    /// [`CardError`]; the message is over then.
    pub fn push(&mut self, response: &[u8]) -> Result<MessageStep, CardError> {
        match self.transfer.push(response)? {
            TransferStep::Send(bytes) => Ok(MessageStep::Send(bytes)),
            TransferStep::Done(Response { data, status }) => self.end(data, status),
        }
    }

    fn end(&mut self, data: Vec<u8>, status: StatusWord) -> Result<MessageStep, CardError> {
        match status {
            StatusWord::SUCCESS if data.is_empty() => Err(CardError::EmptyAnswer),
            StatusWord::SUCCESS => Ok(MessageStep::Answer(data)),
            StatusWord::WORKING => {
                let event = keep_alive(&data);
                self.last_said = Some(event);
                Ok(MessageStep::Working(event))
            }
            // refused once it was taken is not refused before it was carried out
            status if self.last_said.is_some() => {
                Err(CardError::Refused { command: self.what, status })
            }
            status => Ok(MessageStep::Refused(status)),
        }
    }

    /// What to send to ask again, after [`MessageStep::Working`].
    #[must_use]
    pub fn poll(&mut self) -> Vec<u8> {
        self.what = "to say how far it is";
        self.ask(0x00)
    }

    /// What to send to cancel (CTAP 2.2 §11.3.7.3), after [`MessageStep::Working`]. The answer is the message's.
    #[must_use]
    pub fn cancel(&mut self) -> Vec<u8> {
        self.what = "to be cancelled";
        self.ask(CANCEL)
    }

    fn ask(&mut self, p1: u8) -> Vec<u8> {
        let command = Command::new(CLA, NFCCTAP_GETRESPONSE, p1, 0x00);
        let (transfer, first) = Transfer::new(command, self.encoding);
        self.transfer = transfer;
        first
    }

    /// What is going on.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self.last_said {
            _ if self.transfer.has_begun_to_answer() => Phase::MidMessage,
            None => Phase::FirstReport,
            Some(ChannelEvent::TouchNeeded) => Phase::Touch,
            Some(_) => Phase::Processing,
        }
    }
}

/// A status byte that is missing says no more than the status word.
fn keep_alive(data: &[u8]) -> ChannelEvent {
    match data.first() {
        None | Some(1) => ChannelEvent::Processing,
        Some(2) => ChannelEvent::TouchNeeded,
        Some(other) => ChannelEvent::Other(*other),
    }
}

/// The command that ends the use of the application (CTAP 2.2 §11.3.4).
#[must_use]
pub fn deselect() -> Command {
    Command::new(CLA, NFCCTAP_CONTROL, 0x01, 0x00).with_le(None)
}

/// The class of CTAP's own commands.
const CLA: u8 = 0x80;

/// `NFCCTAP_GETRESPONSE` that cancels.
const CANCEL: u8 = 0x11;

#[cfg(test)]
mod tests {
    use super::*;

    fn short() -> Message {
        let form = Form { encoding: Encoding::Short, keep_alives: true };
        let (message, first) = Message::new(&[4], form);
        assert_eq!(first, [0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00]);
        message
    }

    #[test]
    fn a_working_authenticator_is_asked_until_it_answers() {
        let mut message = short();
        assert_eq!(message.phase(), Phase::FirstReport);
        let working = MessageStep::Working(ChannelEvent::Processing);
        assert_eq!(message.push(&[1, 0x91, 0x00]), Ok(working.clone()));
        assert_eq!(message.poll(), [0x80, 0x11, 0x00, 0x00, 0x00]);
        assert_eq!(message.push(&[0x91, 0x00]), Ok(working), "without a status byte");
        assert_eq!(message.phase(), Phase::Processing);
        let _ = message.poll();
        let touch = MessageStep::Working(ChannelEvent::TouchNeeded);
        assert_eq!(message.push(&[2, 0x91, 0x00]), Ok(touch));
        assert_eq!(message.phase(), Phase::Touch);
        let _ = message.poll();
        let more = MessageStep::Send(vec![0x00, 0xc0, 0x00, 0x00, 0x02]);
        assert_eq!(message.push(&[0, 0x61, 0x02]), Ok(more));
        assert_eq!(message.phase(), Phase::MidMessage);
        let answer = MessageStep::Answer(vec![0, 0xa1, 0x01]);
        assert_eq!(message.push(&[0xa1, 0x01, 0x90, 0x00]), Ok(answer));
    }

    #[test]
    fn polls_and_cancels_are_written_as_the_message_was() {
        let form = Form { encoding: Encoding::Extended, keep_alives: false };
        let (mut message, first) = Message::new(&[4], form);
        assert_eq!(first, [0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x01, 0x04, 0x00, 0x00]);
        assert_eq!(message.poll(), [0x80, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00]);
        assert_eq!(message.cancel(), [0x80, 0x11, 0x11, 0x00, 0x00, 0x00, 0x00]);
        assert_eq!(short().cancel(), [0x80, 0x11, 0x11, 0x00, 0x00]);
        assert_eq!(deselect().encode(Encoding::Short), [[0x80, 0x12, 0x01, 0x00]]);
    }

    #[test]
    fn done_without_an_answer_is_an_error() {
        assert_eq!(short().push(&[0x90, 0x00]), Err(CardError::EmptyAnswer));
    }

    #[test]
    fn a_refusal_after_the_card_has_begun_is_no_reason_to_try_again() {
        let no_instruction = StatusWord::NO_INSTRUCTION;
        let refused = MessageStep::Refused(no_instruction);
        assert_eq!(short().push(&[0x6d, 0x00]), Ok(refused));
        let mut message = short();
        message.push(&[1, 0x91, 0x00]).unwrap();
        let _ = message.poll();
        let command = "to say how far it is";
        let error = CardError::Refused { command, status: no_instruction };
        assert_eq!(message.push(&[0x6d, 0x00]), Err(error));
    }
}
