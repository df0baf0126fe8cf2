//! The firmware's CTAPHID class, moved along by hand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ctaphid_dispatch::{DEFAULT_MESSAGE_SIZE, Requester};
use keyvet_hid::Report;
use ref_swap::OptionRefSwap;
use trussed_core::InterruptFlag;
use usb_device::bus::UsbBusAllocator;
use usb_device::device::{UsbDevice, UsbDeviceBuilder, UsbVidPid};
use usbd_ctaphid::types::Status;
use usbd_ctaphid::{CtapHid, Version};

use super::bus::{Bus, Wire};

/// The device and its one class.
pub(super) struct Usb<'a> {
    wire: Arc<Wire<'a>>,
    device: UsbDevice<'a, Bus<'a>>,
    class: CtapHid<'a, 'a, 'static, Bus<'a>, DEFAULT_MESSAGE_SIZE>,
    keep_alive: Option<Instant>,
    message_timeout: Duration,
}

impl<'a> Usb<'a> {
    pub(super) fn new(
        wire: Arc<Wire<'a>>,
        bus: &'a UsbBusAllocator<Bus<'a>>,
        requester: Requester<'a, DEFAULT_MESSAGE_SIZE>,
        current: &'static OptionRefSwap<'static, InterruptFlag>,
        message_timeout: Duration,
    ) -> Self {
        let mut class = CtapHid::with_interrupt(bus, requester, Some(current), 0)
            .implements_ctap1()
            .implements_ctap2()
            .implements_wink();
        class.set_version(Version { major: 1, minor: 2, build: 3 });
        // building the device freezes the endpoints; product of the Nitrokey 3
        let device = UsbDeviceBuilder::new(bus, UsbVidPid(0x20a0, 0x42b2)).build();
        Self { wire, device, class, keep_alive: None, message_timeout }
    }

    /// Lets the class read `report`, and sends what it has to say at once.
    pub(super) fn report(&mut self, report: Report, uptime: Duration) {
        self.wire.offer(report);
        self.time(uptime);
        self.flush();
    }

    /// Tells the class the time: half a message is given up after a while (CTAP 2.2 §11.2.5.2), which the class has fixed at
    /// 550 ms and we let the options say. It uses its clock for nothing else.
    pub(super) fn time(&mut self, uptime: Duration) {
        let scaled = uptime.as_millis().saturating_mul(MESSAGE_MS);
        let milliseconds = scaled.checked_div(self.message_timeout.as_millis());
        let milliseconds = milliseconds.and_then(|time| time.try_into().ok());
        self.class.check_timeout(milliseconds.unwrap_or(u32::MAX));
    }

    /// Moves reports until none moves; whether one did.
    pub(super) fn flush(&mut self) -> bool {
        let before = self.wire.moved();
        let mut last = before;
        loop {
            self.device.poll(&mut [&mut self.class]);
            self.class.check_for_app_response();
            if self.keep_alive.is_none() {
                self.keep_alive = due(&self.class.did_start_processing());
            }
            let now = self.wire.moved();
            if now == last {
                return now != before;
            }
            last = now;
        }
    }

    /// Sends the keep-alive that says "touch", when it is time.
    pub(super) fn keep_alive(&mut self) {
        if self.until_keep_alive().is_zero() {
            self.keep_alive = due(&self.class.send_keepalive(true));
        }
    }

    /// How long until a keep-alive is due, or the next look at the time.
    pub(super) fn until_keep_alive(&self) -> Duration {
        self.keep_alive.map_or(LOOK, |due| due.saturating_duration_since(Instant::now()))
    }

    /// The command is answered.
    pub(super) fn end_command(&mut self) {
        self.keep_alive = None;
    }
}

fn due(status: &Status) -> Option<Instant> {
    match status {
        Status::ReceivedData(time) => {
            Instant::now().checked_add(Duration::from_millis(time.0.into()))
        }
        Status::Idle => None,
    }
}

/// Without keep-alives (U2F) the firmware looks at the time that often while it waits.
const LOOK: Duration = Duration::from_millis(80);
/// What the class has fixed for the whole of a message.
const MESSAGE_MS: u128 = 550;
