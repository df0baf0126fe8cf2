//! A USB bus whose interrupt endpoints are the port.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use keyvet_hid::Report;
use usb_device::bus::{PollResult, UsbBus};
use usb_device::endpoint::{EndpointAddress, EndpointType};
use usb_device::{UsbDirection, UsbError};

use crate::port::Port;

/// Between port and bus: one report to read, and a count of what moved.
pub(super) struct Wire<'a> {
    port: &'a Port,
    to_read: Mutex<Option<Report>>,
    moved: AtomicU64,
}

impl<'a> Wire<'a> {
    pub(super) fn new(port: &'a Port) -> Self {
        Self { port, to_read: Mutex::new(None), moved: AtomicU64::new(0) }
    }

    /// Offers a report to the USB class.
    pub(super) fn offer(&self, report: Report) {
        *self.to_read.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }

    /// How many reports have moved in either direction.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    fn has_report(&self) -> bool {
        self.to_read.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take(&self) -> Option<Report> {
        self.to_read.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The bus: endpoint 1 out is the host's reports, endpoint 1 in the key's.
pub(super) struct Bus<'a> {
    wire: Arc<Wire<'a>>,
    ins: u8,
    outs: u8,
}

impl<'a> Bus<'a> {
    pub(super) fn new(wire: Arc<Wire<'a>>) -> Self {
        Self { wire, ins: 0, outs: 0 }
    }
}

impl UsbBus for Bus<'_> {
    fn alloc_ep(
        &mut self,
        direction: UsbDirection,
        address: Option<EndpointAddress>,
        _: EndpointType,
        _: u16,
        _: u8,
    ) -> usb_device::Result<EndpointAddress> {
        let next = match direction {
            UsbDirection::In => &mut self.ins,
            UsbDirection::Out => &mut self.outs,
        };
        Ok(address.unwrap_or_else(|| {
            *next = next.saturating_add(1);
            EndpointAddress::from_parts(usize::from(*next), direction)
        }))
    }

    fn write(&self, endpoint: EndpointAddress, bytes: &[u8]) -> usb_device::Result<usize> {
        if endpoint.index() == REPORTS {
            let report = bytes.try_into().map_err(|_| UsbError::BufferOverflow)?;
            self.wire.port.send(report);
            self.wire.moved.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn read(&self, endpoint: EndpointAddress, bytes: &mut [u8]) -> usb_device::Result<usize> {
        if endpoint.index() != REPORTS {
            return Err(UsbError::WouldBlock);
        }
        let report = self.wire.take().ok_or(UsbError::WouldBlock)?;
        let room = bytes.first_chunk_mut().ok_or(UsbError::BufferOverflow)?;
        *room = report;
        self.wire.moved.fetch_add(1, Ordering::Relaxed);
        Ok(report.len())
    }

    fn poll(&self) -> PollResult {
        if self.wire.has_report() {
            PollResult::Data { ep_out: 1 << REPORTS, ep_in_complete: 0, ep_setup: 0 }
        } else {
            PollResult::None
        }
    }

    fn is_stalled(&self, _: EndpointAddress) -> bool {
        false
    }

    fn enable(&mut self) {}
    fn reset(&self) {}
    fn set_device_address(&self, _: u8) {}
    fn set_stalled(&self, _: EndpointAddress, _: bool) {}
    fn suspend(&self) {}
    fn resume(&self) {}
}

/// The number of both endpoints that carry reports.
const REPORTS: usize = 1;
