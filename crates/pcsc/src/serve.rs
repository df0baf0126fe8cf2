//! Readers for another process.

use keyvet_nfc::Readers;
use keyvet_nfc::helper_protocol::{
    Request, encode_answer, encode_readers, greeting, read_frame, write_frame,
};
use keyvet_transport::ChannelError;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::DirectReaders;
use crate::connection::{Connection, Done, Order};
use crate::wait::Waiting;

/// Serves the readers of this machine until `input` ends; the protocol is that of [`keyvet_nfc::helper_protocol`].
///
/// At the end connections are closed as they are to be, which holds the return up for 50 ms at most. When an answer was
/// abandoned nothing is waited for: that card is to be reset, and the service does so itself when this process is gone.
///
/// # Errors
/// When a pipe fails or `input` is not of the protocol.
pub fn serve<W>(mut input: impl Read, output: W) -> io::Result<()>
where
    W: Write + Send + 'static,
{
    let answers = Answers(Arc::new(Mutex::new(output)));
    answers.write(&greeting())?;
    let (alive, ended) = mpsc::channel();
    let (links, waits) = (HashMap::new(), HashMap::new());
    let mut server = Server { answers, links, waits, alive, spoilt: false };
    while let Some(body) = read_frame(&mut input)? {
        let (id, request) = Request::decode(&body).map_err(io::Error::other)?;
        server.serve(id, request);
    }
    let spoilt = server.spoilt;
    drop(server);
    if !spoilt {
        farewell(&ended);
    }
    Ok(())
}

/// Waits for the threads of the connections.
fn farewell(ended: &Receiver<()>) {
    // nothing is ever sent: this returns when the last sender is dropped, or when it has taken long enough
    let _ = ended.recv_timeout(FAREWELL);
}

struct Server<W> {
    answers: Answers<W>,
    links: HashMap<u32, Connection>,
    waits: HashMap<u32, Waiting>,
    /// A copy is with every connection's thread.
    alive: Sender<()>,
    /// An answer was abandoned: its card may be at it for a long time yet.
    spoilt: bool,
}

impl<W: Write + Send + 'static> Server<W> {
    fn serve(&mut self, id: u32, request: Request) {
        match request {
            Request::List => self.list(id),
            Request::Connect { reader, card } => {
                let done = self.answers.done(id, |()| Vec::new());
                if self.links.len() < MAX_LINKS {
                    let link = Connection::open(reader, card, done, self.alive.clone());
                    self.links.insert(id, link);
                }
            }
            Request::Wait(known) => {
                self.waits.retain(|_, waiting| !waiting.is_over());
                let done = self.answers.done(id, |()| Vec::new());
                if self.waits.len() < MAX_WAITS {
                    self.waits.extend(Waiting::start(known, done).map(|waiting| (id, waiting)));
                }
            }
            Request::Stop => drop(self.waits.remove(&id)),
            Request::Close(link) => drop(self.links.remove(&link)),
            Request::Spoil(link) => {
                self.spoilt = true;
                self.order(id, Request::Spoil(link));
            }
            request => self.order(id, request),
        }
    }

    fn order(&self, id: u32, request: Request) {
        let nothing = |()| Vec::new();
        let (link, order) = match request {
            Request::Transmit { link, command } => {
                (link, Order::Transmit(command, self.answers.done(id, |answer| answer)))
            }
            Request::Begin(link) => (link, Order::Begin(self.answers.done(id, nothing))),
            Request::End(link) => (link, Order::End(self.answers.done(id, nothing))),
            Request::Spoil(link) => (link, Order::Spoil),
            _ => return,
        };
        // an order for a link that is not there is dropped, which answers it
        if let Some(link) = self.links.get(&link) {
            link.order(order);
        }
    }

    /// On a thread of its own: a service that hangs must not keep the cards waiting.
    fn list(&self, id: u32) {
        let done = self.answers.done(id, |payload| payload);
        let thread = thread::Builder::new().name("keyvet-pcsc-list".into());
        // when there can be no thread, the closure is dropped, and with it `done`, which tells so
        let _ = thread.spawn(move || {
            done.tell(DirectReaders::new().list().map(|readers| encode_readers(&readers)));
        });
    }
}

/// Where answers go, from all threads.
struct Answers<W>(Arc<Mutex<W>>);

impl<W: Write + Send + 'static> Answers<W> {
    fn write(&self, body: &[u8]) -> io::Result<()> {
        write_frame(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), body)
    }

    /// Answers the request `id`.
    fn done<T: 'static>(&self, id: u32, payload: fn(T) -> Vec<u8>) -> Done<T> {
        let answers = Self(Arc::clone(&self.0));
        Done::new(move |outcome: Result<T, ChannelError>| {
            // nobody listens any more: then the input has ended, too
            let _ = answers.write(&encode_answer(id, &outcome.map(payload)));
        })
    }
}

/// Connections at once. pcscd has 16 readers; each card is connected to once, or twice for a moment.
const MAX_LINKS: usize = 256;

/// Waitings at once; one program has one.
const MAX_WAITS: usize = 16;

/// How long the end may take.
const FAREWELL: Duration = Duration::from_millis(50);
