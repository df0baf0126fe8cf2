//! A host that frames by hand, so that the firmware's framing is met and not ours.

use std::time::Duration;

use ciborium::Value;
use ciborium::value::Integer;
use keyvet_hid::{Report, ReportLink};
use keyvet_transport::ChannelError;
use keyvet_virtual_key::{KeyOptions, MemoryLink, VirtualKey};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

pub(crate) const INIT: u8 = 0x06;
pub(crate) const PING: u8 = 0x01;
pub(crate) const MSG: u8 = 0x03;
pub(crate) const WINK: u8 = 0x08;
pub(crate) const CBOR: u8 = 0x10;
pub(crate) const CANCEL: u8 = 0x11;
pub(crate) const KEEP_ALIVE: u8 = 0x3b;
pub(crate) const ERROR: u8 = 0x3f;

/// One message from the key.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) command: u8,
    pub(crate) bytes: Vec<u8>,
}

/// One opener of a key, on one channel.
pub(crate) struct Host {
    pub(crate) key: VirtualKey,
    pub(crate) link: MemoryLink,
    pub(crate) channel: [u8; 4],
    runtime: Runtime,
}

impl Host {
    pub(crate) fn start(options: KeyOptions) -> Self {
        Self::open(&VirtualKey::start(options).unwrap())
    }

    pub(crate) fn open(key: &VirtualKey) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let link = key.link();
        let mut host = Self { key: key.clone(), link, channel: [0xff; 4], runtime };
        let answer = host.call(INIT, b"noncence");
        assert_eq!(&answer[..8], b"noncence");
        host.channel = answer[8..12].try_into().unwrap();
        host
    }

    pub(crate) fn send(&mut self, command: u8, message: &[u8]) {
        self.send_reports(&reports(self.channel, command, message));
    }

    pub(crate) fn send_reports(&mut self, reports: &[Report]) {
        for report in reports {
            self.try_send(report).unwrap();
        }
    }

    pub(crate) fn try_send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.runtime.block_on(self.link.send(report))
    }

    pub(crate) fn report(&mut self) -> Result<Report, ChannelError> {
        let received = self.link.receive();
        let within = async { timeout(Duration::from_secs(60), received).await };
        self.runtime.block_on(within).expect("a report within a minute")
    }

    /// The next message on this channel, keep-alives among them.
    pub(crate) fn message(&mut self) -> Message {
        let first = loop {
            let report = self.report().unwrap();
            if report[..4] == self.channel {
                break report;
            }
        };
        let len = usize::from(u16::from_be_bytes([first[5], first[6]]));
        let mut bytes = first[7..].to_vec();
        while bytes.len() < len {
            bytes.extend(&self.report().unwrap()[5..]);
        }
        bytes.truncate(len);
        Message { command: first[4] & 0x7f, bytes }
    }

    /// The answer to `command`, after its keep-alives; an error message is an answer as well.
    pub(crate) fn answer(&mut self) -> (Vec<u8>, Message) {
        let mut statuses = Vec::new();
        loop {
            let message = self.message();
            if message.command != KEEP_ALIVE {
                return (statuses, message);
            }
            statuses.extend(message.bytes);
        }
    }

    pub(crate) fn call(&mut self, command: u8, message: &[u8]) -> Vec<u8> {
        self.send(command, message);
        let answer = self.answer().1;
        assert_eq!(answer.command, command, "{answer:02x?}");
        answer.bytes
    }

    pub(crate) fn cbor(&mut self, message: &[u8]) -> Result<Vec<u8>, u8> {
        status(&self.call(CBOR, message))
    }

    pub(crate) fn get_info(&mut self) -> keyvet_ctap::GetInfo {
        keyvet_ctap::GetInfo::parse(&self.cbor(&[0x04]).unwrap()).unwrap()
    }

    /// Waits for the keep-alive that asks for a touch.
    pub(crate) fn touch_is_asked_for(&mut self) {
        let message = self.message();
        assert_eq!((message.command, message.bytes.as_slice()), (KEEP_ALIVE, [2].as_slice()));
    }
}

/// status ‖ CBOR
pub(crate) fn status(answer: &[u8]) -> Result<Vec<u8>, u8> {
    match answer.split_first().expect("a status") {
        (0, cbor) => Ok(cbor.to_vec()),
        (&status, _) => Err(status),
    }
}

pub(crate) fn reports(channel: [u8; 4], command: u8, message: &[u8]) -> Vec<Report> {
    let (first, rest) = message.split_at(message.len().min(57));
    let len = u16::try_from(message.len()).unwrap().to_be_bytes();
    let first = [channel.as_slice(), &[command | 0x80], &len, first].concat();
    let rest = (0_u8..).zip(rest.chunks(59));
    let rest = rest.map(|(sequence, chunk)| [channel.as_slice(), &[sequence], chunk].concat());
    std::iter::once(first).chain(rest).map(|bytes| padded(&bytes)).collect()
}

fn padded(bytes: &[u8]) -> Report {
    let mut report = [0; 64];
    report[..bytes.len()].copy_from_slice(bytes);
    report
}

pub(crate) const CLIENT_DATA_HASH: [u8; 32] = [0x5a; 32];

/// `authenticatorMakeCredential` for ES256, with `more` members.
pub(crate) fn make_credential(more: &[(i64, Value)]) -> Vec<u8> {
    let text = |text: &str| Value::Text(text.to_owned());
    let param = Value::Map(vec![(text("alg"), number(-7)), (text("type"), text("public-key"))]);
    let user = Value::Map(vec![
        (text("id"), Value::Bytes(b"user".to_vec())),
        (text("name"), text("alice")),
        (text("displayName"), text("Alice")),
    ]);
    let mut members = vec![
        (number(1), Value::Bytes(CLIENT_DATA_HASH.to_vec())),
        (number(2), Value::Map(vec![(text("id"), text("example.com"))])),
        (number(3), user),
        (number(4), Value::Array(vec![param])),
    ];
    members.extend(more.iter().map(|(key, value)| (number(*key), value.clone())));
    command(0x01, Value::Map(members))
}

pub(crate) fn command(command: u8, body: Value) -> Vec<u8> {
    let mut message = vec![command];
    ciborium::into_writer(&body, &mut message).unwrap();
    message
}

pub(crate) fn number(number: i64) -> Value {
    Value::Integer(Integer::from(number))
}
