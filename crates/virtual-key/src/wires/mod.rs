//! Wires that a virtual key can be put on, each served by a thread of its own.
//!
//! | wire | what the host sees | needs |
//! |---|---|---|
//! | [`Wired::udp`] | datagrams | loopback |
//! | [`Wired::uhid`] | a HID node without a USB device | Linux with uhid, write access to `/dev/uhid` |
//! | [`Wired::gadget`] | a USB device | Linux with configfs, `f_hid` (four at a time) and a free device controller; root |
//! | [`Wired::usbip`], [`Wired::usbip_here`] | a USB device | nothing; Linux with `vhci_hcd` and root to attach it |

mod descriptor;
#[cfg(target_os = "linux")]
mod gadget;
mod udp;
#[cfg(target_os = "linux")]
mod uhid;
mod usb;
mod usbip;
#[cfg(target_os = "linux")]
mod vhci;

#[cfg(target_os = "linux")]
use std::fs::{self, File, OpenOptions};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
#[cfg(target_os = "linux")]
use std::os::unix::fs::OpenOptionsExt;
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use tokio::io::unix::AsyncFd;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

pub use descriptor::{NodeOptions, ReportDescriptor};

use crate::VirtualKey;
use crate::link::PortLink;
use crate::port::Port;

/// A virtual key on a wire. It comes off when this is dropped, or the key is.
///
/// It does not keep the key alive; [`VirtualKey::keep`] makes the key keep it.
pub struct Wired {
    port: Arc<Port>,
    status: Arc<Status>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Wired {
    /// Puts `key` on a UDP port; port 0 takes a free one.
    ///
    /// # Errors
    /// What the operating system says when it gives no thread. Everything else is told by [`Wired::place`].
    pub fn udp(key: &VirtualKey, listen: SocketAddr) -> io::Result<Self> {
        Self::start(key, move |port, status| udp::serve(port, listen, status))
    }

    /// Makes a HID node of `key`. The node comes and goes as the key is plugged in and unplugged.
    ///
    /// # Errors
    /// As [`Wired::udp`].
    #[cfg(target_os = "linux")]
    pub fn uhid(key: &VirtualKey, options: NodeOptions) -> io::Result<Self> {
        Self::start(key, move |port, status| uhid::serve(port, options, status))
    }

    /// Makes a USB device of `key`, on the first device controller that is free.
    ///
    /// # Errors
    /// As [`Wired::udp`].
    #[cfg(target_os = "linux")]
    pub fn gadget(key: &VirtualKey, options: NodeOptions) -> io::Result<Self> {
        Self::start(key, move |port, status| gadget::serve(port, options, status))
    }

    /// Serves `key` over USB/IP as the device `1-1`, to one host at a time.
    ///
    /// # Errors
    /// As [`Wired::udp`].
    pub fn usbip(key: &VirtualKey, options: NodeOptions, listen: SocketAddr) -> io::Result<Self> {
        Self::start(key, move |port, status| usbip::serve(port, options, listen, status))
    }

    /// The same on a free port of loopback, attached to this kernel.
    ///
    /// # Errors
    /// As [`Wired::udp`].
    #[cfg(target_os = "linux")]
    pub fn usbip_here(key: &VirtualKey, options: NodeOptions) -> io::Result<Self> {
        Self::start(key, move |port, status| usbip::serve_here(port, options, status))
    }

    /// Where the key is to be found, once it is there as it is plugged in now: an address, or the serial number of its node.
    /// Waits for at most a minute.
    ///
    /// # Errors
    /// Why it cannot be there.
    pub fn place(&self) -> io::Result<String> {
        let began = Instant::now();
        let mut at = self.status.lock();
        loop {
            match &*at {
                At::Place(plug, place) if plug.is_none_or(|plug| plug == self.port.plugged()) => {
                    return Ok(place.clone());
                }
                At::Failed(kind, why) => return Err(io::Error::new(*kind, why.clone())),
                At::Nowhere | At::Place(..) => {}
            }
            let left = PATIENCE.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the wire does not come up"));
            }
            at = self.status.wait(at, left);
        }
    }

    /// The node that the kernel made of the key as it is plugged in now, on the wires that have one here. Waits for at most a
    /// minute.
    ///
    /// # Errors
    /// As [`Wired::place`].
    #[cfg(target_os = "linux")]
    pub fn node(&self) -> io::Result<PathBuf> {
        let (serial, began) = (self.place()?, Instant::now());
        while began.elapsed() < PATIENCE {
            if let Some(node) = node_of(&serial) {
                return Ok(node);
            }
            // the kernel makes it a moment after it was asked to, and tells nobody but udev
            thread::sleep(Duration::from_millis(5));
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the kernel makes no node"))
    }

    fn start<F: Future<Output = io::Result<()>>>(
        key: &VirtualKey,
        serve: impl FnOnce(Arc<Port>, Arc<Status>) -> F + Send + 'static,
    ) -> io::Result<Self> {
        let (port, status) = (key.shared_port(), Arc::new(Status::default()));
        let (stop, stopped) = oneshot::channel();
        let (served, told) = (Arc::clone(&port), Arc::clone(&status));
        let work = move || {
            if let Err(error) = run(serve(served, Arc::clone(&told)), stopped) {
                told.set(At::Failed(error.kind(), error.to_string()));
            }
        };
        let thread = thread::Builder::new().name("wire".to_owned()).spawn(work)?;
        Ok(Self { port, status, stop: Some(stop), thread: Some(thread) })
    }
}

fn run(
    serve: impl Future<Output = io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        tokio::select! {
            served = serve => served,
            _ = stopped => Ok(()),
        }
    })
}

/// The key's end of the wire, once it is plugged in; nothing when nobody needs the key any more.
async fn plugged_in(port: &Arc<Port>) -> Option<PortLink> {
    let mut changes = port.plug_changes();
    let plug = *changes.wait_for(|plug| plug.present || plug.ended).await.ok()?;
    (!plug.ended).then(|| PortLink::open(port))
}

/// The node with this serial number.
#[cfg(target_os = "linux")]
fn node_of(serial: &str) -> Option<PathBuf> {
    let unique = format!("HID_UNIQ={serial}");
    let node = nodes().find(|node| {
        let said = fs::read_to_string(node.join("device/uevent")).unwrap_or_default();
        said.lines().any(|line| line == unique)
    })?;
    Some(Path::new("/dev").join(node.file_name()?))
}

/// The HID nodes of this kernel, as it describes them.
#[cfg(target_os = "linux")]
fn nodes() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir("/sys/class/hidraw").into_iter().flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path()))
}

/// A node of the kernel that is not waited for.
#[cfg(target_os = "linux")]
fn open_node(path: &Path) -> io::Result<File> {
    let mut open = OpenOptions::new();
    let opened = open.read(true).write(true).custom_flags(O_NONBLOCK).open(path);
    opened.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// The same, to be read and written when it is ready.
#[cfg(target_os = "linux")]
fn asynchronous(node: File) -> io::Result<AsyncFd<File>> {
    #[expect(
        deprecated,
        reason = "what replaces it is unsafe, for the sake of types that are not `File`"
    )]
    AsyncFd::new(node)
}

impl Drop for Wired {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // a panic of the thread has been printed
            drop(thread.join());
        }
    }
}

impl std::fmt::Debug for Wired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wired").field("at", &*self.status.lock()).finish_non_exhaustive()
    }
}

/// Where a key is on its wire.
#[derive(Debug, Default)]
enum At {
    #[default]
    Nowhere,
    /// At this place, for as long as it is plugged in as it was under this number; or always.
    Place(Option<u64>, String),
    /// The wire is of no use.
    Failed(io::ErrorKind, String),
}

/// What the thread of a wire tells.
#[derive(Debug, Default)]
struct Status {
    at: Mutex<At>,
    changed: Condvar,
}

impl Status {
    fn set(&self, at: At) {
        *self.lock() = at;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, at: MutexGuard<'a, At>, at_most: Duration) -> MutexGuard<'a, At> {
        self.changed.wait_timeout(at, at_most).unwrap_or_else(PoisonError::into_inner).0
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
/// Linux, on every architecture but alpha, mips, parisc and sparc.
#[cfg(target_os = "linux")]
const O_NONBLOCK: i32 = 0o4000;
