//! `keyvet list --watch`: what comes and goes, a line each. A key that shows itself twice has one line.

use crate::{
    args::ListArgs,
    commands::Outcome,
    context::Context,
    document::{
        Document,
        key::Key,
        list::{EVENT_SCHEMA, Event, ListEventDocument, Unavailable},
    },
    error::CliError,
    exit::Exit,
    keys::{Found, Keys, Models, ask, runtime, shortest_name, unavailable},
};
use futures_core::Stream;
use keyvet_transport::{Device, DeviceEvent, DeviceId, Discovery};
use std::{future::poll_fn, pin::Pin, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Tells what comes and goes until Ctrl-C, which is how it is meant to end.
pub(super) fn run(args: &ListArgs, keys: Keys, context: &Context) -> Result<Outcome, CliError> {
    let models = Models::read(&args.trust, context)?;
    let watch = Watch {
        discoveries: keys.discoveries().to_vec(),
        models,
        context,
        present: Vec::new(),
        scanned: 0,
    };
    runtime::run(async |cancel| watch.run(cancel).await)?;
    Ok(Outcome { document: Document::Printed, exit: Exit::Ok })
}

struct Watch<'a> {
    discoveries: Vec<Arc<dyn Discovery>>,
    models: Models,
    context: &'a Context,
    /// What is there now, as it was told.
    present: Vec<Present>,
    /// Transports whose first scan is done.
    scanned: usize,
}

/// One key, as it was told.
struct Present {
    at: usize,
    found: Found,
    key: Key,
    /// Other devices that are this key: they get no line of their own.
    hidden: Vec<(usize, Found)>,
}

impl Watch<'_> {
    async fn run(mut self, cancel: CancellationToken) {
        let (sender, mut events) = mpsc::channel(64);
        for (at, discovery) in self.discoveries.iter().enumerate() {
            tokio::spawn(forward(at, discovery.watch(), sender.clone()));
        }
        drop(sender);
        loop {
            let next = tokio::select! {
                () = cancel.cancelled() => return,
                next = events.recv() => next,
            };
            let Some((at, event)) = next else { return };
            if !self.told(at, event, &cancel).await {
                return;
            }
        }
    }

    /// Tells one event; whether anybody still reads.
    async fn told(&mut self, at: usize, event: DeviceEvent, cancel: &CancellationToken) -> bool {
        match event {
            DeviceEvent::Added(device) => self.added(at, device, cancel).await,
            DeviceEvent::Removed(id) => self.removed(at, &id),
            DeviceEvent::InitialScanDone => {
                self.scanned = self.scanned.saturating_add(1);
                self.scanned != self.discoveries.len() || self.tell(Event::Ready, None, None)
            }
            DeviceEvent::Unavailable(error) => {
                let Some(discovery) = self.discoveries.get(at) else { return true };
                let unavailable = unavailable(discovery.transport(), &error);
                self.tell(Event::Unavailable, None, Some(unavailable))
            }
            _ => true,
        }
    }

    async fn added(&mut self, at: usize, device: Device, cancel: &CancellationToken) -> bool {
        let Some(discovery) = self.discoveries.get(at) else { return true };
        let mut found = Found::new(device.clone(), discovery);
        found.answer = ask(discovery.as_ref(), &device, cancel).await.into();
        for present in &mut self.present {
            if found.is_same(&present.found, cancel).await {
                present.hidden.push((at, found));
                return true;
            }
        }
        self.appeared(at, found, Vec::new())
    }

    fn appeared(&mut self, at: usize, found: Found, hidden: Vec<(usize, Found)>) -> bool {
        let present = self.present.iter().map(|present| present.found.device.clone());
        let devices: Vec<_> = present.chain([found.device.clone()]).collect();
        let key = found.key(shortest_name(&found.device, &devices), &self.models);
        self.present.push(Present { at, found, key: key.clone(), hidden });
        self.tell(Event::Added, Some(key), None)
    }

    fn removed(&mut self, at: usize, id: &DeviceId) -> bool {
        let is_it = |on: usize, found: &Found| on == at && found.device.id == *id;
        for present in &mut self.present {
            present.hidden.retain(|(on, hidden)| !is_it(*on, hidden));
        }
        let position = self.present.iter().position(|present| is_it(present.at, &present.found));
        let Some(position) = position else { return true };
        let gone = self.present.remove(position);
        let mut hidden = gone.hidden;
        let told = self.tell(Event::Removed, Some(gone.key), None);
        // what was one with it is there still
        match hidden.is_empty() {
            true => told,
            false => {
                let (at, found) = hidden.remove(0);
                told && self.appeared(at, found, hidden)
            }
        }
    }

    fn tell(&self, event: Event, key: Option<Key>, unavailable: Option<Unavailable>) -> bool {
        let document = ListEventDocument { schema: EVENT_SCHEMA, event, key, unavailable };
        self.context.emit(&Document::ListEvent(Box::new(document)))
    }
}

type Events = Pin<Box<dyn Stream<Item = DeviceEvent> + Send>>;

async fn forward(at: usize, mut events: Events, to: mpsc::Sender<(usize, DeviceEvent)>) {
    while let Some(event) = poll_fn(|context| events.as_mut().poll_next(context)).await {
        if to.send((at, event)).await.is_err() {
            return;
        }
    }
}
