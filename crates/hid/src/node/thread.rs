//! One thread per open node: it sleeps while nobody wants anything.

use async_trait::async_trait;
use keyvet_transport::ChannelError;
use std::sync::mpsc::{self, Receiver, RecvError, Sender, TryRecvError};
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc as events, oneshot};

use super::RawHid;
use crate::{Report, ReportLink};

/// A link to an open HID node. Its thread reads only while a report is awaited, in slices of 20 ms, so that a cancel gets
/// out while an answer is awaited; otherwise it sleeps. It ends, and closes the node, when the link is dropped.
#[derive(Debug)]
pub struct HidapiLink {
    orders: Sender<Order>,
    reports: events::UnboundedReceiver<Result<Report, ChannelError>>,
}

#[derive(Debug)]
enum Order {
    Send(Report, oneshot::Sender<Result<(), ChannelError>>),
    /// Read until there is one report.
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
        let rest = RestWhenDropped(self.orders.clone());
        let report = self.reports.recv().await;
        drop(rest);
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

struct RestWhenDropped(Sender<Order>);

impl Drop for RestWhenDropped {
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
            None => match node.read(SLICE).transpose() {
                None => {}
                Some(report) => {
                    listening = false;
                    if reports.send(report).is_err() {
                        return;
                    }
                }
            },
        }
    }
}

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
