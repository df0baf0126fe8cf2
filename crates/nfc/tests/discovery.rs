//! Finding keys in readers.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use async_trait::async_trait;
use futures_core::Stream;
use keyvet_finding::Coded;
use keyvet_nfc::iso7816::ApduMode;
use keyvet_nfc::{CardDiscovery, CardId, CardLink, ReaderState, Readers};
use keyvet_transport::{
    CardInterface, ChannelError, Device, DeviceEvent, DeviceId, Direction, Discovery, Packet, Tap,
    Transport, UsbAddress,
};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{FIDO, SELECT, Scripted, exchange, hex, says};
use tokio_util::sync::CancellationToken;

/// What the card of a reader is.
#[derive(Clone)]
enum Card {
    Answers(&'static str),
    Fails(ChannelError),
}

type Cards = Vec<(ReaderState, Card)>;

/// Readers of the test, and how often a card was connected.
struct Shelf {
    readers: Mutex<Result<Cards, String>>,
    connects: Mutex<Vec<String>>,
}

impl Default for Card {
    fn default() -> Self {
        Self::Answers("6a82")
    }
}

impl Shelf {
    fn of(readers: Cards) -> Arc<Self> {
        Arc::new(Self { readers: Mutex::new(Ok(readers)), connects: Mutex::default() })
    }

    fn become_(&self, readers: Result<Cards, String>) {
        *self.readers.lock().unwrap() = readers;
    }

    fn connects(&self) -> Vec<String> {
        let mut connects = self.connects.lock().unwrap().clone();
        connects.sort();
        connects
    }
}

#[async_trait]
impl Readers for Shelf {
    fn list(&self) -> Result<Vec<ReaderState>, ChannelError> {
        match &*self.readers.lock().unwrap() {
            Ok(readers) => Ok(readers.iter().map(|(reader, _)| reader.clone()).collect()),
            Err(cause) => {
                Err(ChannelError::ServiceMissing { service: "the service", cause: cause.clone() })
            }
        }
    }

    async fn connect(&self, name: &str, _: &CardId) -> Result<Box<dyn CardLink>, ChannelError> {
        self.connects.lock().unwrap().push(name.into());
        let readers = self.readers.lock().unwrap();
        let found = readers.as_ref().ok().and_then(|all| all.iter().find(|(r, _)| r.name == name));
        match found.map(|(_, card)| card.clone()) {
            Some(Card::Answers(answer)) => {
                let info = ("80108000000001040000", says("00a10180 9000"));
                Ok(Box::new(Scripted::new([(SELECT, says(answer)), info])))
            }
            Some(Card::Fails(error)) => Err(error),
            None => Err(ChannelError::Removed),
        }
    }

    fn wait(&self, known: &[ReaderState], stop: &Receiver<()>) -> Result<(), ChannelError> {
        while self.list()? == known {
            if stop.recv_timeout(Duration::from_millis(5)) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        Ok(())
    }
}

fn reader(name: &str, events: u64) -> ReaderState {
    let mut reader = ReaderState::new(name);
    reader.card = Some(CardId { atr: vec![0x3b, 0x80], events });
    reader
}

fn paths(devices: &[Device]) -> Vec<&str> {
    devices.iter().map(|device| device.id.path.as_str()).collect()
}

fn denied(device: &Device) -> Option<&'static str> {
    device.denied.as_ref().map(|why| why.kind().id)
}

#[test]
fn cards_with_a_fido_application_are_listed_and_no_others() {
    let mut contact = reader("Key OTP+CCID 00 00", 1);
    contact.interface = CardInterface::Contact;
    contact.usb_address = Some(UsbAddress { bus: 1, device: 7 });
    let shelf = Shelf::of(vec![
        (ReaderState::new("empty 00 00"), Card::default()),
        (reader("bank card 00 00", 1), Card::Answers("6a82")),
        (contact, Card::Answers(FIDO)),
        (reader("something else", 1), Card::Answers("6f00 9000")),
    ]);
    let devices = CardDiscovery::new(shelf).scan().unwrap();
    assert_eq!(paths(&devices), ["Key OTP+CCID 00 00"]);
    let [key] = devices.try_into().unwrap();
    assert_eq!(key.id.transport, Transport::Nfc);
    assert_eq!(key.id.identity.0, "3b80-1");
    assert_eq!(key.product.as_deref(), Some("Key OTP+CCID"));
    assert_eq!(key.interface, Some(CardInterface::Contact));
    assert_eq!(key.usb_address, Some(UsbAddress { bus: 1, device: 7 }));
    assert_eq!(key.denied, None);
}

#[test]
fn a_card_is_asked_once_from_its_insertion_to_its_removal() {
    let shelf = Shelf::of(vec![
        (reader("a", 1), Card::Answers(FIDO)),
        (reader("b", 1), Card::Answers("6a82")),
        (reader("uncounted", 0), Card::Answers(FIDO)),
    ]);
    let discovery = CardDiscovery::new(shelf.clone());
    assert_eq!(paths(&discovery.scan().unwrap()), ["a", "uncounted"]);
    assert_eq!(paths(&discovery.scan().unwrap()), ["a", "uncounted"]);
    assert_eq!(shelf.connects(), ["a", "b", "uncounted", "uncounted"]);
    shelf.become_(Ok(vec![(reader("a", 3), Card::Answers("6a82"))]));
    assert_eq!(paths(&discovery.scan().unwrap()), Vec::<&str>::new());
    assert_eq!(shelf.connects().len(), 5);
}

#[test]
fn a_card_that_another_program_keeps_is_told_unless_it_is_known_to_be_no_key() {
    let mut grabbed = reader("grabbed", 1);
    let mut bank = reader("bank", 1);
    let shelf = Shelf::of(vec![
        (grabbed.clone(), Card::Answers(FIDO)),
        (bank.clone(), Card::Answers("6a82")),
        (reader("refuses", 1), Card::Fails(ChannelError::Busy)),
        (reader("off", 1), Card::Answers("6283")),
    ]);
    let discovery = CardDiscovery::new(shelf.clone());
    let devices = discovery.scan().unwrap();
    assert_eq!(paths(&devices), ["grabbed", "refuses", "off"]);
    assert_eq!(denied(&devices[0]), None);
    assert_eq!(denied(&devices[1]), Some("transport.busy"));
    assert_eq!(denied(&devices[2]), Some("nfc.deactivated"));
    (grabbed.exclusive, bank.exclusive) = (true, true);
    let mut unknown = reader("unknown", 1);
    unknown.exclusive = true;
    let cards = [grabbed, bank, unknown].map(|reader| (reader, Card::Answers(FIDO)));
    shelf.become_(Ok(cards.to_vec()));
    let connects = shelf.connects().len();
    let devices = discovery.scan().unwrap();
    assert_eq!(paths(&devices), ["grabbed", "unknown"]);
    assert!(devices.iter().all(|device| denied(device) == Some("transport.busy")));
    assert_eq!(shelf.connects().len(), connects, "nobody is disturbed");
}

#[test]
fn a_card_that_leaves_while_it_is_asked_is_not_listed() {
    for card in [Card::Fails(ChannelError::Removed), Card::Answers("")] {
        let shelf = Shelf::of(vec![(reader("a", 1), card)]);
        assert_eq!(CardDiscovery::new(shelf).scan().unwrap(), []);
    }
}

#[test]
fn a_missing_service_is_an_error_with_its_reason() {
    let shelf = Shelf::of(Vec::new());
    shelf.become_(Err("nothing listens".into()));
    let error = CardDiscovery::new(shelf).scan().unwrap_err();
    assert_eq!(error.kind().id, "transport.service-missing");
    assert!(error.to_string().contains("nothing listens"));
}

#[tokio::test]
async fn a_scan_can_be_made_from_within_a_runtime() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Answers(FIDO))]);
    assert_eq!(CardDiscovery::new(shelf).scan().unwrap().len(), 1);
}

#[derive(Default)]
struct Ear(Mutex<Vec<String>>);

impl Tap for Ear {
    fn packet(&self, packet: Packet<'_>) {
        let arrow = if packet.direction == Direction::Out { '>' } else { '<' };
        self.0.lock().unwrap().push(format!("{arrow}{}", hex(packet.bytes)));
    }
}

#[tokio::test]
async fn the_card_that_was_found_is_opened_and_heard() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Answers(FIDO))]);
    let ear = Arc::new(Ear::default());
    let discovery = CardDiscovery::new(shelf).apdu_mode(ApduMode::Extended);
    let discovery = discovery.tapped(Some(ear.clone()));
    let device = discovery.scan().unwrap().remove(0);
    let cancel = CancellationToken::new();
    let mut channel = discovery.open(&device.id, exchange(&cancel, 10)).await.unwrap();
    assert_eq!(channel.device(), &device.id);
    let answer = channel.transact(&[4], exchange(&cancel, 10)).await;
    assert_eq!(answer, Ok(vec![0x00, 0xa1, 0x01, 0x80]));
    let heard = ear.0.lock().unwrap().clone();
    let [select, selected, request, answer] = heard.try_into().unwrap();
    assert_eq!((select, selected), (format!(">{SELECT}"), format!("<{FIDO}")));
    assert_eq!((request.as_str(), answer.as_str()), (">80108000000001040000", "<00a101809000"));
}

#[tokio::test]
async fn another_card_in_the_same_reader_is_not_opened() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Answers(FIDO))]);
    let discovery = CardDiscovery::new(shelf.clone());
    let found = discovery.scan().unwrap().remove(0).id;
    let cancel = CancellationToken::new();
    let open = async |id: &DeviceId| {
        let opened = discovery.open(id, exchange(&cancel, 10)).await;
        opened.map(|_| ()).map_err(|error| error.kind().id)
    };
    assert_eq!(open(&found).await, Ok(()));
    shelf.become_(Ok(vec![(reader("a", 3), Card::Answers(FIDO))]));
    assert_eq!(open(&found).await, Err("transport.replaced"));
    assert_eq!(open(&DeviceId::new(Transport::Nfc, "a")).await, Ok(()), "named by a person");
    shelf.become_(Ok(vec![(ReaderState::new("a"), Card::default())]));
    assert_eq!(open(&found).await, Err("transport.removed"));
}

#[tokio::test(start_paused = true)]
async fn a_card_that_stays_busy_is_told_at_the_deadline() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Fails(ChannelError::Busy))]);
    let discovery = CardDiscovery::new(shelf);
    let cancel = CancellationToken::new();
    let id = DeviceId::new(Transport::Nfc, "a");
    let opened = discovery.open(&id, exchange(&cancel, 5)).await;
    assert_eq!(opened.map(|_| ()), Err(ChannelError::Busy));
}

#[tokio::test]
async fn what_comes_and_goes_is_told() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Answers(FIDO))]);
    let mut events = CardDiscovery::new(shelf.clone()).watch();
    assert_eq!(next(&mut events).await, "+a 3b80-1");
    assert_eq!(next(&mut events).await, "all");
    shelf.become_(Ok(vec![
        (reader("a", 3), Card::Answers(FIDO)),
        (reader("b", 1), Card::Answers("6a82")),
    ]));
    assert_eq!(next(&mut events).await, "-a 3b80-1");
    assert_eq!(next(&mut events).await, "+a 3b80-3");
    shelf.become_(Err("it died".into()));
    assert_eq!(next(&mut events).await, "the service is not there: it died");
    shelf.become_(Ok(Vec::new()));
    assert_eq!(next(&mut events).await, "-a 3b80-3");
}

#[tokio::test]
async fn nobody_watches_longer_than_the_stream_lives() {
    let shelf = Shelf::of(vec![(reader("a", 1), Card::Answers(FIDO))]);
    let mut events = CardDiscovery::new(shelf.clone()).watch();
    assert_eq!(next(&mut events).await, "+a 3b80-1");
    drop(events);
    let gone = tokio::task::spawn_blocking(move || {
        // the thread holds the readers until its end
        while Arc::strong_count(&shelf) > 1 {
            std::thread::yield_now();
        }
    });
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap().unwrap();
}

async fn next(events: &mut Pin<Box<dyn Stream<Item = DeviceEvent> + Send>>) -> String {
    let event = poll_fn(|cx| events.as_mut().poll_next(cx));
    let event = tokio::time::timeout(Duration::from_secs(10), event).await.unwrap();
    let named = |id: &DeviceId| format!("{} {}", id.path, id.identity.0);
    match event.unwrap() {
        DeviceEvent::Added(device) => format!("+{}", named(&device.id)),
        DeviceEvent::Removed(id) => format!("-{}", named(&id)),
        DeviceEvent::InitialScanDone => "all".into(),
        DeviceEvent::Unavailable(why) => why.to_string(),
        other => format!("{other:?}"),
    }
}
