//! Finding keys, naming them, choosing one: what `list`, `info`, `check` and `identify` share.
//!
//! Nothing here starts before it is needed: a scan reads what the operating system knows, and only asking a key
//! builds a runtime.

mod ask;
mod choose;
mod console;
mod faces;
mod models;
mod pin;
#[cfg(feature = "nfc")]
mod reader;
mod refusal;
pub(crate) mod runtime;
pub(crate) mod session;
mod terminal;
pub(crate) mod touch;
pub(crate) mod tracing;
mod transports;

pub(crate) use ask::{Asked, ask};
pub(crate) use choose::{Choice, selector, shortest_name};
pub(crate) use console::{Console, TOUCH};
pub(crate) use models::Models;
pub(crate) use pin::PinSource;
pub use refusal::exit_of_client;
pub(crate) use refusal::{CARD_IN_USE, cancelled, channel_error, client_error, exit_of_channel};
pub(crate) use session::{Around, Session};

use crate::{
    context::Context,
    document::{self, key::Key, list::Unavailable},
    error::CliError,
    exit::Exit,
};
use keyvet_ctap::{Aaguid, GetInfo};
use keyvet_finding::{Finding, Kind};
use keyvet_transport::{CardInterface, ChannelError, Device, Discovery, Selector, Transport};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use transports::Transports;

/// The keys present, and the ways to reach them.
pub(crate) struct Keys {
    discoveries: Vec<Arc<dyn Discovery>>,
    found: Vec<Found>,
    failed: Vec<(Transport, ChannelError)>,
    /// The card readers, where cards are looked for.
    #[cfg(feature = "nfc")]
    readers: Option<Arc<dyn keyvet_nfc::Readers>>,
}

/// One key present.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) device: Device,
    /// What it said of itself, when it was asked.
    pub(crate) answer: Answer,
    /// The way to it.
    pub(crate) discovery: Arc<dyn Discovery>,
    /// Other devices that are this key.
    pub(crate) also: Vec<Device>,
}

/// What is known of a key from asking it.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It was not asked.
    NotAsked,
    /// It was, and says this of itself.
    Claims(Claim),
    /// It cannot be used.
    Failed(Finding),
}

/// What a key says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// Its model, if it names one.
    aaguid: Option<Aaguid>,
    /// The PIN/UV auth protocols for which it has a key agreement.
    protocols: Vec<u64>,
}

impl Keys {
    /// Looks for keys on every transport on which one that `wanted` means could be. Nothing is sent to them.
    ///
    /// # Errors
    /// When the variable that names simulators cannot be read.
    pub(crate) fn find(wanted: &Selector, context: &Context) -> Result<Self, CliError> {
        let transports = Transports::of(wanted, context)?;
        let mut keys = Self {
            discoveries: transports.discoveries,
            found: Vec::new(),
            failed: Vec::new(),
            #[cfg(feature = "nfc")]
            readers: transports.readers,
        };
        for discovery in &keys.discoveries {
            match discovery.scan() {
                Ok(devices) => {
                    devices.iter().for_each(|device| context.tracing.describe(device));
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
        let mut ways = self.discoveries.iter();
        let way = ways.find(|way| way.transport() == id.transport).cloned();
        self.found.push(Found::new(Device::new(id), &way.unwrap_or_else(Transports::to_address)));
    }

    /// Asks every key what it is.
    pub(crate) async fn ask_all(&mut self, cancel: &CancellationToken) {
        for found in &mut self.found {
            found.answer = ask(found.discovery.as_ref(), &found.device, cancel).await.into();
        }
    }

    /// Whether one key may have been found on more than one transport.
    pub(crate) fn on_several_transports(&self) -> bool {
        let is_card = |found: &Found| found.device.is_card();
        self.found.iter().any(is_card) && !self.found.iter().all(is_card)
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

    /// The transports that could not be asked, and the exit class of each. Card readers are an extra: a list is whole
    /// without them.
    pub(crate) fn unavailable(&self) -> Vec<(Unavailable, Exit)> {
        let unavailable = |(transport, error): &(Transport, ChannelError)| {
            let extra = *transport == Transport::Nfc;
            let exit = if extra { Exit::Ok } else { exit_of_channel(error) };
            (unavailable(*transport, error), exit)
        };
        self.failed.iter().map(unavailable).collect()
    }
}

impl Found {
    /// A key that was not asked anything yet.
    pub(crate) fn new(device: Device, discovery: &Arc<dyn Discovery>) -> Self {
        Self {
            device,
            answer: Answer::NotAsked,
            discovery: Arc::clone(discovery),
            also: Vec::new(),
        }
    }

    /// The key as documents name it.
    pub(crate) fn key(&self, selector: String, models: &Models) -> Key {
        let device = &self.device;
        let (aaguid, error) = match &self.answer {
            Answer::NotAsked => {
                (None, refusal::denied(device).map(|denied| denied.finding().clone()))
            }
            Answer::Claims(claim) => (claim.aaguid, None),
            Answer::Failed(finding) => (None, Some(finding.clone())),
        };
        Key {
            selector,
            name: device.id.to_string(),
            transport: device.id.transport.to_string(),
            interface: device.interface.map(CardInterface::as_str),
            also: self.also.iter().map(|device| device.id.to_string()).collect(),
            product: device.product.clone().filter(|_| !lies_on_reader(device)),
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
        Self::Claims(Claim {
            aaguid: info.aaguid.filter(|aaguid| !aaguid.is_zero()),
            protocols: faces::protocols(info),
        })
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

/// Whether it is held to a reader, whose product is not its own.
pub(crate) fn lies_on_reader(device: &Device) -> bool {
    device.is_card() && device.interface != Some(CardInterface::Contact)
}

/// Why a transport could not be asked, as documents say it.
pub(crate) fn unavailable(transport: Transport, error: &ChannelError) -> Unavailable {
    Unavailable { transport: transport.to_string(), error: (&ask::finding(error)).into() }
}

/// The kinds that concern keys.
pub(crate) static KINDS: &[&Kind] = &[
    &transports::BAD_ADDRESS,
    &choose::BAD_SELECTOR,
    &pin::NO_TERMINAL,
    &pin::NO_PIN,
    &refusal::LIFTED,
    &CARD_IN_USE,
    #[cfg(feature = "nfc")]
    &reader::NO_READER,
    #[cfg(feature = "nfc")]
    &reader::OTHER_READER,
    #[cfg(feature = "nfc")]
    &reader::NOT_HELD,
];
