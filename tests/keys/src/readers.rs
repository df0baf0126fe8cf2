//! Card readers of a test, with virtual cards in them, served to the program as its helper program would.
//!
//! The program starts `keyvet-test-readers`, which carries bytes between it and the server here; so cards come, go and are
//! counted by the test, and no smart card service is needed. Real ones are in the rig.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use keyvet_nfc::helper_protocol::{
    Request, encode_answer, encode_readers, greeting, read_frame, write_frame,
};
use keyvet_nfc::{CardId, ReaderState};
use keyvet_transport::{CardInterface, ChannelError};
use keyvet_virtual_key::card::Card;

/// Card readers of a test. The server ends with the process.
#[derive(Clone)]
pub struct TestReaders {
    desk: Arc<Desk>,
    address: SocketAddr,
}

/// What lies on the desk.
#[derive(Default)]
struct Desk {
    readers: Mutex<Vec<Reader>>,
    changed: Condvar,
}

struct Reader {
    state: ReaderState,
    card: Option<Arc<Mutex<Box<dyn Card>>>>,
    insertions: u64,
    apdus: usize,
    /// The card is taken away in the middle of this command, counted from the first.
    leaves_at: Option<usize>,
    /// How many programs wait for something to happen.
    waits: usize,
}

impl TestReaders {
    /// Readers of these names, empty.
    ///
    /// # Panics
    /// When nothing can be served on the loopback address.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback address");
        let address = listener.local_addr().expect("a bound socket has an address");
        let reader = |name: &&str| Reader {
            state: ReaderState::new(*name),
            card: None,
            insertions: 0,
            apdus: 0,
            leaves_at: None,
            waits: 0,
        };
        let desk = Arc::new(Desk {
            readers: Mutex::new(names.iter().map(reader).collect()),
            changed: Condvar::new(),
        });
        let served = Arc::clone(&desk);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let desk = Arc::clone(&served);
                // a program that ends closes the pipe: that is how every session ends
                thread::spawn(move || drop(Session::run(&desk, stream)));
            }
        });
        Self { desk, address }
    }

    /// Where `keyvet-test-readers` finds them.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts `card` into the reader.
    pub fn insert(&self, reader: &str, mut card: impl Card + 'static) {
        card.enter();
        card.power_up();
        self.desk.change(reader, |reader| {
            reader.insertions += 1;
            reader.state.card = Some(CardId { atr: card.atr(), events: reader.insertions });
            reader.state.interface = CardInterface::Contactless;
            reader.card = Some(Arc::new(Mutex::new(Box::new(card))));
        });
    }

    /// Takes the card out of the reader.
    pub fn remove(&self, reader: &str) {
        self.desk.change(reader, Reader::empty);
    }

    /// The card in the reader is taken away in the middle of its command of this number, counted from 1 and from now.
    pub fn leaves_at(&self, reader: &str, command: usize) {
        self.desk.change(reader, |reader| reader.leaves_at = Some(reader.apdus + command));
    }

    /// Another program has the card in the reader for itself, or lets it go.
    pub fn keep(&self, reader: &str, exclusive: bool) {
        self.desk.change(reader, |reader| reader.state.exclusive = exclusive);
    }

    /// How many commands the cards in the reader were given.
    #[must_use]
    pub fn apdus(&self, reader: &str) -> usize {
        self.desk.lock().iter().find(|one| one.state.name == reader).map_or(0, |one| one.apdus)
    }

    /// Whether a program waits for something to happen.
    #[must_use]
    pub fn are_watched(&self) -> bool {
        self.desk.lock().iter().any(|reader| reader.waits > 0)
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Reader)) {
        let mut readers = self.lock();
        change(
            readers.iter_mut().find(|one| one.state.name == name).expect("a reader of the name"),
        );
        self.changed.notify_all();
    }

    fn states(&self) -> Vec<ReaderState> {
        self.lock().iter().map(|reader| reader.state.clone()).collect()
    }
}

impl Reader {
    fn empty(&mut self) {
        if let Some(card) = self.card.take() {
            card.lock().unwrap_or_else(PoisonError::into_inner).power_down();
        }
        self.state.card = None;
        self.leaves_at = None;
    }
}

/// One program.
struct Session {
    desk: Arc<Desk>,
    answers: Arc<Mutex<TcpStream>>,
    /// Links by number: reader and card.
    links: Vec<(u32, String, CardId)>,
    /// Waitings that were not stopped.
    waiting: Arc<Mutex<Vec<u32>>>,
}

impl Session {
    fn run(desk: &Arc<Desk>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let answers = Arc::new(Mutex::new(stream.try_clone()?));
        write_frame(&mut *lock(&answers), &greeting())?;
        let waiting = Arc::default();
        let mut session = Self { desk: Arc::clone(desk), answers, links: Vec::new(), waiting };
        while let Some(body) = read_frame(&mut stream)? {
            let (id, request) = Request::decode(&body).map_err(io::Error::other)?;
            session.serve(id, request);
        }
        session.stop_all();
        Ok(())
    }

    fn serve(&mut self, id: u32, request: Request) {
        match request {
            Request::List => answer(&self.answers, id, Ok(encode_readers(&self.desk.states()))),
            Request::Connect { reader, card } => {
                let connected = self.connect(id, reader, card);
                answer(&self.answers, id, connected.map(|()| Vec::new()));
            }
            Request::Wait(known) => self.wait(id, known),
            Request::Stop => {
                lock(&self.waiting).retain(|waiting| *waiting != id);
                self.desk.changed.notify_all();
            }
            Request::Transmit { link, command } => self.transmit(id, link, command),
            Request::Begin(_) | Request::End(_) => answer(&self.answers, id, Ok(Vec::new())),
            Request::Close(link) => self.links.retain(|(id, ..)| *id != link),
            _ => {}
        }
    }

    fn connect(&mut self, id: u32, name: String, card: CardId) -> Result<(), ChannelError> {
        let readers = self.desk.lock();
        let there = readers.iter().find(|reader| reader.state.name == name);
        match there.and_then(|reader| reader.state.card.clone()) {
            Some(there) if there == card => {
                drop(readers);
                self.links.push((id, name, card));
                Ok(())
            }
            Some(other) => Err(ChannelError::Replaced {
                path: name,
                expected: card.events.to_string(),
                found: other.events.to_string(),
            }),
            None => Err(ChannelError::Removed),
        }
    }

    /// On a thread of its own, because a card may take its time.
    fn transmit(&self, id: u32, link: u32, command: Vec<u8>) {
        let Some((_, name, card)) = self.links.iter().find(|(id, ..)| *id == link).cloned() else {
            return answer(&self.answers, id, Err(ChannelError::Removed));
        };
        let (desk, answers) = (Arc::clone(&self.desk), Arc::clone(&self.answers));
        thread::spawn(move || answer(&answers, id, desk.transmit(&name, &card, &command)));
    }

    /// Answers when the readers are others than `known`, or when it is stopped.
    fn wait(&self, id: u32, known: Vec<ReaderState>) {
        lock(&self.waiting).push(id);
        let (desk, answers) = (Arc::clone(&self.desk), Arc::clone(&self.answers));
        let waiting = Arc::clone(&self.waiting);
        thread::spawn(move || {
            let mut readers = desk.lock();
            readers.iter_mut().for_each(|reader| reader.waits += 1);
            let is_same = |readers: &[Reader]| {
                readers.iter().map(|reader| &reader.state).eq(known.iter())
                    && lock(&waiting).contains(&id)
            };
            while is_same(&readers) {
                readers = desk.changed.wait(readers).unwrap_or_else(PoisonError::into_inner);
            }
            readers.iter_mut().for_each(|reader| reader.waits -= 1);
            drop(readers);
            answer(&answers, id, Ok(Vec::new()));
        });
    }

    fn stop_all(&self) {
        lock(&self.waiting).clear();
        let _held = self.desk.lock();
        self.desk.changed.notify_all();
    }
}

impl Desk {
    fn transmit(&self, name: &str, id: &CardId, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let mut readers = self.lock();
        let reader = readers.iter_mut().find(|reader| reader.state.name == name);
        let reader = reader.ok_or(ChannelError::Removed)?;
        reader.apdus += 1;
        if reader.leaves_at.is_some_and(|at| reader.apdus >= at) {
            reader.empty();
            self.changed.notify_all();
        }
        let is_there = reader.state.card.as_ref() == Some(id);
        let card = reader.card.clone().filter(|_| is_there).ok_or(ChannelError::Removed)?;
        drop(readers);
        let response = card.lock().unwrap_or_else(PoisonError::into_inner).apdu(command);
        let readers = self.lock();
        let reader = readers.iter().find(|reader| reader.state.name == name);
        match reader.and_then(|reader| reader.state.card.as_ref()) {
            Some(there) if there == id && response.len() >= 2 => Ok(response),
            _ => Err(ChannelError::Removed),
        }
    }
}

fn answer(answers: &Mutex<TcpStream>, id: u32, answer: Result<Vec<u8>, ChannelError>) {
    let mut answers = lock(answers);
    // a program that is gone needs no answer
    let _ = write_frame(&mut *answers, &encode_answer(id, &answer));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
