//! A line with faults, from a seed.

use async_trait::async_trait;
use keyvet_hid::framing::{ChannelId, Command, Packet, REPORT_LEN};
use keyvet_hid::{Report, ReportLink};
use keyvet_transport::ChannelError;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A line that now and then loses, copies, delays, swaps or cuts what it carries, or carries what belongs to others.
///
/// One copy is not made: that of a CTAP2 request of one report. CTAPHID numbers no messages, so a key answers both
/// copies, and nobody can tell the second answer from that to the next request. USB makes no copies.
pub(crate) struct FaultyLink<L> {
    link: L,
    random: Random,
    /// Faults in a thousand reports, each way.
    per_mille: u64,
    tally: Arc<Tally>,
    out: Way,
    back: Way,
    /// Arrived and not received yet, with the time before which they are not.
    arrived: VecDeque<(Instant, Report)>,
}

/// What one direction is in the middle of.
#[derive(Default)]
struct Way {
    /// To be carried after the next one.
    held: Option<Report>,
    /// The rest of the message is lost.
    cut: bool,
}

/// Faults so far, by kind.
#[derive(Default)]
pub(crate) struct Tally([AtomicU64; FAULTS.len()]);

/// What may happen to a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Drop,
    Duplicate,
    Delay,
    Reorder,
    Foreign,
    Truncate,
}

pub(crate) const FAULTS: [Fault; 6] =
    [Fault::Drop, Fault::Duplicate, Fault::Delay, Fault::Reorder, Fault::Foreign, Fault::Truncate];

impl Tally {
    fn add(&self, fault: Fault) {
        if let Some(at) = FAULTS.iter().position(|known| *known == fault) {
            self.0[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn all(&self) -> [(Fault, u64); FAULTS.len()] {
        let mut at = 0;
        FAULTS.map(|fault| {
            at += 1;
            (fault, self.0[at - 1].load(Ordering::Relaxed))
        })
    }

    pub(crate) fn sum(&self) -> u64 {
        self.all().iter().map(|(_, count)| count).sum()
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all()).finish()
    }
}

impl<L> FaultyLink<L> {
    pub(crate) fn new(link: L, seed: u64, per_mille: u64, tally: Arc<Tally>) -> Self {
        let (out, back) = Default::default();
        Self { link, random: Random(seed), per_mille, tally, out, back, arrived: VecDeque::new() }
    }

    fn fault(&mut self) -> Option<Fault> {
        if self.random.below(1000) >= self.per_mille {
            return None;
        }
        let fault = FAULTS[self.random.below(FAULTS.len() as u64) as usize];
        self.tally.add(fault);
        Some(fault)
    }

    /// What the report becomes, in order; a delay is left to the caller.
    fn bend(&mut self, report: &Report, outgoing: bool) -> (Vec<Report>, Duration) {
        let first = matches!(Packet::of(report), Packet::Initialization { .. });
        let mut delay = Duration::ZERO;
        let mut now = Vec::new();
        let mut held = if outgoing { self.out.held.take() } else { self.back.held.take() };
        let cut = !first && if outgoing { self.out.cut } else { self.back.cut };
        let fault = if cut { Some(Fault::Truncate) } else { self.fault() };
        let way = if outgoing { &mut self.out } else { &mut self.back };
        way.cut = cut;
        match fault {
            Some(Fault::Drop) => {}
            Some(Fault::Truncate) => way.cut = true,
            Some(Fault::Reorder) if held.is_none() => way.held = Some(*report),
            Some(Fault::Duplicate) if !(outgoing && is_whole_request(report)) => {
                now.extend([*report, *report]);
            }
            Some(Fault::Foreign) => now.extend([self.random.foreign(), *report]),
            Some(Fault::Delay) => {
                delay = Duration::from_millis(1 + self.random.below(30));
                now.push(*report);
            }
            _ => now.push(*report),
        }
        now.extend(held.take());
        (now, delay)
    }
}

fn is_whole_request(report: &Report) -> bool {
    matches!(Packet::of(report), Packet::Initialization { command: Command::CBOR, len, .. } if len <= 57)
}

#[async_trait]
impl<L: ReportLink> ReportLink for FaultyLink<L> {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        let (reports, delay) = self.bend(report, true);
        if !delay.is_zero() {
            sleep_until(Instant::now() + delay).await;
        }
        for report in reports {
            self.link.send(&report).await?;
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        loop {
            if let Some((due, report)) = self.arrived.front().copied() {
                sleep_until(due).await;
                self.arrived.pop_front();
                return Ok(report);
            }
            let report = self.link.receive().await?;
            // what comes after a delayed report waits behind it: a line keeps its order
            let (reports, delay) = self.bend(&report, false);
            let due = Instant::now() + delay;
            self.arrived.extend(reports.into_iter().map(|report| (due, report)));
        }
    }
}

/// SplitMix64: the same numbers from the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A report of a channel that is nobody's here, or a reply to somebody else's INIT.
    fn foreign(&mut self) -> Report {
        let mut report = [0; REPORT_LEN];
        for chunk in report.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes());
        }
        let channel =
            if report[63] % 4 == 0 { ChannelId::BROADCAST } else { ChannelId(0x0bad_cafe) };
        report[..4].copy_from_slice(&channel.0.to_be_bytes());
        if channel == ChannelId::BROADCAST {
            report[4..7].copy_from_slice(&[0x86, 0, 17]);
        }
        report
    }
}
