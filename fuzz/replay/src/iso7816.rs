//! APDUs: what a card may answer to a client, and a client send to a card.

use async_trait::async_trait;
use keyvet_nfc::iso7816::{
    Application, CHUNK, CardEvent, CardSide, Command, Encoding, Form, GET_RESPONSE,
    MAX_MESSAGE_LEN, MOST_STEPS, Message, MessageStep, Response, Selected, Selection, StatusWord,
    Transfer, TransferStep,
};
use keyvet_nfc::{CardChannel, CardLink};
use keyvet_transport::ChannelError;

use crate::channel::opened_and_used;

/// The pieces of `data` as what a card answers: to a selection, to a message in each form, and to a whole channel that is
/// opened and used twice. Everything ends, and nothing that comes out is longer than a message.
pub fn iso7816_client(data: &[u8]) {
    select(data);
    for encoding in [Encoding::Short, Encoding::Extended] {
        message(data, Form { encoding, keep_alives: true });
    }
    opened_and_used(async |device, exchange| {
        CardChannel::open(Replay { answers: pieces(data) }, device, exchange).await
    });
}

/// The pieces of `data` as what a client sends: what is read as a command is written the same again, and a whole command
/// gets its answer back whole.
pub fn iso7816_card(data: &[u8]) {
    let mut side = CardSide::new();
    for apdu in pieces(data) {
        if let Ok(response) = Response::parse(apdu) {
            assert_eq!(response.encode(), apdu);
            assert!(!response.status.to_string().is_empty());
        }
        if let Ok((command, encoding)) = Command::parse(apdu) {
            let written = command.encode(encoding);
            let one = command.data.len() <= CHUNK || encoding == Encoding::Extended;
            assert!(!one || written == [apdu], "{apdu:02x?} is written as {written:02x?}");
        }
        match side.push(apdu) {
            Ok(CardEvent::Command(command, encoding)) => {
                if command.ins != GET_RESPONSE {
                    let all = command.clone().with_le(Some(256));
                    let answer = vec![9; command.data.len().min(MAX_MESSAGE_LEN)];
                    let got = carried(&mut CardSide::new(), &all, encoding, &answer);
                    assert_eq!(got, Some(answer), "an answer that does not arrive");
                }
                drop(side.reply(&command, vec![7; apdu.len()], StatusWord::SUCCESS));
            }
            Ok(CardEvent::Reply(reply)) => assert!(Response::parse(&reply).is_ok()),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Sends `command` again as a client does; the answer that the client gets.
fn carried(
    side: &mut CardSide,
    command: &Command,
    encoding: Encoding,
    answer: &[u8],
) -> Option<Vec<u8>> {
    let (mut transfer, mut apdu) = Transfer::new(command.clone(), encoding);
    for _ in 0..2 * MOST_STEPS {
        let reply = match side.push(&apdu).ok()? {
            CardEvent::Command(heard, _) => {
                assert_eq!(heard, *command);
                side.reply(&heard, answer.to_vec(), StatusWord::SUCCESS)
            }
            CardEvent::Reply(reply) => reply,
            _ => return None,
        };
        match transfer.push(&reply).ok()? {
            TransferStep::Send(next) => apdu = next,
            TransferStep::Done(response) => return Some(response.data),
        }
    }
    None
}

fn select(data: &[u8]) {
    let (mut selection, _) = Selection::new();
    for answer in pieces(data).take(MOST) {
        match selection.push(answer) {
            Ok(Selected::Send(_)) => {}
            Ok(Selected::Done(Application::U2f | Application::Fido2)) | Ok(_) | Err(_) => return,
        }
    }
}

fn message(data: &[u8], form: Form) {
    let (mut message, _) = Message::new(&[1; 300], form);
    for answer in pieces(data) {
        match message.push(answer) {
            Ok(MessageStep::Working(_)) => drop(message.poll()),
            Ok(MessageStep::Answer(answer)) => {
                return assert!(!answer.is_empty() && answer.len() <= MAX_MESSAGE_LEN);
            }
            Ok(MessageStep::Send(_)) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// A card that answers what was given, and then nothing any more.
struct Replay<I> {
    answers: I,
}

#[async_trait]
impl<'a, I: Iterator<Item = &'a [u8]> + Send> CardLink for Replay<I> {
    async fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, ChannelError> {
        match self.answers.next() {
            Some(answer) => Ok(answer.to_vec()),
            None => std::future::pending().await,
        }
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }
}

/// Pieces with their length before them, in two bytes; the last one may be shorter than it says.
fn pieces(mut data: &[u8]) -> impl Iterator<Item = &[u8]> + Send {
    std::iter::from_fn(move || {
        let (len, rest) = data.split_first_chunk()?;
        let len = usize::from(u16::from_be_bytes(*len)).min(rest.len());
        let (piece, rest) = rest.split_at(len);
        data = rest;
        Some(piece)
    })
}

/// Answers to a selection: it ends long before.
const MOST: usize = 2 * MOST_STEPS;
