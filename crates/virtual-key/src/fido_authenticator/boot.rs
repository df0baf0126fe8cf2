//! One power-up of fido-authenticator.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ::fido_authenticator::{Authenticator, Config, Conforming, LargeBlobsConfig};
use ::trussed::backend::BackendId;
use ::trussed::pipe::TrussedChannel;
use ::trussed::types::CoreContext;
use ::trussed::virt::Store;
use ctaphid_dispatch::{Channel, DEFAULT_MESSAGE_SIZE, Dispatch};
use keyvet_hid::Report;
use littlefs2_core::path;
use ref_swap::OptionRefSwap;
use trussed_core::InterruptFlag;
use trussed_core::types::Location;
use trussed_staging::virt::BackendIds;
use usb_device::bus::UsbBusAllocator;

use super::apdus::{Apdus, Lines};
use super::bus::{Bus, Wire};
use super::platform::{Button, Client, Direct, Endpoint, SoftPlatform};
use super::usb::Usb;
use super::wink::Wink;
use crate::KeyOptions;
use crate::port::{Event, Field, Port};
use crate::rng::Seeded;

/// What one power-up begins with.
pub(super) struct Boot<'a> {
    pub(super) port: &'a Port,
    pub(super) store: Store<'a>,
    pub(super) rng: Seeded,
    pub(super) interrupt: &'static InterruptFlag,
    pub(super) current: &'static OptionRefSwap<'static, InterruptFlag>,
    pub(super) options: &'a KeyOptions,
}

impl Boot<'_> {
    /// Runs until the power is gone.
    #[expect(clippy::expect_used, reason = "each channel is split once")]
    pub(super) fn run(&self) {
        // before everything that borrows from them
        let trussed_channel = TrussedChannel::new();
        let hid_channel: Channel<DEFAULT_MESSAGE_SIZE> = Channel::new();
        let (requester, responder) = hid_channel.split().expect("not yet split");
        let (trussed_requester, trussed_responder) =
            trussed_channel.split().expect("not yet split");
        let lines = Lines::default();
        let wire = Arc::new(Wire::new(self.port));
        let bus = UsbBusAllocator::new(Bus::new(Arc::clone(&wire)));
        let usb = Usb::new(wire, &bus, requester, self.current, self.options.message_timeout);
        let usb = Rc::new(RefCell::new(usb));

        let button = Button::new(self.port, Rc::clone(&usb));
        let platform = SoftPlatform { rng: self.rng.clone(), store: self.store, button };
        let context = CoreContext::with_interrupt(path!("fido").into(), Some(self.interrupt));
        let endpoint = Endpoint::new(trussed_responder, context, BACKENDS);
        let syscall = Direct::new(platform, endpoint);
        let client = Client::new(trussed_requester, syscall, Some(self.interrupt));
        let mut authenticator = Authenticator::new(client, Conforming {}, config(self.options));
        let mut dispatch = Dispatch::with_interrupt(responder, Some(self.current));
        let mut wink = Wink(self.port);
        let mut apdus = Apdus::new(&lines);
        // one authenticator behind both faces
        self.serve(&usb, |field| match field {
            None => drop(dispatch.poll(&mut [&mut authenticator, &mut wink])),
            Some(field) => apdus.serve(field, &mut authenticator),
        });
    }

    fn serve(&self, usb: &RefCell<Usb<'_>>, mut dispatch: impl FnMut(Option<Field>)) {
        let enough = self.quiet();
        let mut quiet = enough;
        loop {
            // a message may stand half way, and only the time tells that it does not go on
            let at_most = (quiet < enough).then_some(TICK);
            match self.port.receive(at_most) {
                None => return,
                Some(Event::Report(report)) => {
                    quiet = 0;
                    self.report(usb, report, &mut dispatch);
                }
                Some(Event::Field(field)) => {
                    dispatch(Some(field));
                    self.port.end_touch();
                    // a report that came while it waited for a touch
                    self.dispatch(usb, &mut dispatch);
                }
                Some(Event::Nothing) => {
                    quiet = quiet.saturating_add(1);
                    usb.borrow_mut().time(self.port.uptime());
                    usb.borrow_mut().flush();
                }
            }
        }
    }

    /// Ticks until a half message has been given up and the thread may sleep until the next report.
    fn quiet(&self) -> u32 {
        let ticks = self.options.message_timeout.as_millis().checked_div(TICK.as_millis());
        let ticks = ticks.and_then(|ticks| ticks.try_into().ok()).unwrap_or(u32::MAX);
        ticks.saturating_mul(2)
    }

    /// The class reads `report`; when that makes a message, the authenticator runs and its answer is sent.
    fn report(
        &self,
        usb: &RefCell<Usb<'_>>,
        report: Report,
        dispatch: &mut impl FnMut(Option<Field>),
    ) {
        usb.borrow_mut().report(report, self.port.uptime());
        self.dispatch(usb, dispatch);
    }

    fn dispatch(&self, usb: &RefCell<Usb<'_>>, dispatch: &mut impl FnMut(Option<Field>)) {
        loop {
            dispatch(None);
            self.port.end_touch();
            if !usb.borrow_mut().flush() {
                break;
            }
        }
        usb.borrow_mut().end_command();
    }
}

fn config(options: &KeyOptions) -> Config {
    let mut config = Config::new(DEFAULT_MESSAGE_SIZE);
    config.large_blobs = Some(LargeBlobsConfig { location: Location::Internal, max_size: 4096 });
    config.nfc_transport = true;
    config.firmware_version = Some(0x01_02_03.into());
    let timeout = options.up_timeout.as_millis();
    config.fido2_up_timeout = Some(timeout.try_into().unwrap_or(u32::MAX));
    config
}

/// The staging extensions first, as its own tests have it.
const BACKENDS: &[BackendId<BackendIds>] =
    &[BackendId::Custom(BackendIds::StagingBackend), BackendId::Core];

const TICK: Duration = Duration::from_millis(100);
