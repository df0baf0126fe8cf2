//! A HID node that the kernel makes through `/dev/uhid` (Linux `Documentation/hid/uhid.rst`, `linux/uhid.h`).

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;

use keyvet_hid::Report;
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{At, NodeOptions, ReportDescriptor, Status, open_node, plugged_in};
use crate::link::PortLink;
use crate::port::Port;

/// Makes a node whenever the key is plugged in.
pub(super) async fn serve(
    port: Arc<Port>,
    options: NodeOptions,
    status: Arc<Status>,
) -> io::Result<()> {
    // ahead of whoever writes to the node (`Node::events`); where that is not allowed, long messages may suffer
    let _ = setpriority_process(Some(gettid()), -20);
    while let Some(mut link) = plugged_in(&port).await {
        let node = Node::create(&options)?;
        node.carry(&mut link, &options.serial, &status).await?;
        status.set(At::Nowhere);
    }
    Ok(())
}

/// A node; gone when dropped.
struct Node {
    control: AsyncFd<File>,
    reports: ReportDescriptor,
}

impl Node {
    fn create(options: &NodeOptions) -> io::Result<Self> {
        let control = open_node(Path::new(DEVICE))?;
        control.get_ref().write_all(&create(options))?;
        Ok(Self { control, reports: options.reports })
    }

    /// Carries reports until the key is unplugged.
    async fn carry(&self, link: &mut PortLink, serial: &str, status: &Status) -> io::Result<()> {
        loop {
            tokio::select! {
                events = self.events() => for event in events? {
                    match event {
                        Event::Started => {
                            status.set(At::Place(Some(link.plugged()), serial.to_owned()));
                        }
                        // an unplug is heard where reports of the key are
                        Event::Output(report) => drop(link.write(&report)),
                        Event::Asks(reply) => self.write(&reply)?,
                        Event::Other => {}
                    }
                },
                report = link.receive() => match report {
                    Ok(report) => self.write(&input(&self.reports.numbered(&report)))?,
                    Err(_) => return Ok(()),
                },
            }
        }
    }

    /// All that the kernel has to tell by now. It keeps 32 events and drops what comes then, reports too, so they are taken
    /// out first and looked at afterwards: a message may have 129.
    async fn events(&self) -> io::Result<Vec<Event>> {
        let mut events = Vec::new();
        let drain = |control: &File| {
            let mut event = [0; EVENT_LEN];
            loop {
                match (&*control).read(&mut event) {
                    Ok(len) => {
                        let event = event.get(..len).unwrap_or_default();
                        events.push(Event::of(event, &self.reports));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock && !events.is_empty() => {
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        self.control.async_io(Interest::READABLE, drain).await?;
        Ok(events)
    }

    fn write(&self, event: &[u8]) -> io::Result<()> {
        self.control.get_ref().write_all(event)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // closing the file destroys the node too
        drop(self.write(&DESTROY.to_ne_bytes()));
    }
}

/// What the kernel tells.
enum Event {
    /// The node is made.
    Started,
    /// A report of the host.
    Output(Report),
    /// A question that must be answered with this, or whoever asks stands still for five seconds.
    Asks(Vec<u8>),
    Other,
}

impl Event {
    fn of(event: &[u8], reports: &ReportDescriptor) -> Self {
        let Some((kind, rest)) = event.split_first_chunk() else { return Self::Other };
        match u32::from_ne_bytes(*kind) {
            START => Self::Started,
            OUTPUT => output(rest, reports).map_or(Self::Other, Self::Output),
            GET_REPORT => Self::asks(rest, GET_REPORT_REPLY, &[0; 2]),
            SET_REPORT => Self::asks(rest, SET_REPORT_REPLY, &[]),
            _ => Self::Other,
        }
    }

    /// There are no feature reports, and none is sent over the control pipe: id ‖ error ‖ `tail`.
    fn asks(rest: &[u8], kind: u32, tail: &[u8]) -> Self {
        let Some(id) = rest.first_chunk::<4>() else { return Self::Other };
        Self::Asks([&kind.to_ne_bytes(), id.as_slice(), &EIO.to_ne_bytes(), tail].concat())
    }
}

/// `struct uhid_output_req`: data\[4096\], size, type. A byte with the report's number comes first, 0 where it has none.
fn output(request: &[u8], reports: &ReportDescriptor) -> Option<Report> {
    let len = u16::from_ne_bytes(*request.get(DATA_LEN..)?.first_chunk()?);
    let data = request.get(..usize::from(len))?;
    reports.plain(if reports.report_id == 0 { data.get(1..)? } else { data })
}

/// `struct uhid_input2_req`: size, data.
fn input(report: &[u8]) -> Vec<u8> {
    let len = u16::try_from(report.len()).unwrap_or_default();
    [&INPUT2.to_ne_bytes(), len.to_ne_bytes().as_slice(), report].concat()
}

/// `struct uhid_create2_req`: name\[128\], phys\[64\], uniq\[64\], size, bus, vendor, product, version, country, descriptor.
fn create(options: &NodeOptions) -> Vec<u8> {
    let name = [options.manufacturer.as_str(), options.product.as_str()];
    let name = name.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    let descriptor = options.reports.bytes();
    let len = u16::try_from(descriptor.len()).unwrap_or_default();
    let mut event = CREATE2.to_ne_bytes().to_vec();
    event.extend(field(&name, 128));
    event.extend(field("", 64));
    event.extend(field(&options.serial, 64));
    event.extend(len.to_ne_bytes());
    event.extend(BUS_USB.to_ne_bytes());
    for number in [u32::from(options.vendor), u32::from(options.product_number), 1, 0] {
        event.extend(number.to_ne_bytes());
    }
    event.extend(descriptor);
    event
}

/// A text of at most `len` - 1 bytes, padded with zeros.
fn field(text: &str, len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().take(len.saturating_sub(1)).collect();
    bytes.resize(len, 0);
    bytes
}

const DEVICE: &str = "/dev/uhid";
const DATA_LEN: usize = 4096;
/// `struct uhid_event`, of which `create2` is the longest member.
const EVENT_LEN: usize = 4380;

const DESTROY: u32 = 1;
const START: u32 = 2;
const OUTPUT: u32 = 6;
const GET_REPORT: u32 = 9;
const GET_REPORT_REPLY: u32 = 10;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const SET_REPORT: u32 = 13;
const SET_REPORT_REPLY: u32 = 14;
const BUS_USB: u16 = 3;
const EIO: u16 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_asked_for_in_the_kernels_layout() {
        let options = NodeOptions { serial: "S-7".to_owned(), ..NodeOptions::default() };
        let event = create(&options);
        assert_eq!(event[..4], 11_u32.to_ne_bytes());
        assert_eq!(event[4..23], *b"keyvet Virtual Key\0");
        assert_eq!(event[196..200], *b"S-7\0");
        assert_eq!(event[260..264], [34_u16.to_ne_bytes(), 3_u16.to_ne_bytes()].concat());
        assert_eq!(event.len(), 4 + 128 + 64 + 64 + 2 + 2 + 16 + 34);
    }

    #[test]
    fn a_report_of_the_host_follows_a_number() {
        let reports = ReportDescriptor::default();
        let mut event = OUTPUT.to_ne_bytes().to_vec();
        event.push(0);
        event.resize(4 + 1 + 64, 7);
        event.resize(4 + DATA_LEN, 0);
        event.extend(65_u16.to_ne_bytes());
        assert!(matches!(Event::of(&event, &reports), Event::Output([7, .., 7])));
        for short in [0, 3, 4, 100, 4101] {
            assert!(matches!(Event::of(&event[..short], &reports), Event::Other), "{short}");
        }
    }

    #[test]
    fn a_question_is_answered_with_its_number_and_an_error() {
        let question = [GET_REPORT.to_ne_bytes(), 77_u32.to_ne_bytes(), [0; 4]].concat();
        let Event::Asks(reply) = Event::of(&question, &ReportDescriptor::default()) else {
            panic!()
        };
        let expected = [&GET_REPORT_REPLY.to_ne_bytes(), &77_u32.to_ne_bytes()[..], &[5, 0, 0, 0]];
        assert_eq!(reply, expected.concat());
    }
}
