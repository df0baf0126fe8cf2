//! The driver for HID nodes on real nodes, which the kernel makes for us through `/dev/uhid`.
//!
//! Ignored, because it needs root and a kernel with uhid, which containers and many test machines have not:
//! `cargo test -p keyvet-hid --test uhid -- --ignored --test-threads=1`. Run it where no other security key is plugged in.
#![cfg(all(feature = "hidapi", target_os = "linux"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use futures_core::Stream;
use keyvet_finding::Coded;
use keyvet_hid::framing::{Command, DeviceEvent, DeviceSide, Message};
use keyvet_hid::{HidDiscovery, Report};
use keyvet_transport::{
    Channel, ChannelError, ChannelEvent, Device, DeviceEvent as Seen, DeviceId, Discovery,
    Exchange, Progress,
};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use support::{exchange, keep_alive, refuse, reports, usual};
use tokio_util::sync::CancellationToken;

/// A HID node with an authenticator of ours behind it; unplugged when dropped.
struct Plugged {
    control: File,
}

/// How a node looks: its name, its serial number, its reports.
#[derive(Clone, Copy)]
struct Look<'a> {
    name: &'a str,
    serial: &'a str,
    descriptor: &'a [u8],
    /// The number in front of every report.
    report_id: Option<u8>,
    bus: u16,
}

const USUAL: Look<'_> =
    Look { name: "Test Key", serial: "S-77", descriptor: FIDO, report_id: None, bus: BUS_USB };

type Handler = Box<dyn FnMut(&Message) -> Option<Vec<Report>> + Send>;

impl Plugged {
    fn new(look: Look<'_>, handler: Handler) -> Self {
        let mut control =
            OpenOptions::new().read(true).write(true).open("/dev/uhid").expect("needs /dev/uhid");
        control.write_all(&create(look)).unwrap();
        let device = control.try_clone().unwrap();
        let report_id = look.report_id;
        thread::spawn(move || serve(device, report_id, handler));
        Self { control }
    }

    fn key(handler: impl FnMut(&Message) -> Option<Vec<Report>> + Send + 'static) -> Self {
        Self::new(USUAL, Box::new(handler))
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.control.write_all(&DESTROY.to_ne_bytes()).unwrap();
    }
}

/// Answers output reports until the device is destroyed.
fn serve(mut device: File, report_id: Option<u8>, mut handler: Handler) {
    let (mut side, mut channels, mut event) = (DeviceSide::new(), 0, vec![0; 4380]);
    while device.read(&mut event).is_ok_and(|len| len > 0) {
        let kind = u32::from_ne_bytes(event[..4].try_into().unwrap());
        if kind != OUTPUT {
            continue;
        }
        // a report id, which is zero, and the report
        assert_eq!(event[4], report_id.unwrap_or_default());
        let report = event[5..69].try_into().unwrap();
        let answers = match side.push(&report) {
            DeviceEvent::Nothing => continue,
            DeviceEvent::Refuse { channel, code } => refuse(channel, code),
            DeviceEvent::Request(message) => {
                handler(&message).unwrap_or_else(|| usual(&message, &mut channels))
            }
        };
        for answer in answers {
            let numbered: Vec<u8> = report_id.into_iter().chain(answer).collect();
            // a report of somebody else first, where there may be one
            let foreign = report_id.map(|_| vec![KEYBOARD_ID, 0, 0, 4, 0, 0, 0, 0, 0]);
            for report in foreign.into_iter().chain([numbered]) {
                if device.write_all(&input(&report)).is_err() {
                    return;
                }
            }
        }
    }
}

/// `UHID_INPUT2`.
fn input(report: &[u8]) -> Vec<u8> {
    let mut input = INPUT2.to_ne_bytes().to_vec();
    input.extend(u16::try_from(report.len()).unwrap().to_ne_bytes());
    input.extend(report);
    input
}

/// `UHID_CREATE2` (linux/uhid.h).
fn create(look: Look<'_>) -> Vec<u8> {
    let Look { name, serial, descriptor, bus, .. } = look;
    let mut event = CREATE2.to_ne_bytes().to_vec();
    let mut text = name.as_bytes().to_vec();
    text.resize(128 + 64, 0);
    event.extend(text);
    let mut serial = serial.as_bytes().to_vec();
    serial.resize(64, 0);
    event.extend(serial);
    event.extend(u16::try_from(descriptor.len()).unwrap().to_ne_bytes());
    event.extend(bus.to_ne_bytes());
    for number in [0x1209_u32, 0xf1d0, 1, 0] {
        event.extend(number.to_ne_bytes());
    }
    let mut padded = descriptor.to_vec();
    padded.resize(4096, 0);
    event.extend(padded);
    event
}

const DESTROY: u32 = 1;
const OUTPUT: u32 = 6;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const BUS_USB: u16 = 3;
const BUS_VIRTUAL: u16 = 6;

const KEYBOARD_ID: u8 = 1;
const KEY_ID: u8 = 2;

/// [`FIDO`] with another report count each way.
fn sized(input: u8, output: u8) -> Vec<u8> {
    let mut descriptor = FIDO.to_vec();
    descriptor[17] = input;
    descriptor[30] = output;
    descriptor
}

/// A keyboard of one report and a key of one each way, each with a number.
fn keyboard_and_key() -> Vec<u8> {
    let keyboard = [
        0x05,
        0x01,
        0x09,
        0x06,
        0xa1,
        0x01,
        0x85,
        KEYBOARD_ID,
        0x05,
        0x07,
        0x19,
        0x00,
        0x29,
        0x65,
        0x15,
        0x00,
        0x25,
        0x65,
        0x75,
        0x08,
        0x95,
        0x08,
        0x81,
        0x00,
        0xc0,
    ];
    [&keyboard[..], &FIDO[..7], &[0x85, KEY_ID], &FIDO[7..]].concat()
}

/// Usage page F1D0, usage 01, 64 bytes in and out.
const FIDO: &[u8] = &[
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
    0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91,
    0x02, 0xc0,
];

/// What comes and goes, as the driver tells it.
struct Events(Pin<Box<dyn Stream<Item = Seen> + Send>>);

impl Events {
    fn new() -> Self {
        Self(HidDiscovery::new().watch())
    }

    /// Never looks unless it is told to.
    fn told() -> Self {
        let an_hour = Duration::from_secs(3600);
        Self(HidDiscovery::new().looking_every(an_hour).watch())
    }

    /// Waits until everything that was there at the start has been told.
    async fn ready(&mut self) {
        while !matches!(self.next().await, Seen::InitialScanDone) {}
    }

    async fn next(&mut self) -> Seen {
        std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await.expect("it never ends")
    }

    async fn added(&mut self) -> Device {
        loop {
            match self.next().await {
                Seen::Added(device) => return device,
                Seen::InitialScanDone => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn removed(&mut self) -> DeviceId {
        loop {
            match self.next().await {
                Seen::Removed(id) => return id,
                Seen::InitialScanDone => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The node of `key`, once the kernel has made it.
async fn node(_key: &Plugged) -> Device {
    Events::new().added().await
}

async fn open(id: &DeviceId) -> Result<Box<dyn Channel>, ChannelError> {
    let cancel = CancellationToken::new();
    HidDiscovery::new().open(id, exchange(&cancel, 10)).await
}

async fn ask(channel: &mut dyn Channel, request: &[u8]) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    channel.transact(request, exchange(&cancel, 20)).await
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_is_found_by_its_usage_and_described_and_other_devices_are_not_listed() {
    let mut other = FIDO.to_vec();
    other[1..3].copy_from_slice(&[0x00, 0xff]);
    let look = Look { name: "Not A Key", descriptor: &other, ..USUAL };
    let _other = Plugged::new(look, Box::new(|_| None));
    let key = Plugged::key(|_| None);
    let device = node(&key).await;
    assert_eq!(device.product.as_deref(), Some("Test Key"));
    assert_eq!(device.serial.as_deref(), Some("S-77"));
    assert_eq!((device.manufacturer, device.denied), (None, None));
    assert_eq!(device.usb, Some((0x1209, 0xf1d0)));
    assert!(device.id.identity.0.starts_with("0003:1209:F1D0."), "{:?}", device.id);
    assert_eq!(HidDiscovery::new().scan().unwrap().len(), 1);
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn messages_of_every_length_go_through_a_node_and_back() {
    let key = Plugged::key(|_| None);
    let mut channel = open(&node(&key).await.id).await.unwrap();
    for len in [1, 2, 57, 58, 300, 1024, 3000] {
        let request: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
        let answer = ask(&mut *channel, &request).await.unwrap();
        assert!(answer[1..].iter().eq(request.iter().rev()), "{len} bytes");
    }
    for number in 0..200_u8 {
        assert_eq!(ask(&mut *channel, &[number]).await, Ok(vec![0, number]));
    }
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn two_openers_of_a_node_get_their_own_answers() {
    let key = Plugged::key(|_| None);
    let id = node(&key).await.id;
    let (mut first, mut second) = (open(&id).await.unwrap(), open(&id).await.unwrap());
    for number in 0..50_u8 {
        let (one, other) = ([1, number], [2, number]);
        let (one, other) = tokio::join!(ask(&mut *first, &one), ask(&mut *second, &other));
        assert_eq!((one, other), (Ok(vec![0, number, 1]), Ok(vec![0, number, 2])));
    }
}

/// Cancels when the key asks for a touch.
struct CancelOnTouch<'a>(&'a CancellationToken);

impl Progress for CancelOnTouch<'_> {
    fn event(&self, event: ChannelEvent) {
        if event == ChannelEvent::TouchNeeded {
            self.0.cancel();
        }
    }
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_cancel_gets_out_while_an_answer_is_awaited() {
    let cancelled = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&cancelled);
    let key = Plugged::key(move |message| match message.command {
        Command::CBOR => Some(keep_alive(message.channel, 2)),
        Command::CANCEL => {
            seen.store(true, Ordering::SeqCst);
            Some(reports(message.channel, Command::CBOR, &[0x2d]))
        }
        _ => None,
    });
    let mut channel = open(&node(&key).await.id).await.unwrap();
    let cancel = CancellationToken::new();
    let progress = CancelOnTouch(&cancel);
    let exchange = Exchange { progress: &progress, ..exchange(&cancel, 20) };
    assert_eq!(channel.transact(&[1], exchange).await, Err(ChannelError::Cancelled));
    assert!(cancelled.load(Ordering::SeqCst));
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_pulled_out_in_the_middle_is_told_and_the_next_one_at_its_path_is_another() {
    let plugged = Arc::new(Mutex::new(None));
    let pulled = Arc::clone(&plugged);
    let key = Plugged::key(move |message| {
        (message.command == Command::CBOR).then(|| {
            // unplugs itself: whoever holds it is on another thread
            drop::<Option<Plugged>>(pulled.lock().unwrap().take());
            Vec::new()
        })
    });
    let mut events = Events::new();
    let first = events.added().await;
    *plugged.lock().unwrap() = Some(key);
    let mut channel = open(&first.id).await.unwrap();
    assert_eq!(ask(&mut *channel, &[1]).await, Err(ChannelError::Removed));
    assert_eq!(events.removed().await, first.id);
    drop(channel);
    assert_eq!(open(&first.id).await.map(|_| ()), Err(ChannelError::Removed));

    let _second = Plugged::key(|_| None);
    let second = events.added().await;
    assert_eq!(second.id.path, first.id.path, "the kernel gives the free number");
    let error = open(&first.id).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind().id, "transport.replaced", "{error}");
    assert_eq!(ask(&mut *open(&second.id).await.unwrap(), &[5]).await, Ok(vec![0, 5]));
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_node_that_this_user_may_not_open_is_listed_with_the_reason() {
    let key = Plugged::key(|_| None);
    node(&key).await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "as_a_user_without_rights"]).uid(65534).gid(65534);
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Run by the test above, with no rights; skips when it is run by root.
#[tokio::test]
#[ignore = "a part of another test"]
async fn as_a_user_without_rights() {
    if OpenOptions::new().write(true).open("/dev/uhid").is_ok() {
        return;
    }
    let devices = HidDiscovery::new().scan().unwrap();
    let [device] = &devices[..] else { panic!("{devices:?}") };
    let denied = device.denied.as_ref().map(|why| why.kind().id);
    assert_eq!(denied, Some("transport.permission-denied"));
    let opened = open(&device.id).await.map(|_| ()).unwrap_err();
    assert_eq!(opened.kind().id, "transport.permission-denied");
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn keys_that_come_and_go_are_told_by_the_system_and_not_only_found_by_looking() {
    let mut events = Events::told();
    events.ready().await;
    let key = Plugged::key(|_| None);
    let device = events.added().await;
    assert_eq!(device.product.as_deref(), Some("Test Key"));
    drop(key);
    assert_eq!(events.removed().await, device.id);
    let _again = Plugged::key(|_| None);
    let again = events.added().await;
    assert_eq!(again.id.path, device.id.path);
    assert_ne!(again.id.identity, device.id.identity);
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_whose_reports_are_numbered_is_spoken_to_beside_its_keyboard() {
    let descriptor = keyboard_and_key();
    let look = Look { descriptor: &descriptor, report_id: Some(KEY_ID), ..USUAL };
    let key = Plugged::new(look, Box::new(|_| None));
    let device = node(&key).await;
    assert_eq!((&device.denied, HidDiscovery::new().scan().unwrap().len()), (&None, 1));
    let mut channel = open(&device.id).await.unwrap();
    for len in [1, 60, 300] {
        let answer = ask(&mut *channel, &vec![7; len]).await.unwrap();
        assert_eq!(answer.len(), len + 1);
    }
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_of_other_report_sizes_is_listed_with_the_reason_and_not_opened() {
    for (input, output) in [(32, 32), (64, 8)] {
        let descriptor = sized(input, output);
        let key = Plugged::new(Look { descriptor: &descriptor, ..USUAL }, Box::new(|_| None));
        let device = node(&key).await;
        let denied = device.denied.as_ref().map(|why| why.kind().id);
        assert_eq!(denied, Some("hid.report-length"));
        let error = open(&device.id).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind().id, "hid.report-length", "{error}");
        let mut events = Events::new();
        events.ready().await;
        drop(key);
        events.removed().await;
    }
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_on_no_bus_is_found_as_well() {
    let key = Plugged::new(Look { bus: BUS_VIRTUAL, ..USUAL }, Box::new(|_| None));
    let device = node(&key).await;
    assert!(device.id.identity.0.starts_with("0006:1209:F1D0."), "{:?}", device.id);
    assert!(open(&device.id).await.is_ok());
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn identical_keys_are_told_apart_and_each_keeps_its_own_answers() {
    let numbered = |number: u8| {
        move |message: &Message| {
            let is_request = message.command == Command::CBOR;
            is_request.then(|| reports(message.channel, Command::CBOR, &[0, number]))
        }
    };
    let mut keys: Vec<_> = (0..3).map(|number| Some(Plugged::key(numbered(number)))).collect();
    let mut events = Events::new();
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(events.added().await);
    }
    found.sort_by_key(|device| device.id.identity.0.clone());
    for (number, device) in (0..).zip(&found) {
        let mut channel = open(&device.id).await.unwrap();
        assert_eq!(ask(&mut *channel, &[4]).await, Ok(vec![0, number]));
    }
    drop(keys[1].take());
    assert_eq!(events.removed().await, found[1].id);
    assert_eq!(open(&found[1].id).await.map(|_| ()), Err(ChannelError::Removed));
    let mut last = open(&found[2].id).await.unwrap();
    assert_eq!(ask(&mut *last, &[4]).await, Ok(vec![0, 2]));
}

/// Unplugs the key at the `nth` message of `command`, before anything of it is answered.
async fn pulled_at(command: Command, nth: usize) -> Result<Vec<u8>, ChannelError> {
    let plugged = Arc::new(Mutex::new(None));
    let (pulled, mut seen) = (Arc::clone(&plugged), 0);
    let key = Plugged::key(move |message| {
        seen += usize::from(message.command == command);
        (message.command == command && seen == nth).then(|| {
            drop::<Option<Plugged>>(pulled.lock().unwrap().take());
            Vec::new()
        })
    });
    let device = node(&key).await;
    *plugged.lock().unwrap() = Some(key);
    let mut channel = open(&device.id).await?;
    ask(&mut *channel, &[1; 1000]).await?;
    ask(&mut *channel, &[2]).await
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_pulled_out_at_any_message_was_removed() {
    for (command, nth) in [(Command::INIT, 1), (Command::CBOR, 1), (Command::CBOR, 2)] {
        let outcome = pulled_at(command, nth).await;
        assert_eq!(outcome, Err(ChannelError::Removed), "{command} {nth}");
        let mut events = Events::new();
        events.ready().await;
    }
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_key_pulled_out_inside_an_answer_and_one_pulled_out_between_two_were_removed() {
    let plugged = Arc::new(Mutex::new(None));
    let pulled = Arc::clone(&plugged);
    let key = Plugged::key(move |message| {
        (message.command == Command::CBOR).then(|| {
            let mut answer = reports(message.channel, Command::CBOR, &[0; 300]);
            answer.truncate(2);
            let mut key: Option<Plugged> = pulled.lock().unwrap().take();
            for report in answer {
                key.as_mut().unwrap().control.write_all(&input(&report)).unwrap();
            }
            drop(key);
            Vec::new()
        })
    });
    let device = node(&key).await;
    *plugged.lock().unwrap() = Some(key);
    let mut channel = open(&device.id).await.unwrap();
    assert_eq!(ask(&mut *channel, &[1]).await, Err(ChannelError::Removed));
    assert_eq!(ask(&mut *channel, &[1]).await, Err(ChannelError::Removed));

    let key = Plugged::key(|_| None);
    let mut channel = open(&node(&key).await.id).await.unwrap();
    let mut events = Events::new();
    events.ready().await;
    drop(key);
    events.removed().await;
    assert_eq!(ask(&mut *channel, &[1]).await, Err(ChannelError::Removed));
}

#[tokio::test]
#[ignore = "needs root and /dev/uhid"]
async fn a_report_longer_than_announced_fails_the_exchange_and_not_the_next_one() {
    let odd = Arc::new(Mutex::new(None::<File>));
    let sender = Arc::clone(&odd);
    let mut times = 0;
    let key = Plugged::key(move |message| {
        times += usize::from(message.command == Command::CBOR);
        (message.command == Command::CBOR && times == 1).then(|| {
            let mut guard = sender.lock().unwrap();
            guard.as_mut().unwrap().write_all(&input(&[0xff; 80])).unwrap();
            Vec::new()
        })
    });
    *odd.lock().unwrap() = Some(key.control.try_clone().unwrap());
    let mut channel = open(&node(&key).await.id).await.unwrap();
    let error = ask(&mut *channel, &[1]).await.unwrap_err();
    assert_eq!(error.kind().id, "hid.report-length");
    assert_eq!(ask(&mut *channel, &[1, 2]).await, Ok(vec![0, 2, 1]));
}
