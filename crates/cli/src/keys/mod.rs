//! Finding keys, naming them, choosing one: what `list`, `info`, `check` and `identify` share.
//!
//! Nothing here starts before it is needed: a scan reads what the operating system knows, and only asking a key
//! builds a runtime.

mod ask;
mod choose;
mod console;
mod models;
mod pin;
mod refusal;
pub(crate) mod runtime;
pub(crate) mod session;
mod terminal;
pub(crate) mod touch;

pub(crate) use ask::{Asked, ask};
pub(crate) use choose::{Choice, selector, shortest_name};
pub(crate) use console::{Console, TOUCH};
pub(crate) use models::Models;
pub(crate) use pin::PinSource;
pub(crate) use refusal::{cancelled, channel_error, client_error, exit_of_channel};
pub(crate) use session::{Around, Session};

use crate::{
    document::{self, key::Key, list::Unavailable},
    error::CliError,
    exit::Exit,
};
use keyvet_ctap::{Aaguid, GetInfo};
use keyvet_finding::{Coded, Culprit, Finding, Kind, Printable, Severity};
use keyvet_hid::{HidDiscovery, UdpAddress, UdpDiscovery};
use keyvet_transport::{ChannelError, Device, Discovery, Selector, Transport};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Names simulators that count as keys present: `127.0.0.1:8111,127.0.0.1:8112`.
const UDP_VARIABLE: &str = "KEYVET_UDP";

/// The keys present, and the ways to reach them.
pub(crate) struct Keys {
    discoveries: Vec<Arc<dyn Discovery>>,
    found: Vec<Found>,
    failed: Vec<(Transport, ChannelError)>,
}

/// One key present.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) device: Device,
    /// What it said of itself, when it was asked.
    pub(crate) answer: Answer,
    /// The way to it.
    pub(crate) discovery: Arc<dyn Discovery>,
}

/// What is known of a key from asking it.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It was not asked.
    NotAsked,
    /// It was, and claims this AAGUID, if any.
    Claims(Option<Aaguid>),
    /// It cannot be used.
    Failed(Finding),
}

impl Keys {
    /// Looks for keys on every transport. Nothing is sent to them.
    pub(crate) fn find() -> Result<Self, CliError> {
        let mut keys = Self { discoveries: discoveries()?, found: Vec::new(), failed: Vec::new() };
        for discovery in &keys.discoveries {
            match discovery.scan() {
                Ok(devices) => {
                    let found = devices.into_iter().map(|device| Found::new(device, discovery));
                    keys.found.extend(found);
                }
                Err(error) => keys.failed.push((discovery.transport(), error)),
            }
        }
        Ok(keys)
    }

    pub(crate) fn found(&self) -> &[Found] {
        &self.found
    }

    pub(crate) fn discoveries(&self) -> &[Arc<dyn Discovery>] {
        &self.discoveries
    }

    /// Counts a simulator among the keys that is named by its address and not in the variable.
    pub(crate) fn reach(&mut self, selector: &Selector) {
        let Some(id) = selector.address() else { return };
        if self.found.iter().any(|found| found.device.id == id) {
            return;
        }
        let discovery: Arc<dyn Discovery> = Arc::new(UdpDiscovery::new(Vec::new()));
        self.found.push(Found::new(Device::new(id), &discovery));
    }

    /// Asks every key what it is.
    pub(crate) async fn ask_all(&mut self, cancel: &CancellationToken) {
        for found in &mut self.found {
            found.answer = ask(found.discovery.as_ref(), &found.device, cancel).await.into();
        }
    }

    /// Every key as documents name it.
    pub(crate) fn described(&self, models: &Models) -> Vec<Key> {
        self.found.iter().map(|found| self.describe(found, models)).collect()
    }

    /// One of these keys as documents name it.
    pub(crate) fn describe(&self, found: &Found, models: &Models) -> Key {
        let devices: Vec<_> = self.found.iter().map(|found| found.device.clone()).collect();
        found.key(shortest_name(&found.device, &devices), models)
    }

    /// The transports that could not be asked, and the exit class of each.
    pub(crate) fn unavailable(&self) -> Vec<(Unavailable, Exit)> {
        let unavailable = |(transport, error): &(Transport, ChannelError)| {
            (unavailable(*transport, error), exit_of_channel(error))
        };
        self.failed.iter().map(unavailable).collect()
    }
}

impl Found {
    /// A key that was not asked anything yet.
    pub(crate) fn new(device: Device, discovery: &Arc<dyn Discovery>) -> Self {
        Self { device, answer: Answer::NotAsked, discovery: Arc::clone(discovery) }
    }

    /// The key as documents name it.
    pub(crate) fn key(&self, selector: String, models: &Models) -> Key {
        let device = &self.device;
        let (aaguid, error) = match &self.answer {
            Answer::NotAsked => (None, device.denied.as_ref().map(finding)),
            Answer::Claims(aaguid) => (*aaguid, None),
            Answer::Failed(finding) => (None, Some(finding.clone())),
        };
        Key {
            selector,
            name: device.id.to_string(),
            transport: device.id.transport.to_string(),
            product: device.product.clone(),
            manufacturer: device.manufacturer.clone(),
            serial: device.serial.clone(),
            usb: device.usb.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}")),
            aaguid: aaguid.map(|aaguid| aaguid.to_string()),
            model: aaguid.and_then(|aaguid| models.name(aaguid)),
            error: error.as_ref().map(document::Error::from),
        }
    }
}

impl From<&GetInfo> for Answer {
    fn from(info: &GetInfo) -> Self {
        Self::Claims(info.aaguid.filter(|aaguid| !aaguid.is_zero()))
    }
}

impl From<Asked> for Answer {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Info(info) => info.as_ref().into(),
            Asked::Failed(finding) => Self::Failed(finding),
        }
    }
}

/// Why a transport could not be asked, as documents say it.
pub(crate) fn unavailable(transport: Transport, error: &ChannelError) -> Unavailable {
    Unavailable { transport: transport.to_string(), error: (&finding(error)).into() }
}

fn finding(error: &ChannelError) -> Finding {
    Finding::new(error.kind(), error)
}

/// Every transport of this build, in the order in which keys are listed.
fn discoveries() -> Result<Vec<Arc<dyn Discovery>>, CliError> {
    let simulators = simulators(&std::env::var(UDP_VARIABLE).unwrap_or_default())?;
    let mut all: Vec<Arc<dyn Discovery>> = vec![Arc::new(HidDiscovery::new())];
    if !simulators.is_empty() {
        all.push(Arc::new(UdpDiscovery::of(simulators)));
    }
    Ok(all)
}

fn simulators(text: &str) -> Result<Vec<UdpAddress>, CliError> {
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    let parse = |address: &str| {
        let what = format_args!("{UDP_VARIABLE}: {} is no address", Printable(address));
        address.parse().map_err(|_| CliError::usage(&BAD_ADDRESS, what))
    };
    addresses.map(parse).collect()
}

/// A simulator's address cannot be read.
pub(crate) static BAD_ADDRESS: Kind = Kind {
    id: "cli.bad-simulator-address",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The variable KEYVET_UDP names simulators that count as keys; what it holds is not a list of addresses.",
    next_step: "Write addresses with ports and commas between them, for example 127.0.0.1:8111,127.0.0.1:8112, or \
                unset the variable.",
    source: "keyvet",
};

/// The kinds that concern keys.
pub(crate) static KINDS: &[&Kind] =
    &[&BAD_ADDRESS, &choose::BAD_SELECTOR, &pin::NO_TERMINAL, &pin::NO_PIN];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulators_are_addresses_with_commas_between_them() {
        let two = simulators(" 127.0.0.1:8111, [::1]:8112/7112,").unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(simulators("").unwrap(), []);
        let error = simulators("localhost:8111").unwrap_err();
        assert_eq!(error.finding().id(), "cli.bad-simulator-address");
    }
}
