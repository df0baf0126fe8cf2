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
use support::{exchange, keep_alive, refuse, reports, usual};
use tokio_util::sync::CancellationToken;

/// A HID node with an authenticator of ours behind it; unplugged when dropped.
struct Plugged {
    control: File,
}

type Handler = Box<dyn FnMut(&Message) -> Option<Vec<Report>> + Send>;

impl Plugged {
    fn new(name: &str, descriptor: &[u8], handler: Handler) -> Self {
        let mut control =
            OpenOptions::new().read(true).write(true).open("/dev/uhid").expect("needs /dev/uhid");
        control.write_all(&create(name, descriptor)).unwrap();
        let device = control.try_clone().unwrap();
        thread::spawn(move || serve(device, handler));
        Self { control }
    }

    fn key(handler: impl FnMut(&Message) -> Option<Vec<Report>> + Send + 'static) -> Self {
        Self::new("Test Key", FIDO, Box::new(handler))
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.control.write_all(&DESTROY.to_ne_bytes()).unwrap();
    }
}

/// Answers output reports until the device is destroyed.
fn serve(mut device: File, mut handler: Handler) {
    let (mut side, mut channels, mut event) = (DeviceSide::new(), 0, vec![0; 4380]);
    while device.read(&mut event).is_ok_and(|len| len > 0) {
        let kind = u32::from_ne_bytes(event[..4].try_into().unwrap());
        if kind != OUTPUT {
            continue;
        }
        // a report id, which is zero, and the report
        assert_eq!(event[4], 0);
        let report = event[5..69].try_into().unwrap();
        let answers = match side.push(&report) {
            DeviceEvent::Nothing => continue,
            DeviceEvent::Refuse { channel, code } => refuse(channel, code),
            DeviceEvent::Request(message) => {
                handler(&message).unwrap_or_else(|| usual(&message, &mut channels))
            }
        };
        for answer in answers {
            let mut input = INPUT2.to_ne_bytes().to_vec();
            input.extend(64_u16.to_ne_bytes());
            input.extend(answer);
            if device.write_all(&input).is_err() {
                return;
            }
        }
    }
}

/// `UHID_CREATE2` (linux/uhid.h).
fn create(name: &str, descriptor: &[u8]) -> Vec<u8> {
    let mut event = CREATE2.to_ne_bytes().to_vec();
    let mut text = name.as_bytes().to_vec();
    text.resize(128 + 64, 0);
    event.extend(text);
    let mut serial = b"S-77".to_vec();
    serial.resize(64, 0);
    event.extend(serial);
    event.extend(u16::try_from(descriptor.len()).unwrap().to_ne_bytes());
    event.extend(BUS_USB.to_ne_bytes());
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
    let _other = Plugged::new("Not A Key", &other, Box::new(|_| None));
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
