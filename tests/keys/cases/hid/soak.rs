//! Random exchanges over a line with random faults: nothing hangs, nothing is taken for what it is not.
//!
//! The long run, ten thousand exchanges on each firmware, is by hand:
//! `cargo test -p keyvet-key-tests --test hid ten_thousand -- --ignored --nocapture`.

use crate::faulty::{FaultyLink, Random, Tally};
use crate::keys::{BOTH, GET_RETRIES, ask, device, get_info, key, open, within};
use keyvet_finding::Coded;
use keyvet_hid::{HidChannel, Timing};
use keyvet_transport::{Channel, ChannelError};
use keyvet_virtual_key::{Firmware, MemoryLink, Touch, VirtualKey};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn some_hundred_exchanges_over_a_faulty_line_end_in_time_and_never_with_a_wrong_answer() {
    let runs = BOTH.map(|firmware| soak(firmware, 250, 20, 1));
    for report in join(runs).await {
        report.judge(250);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; run by hand"]
async fn ten_thousand_exchanges_over_a_faulty_line() {
    let number = |name: &str, usual| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (exchanges, seed) = (number("SOAK_EXCHANGES", 10_000), number("SOAK_SEED", 1));
    for firmware in BOTH {
        let report = soak(firmware, exchanges, number("SOAK_FAULTS", 12), seed).await;
        println!("{report:#?}");
        report.judge(exchanges);
        assert!(report.grown_kib < 4096, "memory grew by {} KiB", report.grown_kib);
    }
}

async fn join(runs: [impl Future<Output = Report>; 2]) -> [Report; 2] {
    let [first, second] = runs;
    tokio::join!(first, second).into()
}

/// What became of it all.
#[derive(Debug)]
struct Report {
    firmware: Firmware,
    exchanges: u64,
    right: u64,
    wrong: Vec<String>,
    /// CTAP statuses other than success, by byte.
    statuses: BTreeMap<u8, u64>,
    /// Errors by id.
    errors: BTreeMap<&'static str, u64>,
    openings: u64,
    faults: Arc<Tally>,
    crashed: Option<String>,
    longest: Duration,
    seconds: f64,
    /// Resident memory of the whole process after a tenth of the run, and at its end.
    rss_kib: (i64, i64),
    grown_kib: i64,
}

impl Report {
    fn judge(&self, exchanges: u64) {
        assert_eq!(self.wrong, [""; 0], "{self:#?}");
        assert_eq!(self.crashed, None, "{} stopped", self.firmware);
        assert_eq!(self.exchanges, exchanges);
        assert!(self.faults.sum() > exchanges / 20, "hardly a fault was made: {self:#?}");
        assert!(self.right > exchanges / 2, "{self:#?}");
    }
}

/// What the key answers on a line without faults.
struct Truth {
    info: Vec<u8>,
    retries: Vec<u8>,
}

async fn soak(firmware: Firmware, exchanges: u64, per_mille: u64, seed: u64) -> Report {
    let key = key(&firmware, Touch::Immediate);
    let truth = {
        let mut clean = open(key.link()).await.unwrap();
        let info = ask(&mut clean, &get_info()).await.unwrap();
        Truth { info, retries: ask(&mut clean, &GET_RETRIES).await.unwrap() }
    };
    let mut run = Run::new(key, firmware, seed, per_mille);
    let (begin, mut early) = (Instant::now(), 0);
    for number in 0..exchanges {
        run.exchange(&truth).await;
        if number == exchanges / 10 {
            early = rss_kib();
        }
    }
    let mut report = run.report;
    report.crashed = run.key.crashed();
    report.seconds = begin.elapsed().as_secs_f64();
    report.rss_kib = (early, rss_kib());
    report.grown_kib = report.rss_kib.1 - early;
    report
}

struct Run {
    key: VirtualKey,
    channel: Option<HidChannel<FaultyLink<MemoryLink>>>,
    random: Random,
    per_mille: u64,
    report: Report,
}

impl Run {
    fn new(key: VirtualKey, firmware: Firmware, seed: u64, per_mille: u64) -> Self {
        let report = Report {
            firmware,
            exchanges: 0,
            right: 0,
            wrong: Vec::new(),
            statuses: BTreeMap::new(),
            errors: BTreeMap::new(),
            openings: 0,
            faults: Arc::default(),
            crashed: None,
            longest: Duration::ZERO,
            seconds: 0.0,
            rss_kib: (0, 0),
            grown_kib: 0,
        };
        Self { key, channel: None, random: Random(seed), per_mille, report }
    }

    async fn exchange(&mut self, truth: &Truth) {
        self.report.exchanges += 1;
        let begin = Instant::now();
        let kind = self.random.below(4);
        // far beyond deadline, cancel and coming back in step: only a hang meets it
        let outcome = tokio::time::timeout(Duration::from_secs(60), self.one(kind, truth)).await;
        match outcome.expect("an exchange does not end") {
            Ok(()) => self.report.right += 1,
            Err(error) => self.failed(&error),
        }
        self.report.longest = self.report.longest.max(begin.elapsed());
    }

    fn failed(&mut self, error: &ChannelError) {
        *self.report.errors.entry(error.kind().id).or_default() += 1;
        if matches!(error, ChannelError::Poisoned | ChannelError::Removed) {
            self.channel = None;
        }
    }

    async fn one(&mut self, kind: u64, truth: &Truth) -> Result<(), ChannelError> {
        let cancel = CancellationToken::new();
        let exchange = || within(&cancel, DEADLINE);
        if self.channel.is_none() {
            self.report.openings += 1;
            let tally = Arc::clone(&self.report.faults);
            let link = FaultyLink::new(self.key.link(), self.random.next(), self.per_mille, tally);
            let opened = HidChannel::open_with(link, device(), TIMING, exchange()).await?;
            self.channel = Some(opened);
        }
        let channel = self.channel.as_mut().expect("it was opened");
        let (request, right) = match kind {
            0 => (get_info(), &truth.info),
            1 => (GET_RETRIES.to_vec(), &truth.retries),
            // the channel compares the echo itself, and says so when it differs
            2 => return channel.ping(exchange()).await,
            _ => {
                let len = self.random.below(600);
                let payload: Vec<u8> = (0..len).map(|_| self.random.next() as u8).collect();
                return channel.echo(&payload, exchange()).await;
            }
        };
        let answer = channel.transact(&request, exchange()).await?;
        self.compare(&answer, right);
        Ok(())
    }

    fn compare(&mut self, answer: &[u8], right: &[u8]) {
        if answer == right {
            return;
        }
        match answer {
            // the key refused what arrived of the request
            [status] if *status != 0 => *self.report.statuses.entry(*status).or_default() += 1,
            _ => self.report.wrong.push(format!("{answer:02x?} for {right:02x?}")),
        }
    }
}

/// Resident memory of this process.
fn rss_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

const DEADLINE: Duration = Duration::from_millis(400);

/// Short, because every lost report is waited for on the real clock.
const TIMING: Timing = Timing {
    first_report: Duration::from_millis(120),
    gap: Duration::from_millis(80),
    keep_alive: DEADLINE,
    grace: Duration::from_millis(80),
    resync: Duration::from_millis(1500),
};
