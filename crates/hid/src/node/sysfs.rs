//! What Linux says of its HID nodes, read from sysfs; nothing is opened or sent.

use keyvet_transport::{ChannelError, Device, DeviceId, Identity, Transport, UsbAddress};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::descriptor::{Layout, MAX_LEN};

/// The nodes of a machine: `/sys/class/hidraw` and `/dev`, or a made-up copy of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nodes<'a> {
    pub(super) class: &'a Path,
    pub(super) dev: &'a Path,
}

impl Nodes<'_> {
    /// The security keys, by the numbers of their nodes. Without the class there are none: the kernel has no hidraw.
    pub(super) fn keys(self) -> Result<Vec<Device>, ChannelError> {
        let entries = match fs::read_dir(self.class) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(ChannelError::Io(format!("{}: {error}", self.class.display())));
            }
        };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.take(MAX_NODES).collect();
        names.sort_by_key(|name| (name.len(), name.clone()));
        Ok(names.iter().filter_map(|name| self.key(name)).collect())
    }

    /// The key at node `name`; none when it is no key, or gone by now.
    fn key(self, name: &str) -> Option<Device> {
        let unusable = match self.layout(name) {
            Ok(layout) => layout?.carries_messages().err().map(ChannelError::from),
            Err(error) => Some(error),
        };
        let path = self.dev.join(name).to_string_lossy().into_owned();
        let mut id = DeviceId::new(Transport::Hid, path);
        id.identity = self.identity(&id.path);
        let mut device = Device::new(id);
        device.denied = unusable.or_else(|| self.denied(&device.id.path));
        self.describe(name, &mut device);
        Some(device)
    }

    /// How the reports of the key at node `name` look; none when it is no key.
    pub(super) fn layout(self, name: &str) -> Result<Option<Layout>, ChannelError> {
        let file = self.class.join(name).join("device/report_descriptor");
        let Ok(descriptor) = read(&file, MAX_LEN) else { return Ok(None) };
        Ok(Layout::parse(&descriptor)?)
    }

    /// Names, numbers and place: from the USB device, or from what the HID driver calls itself.
    fn describe(self, name: &str, device: &mut Device) {
        let folder = self.class.join(name).join("device");
        let uevent = attribute(&folder.join("uevent")).unwrap_or_default();
        let property = |name: &str| {
            let mut lines = uevent.lines().filter_map(|line| line.split_once('='));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let usb = usb_device(&folder);
        let text = |name: &str| usb.as_ref().and_then(|usb| attribute(&usb.join(name)));
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        device.product = some(text("product")).or_else(|| some(property("HID_NAME")));
        device.manufacturer = some(text("manufacturer"));
        device.serial = some(property("HID_UNIQ"));
        device.usb = property("HID_ID").and_then(|id| numbers(&id));
        device.usb_address = usb.as_deref().and_then(usb_address);
        let port = usb.as_ref().and_then(|usb| usb.file_name());
        device.usb_port = port.map(|port| port.to_string_lossy().into_owned());
    }

    /// The kernel's name of this plugging-in, `0003:1050:0407.0012`; empty where there is no such name.
    pub(super) fn identity(self, path: &str) -> Identity {
        let name = Path::new(path).file_name().unwrap_or_default();
        let target = fs::read_link(self.class.join(name).join("device")).unwrap_or_default();
        let instance = target.file_name().unwrap_or_default();
        Identity(instance.to_string_lossy().into_owned())
    }

    /// Why the node cannot be opened, if it cannot.
    pub(super) fn denied(self, path: &str) -> Option<ChannelError> {
        let error = OpenOptions::new().read(true).write(true).open(path).err()?;
        if error.kind() == ErrorKind::NotFound && self.identity(path) != Identity::default() {
            return Some(ChannelError::ServiceMissing {
                service: "the node of the key",
                cause: format!("the kernel knows the key, and {path} does not exist"),
            });
        }
        Some(refusal(path, &error))
    }
}

/// What the operating system means by refusing to open `path`.
pub(super) fn refusal(path: &str, error: &io::Error) -> ChannelError {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            ChannelError::PermissionDenied { path: path.into(), cause: error.to_string() }
        }
        ErrorKind::NotFound => ChannelError::Removed,
        _ if is_gone(error) => ChannelError::Removed,
        _ => ChannelError::Io(format!("{path}: {error}")),
    }
}

/// Whether this is how Linux speaks of a device that is gone while its node, or a handle on it, is still there.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ENXIO | ENODEV | ESHUTDOWN))
}

/// Bus and device number of a folder of a USB device.
fn usb_address(folder: &Path) -> Option<UsbAddress> {
    let number = |name: &str| attribute(&folder.join(name))?.parse().ok();
    Some(UsbAddress { bus: number("busnum")?, device: number("devnum")? })
}

/// The folder of the USB device that `device` is an interface of.
fn usb_device(device: &Path) -> Option<PathBuf> {
    let whole = fs::canonicalize(device).ok()?;
    let mut above = whole.ancestors().take(MAX_DEPTH);
    above.find(|folder| folder.join("busnum").exists()).map(Path::to_owned)
}

/// `0003:00001050:00000407`: bus, vendor, product.
fn numbers(id: &str) -> Option<(u16, u16)> {
    let mut parts = id.split(':').skip(1).map(|part| u16::from_str_radix(part, 16).ok());
    Some((parts.next()??, parts.next()??))
}

/// A line of text, of the device's making.
fn attribute(file: &Path) -> Option<String> {
    let bytes = read(file, MAX_ATTRIBUTE).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim_end_matches('\n').to_owned())
}

/// The first bytes of a file, at most one more than `max`.
fn read(file: &Path, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let max = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(file)?.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Minor numbers there are (`HIDRAW_MAX_DEVICES`).
const MAX_NODES: usize = 64;
/// Folders between a node and its USB device: seven hubs, and what stands between.
const MAX_DEPTH: usize = 24;
/// A page, which no attribute is longer than.
const MAX_ATTRIBUTE: usize = 4096;

const ENXIO: i32 = 6;
const ENODEV: i32 = 19;
const ESHUTDOWN: i32 = 108;

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_finding::Coded;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use tempfile::TempDir;

    /// A made-up `/sys` and `/dev`.
    struct Machine {
        root: TempDir,
    }

    impl Machine {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("class/hidraw")).unwrap();
            fs::create_dir(root.path().join("dev")).unwrap();
            Self { root }
        }

        fn keys(&self) -> Vec<Device> {
            let (class, dev) =
                (self.root.path().join("class/hidraw"), self.root.path().join("dev"));
            Nodes { class: &class, dev: &dev }.keys().unwrap()
        }

        fn write(&self, path: &str, content: impl AsRef<[u8]>) {
            let path = self.root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }

        /// A node whose HID device stands in `folder`.
        fn node(&self, name: &str, folder: &str, instance: &str, descriptor: &[u8]) {
            let device = format!("devices/{folder}/{instance}");
            self.write(&format!("{device}/report_descriptor"), descriptor);
            self.write(&format!("dev/{name}"), []);
            let node = self.root.path().join("class/hidraw").join(name);
            fs::create_dir(&node).unwrap();
            symlink(self.root.path().join(device), node.join("device")).unwrap();
        }

        /// A USB key as the kernel shows it.
        fn usb_key(&self, name: &str, port: &str, device: &str, instance: &str) {
            let usb = format!("devices/usb1/{port}");
            self.write(&format!("{usb}/busnum"), "1\n");
            self.write(&format!("{usb}/devnum"), format!("{device}\n"));
            self.write(&format!("{usb}/product"), "Twin Key\n");
            self.write(&format!("{usb}/manufacturer"), "Maker\n");
            let folder = format!("usb1/{port}/{port}:1.0");
            self.node(name, &folder, instance, FIDO);
            let uevent = "DRIVER=hid-generic\nHID_ID=0003:00001050:00000407\nHID_NAME=Maker Twin Key\nHID_UNIQ=\n";
            self.write(&format!("devices/{folder}/{instance}/uevent"), uevent);
        }
    }

    const FIDO: &[u8] = &[
        0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x75, 0x08,
        0x95, 0x40, 0x91, 0x02, 0xc0,
    ];

    #[test]
    fn a_usb_key_is_described_by_its_usb_device() {
        let machine = Machine::new();
        machine.usb_key("hidraw3", "1-2.3", "17", "0003:1050:0407.0012");
        let [key] = &machine.keys()[..] else { panic!("one key") };
        assert!(key.id.path.ends_with("/dev/hidraw3"), "{}", key.id);
        assert_eq!(key.id.identity.0, "0003:1050:0407.0012");
        assert_eq!(key.product.as_deref(), Some("Twin Key"));
        assert_eq!(key.manufacturer.as_deref(), Some("Maker"));
        assert_eq!((&key.serial, &key.denied), (&None, &None));
        assert_eq!(key.usb, Some((0x1050, 0x0407)));
        assert_eq!(key.usb_address, Some(UsbAddress { bus: 1, device: 17 }));
        assert_eq!(key.usb_port.as_deref(), Some("1-2.3"));
    }

    #[test]
    fn identical_keys_differ_in_port_and_address() {
        let machine = Machine::new();
        machine.usb_key("hidraw10", "1-2", "5", "0003:1050:0407.0002");
        machine.usb_key("hidraw9", "1-3", "6", "0003:1050:0407.0001");
        let keys = machine.keys();
        let ports: Vec<_> = keys.iter().map(|key| key.usb_port.as_deref().unwrap()).collect();
        assert_eq!(ports, ["1-3", "1-2"], "in the order of the nodes");
        assert_ne!(keys[0].usb_address, keys[1].usb_address);
        assert_eq!(keys[0].product, keys[1].product);
    }

    #[test]
    fn a_key_without_usb_device_has_the_name_of_its_driver_and_no_place() {
        let machine = Machine::new();
        machine.node("hidraw0", "virtual/misc/uhid", "0006:1209:F1D0.0001", FIDO);
        let uevent = "HID_ID=0006:00001209:0000F1D0\nHID_NAME=Soft=Key\nHID_UNIQ=S-77\n";
        machine.write("devices/virtual/misc/uhid/0006:1209:F1D0.0001/uevent", uevent);
        let [key] = &machine.keys()[..] else { panic!("one key") };
        assert_eq!(key.product.as_deref(), Some("Soft=Key"));
        assert_eq!(key.serial.as_deref(), Some("S-77"));
        assert_eq!((&key.usb_address, &key.usb_port), (&None, &None));
    }

    #[test]
    fn what_is_no_key_is_not_listed_and_an_odd_key_is_listed_with_the_reason() {
        let machine = Machine::new();
        machine.node("hidraw0", "a", "1", &[0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0]);
        machine.node("hidraw1", "b", "2", &FIDO[..12]);
        let mut short = FIDO.to_vec();
        short[10] = 0x20;
        machine.node("hidraw2", "c", "3", &short);
        let why: Vec<_> =
            machine.keys().iter().map(|key| key.denied.as_ref().unwrap().kind().id).collect();
        assert_eq!(why, ["hid.report-descriptor", "hid.report-length"]);
    }

    #[test]
    fn a_key_whose_node_is_hidden_is_told_apart_from_one_that_is_gone() {
        let machine = Machine::new();
        machine.usb_key("hidraw3", "1-2", "5", "0003:1050:0407.0002");
        fs::remove_file(machine.root.path().join("dev/hidraw3")).unwrap();
        let denied = machine.keys()[0].denied.clone().unwrap();
        assert_eq!(denied.kind().id, "transport.service-missing");
        assert!(denied.to_string().contains("hidraw3 does not exist"), "{denied}");
    }

    #[test]
    fn a_kernel_without_hidraw_has_no_keys_and_a_class_that_cannot_be_read_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let nodes = |class: &Path| Nodes { class, dev: root.path() }.keys();
        assert_eq!(nodes(&root.path().join("none")), Ok(Vec::new()));
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(nodes(&file).unwrap_err().kind().id, "transport.io");
    }

    #[test]
    fn no_permission_no_node_and_a_node_of_nothing_are_told_apart() {
        let refused = |error: io::Error| refusal("/dev/hidraw3", &error).kind().id;
        assert_eq!(refused(ErrorKind::PermissionDenied.into()), "transport.permission-denied");
        assert_eq!(refused(ErrorKind::NotFound.into()), "transport.removed");
        assert_eq!(refused(ErrorKind::ResourceBusy.into()), "transport.io");
        for gone in [ENXIO, ENODEV, ESHUTDOWN] {
            assert_eq!(refused(io::Error::from_raw_os_error(gone)), "transport.removed");
        }
    }
}
