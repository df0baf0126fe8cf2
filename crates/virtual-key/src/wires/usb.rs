//! What a key says on the control pipe (USB 2.0 §9, USB HID 1.11 §7).

use super::{NodeOptions, ReportDescriptor};

/// The answers of one device.
pub(super) struct Usb {
    options: NodeOptions,
    pub(super) reports: ReportDescriptor,
}

impl Usb {
    pub(super) fn new(options: &NodeOptions) -> Self {
        Self { options: options.clone(), reports: options.reports }
    }

    /// The answer to a setup packet; nothing where the pipe stalls.
    pub(super) fn control(&self, setup: [u8; 8]) -> Option<Vec<u8>> {
        let [kind, request, index, value, .., len_low, len_high] = setup;
        let mut data = match (kind, request) {
            // GET_DESCRIPTOR, of the device or the interface
            (0x80 | 0x81, 0x06) => self.descriptor(value, index)?,
            // GET_STATUS
            (0x80..=0x82, 0x00) => vec![0, 0],
            // SET_ADDRESS, SET_CONFIGURATION, SET_INTERFACE; SET_IDLE, SET_PROTOCOL
            (0x00, 0x05 | 0x09) | (0x01, 0x0b) | (0x21, 0x0a | 0x0b) => Vec::new(),
            // CLEAR_FEATURE: the end of a stall
            (0x00..=0x02, 0x01) => Vec::new(),
            _ => return None,
        };
        data.truncate(usize::from(u16::from_le_bytes([len_low, len_high])));
        Some(data)
    }

    fn descriptor(&self, kind: u8, index: u8) -> Option<Vec<u8>> {
        match (kind, index) {
            (0x01, _) => Some(self.device()),
            (0x02, _) => Some(self.configuration()),
            (0x03, 0) => Some(vec![4, 3, 0x09, 0x04]),
            (0x03, 1) => Some(text(&self.options.manufacturer)),
            (0x03, 2) => Some(text(&self.options.product)),
            (0x03, 3) => Some(text(&self.options.serial)),
            (0x21, _) => Some(self.hid()),
            (0x22, _) => Some(self.reports.bytes()),
            _ => None,
        }
    }

    fn device(&self) -> Vec<u8> {
        let [vendor, product] =
            [self.options.vendor, self.options.product_number].map(u16::to_le_bytes);
        [&[18, 1, 0x00, 0x02, 0, 0, 0, 64], &vendor[..], &product, &[0x00, 0x01, 1, 2, 3, 1]]
            .concat()
    }

    /// One interface, HID, with an interrupt endpoint each way.
    fn configuration(&self) -> Vec<u8> {
        let interface = [9, 4, 0, 0, 2, 3, 0, 0, 0];
        let endpoint = |address| [7, 5, address, 3, 64, 0, 1];
        let parts = [&interface[..], &self.hid(), &endpoint(0x81), &endpoint(0x01)].concat();
        let len = u16::try_from(parts.len().saturating_add(9)).unwrap_or_default();
        let [low, high] = len.to_le_bytes();
        [&[9, 2, low, high, 1, 1, 0, 0x80, 50], &parts[..]].concat()
    }

    fn hid(&self) -> Vec<u8> {
        let len = u16::try_from(self.reports.bytes().len()).unwrap_or_default();
        let [low, high] = len.to_le_bytes();
        vec![9, 0x21, 0x11, 0x01, 0, 1, 0x22, low, high]
    }

    /// `struct usbip_usb_device`: path\[256\], bus id\[32\], bus, device, speed, numbers, classes, counts.
    pub(super) fn described(&self) -> Vec<u8> {
        let mut bytes = b"/sys/devices/virtual-key/1-1".to_vec();
        bytes.resize(256, 0);
        bytes.extend(b"1-1");
        bytes.resize(256 + 32, 0);
        bytes.extend([1, DEVICE_ID & 0xffff, FULL_SPEED].map(u32::to_be_bytes).concat());
        let numbers = [self.options.vendor, self.options.product_number, 0x0100];
        bytes.extend(numbers.map(u16::to_be_bytes).concat());
        // class, subclass, protocol; configuration, configurations, interfaces
        bytes.extend([0, 0, 0, 1, 1, 1]);
        bytes
    }
}

/// A string descriptor, UTF-16, as much of it as there is room for.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().take(126).flat_map(u16::to_le_bytes).collect();
    let len = u8::try_from(units.len().saturating_add(2)).unwrap_or_default();
    [&[len, 3], &units[..]].concat()
}

/// Bus 1, device 2.
pub(super) const DEVICE_ID: u32 = 0x0001_0002;
/// `USB_SPEED_FULL`.
pub(super) const FULL_SPEED: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn get(kind: u8, index: u8, len: u8) -> Option<Vec<u8>> {
        Usb::new(&NodeOptions::default()).control([0x80, 0x06, index, kind, 0, 0, len, 0])
    }

    #[test]
    fn descriptors_say_how_long_they_are() {
        assert_eq!(get(1, 0, 64).unwrap().len(), 18);
        let configuration = get(2, 0, 255).unwrap();
        assert_eq!(configuration.len(), 41);
        assert_eq!(configuration[2..4], [41, 0]);
        assert_eq!(get(2, 0, 9).unwrap().len(), 9, "no more than was asked for");
        assert_eq!(get(3, 2, 255).unwrap()[..4], [24, 3, b'V', 0]);
        assert_eq!(get(0x22, 0, 255).unwrap(), ReportDescriptor::default().bytes());
    }

    #[test]
    fn what_it_does_not_know_stalls() {
        assert_eq!(get(6, 0, 10), None);
        assert_eq!(Usb::new(&NodeOptions::default()).control([0xa1, 1, 0, 1, 0, 0, 64, 0]), None);
    }

    #[test]
    fn the_device_is_described_in_the_length_of_the_protocol() {
        assert_eq!(Usb::new(&NodeOptions::default()).described().len(), 312);
    }
}
