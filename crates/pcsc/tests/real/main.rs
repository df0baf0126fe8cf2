//! A real pcscd with virtual readers, through this process and through the helper program.
//!
//! `cargo xtask rig nfc` runs it in namespaces of its own, because it starts and kills daemons at the usual place.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests throughout")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests throughout")]

mod card;
mod cases;
mod daemon;
mod hostile;
mod sharing;

use keyvet_nfc::{CardId, CardLink, HelperReaders, ReaderState, Readers};
use keyvet_pcsc::DirectReaders;
use keyvet_transport::ChannelError;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use self::card::PATIENCE;

/// Both ways to the readers.
fn both() -> [(&'static str, Arc<dyn Readers>); 2] {
    let helper = HelperReaders::with_program(env!("CARGO_BIN_EXE_keyvet-pcsc"));
    [("direct", Arc::new(DirectReaders::new())), ("helper", Arc::new(helper))]
}

/// Runs `case` for both, one after the other.
fn for_both(case: impl Fn(&'static str, &dyn Readers)) {
    assert_eq!(std::env::var("KEYVET_RIG").as_deref(), Ok("nfc"), "cargo xtask rig nfc runs this");
    for (way, readers) in both() {
        case(way, readers.as_ref());
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Waits, through the readers' own waiting, until the list is as `wanted`.
fn list_until(readers: &dyn Readers, wanted: impl Fn(&[ReaderState]) -> bool) -> Vec<ReaderState> {
    let end = Instant::now() + PATIENCE;
    loop {
        match readers.list() {
            Ok(list) if wanted(&list) => return list,
            Ok(list) => {
                assert!(Instant::now() < end, "waited in vain, there is {list:?}");
                let (_enough, stopped) = bounded();
                readers.wait(&list, &stopped).unwrap();
            }
            Err(error) => {
                assert!(Instant::now() < end, "waited in vain: {error}");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// A stop for a waiting, given when the first value is dropped or after a bounded time.
fn bounded() -> (mpsc::Sender<()>, mpsc::Receiver<()>) {
    let (stop, stopped) = mpsc::channel();
    let (enough, done) = mpsc::channel();
    std::thread::spawn(move || {
        // returns when either is over
        let _ = done.recv_timeout(PATIENCE);
        drop(stop);
    });
    (enough, stopped)
}

/// The card in slot `at`, once it is there.
fn card_at(readers: &dyn Readers, at: usize) -> (String, CardId) {
    let list = list_until(readers, |list| list.get(at).is_some_and(|reader| reader.card.is_some()));
    (list[at].name.clone(), list[at].card.clone().unwrap())
}

fn link_to(readers: &dyn Readers, at: usize) -> Box<dyn CardLink> {
    let (reader, card) = card_at(readers, at);
    block_on(readers.connect(&reader, &card)).unwrap()
}

fn id<T>(outcome: Result<T, ChannelError>) -> &'static str {
    use keyvet_finding::Coded;
    match outcome {
        Ok(_) => "ok",
        Err(error) => error.kind().id,
    }
}
