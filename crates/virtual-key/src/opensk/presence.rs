//! Touch, reports that come meanwhile, and the clock.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use ::opensk::api::clock::Clock;
use ::opensk::api::connection::{HidConnection, RecvStatus, UsbEndpoint};
use ::opensk::api::user_presence::{UserPresence, UserPresenceError, UserPresenceWaitResult};
use ::opensk::ctap::status_code::{Ctap2StatusCode, CtapResult};

use crate::KeyOptions;
use crate::port::{Event, Port, Wait};

/// Touch and HID connection of one power-up.
pub(super) struct Presence<'a> {
    port: &'a Port,
    begins: Rc<Cell<bool>>,
}

/// The clock of one power-up.
pub(super) struct UpClock<'a> {
    port: &'a Port,
    up_timeout: Duration,
    message_timeout: Duration,
    begins: Rc<Cell<bool>>,
}

/// When a timer is up, on the clock of its power-up; the default is up at once.
#[derive(Default)]
pub(super) struct Timer(Duration);

/// Presence and clock know one thing of each other: the timer made right after a presence check began is the one that
/// bounds it, which OpenSK has fixed at 30 seconds and we let the options say.
pub(super) fn presence_and_clock<'a>(
    port: &'a Port,
    options: &KeyOptions,
) -> (Presence<'a>, UpClock<'a>) {
    let begins = Rc::new(Cell::new(false));
    let presence = Presence { port, begins: Rc::clone(&begins) };
    let (up_timeout, message_timeout) = (options.up_timeout, options.message_timeout);
    (presence, UpClock { port, up_timeout, message_timeout, begins })
}

impl UserPresence for Presence<'_> {
    fn check_init(&mut self) {
        self.begins.set(true);
        self.port.begin_touch();
    }

    fn wait_with_timeout(
        &mut self,
        packet: &mut [u8; 64],
        timeout_ms: usize,
    ) -> UserPresenceWaitResult {
        match self.port.wait_for_touch(millis(timeout_ms)) {
            Wait::Touched => Ok((Ok(()), RecvStatus::Timeout)),
            Wait::Time => Ok((Err(UserPresenceError::Timeout), RecvStatus::Timeout)),
            Wait::Report => Ok((Err(UserPresenceError::Timeout), self.take(packet))),
            Wait::PowerOff => Ok((Err(UserPresenceError::Declined), RecvStatus::Timeout)),
        }
    }

    fn check_complete(&mut self) {
        self.port.end_touch();
    }
}

impl Presence<'_> {
    fn take(&self, packet: &mut [u8; 64]) -> RecvStatus {
        match self.port.receive(Some(Duration::ZERO)) {
            Some(Event::Report(report)) => {
                *packet = report;
                RecvStatus::Received(UsbEndpoint::MainHid)
            }
            _ => RecvStatus::Timeout,
        }
    }
}

impl HidConnection for Presence<'_> {
    fn send(&mut self, report: &[u8; 64], _: UsbEndpoint) -> CtapResult<()> {
        self.port.send(report);
        Ok(())
    }

    // the firmware receives through the presence check alone
    fn recv(&mut self, _: &mut [u8; 64], _: usize) -> CtapResult<RecvStatus> {
        Err(Ctap2StatusCode::CTAP2_ERR_VENDOR_HARDWARE_FAILURE)
    }
}

impl Clock for UpClock<'_> {
    type Timer = Timer;

    fn make_timer(&mut self, milliseconds: usize) -> Timer {
        let time = match milliseconds {
            _ if self.begins.take() => self.up_timeout,
            GAP_MS => self.message_timeout,
            other => millis(other),
        };
        Timer(self.port.uptime().saturating_add(time))
    }

    fn is_elapsed(&mut self, timer: &Timer) -> bool {
        self.port.uptime() >= timer.0
    }
}

fn millis(milliseconds: usize) -> Duration {
    Duration::from_millis(milliseconds.try_into().unwrap_or(u64::MAX))
}

/// What OpenSK has fixed for the next report of a message; it has no other timer of that length.
const GAP_MS: usize = 100;
