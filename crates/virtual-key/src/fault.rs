//! A line that fails once, at a place that is named, whatever wire the key is on.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use keyvet_hid::Report;
use keyvet_hid::framing::{ChannelId, Command, Packet, REPORT_LEN};

/// What befalls a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// It is lost.
    Drop,
    /// It comes twice.
    Duplicate,
    /// It comes that much later, and so does what follows.
    Delay(Duration),
    /// A report of a channel that is nobody's comes before it.
    Foreign,
    /// Its sequence number is one too high; a first report, which has none, becomes a later one.
    Sequence,
    /// It and the rest of the message are lost.
    Truncate,
    /// Keep-alives come instead of it and of whatever follows, every 100 ms, until the host allocates its channel anew.
    KeepAlive,
}

/// Which way a report goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// From the host.
    ToKey,
    /// To the host.
    FromKey,
}

/// Where a fault strikes: at one report of a request or of its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// The CTAP command byte of the request (CTAP 2.2 §6).
    pub command: u8,
    /// The shortest request that is meant, in bytes: it tells the subcommands of a command apart by their length.
    pub at_least: u16,
    /// The request or its answer.
    pub way: Way,
    /// Which report of it, from 0. Keep-alives do not count.
    pub report: u32,
}

/// A fault of one key, and what has come of it.
#[derive(Debug)]
pub(crate) struct Armed {
    fault: Fault,
    place: Place,
    /// The channel of the request and how many reports went that way since, once the request was seen.
    count: Option<(ChannelId, u32)>,
    struck: bool,
    /// The rest of this message is lost.
    cut: bool,
    late: VecDeque<(Instant, Way, Report)>,
    /// The channel that hears keep-alives, and when the next is due.
    endless: Option<(ChannelId, Instant)>,
}

impl Armed {
    pub(crate) fn new(fault: Fault, place: Place) -> Self {
        let late = VecDeque::new();
        Self { fault, place, count: None, struck: false, cut: false, late, endless: None }
    }

    pub(crate) fn struck(&self) -> bool {
        self.struck
    }

    /// What becomes of a report, in order; what is late comes by [`Armed::due`].
    pub(crate) fn bend(&mut self, way: Way, report: &Report) -> Vec<Report> {
        self.notice(way, report);
        if self.swallowed(way, report) {
            return Vec::new();
        }
        let bent = if self.is_here(way, report) { self.strike(way, report) } else { vec![*report] };
        if self.late.is_empty() || self.late.iter().all(|(_, late, _)| *late != way) {
            return bent;
        }
        // a line keeps its order
        let due = self.late.back().map_or_else(Instant::now, |(due, ..)| *due);
        self.late.extend(bent.into_iter().map(|report| (due, way, report)));
        Vec::new()
    }

    /// What is due now, and how long nothing else is; no time when nothing is awaited.
    pub(crate) fn due(&mut self) -> (Vec<(Way, Report)>, Option<Duration>) {
        let now = Instant::now();
        let mut reports = Vec::new();
        while self.late.front().is_some_and(|(due, ..)| *due <= now) {
            reports.extend(self.late.pop_front().map(|(_, way, report)| (way, report)));
        }
        if let Some((channel, due)) = self.endless.as_mut().filter(|(_, due)| *due <= now) {
            reports.push((Way::FromKey, keep_alive(*channel)));
            *due = now.checked_add(KEEP_ALIVE).unwrap_or(now);
        }
        let next = self.late.front().map(|(due, ..)| *due);
        let next = next.into_iter().chain(self.endless.map(|(_, due)| due)).min();
        (reports, next.map(|due| due.saturating_duration_since(now)))
    }

    /// Looks for the request.
    fn notice(&mut self, way: Way, report: &Report) {
        if let (Way::ToKey, Packet::Initialization { channel, command, len, .. }) =
            (way, Packet::of(report))
        {
            if command == Command::INIT {
                self.endless = None;
            }
            let meant = command == Command::CBOR
                && report.get(7) == Some(&self.place.command)
                && usize::from(self.place.at_least) <= len;
            if meant && self.count.is_none() {
                self.count = Some((channel, 0));
            }
            if command != Command::CANCEL {
                self.cut = false;
            }
        }
    }

    fn swallowed(&mut self, way: Way, report: &Report) -> bool {
        let Some((channel, _)) = self.count else { return false };
        let packet = Packet::of(report);
        if way != self.place.way || packet.channel() != channel {
            return false;
        }
        let later = matches!(packet, Packet::Continuation { .. });
        (self.cut && later) || (self.endless.is_some() && way == Way::FromKey)
    }

    /// Whether this is the report; counts it.
    fn is_here(&mut self, way: Way, report: &Report) -> bool {
        let packet = Packet::of(report);
        let waits = matches!(packet, Packet::Initialization { command, .. } if command == Command::KEEPALIVE);
        let Some((channel, count)) = &mut self.count else { return false };
        if way != self.place.way || packet.channel() != *channel || waits || self.struck {
            return false;
        }
        let here = *count == self.place.report;
        *count = count.saturating_add(1);
        here
    }

    fn strike(&mut self, way: Way, report: &Report) -> Vec<Report> {
        self.struck = true;
        let now = Instant::now();
        match self.fault {
            Fault::Drop => Vec::new(),
            Fault::Duplicate => vec![*report; 2],
            Fault::Delay(time) => {
                self.late.push_back((now.checked_add(time).unwrap_or(now), way, *report));
                Vec::new()
            }
            Fault::Foreign => vec![foreign(report), *report],
            Fault::Sequence => vec![out_of_sequence(report)],
            Fault::Truncate => {
                self.cut = true;
                Vec::new()
            }
            Fault::KeepAlive => {
                self.endless = Some((Packet::of(report).channel(), now));
                Vec::new()
            }
        }
    }
}

/// The same on a channel that is nobody's.
fn foreign(report: &Report) -> Report {
    let mut foreign = *report;
    if let Some(channel) = foreign.first_chunk_mut() {
        *channel = NOBODYS.to_be_bytes();
    }
    foreign
}

fn out_of_sequence(report: &Report) -> Report {
    let mut wrong = *report;
    if let Some(sequence) = wrong.get_mut(4) {
        *sequence = if *sequence & 0x80 == 0 { sequence.wrapping_add(1) & 0x7f } else { 5 };
    }
    wrong
}

/// `CTAPHID_KEEPALIVE`, processing (CTAP 2.2 §11.2.9.2.2).
fn keep_alive(channel: ChannelId) -> Report {
    let mut report = [0; REPORT_LEN];
    let head =
        [channel.0.to_be_bytes().as_slice(), &[Command::KEEPALIVE.0 | 0x80, 0, 1, 1]].concat();
    for (slot, byte) in report.iter_mut().zip(head) {
        *slot = byte;
    }
    report
}

const NOBODYS: u32 = 0x0bad_cafe;
const KEEP_ALIVE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_hid::framing::Reports;

    const CHANNEL: ChannelId = ChannelId(7);
    const PLACE: Place = Place { command: 1, at_least: 100, way: Way::FromKey, report: 1 };

    /// Reports of an answer to a long makeCredential, as the host sees them.
    fn seen(fault: Fault) -> Vec<Report> {
        let mut armed = Armed::new(fault, PLACE);
        let request = [vec![1], vec![0; 150]].concat();
        for report in Reports::new(CHANNEL, Command::CBOR, &request).unwrap() {
            assert_eq!(armed.bend(Way::ToKey, &report), [report]);
        }
        assert_eq!(armed.bend(Way::FromKey, &keep_alive(CHANNEL)), [keep_alive(CHANNEL)]);
        let mut seen: Vec<_> = answer().iter().flat_map(|r| armed.bend(Way::FromKey, r)).collect();
        assert!(armed.struck());
        seen.extend(armed.due().0.into_iter().map(|(_, report)| report));
        seen
    }

    fn answer() -> Vec<Report> {
        Reports::new(CHANNEL, Command::CBOR, &[9; 200]).unwrap().collect()
    }

    #[test]
    fn each_fault_strikes_the_report_that_is_named() {
        let whole = answer();
        let [a, b, c, d] = whole[..] else { panic!() };
        assert_eq!(seen(Fault::Drop), [a, c, d]);
        assert_eq!(seen(Fault::Duplicate), [a, b, b, c, d]);
        assert_eq!(seen(Fault::Delay(Duration::ZERO)), [a, b, c, d]);
        assert_eq!(seen(Fault::Foreign), [a, foreign(&b), b, c, d]);
        assert_eq!(seen(Fault::Sequence), [a, out_of_sequence(&b), c, d]);
        assert_eq!(seen(Fault::Truncate), [a]);
        assert_eq!(seen(Fault::KeepAlive), [a, keep_alive(CHANNEL)]);
    }

    #[test]
    fn another_command_and_a_shorter_one_are_left_alone() {
        for request in [vec![1, 2], [vec![4], vec![0; 150]].concat()] {
            let mut armed = Armed::new(Fault::Drop, PLACE);
            for report in Reports::new(CHANNEL, Command::CBOR, &request).unwrap() {
                armed.bend(Way::ToKey, &report);
            }
            assert!(answer().iter().all(|report| armed.bend(Way::FromKey, report) == [*report]));
            assert!(!armed.struck());
        }
    }

    #[test]
    fn what_is_late_is_awaited_and_keeps_its_order() {
        let mut armed =
            Armed::new(Fault::Delay(Duration::from_secs(600)), Place { report: 0, ..PLACE });
        let request = [vec![1], vec![0; 150]].concat();
        for report in Reports::new(CHANNEL, Command::CBOR, &request).unwrap() {
            armed.bend(Way::ToKey, &report);
        }
        assert!(answer().iter().all(|report| armed.bend(Way::FromKey, report).is_empty()));
        let (due, next) = armed.due();
        assert!(due.is_empty() && next > Some(Duration::from_secs(500)));
    }
}
