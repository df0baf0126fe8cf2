//! The answers of a key that has none of its own, and the device side of CTAPHID around them.
//!
//! Every client gets the same bytes: a getInfo answer of a real key and the first registration of [`crate::fixtures`].
//! Nothing of keyvet's own framing is used here.

use crate::fixtures::Fixtures;
use std::path::Path;

/// One 64-byte report.
pub type Report = [u8; 64];

/// The only channel there is.
const CHANNEL: [u8; 4] = [0, 0, 0, 1];
const INIT: u8 = 0x86;
const CBOR: u8 = 0x90;
const KEEP_ALIVE: u8 = 0xbb;
const GET_INFO: u8 = 0x04;

/// What is answered, without the reports around it: a status byte and CBOR.
pub struct Answers {
    /// To getInfo.
    pub get_info: Vec<u8>,
    /// To makeCredential; the certificate is its last member.
    pub make_credential: Vec<u8>,
}

impl Answers {
    /// The getInfo answer out of the recorded ones, and the first registration.
    pub fn make(recorded: &Path) -> Self {
        let text = std::fs::read_to_string(recorded).expect("the recorded answers are readable");
        let all: serde_json::Value = serde_json::from_str(&text).expect("they are JSON");
        let all = all.as_array().expect("they are a list");
        let one = all.iter().find(|one| one["aaguid"] == MODEL).expect("the model is among them");
        let hex = one["cbor"].as_str().expect("its answer is hexadecimal");
        let info = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).expect("it is");
        Self { get_info: [&[0][..], &info].concat(), make_credential: make_credential() }
    }

    /// Reads what [`Answers::write`] wrote.
    pub fn read(folder: &Path) -> Self {
        let read = |name: &str| std::fs::read(folder.join(name)).expect("the answers were written");
        Self { get_info: read(GET_INFO_FILE), make_credential: read(MAKE_CREDENTIAL_FILE) }
    }

    /// Writes both where the peers find them.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::write(folder.join(GET_INFO_FILE), &self.get_info)?;
        std::fs::write(folder.join(MAKE_CREDENTIAL_FILE), &self.make_credential)
    }
}

/// The device side: takes reports in, says what to send back.
pub struct Device {
    get_info: Vec<Report>,
    make_credential: Vec<Report>,
    init: Vec<Report>,
    missing: usize,
    command: u8,
}

impl Device {
    /// A device that gives these answers.
    pub fn new(answers: &Answers) -> Self {
        Self {
            get_info: reports(CHANNEL, CBOR, &answers.get_info),
            make_credential: reports(CHANNEL, CBOR, &answers.make_credential),
            init: Vec::new(),
            missing: 0,
            command: 0,
        }
    }

    /// Takes one report; the answer when the request is complete.
    pub fn take(&mut self, report: &Report) -> Option<&[Report]> {
        if report[4] == INIT {
            let nonce = &report[7..15];
            let answer = [nonce, &CHANNEL, &[2, 1, 0, 0, 0x0c]].concat();
            self.init = reports([0xff; 4], INIT, &answer);
            return Some(&self.init);
        }
        if report[4] & 0x80 != 0 {
            self.command = report[7];
            self.missing = usize::from(u16::from_be_bytes([report[5], report[6]])) + 2;
            self.missing = self.missing.saturating_sub(59);
        } else {
            self.missing = self.missing.saturating_sub(59);
        }
        if self.missing > 0 {
            return None;
        }
        Some(if self.command == GET_INFO { &self.get_info } else { &self.make_credential })
    }

    /// Whether the last request was for a touch.
    pub fn wants_touch(&self, report: &Report) -> bool {
        report[4] != INIT && self.command != GET_INFO
    }
}

/// The keep-alive that asks for a touch.
pub fn touch_needed() -> Report {
    let [report] = reports(CHANNEL, KEEP_ALIVE, &[2])[..] else { unreachable!("one byte") };
    report
}

/// The time by the clock that all programs of this machine share, in nanoseconds.
pub fn monotonic_nanos() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec that the call fills in.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    assert_eq!(status, 0, "this clock is always there");
    let part = |value: i64| u64::try_from(value).expect("time is positive");
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

/// How many bytes of the message the last report holds.
pub fn last_payload(message: &[u8]) -> usize {
    (message.len() - 57 - 1) % 59 + 1
}

fn reports(channel: [u8; 4], command: u8, message: &[u8]) -> Vec<Report> {
    let (first, rest) = message.split_at(message.len().min(57));
    let len = u16::try_from(message.len()).expect("at most 7609 bytes").to_be_bytes();
    let mut all = vec![padded(&[&channel[..], &[command], &len, first].concat())];
    for (sequence, part) in (0u8..128).zip(rest.chunks(59)) {
        all.push(padded(&[&channel[..], &[sequence], part].concat()));
    }
    all
}

fn padded(bytes: &[u8]) -> Report {
    let mut report = [0; 64];
    report[..bytes.len()].copy_from_slice(bytes);
    report
}

/// `{1: "packed", 2: authData, 3: attStmt}`, cut out of the attestation object.
fn make_credential() -> Vec<u8> {
    let set = Fixtures::generate();
    let one = &set.registrations[0];
    let object = &one.attestation_object;
    let find = |name: &[u8]| {
        let at = object.windows(name.len()).position(|window| window == name);
        at.expect("the member is there") + name.len()
    };
    let statement = &object[find(b"\x67attStmt")..find(b"\x68authData") - 9];
    let auth_data = &object[find(b"\x68authData")..];
    [b"\x00\xa3\x01\x66packed\x02", auth_data, b"\x03", statement].concat()
}

/// An ordinary key with an answer of ordinary length, 339 bytes.
const MODEL: &str = "ab32f0c6-2239-afbb-c470-d2ef4e254db7";
const GET_INFO_FILE: &str = "get-info.answer";
const MAKE_CREDENTIAL_FILE: &str = "make-credential.answer";
