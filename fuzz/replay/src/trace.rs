//! Recordings: what anybody may send us as one, and what a key may say while it is recorded.

use crate::checks::printable;
use keyvet_hid::framing::{ChannelId, Command, REPORT_LEN, Reports};
use keyvet_trace::{MAX_DEVICES, MAX_PACKETS, Recorder, Recording, explain};
use keyvet_transport::{DeviceId, Direction, Packet, Tap, Transport};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// A file that is called a recording: what is read is bounded, and explained without anything that drives a terminal.
pub fn trace_recording(data: &[u8]) {
    let Ok(recording) = Recording::parse(data) else { return };
    assert!(recording.packets.len() <= MAX_PACKETS && recording.devices.len() <= MAX_DEVICES);
    for finding in &recording.findings {
        printable(finding.detail());
    }
    for one in explain(&recording) {
        let answer = one.answer.as_ref();
        let texts = [Some(&one.command), one.parameters.as_ref()];
        let said = [answer.and_then(|a| a.status.as_ref()), answer.and_then(|a| a.says.as_ref())];
        for text in texts.into_iter().chain(said).flatten().chain(&one.troubles) {
            printable(text);
        }
    }
}

/// Packets while they are recorded: every one is written with the length it had, what is written can be read, and what was
/// redacted once is not changed by redacting it again.
pub fn trace_redaction(data: &[u8]) {
    let packets = packets(data);
    let recording = recorded(&packets);
    assert_eq!(recording.packets.len(), packets.len(), "every packet is written");
    let redacted: Vec<_> =
        recording.packets.iter().map(|packet| (packet.direction, packet.bytes.clone())).collect();
    for ((way, was), (written_way, written)) in packets.iter().zip(&redacted) {
        assert_eq!((way, was.len()), (written_way, written.len()), "in order and of its length");
    }
    let again = recorded(&redacted);
    for (once, twice) in recording.packets.iter().zip(&again.packets) {
        assert_eq!(once.bytes, twice.bytes, "what was redacted says nothing more");
    }
}

/// What a recorder makes of packets, read back.
fn recorded(packets: &[(Direction, Vec<u8>)]) -> Recording {
    let file = Buffer::default();
    let recorder = Recorder::to(Box::new(file.clone()), "a buffer".into(), "0");
    let recorder = recorder.expect("a buffer takes everything");
    let device = DeviceId::new(Transport::Hid, "/dev/hidraw0");
    for (direction, bytes) in packets {
        recorder.packet(Packet::new(&device, *direction, bytes));
    }
    recorder.end().expect("a buffer takes everything");
    let written = file.0.lock().expect("nobody panicked with it").clone();
    let recording = Recording::parse(&written).expect("what is written can be read");
    assert!(recording.closed && recording.findings.is_empty());
    recording
}

/// Raw reports, and messages that are framed here: a byte that says which and which way, then 64 bytes, or a length and
/// the message.
fn packets(data: &[u8]) -> Vec<(Direction, Vec<u8>)> {
    let (mut rest, mut packets) = (data, Vec::new());
    while let Some((kind, behind)) = rest.split_first() {
        let direction = if kind & 1 == 0 { Direction::Out } else { Direction::In };
        if kind & 2 != 0 {
            let Some((report, next)) = behind.split_at_checked(REPORT_LEN) else { break };
            packets.push((direction, report.to_vec()));
            rest = next;
            continue;
        }
        let Some(([high, low], behind)) = behind.split_first_chunk() else { break };
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let (message, next) = behind.split_at_checked(len).unwrap_or((behind, &[]));
        let command = if kind & 4 == 0 { Command::CBOR } else { Command::MSG };
        if let Ok(reports) = Reports::new(ChannelId(1), command, message) {
            packets.extend(reports.map(|report| (direction, report.to_vec())));
        }
        rest = next;
    }
    packets
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked with it").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
