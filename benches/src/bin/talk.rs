//! keyvet as a client, measured: one line of JSON, in microseconds.
//!
//! - `talk canned FOLDER PASSES COUNT`: processor time of an exchange with canned answers in memory
//! - `talk delay ADDRESS COUNT`: last report to return, against `canned-key`
//! - `talk rate ADDRESS PASSES COUNT`: time of an exchange with a key over UDP, or on a HID node
//! - `talk cost ADDRESS PASSES COUNT`: processor time of the same

use async_trait::async_trait;
use keyvet_benches::canned::{Answers, Device, monotonic_nanos};
use keyvet_benches::usage::own_cpu;
use keyvet_ctap::{
    AuthenticatorData, GetInfo, GetInfoRequest, MakeCredential, MakeCredentialResponse,
    RelyingParty, User, split_answer,
};
use keyvet_hid::{HidChannel, HidDiscovery, Report, ReportLink, UdpDiscovery};
use keyvet_transport::{Channel, ChannelError, DeviceId, Discovery, Exchange, Transport};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u32>().expect("a number");
    let figures = match words[..] {
        ["canned", folder, passes, count] => {
            let mut key = Key(in_memory(Path::new(folder)).await);
            key.both(own_cpu, number(passes), number(count)).await
        }
        ["delay", address, count] => Key(open(address).await).delays(number(count)).await,
        ["rate", address, passes, count] => {
            let start = Instant::now();
            let clock = move || start.elapsed();
            Key(open(address).await).both(clock, number(passes), number(count)).await
        }
        ["cost", address, passes, count] => {
            Key(open(address).await).both(own_cpu, number(passes), number(count)).await
        }
        _ => panic!("usage: talk canned|delay|rate|cost …"),
    };
    println!("{figures}");
}

struct Key(Box<dyn Channel>);

impl Key {
    async fn both(&mut self, clock: impl Fn() -> Duration, passes: u32, count: u32) -> Value {
        let (mut info, mut credential) = (Vec::new(), Vec::new());
        for _ in 0..passes {
            let before = clock();
            for _ in 0..count {
                self.get_info().await;
            }
            info.push(micros(clock() - before) / f64::from(count));
        }
        for _ in 0..passes {
            let before = clock();
            for _ in 0..count {
                self.make_credential().await;
            }
            credential.push(micros(clock() - before) / f64::from(count));
        }
        json!({ "name": "keyvet", "get_info": info, "make_credential": credential })
    }

    async fn delays(&mut self, count: u32) -> Value {
        let mut all = Vec::new();
        for _ in 0..count {
            let (made, _) = self.make_credential().await;
            let returned = monotonic_nanos();
            // the certificate is the end of the statement
            let end: [u8; 8] = made.att_stmt.last_chunk().copied().expect("a certificate is there");
            all.push(micros(Duration::from_nanos(returned - u64::from_be_bytes(end))));
        }
        json!({ "name": "keyvet", "delay": all })
    }

    async fn get_info(&mut self) -> GetInfo {
        let answer = self.transact(&GetInfoRequest.encode()).await;
        GetInfo::parse(body(&answer)).expect("the answer is legal")
    }

    async fn make_credential(&mut self) -> (MakeCredentialResponse, AuthenticatorData) {
        let answer = self.transact(&request().encode()).await;
        let made = MakeCredentialResponse::parse(body(&answer)).expect("the answer is legal");
        let data = AuthenticatorData::parse(&made.auth_data).expect("the data is legal");
        (made, data)
    }

    async fn transact(&mut self, request: &[u8]) -> Vec<u8> {
        let cancel = CancellationToken::new();
        self.0.transact(request, exchange(&cancel)).await.expect("the key answers")
    }
}

fn exchange(cancel: &CancellationToken) -> Exchange<'_> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    Exchange { deadline, cancel, progress: &() }
}

fn request() -> MakeCredential {
    let mut hash = [0; 32];
    hash[0] = 7;
    let rp = RelyingParty { id: "bench.keyvet.example".to_owned(), name: Some("bench".to_owned()) };
    let (name, display_name) = (Some("user".to_owned()), Some("User".to_owned()));
    MakeCredential::new(hash, rp, User { id: b"u".to_vec(), name, display_name })
}

fn body(answer: &[u8]) -> &[u8] {
    let (status, body) = split_answer(answer).expect("an answer has a status");
    assert_eq!(status.0, 0, "the key refuses");
    body
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

async fn open(address: &str) -> Box<dyn Channel> {
    let node = address.starts_with("/dev/");
    let discovery: Box<dyn Discovery> = if node {
        Box::new(HidDiscovery::new())
    } else {
        Box::new(UdpDiscovery::new(vec![address.parse().expect("an address")]))
    };
    let devices = discovery.scan().expect("there is always a list");
    let device = devices.iter().find(|device| !node || device.id.path == address);
    let cancel = CancellationToken::new();
    let id = &device.expect("a key").id;
    discovery.open(id, exchange(&cancel)).await.expect("the key answers")
}

async fn in_memory(folder: &Path) -> Box<dyn Channel> {
    let link = Canned { device: Device::new(&Answers::read(folder)), waiting: VecDeque::new() };
    let cancel = CancellationToken::new();
    let id = DeviceId::new(Transport::Memory, "canned");
    Box::new(HidChannel::open(link, id, exchange(&cancel)).await.expect("the device answers"))
}

/// Answers at once.
struct Canned {
    device: Device,
    waiting: VecDeque<Report>,
}

#[async_trait]
impl ReportLink for Canned {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.waiting.extend(self.device.take(report).unwrap_or_default());
        Ok(())
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        self.waiting.pop_front().ok_or(ChannelError::Removed)
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        Ok(self.waiting.pop_front())
    }
}
