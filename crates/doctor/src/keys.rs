//! The security keys that the kernel knows.

use keyvet_finding::Printable;
use keyvet_hid::descriptor::Layout;

use crate::system::{Opening, System};

/// A security key on a HID node.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// `/dev/hidraw3`.
    pub(crate) path: String,
    /// What the driver calls it.
    pub(crate) name: String,
    /// Vendor and product number, as `1050:0407`.
    pub(crate) usb: Option<(String, String)>,
    /// How its opening ended.
    pub(crate) opening: Opening,
    /// What udev keeps about its node; none when it keeps nothing.
    pub(crate) udev: Option<String>,
}

/// Every security key among the HID nodes.
pub(crate) fn keys(system: &System) -> Vec<Key> {
    system.names(CLASS).iter().filter_map(|name| key(system, name)).collect()
}

fn key(system: &System, node: &str) -> Option<Key> {
    let folder = format!("{CLASS}/{node}");
    let descriptor = system.files.read(&format!("{folder}/device/report_descriptor"))?;
    // one whose reports are odd is a key as well; that is told by those who speak to it
    if matches!(Layout::parse(&descriptor), Ok(None)) {
        return None;
    }
    let uevent = system.text(&format!("{folder}/device/uevent")).unwrap_or_default();
    let property = |name: &str| {
        let mut lines = uevent.lines().filter_map(|line| line.split_once('='));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let path = format!("/dev/{node}");
    let device = system.line(&format!("{folder}/dev")).unwrap_or_default();
    Some(Key {
        name: property("HID_NAME").unwrap_or_default(),
        usb: property("HID_ID").and_then(|id| numbers(&id)),
        opening: system.probes.open(&path),
        udev: system.text(&format!("/run/udev/data/c{device}")),
        path,
    })
}

/// `0003:00001050:00000407`: bus, vendor, product; each of four digits.
fn numbers(id: &str) -> Option<(String, String)> {
    let mut parts = id.split(':').skip(1).map(|part| u16::from_str_radix(part, 16).ok());
    let (vendor, product) = (parts.next()??, parts.next()??);
    Some((format!("{vendor:04x}"), format!("{product:04x}")))
}

impl Key {
    /// `/dev/hidraw3 (Yubico YubiKey OTP+FIDO+CCID)`.
    pub(crate) fn title(&self) -> String {
        if self.name.is_empty() {
            return self.path.clone();
        }
        format!("{} ({})", self.path, Printable(&self.name))
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.opening == Opening::Open
    }
}

/// How many there are, and how many can be used.
pub(crate) fn summary(keys: &[Key]) -> String {
    let usable = keys.iter().filter(|key| key.is_usable()).count();
    match keys.len() {
        0 => "none is plugged in".into(),
        all if all == usable => format!("{all}, can be opened"),
        all => format!("{all}, of which {usable} can be opened"),
    }
}

/// Where Linux lists HID nodes.
pub(crate) const CLASS: &str = "/sys/class/hidraw";
