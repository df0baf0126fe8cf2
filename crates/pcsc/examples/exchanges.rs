//! How fast exchanges with a key in a reader are: `exchanges direct|helper short|extended READER list|info|make COUNT`.
//!
//! Prints one line of JSON with their number and seconds. It is what `tests/rigs/nfc/bench.py` runs beside other clients.
#![allow(clippy::print_stdout, reason = "a program for people")]

use keyvet_nfc::iso7816::ApduMode;
use keyvet_nfc::{CardDiscovery, HelperReaders, Readers};
use keyvet_pcsc::DirectReaders;
use keyvet_transport::{DeviceId, Discovery, Exchange, Transport};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [way, mode, reader, operation, count] = words.as_slice() else {
        return Err("usage: exchanges WAY MODE READER OPERATION COUNT".into());
    };
    let readers: Arc<dyn Readers> = match *way {
        "direct" => Arc::new(DirectReaders::new()),
        _ => Arc::new(HelperReaders::new()),
    };
    let mode = if *mode == "short" { ApduMode::Short } else { ApduMode::Extended };
    let count: u32 = count.parse()?;
    let keys = CardDiscovery::new(readers).apdu_mode(mode);
    let seconds = match *operation {
        "list" => list(&keys, count)?,
        "info" => exchanges(&keys, reader, GET_INFO, count).await?,
        _ => exchanges(&keys, reader, MAKE_CREDENTIAL, count).await?,
    };
    println!(r#"{{"count": {count}, "seconds": {seconds}}}"#);
    Ok(())
}

/// A list of a new discovery each time: nothing is remembered of the cards.
fn list(keys: &CardDiscovery, count: u32) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..count {
        let found = keys.scan()?.len();
        if found == 0 {
            return Err("no key is there".into());
        }
    }
    Ok(start.elapsed().as_secs_f64())
}

async fn exchanges(
    keys: &CardDiscovery,
    reader: &str,
    request: &[u8],
    count: u32,
) -> Result<f64, Box<dyn Error>> {
    let cancel = CancellationToken::new();
    let exchange = || {
        let deadline = tokio::time::Instant::now().checked_add(Duration::from_secs(60));
        let deadline = deadline.unwrap_or_else(tokio::time::Instant::now);
        Exchange { deadline, cancel: &cancel, progress: &() }
    };
    let mut channel = keys.open(&DeviceId::new(Transport::Nfc, reader), exchange()).await?;
    let start = Instant::now();
    for _ in 0..count {
        let answer = channel.transact(request, exchange()).await?;
        if answer.first() != Some(&0) {
            return Err(format!("the key answered {answer:02x?}").into());
        }
    }
    Ok(start.elapsed().as_secs_f64())
}

const GET_INFO: &[u8] = &[0x04];

/// For relying party "bench.keyvet.example", user "u", ES256, not discoverable; 82 bytes, which a short command carries.
const MAKE_CREDENTIAL: &[u8] = b"\x01\xa4\x01\x58\x20\
    \x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x02\xa1\x62id\x74bench.keyvet.example\
    \x03\xa3\x62id\x41u\x64name\x64user\x6bdisplayName\x64User\
    \x04\x81\xa2\x63alg\x26\x64type\x6apublic-key";
