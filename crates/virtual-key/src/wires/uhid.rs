//! A HID node that the kernel makes through `/dev/uhid` (Linux `Documentation/hid/uhid.rst`, `linux/uhid.h`).

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use keyvet_hid::Report;
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};
use tokio::io::Interest;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::{At, NodeOptions, ReportDescriptor, Status, asynchronous, open_node, plugged_in, run};
use crate::link::PortLink;
use crate::port::Port;

/// Makes a node whenever the key is plugged in.
pub(super) async fn serve(
    port: Arc<Port>,
    options: NodeOptions,
    status: Arc<Status>,
) -> io::Result<()> {
    while let Some(mut link) = plugged_in(&port).await {
        let node = Node::create(&options)?;
        node.carry(&mut link, &options.serial, &status).await?;
        status.set(At::Nowhere);
    }
    Ok(())
}

/// A node; gone when dropped.
struct Node {
    control: File,
    reports: ReportDescriptor,
    drain: Drain,
}

impl Node {
    fn create(options: &NodeOptions) -> io::Result<Self> {
        let control = open_node(Path::new(DEVICE))?;
        let drain = Drain::start(control.try_clone()?, options.reports)?;
        (&control).write_all(&create(options))?;
        Ok(Self { control, reports: options.reports, drain })
    }

    /// Carries reports until the key is unplugged.
    async fn carry(mut self, link: &mut PortLink, serial: &str, status: &Status) -> io::Result<()> {
        loop {
            tokio::select! {
                event = self.drain.next() => match event? {
                    Event::Started => {
                        status.set(At::Place(Some(link.plugged()), serial.to_owned()));
                    }
                    // an unplug is heard where reports of the key are
                    Event::Output(report) => drop(link.write(&report)),
                    Event::Asks(reply) => self.write(&reply)?,
                    Event::Other => {}
                },
                report = link.receive() => match report {
                    Ok(report) => self.write(&input(&self.reports.numbered(&report)))?,
                    Err(_) => return Ok(()),
                },
            }
        }
    }

    fn write(&self, event: &[u8]) -> io::Result<()> {
        (&self.control).write_all(event)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.drain.stop();
        // closing the file destroys the node too
        drop(self.write(&DESTROY.to_ne_bytes()));
    }
}

/// A thread that takes out what the kernel has to tell and does nothing else: it keeps 31 events and drops what comes then,
/// reports too, without a word to whoever writes them, and a message may have 129.
///
/// Where it may, the thread runs at once when something comes (`SCHED_FIFO`): on a machine with one processor before the
/// writer goes on, so nothing is lost. Where there are several, or it may not, a writer that is quick enough can still
/// outrun it. It takes no lock that is held for long, so that it waits for nobody.
struct Drain {
    events: UnboundedReceiver<Event>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Drain {
    fn start(control: File, reports: ReportDescriptor) -> io::Result<Self> {
        let (tell, events) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let work = move || {
            // where that is not allowed it goes on as any other
            let fifo = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
            drop(set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, fifo));
            run(drain(control, reports, tell), stopped)
        };
        let thread = thread::Builder::new().name("uhid".to_owned()).spawn(work)?;
        Ok(Self { events, stop: Some(stop), thread: Some(thread) })
    }

    /// What comes next. Dropping the future loses nothing.
    async fn next(&mut self) -> io::Result<Event> {
        match self.events.recv().await {
            Some(event) => Ok(event),
            None => Err(self.stop()),
        }
    }

    /// Ends the thread; why it ended before.
    fn stop(&mut self) -> io::Error {
        drop(self.stop.take());
        let ended = self.thread.take().and_then(|thread| thread.join().ok());
        let ended = ended.and_then(Result::err);
        ended.unwrap_or_else(|| io::Error::other("nothing takes the node's reports out"))
    }
}

/// Passes on what the kernel tells, until reading fails.
async fn drain(
    control: File,
    reports: ReportDescriptor,
    tell: UnboundedSender<Event>,
) -> io::Result<()> {
    let control = asynchronous(control)?;
    let mut event = [0; EVENT_LEN];
    loop {
        let read = control.async_io(Interest::READABLE, |mut control| control.read(&mut event));
        let len = read.await?;
        // whoever is told may be gone; then this is stopped as well
        drop(tell.send(Event::of(event.get(..len).unwrap_or_default(), &reports)));
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
