//! Reading a recording.

use data_encoding::HEXLOWER_PERMISSIVE;
use keyvet_finding::Finding;
use keyvet_transport::{CardInterface, Direction, Transport};

use crate::TraceError;
use crate::error::{CUT_LINE, DROPPED, NOT_CLOSED};
use crate::line::{AnyLine, SCHEMA};

/// A recording, read.
///
/// At most [`MAX_PACKETS`] packets of [`MAX_DEVICES`] devices in lines of [`MAX_LINE_BYTES`]; a last line that was cut is
/// passed over and told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Recording {
    /// Version of the keyvet that wrote it.
    pub keyvet: Option<String>,
    /// Operating system and processor.
    pub platform: Option<String>,
    /// The devices, in the order of their numbers.
    pub devices: Vec<RecordedDevice>,
    /// The packets, in the order in which they were heard.
    pub packets: Vec<RecordedPacket>,
    /// Whether it has its closing line.
    pub closed: bool,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// A device of a recording. Its texts come from outside: escape them before printing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RecordedDevice {
    /// Its number in the recording.
    pub number: u32,
    /// How it was reached.
    pub transport: Transport,
    /// Where.
    pub path: String,
    /// USB product text.
    pub product: Option<String>,
    /// USB manufacturer text.
    pub manufacturer: Option<String>,
    /// As many `x` as the serial number has characters.
    pub serial: Option<String>,
    /// USB vendor and product number.
    pub usb: Option<(u16, u16)>,
    /// How a card reader touched it; none on other transports.
    pub interface: Option<CardInterface>,
}

/// A packet of a recording.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RecordedPacket {
    /// Microseconds since the recording began.
    pub at_us: u64,
    /// Number of the device.
    pub device: u32,
    /// Which way it went.
    pub direction: Direction,
    /// The packet.
    pub bytes: Vec<u8>,
    /// What was replaced in it, when that is more than parts of a message.
    pub note: Option<String>,
}

/// Most bytes of a line: the longest APDU in hexadecimal, and what stands around it.
pub const MAX_LINE_BYTES: usize = 160 * 1024;
/// Most packets that are read.
pub const MAX_PACKETS: usize = 500_000;
/// Most devices that are read.
pub const MAX_DEVICES: usize = 256;

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`TraceError`]; never [`TraceError::Exists`] or [`TraceError::NotWritten`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TraceError> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        let (_, first) = lines.next().unwrap_or_default();
        let mut reader = Reader { recording: header(first)?, counted: None };
        while let Some((at, line)) = lines.next() {
            let number = at.saturating_add(1);
            if line.len() > MAX_LINE_BYTES {
                let what = "bytes of a line";
                return Err(TraceError::TooLarge { what, limit: MAX_LINE_BYTES });
            }
            let is_cut = lines.peek().is_none() && !line.ends_with(b"\n");
            match reader.line(line, number) {
                Err(TraceError::BadLine { .. }) if is_cut => {
                    let detail = format_args!("line {number}, {} bytes", line.len());
                    reader.recording.findings.push(Finding::new(&CUT_LINE, detail));
                }
                read => read?,
            }
        }
        Ok(reader.end())
    }

    /// The device of that number.
    #[must_use]
    pub fn device(&self, number: u32) -> Option<&RecordedDevice> {
        self.devices.iter().find(|device| device.number == number)
    }

    /// The packets of one device.
    pub fn packets_of(&self, number: u32) -> impl Iterator<Item = &RecordedPacket> {
        self.packets.iter().filter(move |packet| packet.device == number)
    }
}

struct Reader {
    recording: Recording,
    /// Packets written and packets dropped, by the closing line.
    counted: Option<(u64, u64)>,
}

impl Reader {
    fn line(&mut self, line: &[u8], number: usize) -> Result<(), TraceError> {
        let bad = |cause: String| TraceError::BadLine { line: number, cause };
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let line: AnyLine = serde_json::from_slice(line).map_err(|error| bad(cause(&error)))?;
        match line {
            AnyLine { us: Some(at_us), .. } => self.packet(at_us, line).map_err(bad)?,
            AnyLine { transport: Some(_), .. } => self.device(line).map_err(bad)?,
            AnyLine { packets: Some(packets), dropped, .. } => {
                self.counted = Some((packets, dropped.unwrap_or_default()));
            }
            // a later version may have lines of other sorts
            _ => {}
        }
        let (devices, packets) = (self.recording.devices.len(), self.recording.packets.len());
        for (what, count, limit) in
            [("devices", devices, MAX_DEVICES), ("packets", packets, MAX_PACKETS)]
        {
            if count > limit {
                return Err(TraceError::TooLarge { what, limit });
            }
        }
        Ok(())
    }

    fn packet(&mut self, at_us: u64, line: AnyLine) -> Result<(), String> {
        let (Some(number), Some(way), Some(data)) = (line.device, line.dir, line.data) else {
            return Err(String::from("a packet needs device, dir and data"));
        };
        let device = self.recording.device(number);
        let device = device.ok_or_else(|| format!("no device {number} before its packet"))?;
        let bytes = HEXLOWER_PERMISSIVE.decode(data.as_bytes()).map_err(|e| e.to_string())?;
        let fits = match device.transport {
            // a card that was pulled out answered nothing
            Transport::Nfc => true,
            _ => bytes.len() == keyvet_hid::framing::REPORT_LEN,
        };
        if !fits {
            return Err(format!("no packet of {} has {} bytes", device.transport, bytes.len()));
        }
        let (direction, note) = (way.into(), line.note);
        let packet = RecordedPacket { at_us, device: number, direction, bytes, note };
        self.recording.packets.push(packet);
        Ok(())
    }

    fn device(&mut self, line: AnyLine) -> Result<(), String> {
        let number = line.device.ok_or_else(|| String::from("a device needs its number"))?;
        let transport = line.transport.as_deref().unwrap_or_default();
        let transport = transport.parse().map_err(|_| String::from("no such transport"))?;
        let device = RecordedDevice {
            number,
            transport,
            path: line.path.unwrap_or_default(),
            product: line.product,
            manufacturer: line.manufacturer,
            serial: line.serial,
            usb: line.usb.as_deref().and_then(usb),
            interface: interface(transport, line.interface.as_deref()),
        };
        match self.recording.devices.iter_mut().find(|known| known.number == number) {
            Some(known) if known.transport == transport => *known = device,
            Some(_) => return Err(format!("device {number} has two transports")),
            None => self.recording.devices.push(device),
        }
        Ok(())
    }

    fn end(mut self) -> Recording {
        let recording = &mut self.recording;
        recording.closed = self.counted.is_some();
        let held = u64::try_from(recording.packets.len()).unwrap_or(u64::MAX);
        match self.counted {
            None => recording.findings.push(Finding::new(&NOT_CLOSED, "no closing line")),
            Some((packets, dropped)) if packets != held || dropped != 0 => {
                let detail = format!("{held} are here of {packets}, {dropped} were not written");
                recording.findings.push(Finding::new(&DROPPED, detail));
            }
            Some(_) => {}
        }
        self.recording
    }
}

fn header(line: &[u8]) -> Result<Recording, TraceError> {
    let not = |cause: String| TraceError::NotATrace { cause };
    if line.len() > MAX_LINE_BYTES {
        return Err(not(format!("it has {} bytes", line.len())));
    }
    let line: AnyLine = serde_json::from_slice(line).map_err(|error| not(cause(&error)))?;
    match line.schema {
        None => Err(not(String::from("it has no schema"))),
        Some(schema) if schema == SCHEMA => {
            Ok(Recording { keyvet: line.keyvet, platform: line.platform, ..Recording::default() })
        }
        Some(found) if found.starts_with(NAME) => Err(TraceError::Version { found }),
        Some(found) => Err(not(format!("its schema is {found:?}"))),
    }
}

/// serde_json's words with the column alone: which line it is, is known better.
fn cause(error: &serde_json::Error) -> String {
    let (said, line, column) = (error.to_string(), error.line(), error.column());
    let problem = said.strip_suffix(&format!(" at line {line} column {column}"));
    problem.map_or(said.clone(), |problem| format!("{problem}, column {column}"))
}

/// A recording by an older keyvet does not say it.
fn interface(transport: Transport, word: Option<&str>) -> Option<CardInterface> {
    let said = CardInterface::ALL.into_iter().find(|one| Some(one.as_str()) == word);
    (transport == Transport::Nfc).then_some(said.unwrap_or(CardInterface::Unknown))
}

/// `1050:0407`.
fn usb(text: &str) -> Option<(u16, u16)> {
    let (vendor, product) = text.split_once(':')?;
    Some((u16::from_str_radix(vendor, 16).ok()?, u16::from_str_radix(product, 16).ok()?))
}

/// What [`SCHEMA`] is a version of.
const NAME: &str = "keyvet.trace/";
