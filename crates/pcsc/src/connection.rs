//! A thread per connection.

use keyvet_nfc::CardId;
use keyvet_transport::ChannelError;
use pcsc::{Card, Context, Disposition, Error, Protocols, Scope, ShareMode, Transaction};
use std::ffi::CStr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use crate::{errors, names, status};

/// An open connection, or one that is being opened. The thread closes it when this is dropped, once the card is done.
#[derive(Debug)]
pub(crate) struct Connection(Sender<Order>);

/// What the thread is to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Send a command APDU.
    Transmit(Vec<u8>, Done<Vec<u8>>),
    /// Begin a transaction.
    Begin(Done<()>),
    /// End it.
    End(Done<()>),
    /// Nobody took an answer: the card is to be reset at the end.
    Spoil,
}

/// Is told the outcome, once; also when the thread ends without one.
pub(crate) struct Done<T>(Option<Told<T>>);

type Told<T> = Box<dyn FnOnce(Result<T, ChannelError>) + Send>;

impl<T> Done<T> {
    pub(crate) fn new(told: impl FnOnce(Result<T, ChannelError>) + Send + 'static) -> Self {
        Self(Some(Box::new(told)))
    }

    pub(crate) fn tell(mut self, outcome: Result<T, ChannelError>) {
        if let Some(told) = self.0.take() {
            told(outcome);
        }
    }
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        if let Some(told) = self.0.take() {
            told(Err(ChannelError::Removed));
        }
    }
}

impl<T> std::fmt::Debug for Done<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Done")
    }
}

impl Connection {
    /// Connects to `card` in the reader of this name, on a new thread; `done` is told how that went.
    ///
    /// `alive` is dropped when the thread has ended.
    pub(crate) fn open(reader: String, card: CardId, done: Done<()>, alive: Sender<()>) -> Self {
        let (orders, inbox) = mpsc::channel();
        let thread = thread::Builder::new().name("keyvet-pcsc-card".into());
        // when there can be no thread, the closure is dropped, and with it `done`, which tells so
        let _ = thread.spawn(move || {
            match connect(&reader, &card) {
                Ok(open) => {
                    done.tell(Ok(()));
                    Line::new(reader).serve(open, &inbox);
                }
                Err(error) => done.tell(Err(error)),
            }
            drop(alive);
        });
        Self(orders)
    }

    /// Gives the thread something to do, after what it has.
    pub(crate) fn order(&self, order: Order) {
        // a thread that is gone drops the order, which tells so
        let _ = self.0.send(order);
    }
}

/// A context of its own: one context does one thing at a time, and a card may take long.
fn connect(reader: &str, card: &CardId) -> Result<Card, ChannelError> {
    let failed = |error| errors::at_reader(reader, error);
    let name = names::name(reader).ok_or(ChannelError::Removed)?;
    let context = Context::establish(Scope::User).map_err(failed)?;
    let open = shared(&context, &name).map_err(failed)?;
    // from here on the library notices when the card leaves; that it is the one that was meant is compared now
    match status::card(&context, &name).map_err(failed) {
        Ok(found) if found.as_ref() == Some(card) => Ok(open),
        other => {
            leave(open, Disposition::LeaveCard);
            Err(other.map_or_else(|error| error, |found| replaced(reader, card, found.as_ref())))
        }
    }
}

/// While another program takes the card's power or gives it back, the service has for a moment no protocol for us.
fn shared(context: &Context, name: &CStr) -> Result<Card, Error> {
    let mut outcome = context.connect(name, ShareMode::Shared, Protocols::ANY);
    for _ in 1..ATTEMPTS {
        match outcome {
            Err(Error::ProtoMismatch | Error::UnpoweredCard | Error::ResetCard) => {
                outcome = context.connect(name, ShareMode::Shared, Protocols::ANY);
            }
            done => return done,
        }
    }
    outcome
}

fn replaced(reader: &str, expected: &CardId, found: Option<&CardId>) -> ChannelError {
    match found {
        None => ChannelError::Removed,
        Some(found) => ChannelError::Replaced {
            path: reader.into(),
            expected: described(expected),
            found: described(found),
        },
    }
}

fn described(card: &CardId) -> String {
    let atr: String = card.atr.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{atr} ({})", card.events)
}

/// The library's own drop would reset the card.
fn leave(card: Card, disposition: Disposition) {
    // it may be gone; then there is nothing to leave
    let _ = card.disconnect(disposition);
}

/// What the thread keeps.
struct Line {
    reader: String,
    answer: Vec<u8>,
    /// The first failure; every later order ends with it.
    failure: Option<ChannelError>,
    spoilt: bool,
}

impl Line {
    fn new(reader: String) -> Self {
        // with a shorter buffer an answer would be lost after the card has acted
        let answer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
        Self { reader, answer, failure: None, spoilt: false }
    }

    fn serve(mut self, mut card: Card, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            match order {
                Order::Transmit(command, done) => done.tell(self.transmit(&card, &command)),
                Order::Begin(done) => self.transaction(&mut card, done, orders),
                Order::End(done) => done.tell(self.health()),
                Order::Spoil => self.spoilt = true,
            }
        }
        let reset = self.spoilt || self.failure.is_some();
        leave(card, if reset { Disposition::ResetCard } else { Disposition::LeaveCard });
    }

    /// From a begin to its end.
    fn transaction(&mut self, card: &mut Card, done: Done<()>, orders: &Receiver<Order>) {
        let begun = match self.health() {
            Ok(()) => card.transaction().map_err(|error| self.failed(error)),
            Err(error) => Err(error),
        };
        let transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => return done.tell(Err(error)),
        };
        done.tell(Ok(()));
        while let Ok(order) = orders.recv() {
            match order {
                Order::Transmit(command, done) => done.tell(self.transmit(&transaction, &command)),
                Order::Begin(done) => done.tell(self.health()),
                Order::End(done) => return done.tell(self.end(transaction)),
                Order::Spoil => self.spoilt = true,
            }
        }
    }

    fn end(&mut self, transaction: Transaction<'_>) -> Result<(), ChannelError> {
        let ended = transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error);
        self.health()?;
        ended.map_err(|error| self.failed(error))
    }

    fn transmit(&mut self, card: &Card, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.health()?;
        match card.transmit(command, &mut self.answer) {
            Ok(answer) if answer.len() >= STATUS_WORD => Ok(answer.to_vec()),
            // what the library gives when a card is pulled in the middle of a command
            Ok(_) => Err(self.fail(ChannelError::Removed)),
            Err(error)
                if is_extended(command)
                    && card.status2_owned().is_ok()
                    && status::stays(&self.reader) =>
            {
                match errors::of_extended(&self.reader, error) {
                    refused @ ChannelError::Unsupported(_) => Err(refused),
                    error => Err(self.fail(error)),
                }
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn health(&self) -> Result<(), ChannelError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn failed(&mut self, error: Error) -> ChannelError {
        self.fail(errors::at_card(&self.reader, error))
    }

    fn fail(&mut self, error: ChannelError) -> ChannelError {
        self.failure.get_or_insert(error).clone()
    }
}

/// Whether the command has an extended length field (ISO 7816-4 §5.1).
fn is_extended(command: &[u8]) -> bool {
    command.len() > HEADER.saturating_add(1) && command.get(HEADER) == Some(&0)
}

/// Class, instruction and two parameters.
const HEADER: usize = 4;

const STATUS_WORD: usize = 2;

/// How often a connection is tried while another program changes the card's power.
const ATTEMPTS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_command_is_told_by_its_length_field() {
        assert!(is_extended(&[0x80, 0x10, 0, 0, 0, 0, 1, 4, 0, 0]));
        assert!(is_extended(&[0, 0xa4, 4, 0, 0, 0, 0]));
        assert!(!is_extended(&[0, 0xa4, 4, 0, 0]), "case 2 short: 256 bytes are expected");
        assert!(!is_extended(&[0x80, 0x10, 0, 0, 1, 4, 0]));
        assert!(!is_extended(&[0, 0xa4, 4, 0]));
    }

    #[test]
    fn whoever_waits_is_told_also_when_nothing_is_done() {
        let (sender, told) = mpsc::channel();
        drop(Done::<()>::new(move |outcome| sender.send(outcome).unwrap()));
        assert_eq!(told.recv(), Ok(Err(ChannelError::Removed)));
    }

    #[test]
    fn a_name_that_no_reader_can_have_is_of_a_reader_that_is_gone() {
        let connected = connect("a\0b", &CardId::default()).map(|_| ());
        assert_eq!(connected, Err(ChannelError::Removed));
    }
}
