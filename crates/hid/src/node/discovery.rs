//! Finding and opening HID nodes.

use async_trait::async_trait;
use futures_core::Stream;
use hidapi::{DeviceInfo, HidApi, HidDevice, HidError};
use keyvet_transport::{
    Channel, ChannelError, Device, DeviceEvent, DeviceId, Discovery, Exchange, Identity, Tap,
    Transport,
};
use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::watch::Watch;
use super::{HidapiLink, RawHid};
use crate::framing::{FramingError, REPORT_LEN};
use crate::tapped::Listener;
use crate::{HidChannel, Report, TappedLink};

/// The security keys among the HID nodes: usage page F1D0, usage 01 (CTAP 2.2 §11.2.8), whoever made them.
///
/// Looking reads what the kernel knows and opens each node once to see whether that is allowed; nothing is sent.
/// [`Discovery::watch`] looks twice a second while somebody watches; it does not listen to udev yet.
#[derive(Clone, Debug, Default)]
pub struct HidDiscovery {
    tap: Listener,
}

impl HidDiscovery {
    /// The nodes of this machine.
    #[must_use]
    pub const fn new() -> Self {
        Self { tap: Listener(None) }
    }

    /// The same, and every channel opened from now on is heard by `tap`.
    #[must_use]
    pub fn tapped(mut self, tap: Option<Arc<dyn Tap>>) -> Self {
        self.tap = Listener(tap);
        self
    }
}

#[async_trait]
impl Discovery for HidDiscovery {
    fn transport(&self) -> Transport {
        Transport::Hid
    }

    fn scan(&self) -> Result<Vec<Device>, ChannelError> {
        scan()
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
        Box::pin(Watch::new(scan, INTERVAL))
    }

    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError> {
        let wanted = device.clone();
        let link = HidapiLink::start(move || Node::open(wanted)).await?;
        let link = TappedLink::new(link, device.clone(), self.tap.0.clone());
        Ok(Box::new(HidChannel::open(link, device.clone(), exchange).await?))
    }
}

fn scan() -> Result<Vec<Device>, ChannelError> {
    if no_node_exists() {
        return Ok(Vec::new());
    }
    let api = HidApi::new().map_err(|error| ChannelError::Io(error.to_string()))?;
    let keys = api.device_list().filter(|info| is_key(info));
    Ok(keys.map(device).collect())
}

/// A key by what it says it is, never by who made it.
fn is_key(info: &DeviceInfo) -> bool {
    (info.usage_page(), info.usage()) == (USAGE_PAGE, USAGE)
}

fn device(info: &DeviceInfo) -> Device {
    let path = info.path().to_string_lossy().into_owned();
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut id = DeviceId::new(Transport::Hid, path);
    id.identity = identity(&id.path, Path::new(CLASS));
    let denied = denied(&id.path);
    let mut device = Device::new(id);
    device.product = text(info.product_string());
    device.manufacturer = text(info.manufacturer_string());
    device.serial = text(info.serial_number());
    device.usb = Some((info.vendor_id(), info.product_id()));
    device.denied = denied;
    device
}

/// An open node.
struct Node {
    id: DeviceId,
    device: HidDevice,
}

impl Node {
    fn open(id: DeviceId) -> Result<Self, ChannelError> {
        let path = CString::new(id.path.as_str()).map_err(|_| ChannelError::Removed)?;
        let api = HidApi::new().map_err(|error| ChannelError::Io(error.to_string()))?;
        let device = api.open_path(&path).map_err(|error| {
            denied(&id.path).unwrap_or_else(|| ChannelError::Io(error.to_string()))
        })?;
        same(&id)?;
        Ok(Self { id, device })
    }

    /// A node that is gone, or is another one now, was removed; whatever the operating system calls that.
    fn error(&self, error: &HidError) -> ChannelError {
        let gone = cfg!(target_os = "linux") && same(&self.id).is_err();
        let said = error.to_string();
        if gone || said.contains("disconnected") || said.contains("not connected") {
            return ChannelError::Removed;
        }
        ChannelError::Io(said)
    }
}

impl RawHid for Node {
    fn write(&mut self, report: &Report) -> Result<(), ChannelError> {
        let mut numbered = [0; REPORT_LEN + 1];
        for (slot, byte) in numbered.iter_mut().skip(1).zip(report) {
            *slot = *byte;
        }
        self.device.write(&numbered).map(|_| ()).map_err(|error| self.error(&error))
    }

    fn read(&mut self, timeout: Duration) -> Result<Option<Report>, ChannelError> {
        let mut bytes = [0; REPORT_LEN + 1];
        let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        let len = self.device.read_timeout(&mut bytes, timeout).map_err(|e| self.error(&e))?;
        Ok(report(bytes.get(..len).unwrap_or_default())?)
    }
}

/// What a read gave: nothing, or one report.
fn report(bytes: &[u8]) -> Result<Option<Report>, FramingError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let report = bytes.try_into().map_err(|_| FramingError::ReportLength { len: bytes.len() })?;
    Ok(Some(report))
}

/// Whether the path still names what was found there.
fn same(id: &DeviceId) -> Result<(), ChannelError> {
    compare(id, identity(&id.path, Path::new(CLASS)))
}

fn compare(id: &DeviceId, found: Identity) -> Result<(), ChannelError> {
    if found == id.identity {
        return Ok(());
    }
    if found == Identity::default() {
        return Err(ChannelError::Removed);
    }
    Err(ChannelError::Replaced {
        path: id.path.clone(),
        expected: id.identity.0.clone(),
        found: found.0,
    })
}

/// The kernel's name of this plugging-in, `0003:1050:0407.0012`; empty where there is no such name.
fn identity(path: &str, class: &Path) -> Identity {
    let name = Path::new(path).file_name().unwrap_or_default();
    let target = fs::read_link(class.join(name).join("device")).unwrap_or_default();
    let instance = target.file_name().unwrap_or_default();
    Identity(instance.to_string_lossy().into_owned())
}

/// Why the node cannot be opened, if it cannot. Where nodes are not files, that shows only at opening.
fn denied(path: &str) -> Option<ChannelError> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let error = OpenOptions::new().read(true).write(true).open(path).err()?;
    Some(refusal(path, &error))
}

fn refusal(path: &str, error: &io::Error) -> ChannelError {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            ChannelError::PermissionDenied { path: path.into(), cause: error.to_string() }
        }
        ErrorKind::NotFound => ChannelError::Removed,
        _ => ChannelError::Io(format!("{path}: {error}")),
    }
}

/// Cheaper than asking hidapi, and the usual case.
fn no_node_exists() -> bool {
    let empty = |folder: io::Result<fs::ReadDir>| folder.is_ok_and(|mut all| all.next().is_none());
    cfg!(target_os = "linux") && (!Path::new(CLASS).exists() || empty(fs::read_dir(CLASS)))
}

/// Where Linux lists the nodes.
const CLASS: &str = "/sys/class/hidraw";

/// FIDO Alliance.
const USAGE_PAGE: u16 = 0xf1d0;
/// CTAPHID authenticator.
const USAGE: u16 = 0x01;

/// How often nodes are looked at while somebody watches.
const INTERVAL: Duration = Duration::from_millis(500);

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use keyvet_finding::Coded;
    use std::os::unix::fs::symlink;
    use tokio_util::sync::CancellationToken;

    fn named(identity: &str) -> DeviceId {
        let mut id = DeviceId::new(Transport::Hid, "/dev/hidraw3");
        id.identity = Identity(identity.into());
        id
    }

    #[test]
    fn the_identity_of_a_node_is_the_kernels_instance_name_behind_it() {
        let class = tempfile::tempdir().unwrap();
        let node = class.path().join("hidraw3");
        fs::create_dir(&node).unwrap();
        symlink("../../../0003:1050:0407.0012", node.join("device")).unwrap();
        let found = identity("/dev/hidraw3", class.path());
        assert_eq!(found, Identity("0003:1050:0407.0012".into()));
        assert_eq!(identity("/dev/hidraw4", class.path()), Identity::default());
    }

    #[test]
    fn a_path_that_names_another_plugging_in_is_replaced_and_one_that_names_none_is_removed() {
        let id = named("0003:1050:0407.0012");
        assert_eq!(compare(&id, id.identity.clone()), Ok(()));
        let replaced = compare(&id, Identity("0003:1050:0407.0013".into())).unwrap_err();
        assert_eq!(replaced.kind().id, "transport.replaced");
        assert!(replaced.to_string().contains(".0013, not 0003:1050:0407.0012"), "{replaced}");
        assert_eq!(compare(&id, Identity::default()), Err(ChannelError::Removed));
    }

    #[test]
    fn a_report_of_another_length_is_refused() {
        assert_eq!(report(&[]), Ok(None));
        assert_eq!(report(&[7; 64]), Ok(Some([7; 64])));
        for len in [1, 8, 32, 63, 65] {
            let error = report(&vec![0; len]).unwrap_err();
            assert_eq!(error.kind().id, "hid.report-length", "{len} bytes");
        }
    }

    #[test]
    fn no_permission_is_told_apart_from_no_key() {
        let refused = |kind| refusal("/dev/hidraw3", &io::Error::from(kind)).kind().id;
        assert_eq!(refused(ErrorKind::PermissionDenied), "transport.permission-denied");
        assert_eq!(refused(ErrorKind::NotFound), "transport.removed");
        assert_eq!(refused(ErrorKind::ResourceBusy), "transport.io");
    }

    #[tokio::test]
    async fn a_node_that_is_gone_and_a_file_that_is_no_node_are_told_apart() {
        let cancel = CancellationToken::new();
        let open = async |path: &str| {
            let now = tokio::time::Instant::now();
            let deadline = now + Duration::from_secs(5);
            let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
            let id = DeviceId::new(Transport::Hid, path);
            HidDiscovery::new().open(&id, exchange).await.map(|_| ()).unwrap_err()
        };
        assert_eq!(open("/dev/no-such-node").await, ChannelError::Removed);
        assert_eq!(open("/dev/null").await.kind().id, "transport.io");
    }

    #[test]
    fn a_scan_finds_nodes_only_and_names_every_plugging_in() {
        for device in HidDiscovery::new().scan().unwrap() {
            assert!(device.id.path.starts_with("/dev/hidraw"), "{}", device.id);
            assert_ne!(device.id.identity, Identity::default());
        }
    }
}
