//! What trussed stands on: storage, randomness, a button, and a system call without polling.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use ::trussed::ClientImplementation;
use ::trussed::pipe::ServiceEndpoint;
use ::trussed::platform::{Platform, Syscall, UserInterface};
use ::trussed::service::Service;
use ::trussed::types::ui;
use ::trussed::virt::Store;
use trussed_core::types::consent::Level;
use trussed_staging::StagingContext;
use trussed_staging::virt::{BackendIds, Dispatcher};

use super::usb::Usb;
use crate::port::{Event, Port, Wait};
use crate::rng::Seeded;

/// The platform of one power-up.
pub(super) struct SoftPlatform<'a> {
    pub(super) rng: Seeded,
    pub(super) store: Store<'a>,
    pub(super) button: Button<'a>,
}

impl<'a> Platform for SoftPlatform<'a> {
    type R = Seeded;
    type S = Store<'a>;
    type UI = Button<'a>;

    fn rng(&mut self) -> &mut Seeded {
        &mut self.rng
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut Button<'a> {
        &mut self.button
    }
}

/// The button, and the clock.
pub(super) struct Button<'a> {
    port: &'a Port,
    usb: Rc<RefCell<Usb<'a>>>,
    now: Duration,
    lost: Duration,
}

impl<'a> Button<'a> {
    pub(super) fn new(port: &'a Port, usb: Rc<RefCell<Usb<'a>>>) -> Self {
        Self { port, usb, now: Duration::ZERO, lost: Duration::ZERO }
    }

    fn read_report(&self) {
        if let Some(Event::Report(report)) = self.port.receive(Some(Duration::ZERO)) {
            self.usb.borrow_mut().report(report, self.port.uptime());
        }
    }
}

impl UserInterface for Button<'_> {
    /// Trussed calls this in a loop until it is content, so the wait is here; CTAPHID goes on meanwhile.
    fn check_user_presence(&mut self) -> Level {
        let at_most = self.usb.borrow().until_keep_alive();
        match self.port.wait_for_touch(at_most) {
            Wait::Touched => return Level::Normal,
            Wait::Report => self.read_report(),
            Wait::Time => {}
            // trussed leaves its loop by the clock alone
            Wait::PowerOff => self.lost = A_LONG_TIME,
        }
        self.usb.borrow_mut().keep_alive();
        Level::None
    }

    fn set_status(&mut self, status: ui::Status) {
        if matches!(status, ui::Status::WaitingForUserPresence) {
            self.port.begin_touch();
        }
    }

    /// Never runs backwards, also when the power is gone and the port's clock starts anew: trussed subtracts.
    fn uptime(&mut self) -> Duration {
        self.now = self.now.max(self.port.uptime().saturating_add(self.lost));
        self.now
    }
}

/// A system call that runs the service at once, on the same thread.
pub(super) struct Direct<'a>(Rc<RefCell<Served<'a>>>);

/// The service and the ends of all lines to it: one.
type Served<'a> = (Service<SoftPlatform<'a>, Dispatcher>, [Endpoint<'a>; 1]);

/// The service's end of the line to its one client.
pub(super) type Endpoint<'a> = ServiceEndpoint<'a, BackendIds, StagingContext>;

/// The client's end.
pub(super) type Client<'a> = ClientImplementation<'a, Direct<'a>, Dispatcher>;

impl<'a> Direct<'a> {
    pub(super) fn new(platform: SoftPlatform<'a>, endpoint: Endpoint<'a>) -> Self {
        let service = Service::with_dispatch(platform, Dispatcher::default());
        Self(Rc::new(RefCell::new((service, [endpoint]))))
    }
}

impl Syscall for Direct<'_> {
    fn syscall(&mut self) {
        let (service, endpoints) = &mut *self.0.borrow_mut();
        service.process(endpoints);
    }
}

/// Longer than any wait.
const A_LONG_TIME: Duration = Duration::from_secs(1 << 40);
