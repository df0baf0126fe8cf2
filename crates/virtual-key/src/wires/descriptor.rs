//! What a node says of itself: texts, numbers, and the reports it carries.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use keyvet_hid::Report;

/// How a virtual key looks on USB, or to the kernel as if it were there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NodeOptions {
    /// USB vendor number.
    pub vendor: u16,
    /// USB product number.
    pub product_number: u16,
    /// Manufacturer text. uhid joins it with the product, as it has but one name.
    pub manufacturer: String,
    /// Product text.
    pub product: String,
    /// Serial number. The default is another one for every node of this machine.
    pub serial: String,
    /// What its reports are.
    pub reports: ReportDescriptor,
}

impl Default for NodeOptions {
    fn default() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            vendor: 0x1209,
            product_number: 0xf1d0,
            manufacturer: "keyvet".to_owned(),
            product: "Virtual Key".to_owned(),
            serial: format!("KV-{}-{number}", process::id()),
            reports: ReportDescriptor::default(),
        }
    }
}

/// The report descriptor of a node (USB HID 1.11 §6.2.2; CTAP 2.2 §11.2.8.1).
///
/// The firmware speaks reports of 64 bytes. Where the node has shorter ones they are cut, as a key with such a
/// descriptor would be of no use to a client that sends 64 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReportDescriptor {
    /// The usage page: 0xf1d0 makes it a security key.
    pub usage_page: u16,
    /// Number of its reports; 0 when they have none.
    pub report_id: u8,
    /// Length of its reports in bytes, without the number.
    pub len: u8,
    /// Whether a second collection of another vendor's usage page follows, with a report of 8 bytes, as keys with a second
    /// function have one. Its reports are numbered, so those of the key should be.
    pub second_collection: bool,
}

impl Default for ReportDescriptor {
    fn default() -> Self {
        Self { usage_page: 0xf1d0, report_id: 0, len: 64, second_collection: false }
    }
}

impl ReportDescriptor {
    /// The descriptor as the host reads it.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = collection(self.usage_page, self.report_id, self.len);
        if self.second_collection {
            bytes.extend(collection(0xff00, self.report_id.wrapping_add(1).max(1), 8));
        }
        bytes
    }

    /// A report of the key as the node carries it: its number first, if it has one.
    pub(super) fn numbered(&self, report: &Report) -> Vec<u8> {
        let number = (self.report_id != 0).then_some(self.report_id);
        number.into_iter().chain(report.iter().copied().take(usize::from(self.len))).collect()
    }

    /// A report of the host, without its number; padded if it is short, nothing when it is another collection's.
    pub(super) fn plain(&self, carried: &[u8]) -> Option<Report> {
        let carried = match self.report_id {
            0 => carried,
            number => carried.strip_prefix(&[number])?,
        };
        let mut report = [0; 64];
        for (slot, byte) in report.iter_mut().zip(carried) {
            *slot = *byte;
        }
        Some(report)
    }

    /// Length of a report on the wire.
    pub(super) fn wire_len(&self) -> u16 {
        u16::from(self.len).saturating_add(u16::from(self.report_id != 0))
    }
}

/// Usage page, usage 01, reports of `len` bytes in (usage 20) and out (usage 21).
fn collection(usage_page: u16, report_id: u8, len: u8) -> Vec<u8> {
    let [low, high] = usage_page.to_le_bytes();
    let mut bytes = vec![0x06, low, high, 0x09, 0x01, 0xa1, 0x01];
    if report_id != 0 {
        bytes.extend([0x85, report_id]);
    }
    for (usage, item) in [(0x20, 0x81), (0x21, 0x91)] {
        bytes
            .extend([0x09, usage, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, len, item, 0x02]);
    }
    bytes.push(0xc0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_descriptor_is_that_of_the_specification() {
        let specified = [
            0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00,
            0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75,
            0x08, 0x95, 0x40, 0x91, 0x02, 0xc0,
        ];
        assert_eq!(ReportDescriptor::default().bytes(), specified);
    }

    #[test]
    fn numbers_and_lengths_are_those_of_the_node() {
        let plain = ReportDescriptor::default();
        assert_eq!((plain.numbered(&[7; 64]), plain.wire_len()), (vec![7; 64], 64));
        assert_eq!(plain.plain(&[7; 64]), Some([7; 64]));
        let numbered = ReportDescriptor { report_id: 3, len: 32, ..plain };
        let carried = [vec![3], vec![7; 32]].concat();
        assert_eq!((numbered.numbered(&[7; 64]), numbered.wire_len()), (carried.clone(), 33));
        assert_eq!(
            numbered.plain(&carried).map(|report| report[31..33].to_vec()),
            Some(vec![7, 0])
        );
        assert_eq!(numbered.plain(&[4, 7]), None);
    }

    #[test]
    fn every_node_has_a_serial_number_of_its_own() {
        assert_ne!(NodeOptions::default().serial, NodeOptions::default().serial);
    }
}
