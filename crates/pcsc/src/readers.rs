//! The card readers of this process.

use async_trait::async_trait;
use keyvet_nfc::{CardId, CardLink, ReaderState, Readers};
use keyvet_transport::ChannelError;
use pcsc::{Context, Scope};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;
use tokio::sync::oneshot;

use crate::connection::{Connection, Done, Order};
use crate::wait::Waiting;
use crate::{errors, status};

/// The card readers of this machine, asked through the library that this process is linked with.
///
/// Every question goes to the service anew, so a service that was started again is found by the next one. There is no
/// limit to how long a service that hangs may take; `HelperReaders` of `keyvet-nfc` have one.
#[derive(Clone, Copy, Debug, Default)]
pub struct DirectReaders {
    _private: (),
}

impl DirectReaders {
    /// The readers of this machine.
    #[must_use]
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

#[async_trait]
impl Readers for DirectReaders {
    fn list(&self) -> Result<Vec<ReaderState>, ChannelError> {
        let readers = Context::establish(Scope::User).and_then(|context| status::readers(&context));
        readers.map_err(|error| errors::at_reader("pcscd", error))
    }

    async fn connect(
        &self,
        reader: &str,
        card: &CardId,
    ) -> Result<Box<dyn CardLink>, ChannelError> {
        let (sender, opened) = oneshot::channel();
        // nobody waits any more: then the connection is dropped, and closed
        let done = Done::new(move |outcome| drop(sender.send(outcome)));
        let connection = Connection::open(reader.into(), card.clone(), done, mpsc::channel().0);
        opened.await.map_err(|_| ChannelError::Removed)??;
        Ok(Box::new(DirectLink(connection)))
    }

    fn wait(&self, known: &[ReaderState], stop: &Receiver<()>) -> Result<(), ChannelError> {
        let (sender, changed) = mpsc::channel();
        let done = Done::new(move |outcome| drop(sender.send(outcome)));
        let _waiting = Waiting::start(known.to_vec(), done);
        loop {
            match changed.recv_timeout(STOP_SLICE) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(ChannelError::Removed),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop.try_recv() != Err(TryRecvError::Empty) {
                return Ok(());
            }
        }
    }
}

/// A connection to one card.
struct DirectLink(Connection);

impl DirectLink {
    async fn ask<T: Send + 'static>(
        &self,
        order: impl FnOnce(Done<T>) -> Order,
        if_dropped: fn() -> Order,
    ) -> Result<T, ChannelError> {
        let (sender, answer) = oneshot::channel();
        self.0.order(order(Done::new(move |outcome| drop(sender.send(outcome)))));
        let mut guard = Guard { connection: &self.0, if_dropped: Some(if_dropped) };
        let answer = answer.await;
        guard.if_dropped = None;
        answer.map_err(|_| ChannelError::Removed)?
    }
}

#[async_trait]
impl CardLink for DirectLink {
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        self.ask(|done| Order::Transmit(command.to_vec(), done), || Order::Spoil).await
    }

    async fn begin(&mut self) -> Result<(), ChannelError> {
        self.ask(Order::Begin, unheard_end).await
    }

    async fn end(&mut self) -> Result<(), ChannelError> {
        self.ask(Order::End, unheard_end).await
    }
}

/// Ends a transaction that was begun for nobody.
fn unheard_end() -> Order {
    Order::End(Done::new(drop))
}

struct Guard<'a> {
    connection: &'a Connection,
    if_dropped: Option<fn() -> Order>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(order) = self.if_dropped.take() {
            self.connection.order(order());
        }
    }
}

/// How soon a waiting notices that it is to end; news of readers is told at once.
const STOP_SLICE: Duration = Duration::from_millis(50);
