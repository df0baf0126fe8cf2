//! One thread per open node: it sleeps while nobody wants anything.

use async_trait::async_trait;
use keyvet_transport::ChannelError;
use std::mem;
use std::sync::mpsc::{self, Receiver, RecvError, Sender, TryRecvError};
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc as events, oneshot};

use super::RawHid;
use crate::{Report, ReportLink};

/// A link to an open HID node. Its thread reads only while a report is awaited, in slices of 20 ms, so that a cancel gets
/// out while an answer is awaited, and takes what came with it; otherwise it sleeps. It ends, and closes the node, when the
/// link is dropped.
#[derive(Debug)]
pub struct HidapiLink {
    orders: Sender<Order>,
    reports: events::UnboundedReceiver<Result<Report, ChannelError>>,
}

#[derive(Debug)]
enum Order {
    Send(Report, oneshot::Sender<Result<(), ChannelError>>),
    /// Read until there is a report.
    Listen,
    /// Nobody awaits it any more.
    Rest,
    /// One report that is here already.
    Peek(oneshot::Sender<Result<Option<Report>, ChannelError>>),
}

impl HidapiLink {
    /// Opens a node on a thread of its own.
    pub(crate) async fn start<R: RawHid>(
        open: impl FnOnce() -> Result<R, ChannelError> + Send + 'static,
    ) -> Result<Self, ChannelError> {
        let (orders, inbox) = mpsc::channel();
        let (outbox, reports) = events::unbounded_channel();
        let (opened, outcome) = oneshot::channel();
        thread::Builder::new()
            .name("keyvet-hid".into())
            .spawn(move || match open() {
                Ok(node) => {
                    // nobody waits any more: then the thread ends at once
                    let _ = opened.send(Ok(()));
                    serve(node, &inbox, &outbox);
                }
                Err(error) => drop(opened.send(Err(error))),
            })
            .map_err(|error| ChannelError::Io(error.to_string()))?;
        outcome.await.map_err(|_| ChannelError::Removed)??;
        Ok(Self { orders, reports })
    }

    fn order(&self, order: Order) -> Result<(), ChannelError> {
        self.orders.send(order).map_err(|_| ChannelError::Removed)
    }
}

#[async_trait]
impl ReportLink for HidapiLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        let (done, outcome) = oneshot::channel();
        self.order(Order::Send(*report, done))?;
        outcome.await.map_err(|_| ChannelError::Removed)?
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        if let Ok(report) = self.reports.try_recv() {
            return report;
        }
        self.order(Order::Listen)?;
        let rest = RestWhenDropped(&self.orders);
        let report = self.reports.recv().await;
        // the thread rests by itself after a report, and waking it for that would cost more than the report
        mem::forget(rest);
        report.ok_or(ChannelError::Removed)?
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        if let Ok(report) = self.reports.try_recv() {
            return report.map(Some);
        }
        let (done, outcome) = oneshot::channel();
        self.order(Order::Peek(done))?;
        outcome.await.map_err(|_| ChannelError::Removed)?
    }
}

struct RestWhenDropped<'a>(&'a Sender<Order>);

impl Drop for RestWhenDropped<'_> {
    fn drop(&mut self) {
        // the thread may be gone already
        let _ = self.0.send(Order::Rest);
    }
}

/// Serves orders until nobody can give any.
fn serve<R: RawHid>(
    mut node: R,
    orders: &Receiver<Order>,
    reports: &events::UnboundedSender<Result<Report, ChannelError>>,
) {
    let mut listening = false;
    while let Ok(order) = next(orders, listening) {
        match order {
            Some(Order::Send(report, done)) => drop(done.send(node.write(&report))),
            Some(Order::Listen) => listening = true,
            Some(Order::Rest) => listening = false,
            Some(Order::Peek(done)) => drop(done.send(node.read(Duration::ZERO))),
            None => match pass_on(&mut node, reports) {
                Ok(passed) => listening = !passed,
                Err(NobodyThere) => return,
            },
        }
    }
}

/// Waits for a report and passes it on with those that are behind it: a message is several, and each hand-over costs more
/// than reading does. Whether one came.
fn pass_on<R: RawHid>(
    node: &mut R,
    reports: &events::UnboundedSender<Result<Report, ChannelError>>,
) -> Result<bool, NobodyThere> {
    let mut patience = SLICE;
    for passed in 0..MOST_AT_ONCE {
        let Some(report) = node.read(patience).transpose() else { return Ok(passed > 0) };
        let failed = report.is_err();
        reports.send(report).map_err(|_| NobodyThere)?;
        if failed {
            break;
        }
        patience = Duration::ZERO;
    }
    Ok(true)
}

/// The link is gone.
struct NobodyThere;

/// The next order; none when it is time to read.
fn next(orders: &Receiver<Order>, listening: bool) -> Result<Option<Order>, RecvError> {
    if !listening {
        return orders.recv().map(Some);
    }
    match orders.try_recv() {
        Ok(order) => Ok(Some(order)),
        Err(TryRecvError::Empty) => Ok(None),
        Err(TryRecvError::Disconnected) => Err(RecvError),
    }
}

/// How long an order may wait behind a read.
const SLICE: Duration = Duration::from_millis(20);
/// No message has more reports than 129 (CTAP 2.2 §11.2.4).
const MOST_AT_ONCE: usize = 129;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::RecvTimeoutError;
    use std::sync::{Arc, Mutex};

    /// A node of ours: reports come from a channel, and everything is counted.
    struct FakeNode {
        incoming: Receiver<Report>,
        written: Arc<Mutex<Vec<Report>>>,
        reads: Arc<AtomicUsize>,
    }

    impl RawHid for FakeNode {
        fn write(&mut self, report: &Report) -> Result<(), ChannelError> {
            self.written.lock().unwrap().push(*report);
            Ok(())
        }

        fn read(&mut self, timeout: Duration) -> Result<Option<Report>, ChannelError> {
            assert!(timeout <= SLICE, "an order waits behind every read");
            self.reads.fetch_add(1, Ordering::SeqCst);
            match self.incoming.recv_timeout(timeout) {
                Ok(report) => Ok(Some(report)),
                Err(RecvTimeoutError::Timeout) => Ok(None),
                Err(RecvTimeoutError::Disconnected) => Err(ChannelError::Removed),
            }
        }
    }

    struct Bench {
        link: HidapiLink,
        incoming: Sender<Report>,
        written: Arc<Mutex<Vec<Report>>>,
        reads: Arc<AtomicUsize>,
    }

    async fn bench() -> Bench {
        let (incoming, reports) = mpsc::channel();
        let written = Arc::<Mutex<Vec<Report>>>::default();
        let reads = Arc::<AtomicUsize>::default();
        let (to_write, to_read) = (Arc::clone(&written), Arc::clone(&reads));
        let node = FakeNode { incoming: reports, written: to_write, reads: to_read };
        let link = HidapiLink::start(move || Ok(node)).await.unwrap();
        Bench { link, incoming, written, reads }
    }

    /// Begins to receive and stops before anything came.
    async fn begin_and_drop(link: &mut HidapiLink) {
        tokio::select! {
            biased;
            report = link.receive() => panic!("nothing was sent, yet {report:?}"),
            () = std::future::ready(()) => {}
        }
    }

    #[tokio::test]
    async fn reports_go_both_ways_in_order() {
        let mut bench = bench().await;
        for number in 0..5 {
            bench.link.send(&[number; 64]).await.unwrap();
            bench.incoming.send([number; 64]).unwrap();
        }
        assert_eq!(*bench.written.lock().unwrap(), [[0; 64], [1; 64], [2; 64], [3; 64], [4; 64]]);
        for number in 0..5 {
            assert_eq!(bench.link.receive().await, Ok([number; 64]));
        }
    }

    #[tokio::test]
    async fn a_report_that_comes_after_its_receiver_was_dropped_is_not_lost() {
        let mut bench = bench().await;
        for number in 0..50 {
            begin_and_drop(&mut bench.link).await;
            bench.incoming.send([number; 64]).unwrap();
            assert_eq!(bench.link.receive().await, Ok([number; 64]));
        }
    }

    #[tokio::test]
    async fn a_report_goes_out_while_another_is_awaited() {
        let mut bench = bench().await;
        begin_and_drop(&mut bench.link).await;
        bench.link.send(&[7; 64]).await.unwrap();
        assert_eq!(*bench.written.lock().unwrap(), [[7; 64]]);
    }

    #[tokio::test]
    async fn the_thread_reads_only_while_a_report_is_awaited() {
        let mut bench = bench().await;
        begin_and_drop(&mut bench.link).await;
        bench.link.send(&[0; 64]).await.unwrap();
        let before = bench.reads.load(Ordering::SeqCst);
        for _ in 0..100 {
            bench.link.send(&[0; 64]).await.unwrap();
        }
        assert_eq!(bench.reads.load(Ordering::SeqCst), before);
    }

    #[tokio::test]
    async fn what_came_with_a_report_is_taken_with_it_and_in_order() {
        let mut bench = bench().await;
        (0..5).for_each(|number| bench.incoming.send([number; 64]).unwrap());
        assert_eq!(bench.link.receive().await, Ok([0; 64]));
        // once this is out the thread has taken them all
        bench.link.send(&[0; 64]).await.unwrap();
        let before = bench.reads.load(Ordering::SeqCst);
        for number in 1..5 {
            assert_eq!(bench.link.receive().await, Ok([number; 64]));
        }
        assert_eq!(bench.reads.load(Ordering::SeqCst), before);
    }

    #[tokio::test]
    async fn what_is_here_already_is_taken_without_waiting() {
        let mut bench = bench().await;
        assert_eq!(bench.link.receive_ready().await, Ok(None));
        bench.incoming.send([1; 64]).unwrap();
        assert_eq!(bench.link.receive_ready().await, Ok(Some([1; 64])));
    }

    #[tokio::test]
    async fn a_node_that_fails_fails_the_link_and_one_that_does_not_open_is_told() {
        let mut bench = bench().await;
        drop(bench.incoming);
        assert_eq!(bench.link.receive().await, Err(ChannelError::Removed));
        let opened = HidapiLink::start(|| Err::<FakeNode, _>(ChannelError::Busy)).await;
        assert_eq!(opened.map(|_| ()), Err(ChannelError::Busy));
    }

    #[tokio::test]
    async fn the_node_is_closed_when_the_link_is_dropped() {
        let bench = bench().await;
        drop(bench.link);
        // ends only when the thread has dropped the node; it fails then
        while bench.incoming.send([0; 64]).is_ok() {
            thread::yield_now();
        }
    }
}
