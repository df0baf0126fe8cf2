//! A card in a slot of vpcd, the reader driver of the vsmartcard project, and so before a real pcscd.
//!
//! The driver listens and the card connects: being connected is being in the field. Either side sends a length of two
//! bytes, big-endian, and that many bytes; a message of one byte to the card is about its power.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Card;
use crate::{PowerEvent, VirtualKey};

/// A card in a slot. It is taken out of the field when this is dropped.
///
/// It comes back by itself when the daemon went and is there again.
#[derive(Debug)]
pub struct Vpcd {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the card is to be in the field.
    inserted: bool,
    ended: bool,
    /// The connection, to be shut down from outside.
    stream: Option<TcpStream>,
    /// Counts connections.
    insertions: u64,
    apdus: u64,
}

impl Vpcd {
    /// Puts `card` into the slot that listens at `slot`.
    ///
    /// # Errors
    /// What the operating system says, mostly that nobody listens there.
    pub fn connect(slot: SocketAddr, card: impl Card + 'static) -> io::Result<Self> {
        let stream = open(slot)?;
        let shared = Arc::new(Shared::default());
        shared.lock().inserted = true;
        let mut served = Served { slot, card, shared: Arc::clone(&shared) };
        thread::Builder::new().name("card".to_owned()).spawn(move || served.run(stream))?;
        Ok(Self { shared })
    }

    /// Puts the card into the field, when it is out.
    pub fn insert(&self) {
        self.shared.insert();
    }

    /// Takes the card out of the field, also in the middle of a command.
    pub fn remove(&self) {
        self.shared.remove();
    }

    /// Whether the driver has the card.
    #[must_use]
    pub fn is_inserted(&self) -> bool {
        self.shared.lock().stream.is_some()
    }

    /// How often the card was put into the field.
    #[must_use]
    pub fn insertions(&self) -> u64 {
        self.shared.lock().insertions
    }

    /// Command APDUs that the card had since the start.
    #[must_use]
    pub fn apdus(&self) -> u64 {
        self.shared.lock().apdus
    }

    /// Lets the card go when `key` is unplugged, come when it is plugged in, and go and come when its power is cycled.
    pub fn follow(&self, key: &VirtualKey) {
        let shared = Arc::downgrade(&self.shared);
        key.watch(move |event| {
            let Some(shared) = shared.upgrade() else { return false };
            if event != PowerEvent::Plugged {
                shared.remove();
            }
            if event != PowerEvent::Unplugged {
                shared.insert();
            }
            true
        });
    }
}

impl Drop for Vpcd {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.remove();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self) {
        self.lock().inserted = true;
        self.changed.notify_all();
    }

    fn remove(&self) {
        let mut state = self.lock();
        state.inserted = false;
        if let Some(stream) = state.stream.take() {
            // gone already when the driver went
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
    }

    /// Waits until the card is to be in the field; `false` at the end.
    fn until_inserted(&self) -> bool {
        let mut state = self.lock();
        while !state.inserted && !state.ended {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.ended
    }

    /// Waits a little for the driver to come back.
    fn until_again(&self) {
        let state = self.lock();
        if !state.ended {
            drop(self.changed.wait_timeout(state, AGAIN));
        }
    }

    /// Notes the connection; `false` when the card was taken out meanwhile.
    fn connected(&self, stream: &TcpStream) -> io::Result<bool> {
        let other_end = stream.try_clone()?;
        let mut state = self.lock();
        if state.inserted && !state.ended {
            state.stream = Some(other_end);
            state.insertions = state.insertions.saturating_add(1);
        }
        Ok(state.stream.is_some())
    }
}

struct Served<C> {
    slot: SocketAddr,
    card: C,
    shared: Arc<Shared>,
}

impl<C: Card> Served<C> {
    fn run(&mut self, first: TcpStream) {
        let mut stream = Some(first);
        while self.shared.until_inserted() {
            match stream.take().map_or_else(|| open(self.slot), Ok) {
                Ok(stream) => self.insertion(stream),
                Err(_) => self.shared.until_again(),
            }
        }
    }

    /// From the connection to its end.
    fn insertion(&mut self, mut stream: TcpStream) {
        if self.shared.connected(&stream).is_ok_and(|connected| connected) {
            self.card.enter();
            // the end is not an error worth telling: the reader or the card went
            drop(self.serve(&mut stream));
            self.card.power_down();
        }
        drop(stream.shutdown(Shutdown::Both));
        let mut state = self.shared.lock();
        state.stream = None;
        // a card that was pulled waits to be put in again; a swapped one is in already
        state.inserted &= self.card.is_present();
    }

    fn serve(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        loop {
            let message = receive(stream)?;
            let answer = match *message.as_slice() {
                [POWER_OFF] => {
                    self.card.power_down();
                    continue;
                }
                [POWER_ON] => {
                    self.card.power_up();
                    continue;
                }
                [RESET] => {
                    self.card.reset();
                    continue;
                }
                [GET_ATR] => self.card.atr(),
                ref command => self.apdu(command),
            };
            if !self.card.is_present() {
                return Ok(());
            }
            send(stream, &answer)?;
        }
    }

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = self.card.apdu(command);
        let mut state = self.shared.lock();
        state.apdus = state.apdus.saturating_add(1);
        answer
    }
}

fn open(slot: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&slot, CONNECT)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut len = [0; 2];
    read(stream, &mut len)?;
    let mut message = vec![0; u16::from_be_bytes(len).into()];
    read(stream, &mut message)?;
    Ok(message)
}

/// The driver writes length and message apart and waits for the first to be acknowledged; the kernel goes back to late
/// acknowledgements by itself, so each read is preceded by asking for quick ones. Without, a card does 20 APDUs a second.
fn read(stream: &mut TcpStream, mut room: &mut [u8]) -> io::Result<()> {
    while !room.is_empty() {
        #[cfg(target_os = "linux")]
        rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
        match stream.read(room) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(len) => room = room.get_mut(len..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let len = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    stream.write_all(&[&len.to_be_bytes(), message].concat())
}

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;
const CONNECT: Duration = Duration::from_secs(5);
/// How long until a driver that went is looked for again.
const AGAIN: Duration = Duration::from_millis(100);
