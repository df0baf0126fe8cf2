//! A wire through a smart card reader: the key is a card in a slot of vpcd, before a real pcscd.
//!
//! `KEYVET_TEST_VPCD` names the slots, `127.0.0.1:35963,127.0.0.1:35964`; a key has one of them for as long as it lives,
//! against other processes as well. Its reader is found by the answer to reset, which is another one at every insertion.

use std::env;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use keyvet_nfc::{CardDiscovery, ReaderState, Readers};
use keyvet_pcsc::DirectReaders;
use keyvet_transport::{Channel, ChannelError, DeviceId, Discovery, Exchange, Transport};
use keyvet_virtual_key::card::{AppletCard, Bend, Card, FaultyCard, FidoCard, Vpcd, atr};
use keyvet_virtual_key::{Firmware, VirtualKey};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

/// A channel to `key` as a card that takes extended commands, or short ones alone.
///
/// fido-authenticator is its own card; any other firmware has our applet before it. The card leaves the reader with the
/// key, when it is unplugged, and at a power cycle; asking again puts it back.
///
/// # Errors
/// What opening the channel says.
pub(crate) async fn open(
    key: &VirtualKey,
    extended: bool,
    exchange: Exchange<'_>,
) -> Result<Box<dyn Channel>, ChannelError> {
    let device = device(key, extended).await?;
    CardDiscovery::new(Arc::new(DirectReaders::new())).open(&device, exchange).await
}

/// The card of `key` in its reader, as a discovery names it.
///
/// # Errors
/// [`ChannelError::Removed`] when the key is not plugged in.
///
/// # Panics
/// Without a slot, or when no reader sees the card.
pub async fn device(key: &VirtualKey, extended: bool) -> Result<DeviceId, ChannelError> {
    if !key.is_present() {
        return Err(ChannelError::Removed);
    }
    let held = key.keep(|| Ok::<_, ChannelError>(Held::new(key)))?;
    for _ in 0..TRIES {
        if let Some(name) = held.0.emptied_reader() {
            let empty = |reader: &ReaderState| reader.name == name && reader.card.is_none();
            until_reader(empty).await;
        }
        let inserted = held.0.inserted(key, extended);
        let seen = |reader: &ReaderState| reader.card.as_ref().is_some_and(|c| c.atr == inserted);
        if let Some(name) = until_reader(seen).await {
            held.0.state.lock().unwrap().reader = Some(name.clone());
            return Ok(DeviceId::new(Transport::Nfc, name));
        }
        // pcscd looks now and then: after the card of another test it has perhaps not seen that there was none
        held.0.state.lock().unwrap().card = None;
    }
    panic!("no reader sees the card in slot {}", held.0.address);
}

/// Puts the card of `key` into a reader of this wire, if it is not in one, and gives the reader's name once pcscd sees it.
///
/// # Panics
/// As [`device`], and when the key is not plugged in.
#[must_use]
pub fn inserted(key: &VirtualKey, extended: bool) -> String {
    // of its own thread: who asks may be in a runtime
    let reader = || on_its_own(device(key, extended)).expect("a key that is plugged in").path;
    thread::scope(|scope| scope.spawn(reader).join()).expect("a reader sees the card")
}

/// Takes the card of `key` out of its reader and waits until pcscd has noticed: whoever looks next sees no ghost.
pub fn taken_out(key: &VirtualKey) {
    let held = key.keep(|| Err(())).ok().map(|held: Arc<Held>| Arc::clone(&held.0));
    let Some(slot) = held else { return };
    slot.state.lock().expect("no test panicked in here").card = None;
    let Some(name) = slot.emptied_reader() else { return };
    let empty = |reader: &ReaderState| reader.name == name && reader.card.is_none();
    let wait = || drop(on_its_own(until_reader(empty)));
    thread::scope(|scope| drop(scope.spawn(wait).join()));
}

fn on_its_own<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

/// APDUs that the card of `key` had over this wire, if it is a card.
#[must_use]
pub fn apdus(key: &VirtualKey) -> Option<u64> {
    let held = key.keep(|| Err(())).ok().map(|held: Arc<Held>| Arc::clone(&held.0))?;
    let state = held.state.lock().unwrap();
    state.card.as_ref().map(|(vpcd, _)| vpcd.apdus())
}

/// A slot, and the card in it.
struct Held(Arc<Slot>);

struct Slot {
    address: SocketAddr,
    _lock: File,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    card: Option<(Vpcd, Vec<u8>)>,
    /// The reader, once its name is known.
    reader: Option<String>,
}

impl Held {
    /// Takes a free slot; waits for one when there is none.
    fn new(key: &VirtualKey) -> Self {
        let (address, lock) = free_slot();
        let slot = Arc::new(Slot { address, _lock: lock, state: Mutex::default() });
        let weak = Arc::downgrade(&slot);
        key.watch(move |_| {
            let Some(slot) = weak.upgrade() else { return false };
            slot.state.lock().unwrap().card = None;
            true
        });
        Self(slot)
    }
}

impl Slot {
    /// The reader of a card that was taken out.
    fn emptied_reader(&self) -> Option<String> {
        let state = self.state.lock().unwrap();
        state.reader.clone().filter(|_| state.card.is_none())
    }

    /// Puts the card in, unless it is; its answer to reset.
    fn inserted(&self, key: &VirtualKey, extended: bool) -> Vec<u8> {
        let mut state = self.state.lock().unwrap();
        let (_, answer) = state.card.get_or_insert_with(|| {
            let answer = fresh_atr();
            let card = card(key, extended, answer.clone());
            let vpcd = Vpcd::connect(self.address, card);
            (vpcd.unwrap_or_else(|error| panic!("slot {}: {error}", self.address)), answer)
        });
        answer.clone()
    }
}

fn card(key: &VirtualKey, extended: bool, atr: Vec<u8>) -> Box<dyn Card> {
    let card: Box<dyn Card> = match key.firmware() {
        Firmware::FidoAuthenticator => {
            Box::new(FidoCard::new(key).expect("its own card").with_atr(atr))
        }
        _ => Box::new(AppletCard::new(key).with_atr(atr)),
    };
    if extended {
        return card;
    }
    Box::new(FaultyCard::new(card, [Bend::NoExtended.from_the_start()]))
}

/// An answer to reset that no other card has.
fn fresh_atr() -> Vec<u8> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    atr(&[b"\x80kv".as_slice(), &process::id().to_be_bytes(), &count.to_be_bytes()].concat())
}

/// The name of the first reader that `is_it`, if there is one within a while.
async fn until_reader(is_it: impl Fn(&ReaderState) -> bool) -> Option<String> {
    let patience = Instant::now() + A_WHILE;
    loop {
        let readers = DirectReaders::new().list().expect("pcscd runs");
        if let Some(found) = readers.into_iter().find(|reader| is_it(reader)) {
            return Some(found.name);
        }
        if Instant::now() > patience {
            return None;
        }
        // the readers are asked again; the service looks at its cards five times a second
        sleep(Duration::from_millis(10)).await;
    }
}

/// A slot that nobody has, here or in another process.
fn free_slot() -> (SocketAddr, File) {
    let slots = env::var("KEYVET_TEST_VPCD").expect("KEYVET_TEST_VPCD names slots of vpcd");
    let slots: Vec<SocketAddr> =
        slots.split(',').map(|slot| slot.parse().expect("ADDRESS:PORT")).collect();
    let lock = |slot: &SocketAddr| {
        let path = env::temp_dir().join(format!("keyvet-slot-{}.lock", slot.port()));
        File::create(path).expect("the folder of temporary files can be written")
    };
    for slot in &slots {
        let file = lock(slot);
        match file.try_lock() {
            Ok(()) => return (*slot, file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => panic!("{error}"),
        }
    }
    static TURN: AtomicU32 = AtomicU32::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed) as usize;
    let slot = slots[turn % slots.len()];
    let file = lock(&slot);
    file.lock().expect("a slot is free some time");
    (slot, file)
}

/// Longer than pcscd takes to look at its cards.
const A_WHILE: Duration = Duration::from_secs(6);
const TRIES: u32 = 5;
