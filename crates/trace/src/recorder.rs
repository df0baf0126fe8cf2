//! Writing down what crosses the wire, while it does.

use data_encoding::HEXLOWER;
use keyvet_finding::Printable;
use keyvet_transport::{CardInterface, Device, DeviceId, Packet, Tap, Transport};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::TraceError;
use crate::line::{ClosingLine, DeviceLine, HeaderLine, PacketLine, SCHEMA};
use crate::stream::{Ready, Stream};

/// Writes down what crosses the wire, redacted (see [`crate`]).
///
/// A packet is written when its message is whole: what is written stays, whatever becomes of the program.
/// [`Recorder::end`] writes what was left incomplete, with nothing of it shown, and the closing line.
pub struct Recorder {
    state: Mutex<State>,
}

struct State {
    to: Box<dyn Write + Send>,
    name: String,
    start: Instant,
    lines: Vec<Line>,
    packets: u64,
    dropped: u64,
    /// Why the first line failed that did.
    failed: Option<String>,
    ended: bool,
}

/// A device, and what is said to it.
struct Line {
    device: Device,
    told: bool,
    stream: Stream,
}

impl Recorder {
    /// Records into a new file at `path` that only its owner may read.
    ///
    /// # Errors
    /// [`TraceError::Exists`] when anything is there, also a link; [`TraceError::NotWritten`].
    pub fn create(path: &Path, version: &str) -> Result<Self, TraceError> {
        let name = Printable(&path.to_string_lossy()).to_string();
        match new_file(path) {
            Ok(file) => Self::to(Box::new(file), name, version),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(TraceError::Exists { path: name })
            }
            Err(error) => Err(TraceError::NotWritten { path: name, cause: error.to_string() }),
        }
    }

    /// Records into `to`, which errors call `name`. Every line is one write.
    ///
    /// # Errors
    /// [`TraceError::NotWritten`].
    pub fn to(to: Box<dyn Write + Send>, name: String, version: &str) -> Result<Self, TraceError> {
        let mut state = State {
            to,
            name,
            start: Instant::now(),
            lines: Vec::new(),
            packets: 0,
            dropped: 0,
            failed: None,
            ended: false,
        };
        let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        state.header(version, &platform).map_err(|error| state.error(&error.to_string()))?;
        Ok(Self { state: Mutex::new(state) })
    }

    /// Tells what the operating system knows of a device. Its serial number is not written.
    pub fn describe(&self, device: &Device) {
        let mut state = self.state();
        match state.lines.iter_mut().find(|line| line.device.id == device.id) {
            Some(line) if line.device != *device => {
                line.device = device.clone();
                line.told = false;
            }
            Some(_) => {}
            None => state.add(device.clone()),
        }
    }

    /// Writes what is left and the closing line. Nothing is recorded afterwards.
    ///
    /// # Errors
    /// [`TraceError::NotWritten`] when a line could not be written, now or earlier.
    pub fn end(&self) -> Result<(), TraceError> {
        let mut state = self.state();
        state.end();
        state.failed.as_deref().map_or(Ok(()), |cause| Err(state.error(cause)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap for Recorder {
    fn packet(&self, packet: Packet<'_>) {
        self.state().packet(packet);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.state().end();
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl State {
    fn packet(&mut self, packet: Packet<'_>) {
        if self.ended {
            return;
        }
        let at_us = self.now_us();
        let found = self.lines.iter().position(|line| line.device.id == *packet.device);
        let at = found.unwrap_or_else(|| {
            self.add(Device::new(packet.device.clone()));
            self.lines.len().saturating_sub(1)
        });
        let Some(line) = self.lines.get_mut(at) else { return };
        let ready = line.stream.push(at_us, packet.direction, packet.bytes);
        self.write_all(at, &ready);
    }

    fn add(&mut self, device: Device) {
        let stream = Stream::of(device.id.transport);
        self.lines.push(Line { device, told: false, stream });
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        for at in 0..self.lines.len() {
            let left = self.lines.get_mut(at).map(|line| line.stream.end()).unwrap_or_default();
            self.write_all(at, &left);
        }
        self.ended = true;
        let (packets, dropped) = (self.packets, self.dropped);
        let closing = ClosingLine { end_us: self.now_us(), packets, dropped };
        let written = self.line(&closing).and_then(|()| self.to.flush());
        self.note(written);
    }

    /// Writes packets of the device at `at`, and before the first of them what the device is.
    fn write_all(&mut self, at: usize, ready: &[Ready]) {
        let Ok(number) = u32::try_from(at.saturating_add(1)) else { return };
        let Some(line) = self.lines.get_mut(at).filter(|_| !ready.is_empty()) else { return };
        if !line.told {
            line.told = true;
            let device = line.device.clone();
            let written = self.device(number, &device);
            self.note(written);
        }
        for packet in ready {
            let data = HEXLOWER.encode(&packet.bytes);
            let line = PacketLine {
                us: packet.at_us,
                device: number,
                dir: packet.direction.into(),
                data: &data,
                note: packet.why.map(|why| why.as_str()),
            };
            let written = self.line(&line);
            let count = if written.is_ok() { &mut self.packets } else { &mut self.dropped };
            *count = count.saturating_add(1);
            self.note(written);
        }
        // whatever becomes of this program, these lines are with the operating system
        let flushed = self.to.flush();
        self.note(flushed);
    }

    fn header(&mut self, version: &str, platform: &str) -> io::Result<()> {
        let header = HeaderLine {
            schema: SCHEMA,
            keyvet: version,
            platform,
            redacted: true,
            note: REDACTED,
        };
        self.line(&header)?;
        self.to.flush()
    }

    fn device(&mut self, number: u32, device: &Device) -> io::Result<()> {
        let printable = |text: &String| Printable(text).to_string();
        let usb = device.usb.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}"));
        let line = DeviceLine {
            device: number,
            transport: device.id.transport.as_str(),
            path: path(&device.id),
            product: device.product.as_ref().map(printable),
            manufacturer: device.manufacturer.as_ref().map(printable),
            serial: device.serial.as_ref().map(|text| "x".repeat(text.chars().count())),
            usb,
            interface: device.interface.map(CardInterface::as_str),
        };
        self.line(&line)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.to.write_all(text.as_bytes())
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failed.get_or_insert_with(|| error.to_string());
        }
    }

    fn error(&self, cause: &str) -> TraceError {
        TraceError::NotWritten { path: self.name.clone(), cause: cause.to_owned() }
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The path as it may be written: a card reader's name may have its serial number in parentheses.
fn path(id: &DeviceId) -> String {
    let shown = Printable(&id.path).to_string();
    if id.transport != Transport::Nfc {
        return shown;
    }
    let mut depth = 0_usize;
    let veiled = shown.chars().map(|c| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => return 'x',
            _ => {}
        }
        c
    });
    veiled.collect()
}

/// A new file: where anything is already, also a link that leads nowhere, there is none (`O_CREAT` with `O_EXCL`).
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Said in the first line of every recording.
const REDACTED: &str = "PINs, tokens, credentials, users and relying parties were replaced by filler of the same length before this was written";
