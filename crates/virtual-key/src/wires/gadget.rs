//! A USB device that the kernel plays itself: the gadget function `f_hid` behind a device controller, which on a test
//! machine is `dummy_udc`, wired to the same kernel's host side (Linux `Documentation/usb/gadget_configfs.rst`).

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyvet_hid::Report;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{At, NodeOptions, Status, asynchronous, nodes, open_node, plugged_in};
use crate::link::PortLink;
use crate::port::Port;

/// Makes a device whenever the key is plugged in.
pub(super) async fn serve(
    port: Arc<Port>,
    options: NodeOptions,
    status: Arc<Status>,
) -> io::Result<()> {
    while let Some(mut link) = plugged_in(&port).await {
        let gadget = Gadget::set_up(&options).await?;
        status.set(At::Place(Some(link.plugged()), options.serial.clone()));
        gadget.carry(&mut link, &options).await?;
        drop(gadget);
        status.set(At::Nowhere);
    }
    Ok(())
}

/// A device; unplugged and taken apart when dropped.
struct Gadget {
    /// Closed before the device is taken apart.
    node: Option<AsyncFd<File>>,
    folder: PathBuf,
    /// The device controller that it is plugged into.
    controller: String,
}

impl Gadget {
    /// Plugs a device in until the host has set it up.
    ///
    /// The host behind a dummy controller is this kernel, which needs a fraction of a second for that. Once, in one of many runs of
    /// the suite, it had made no node two minutes later; why is not known. A person would plug the key in again.
    async fn set_up(options: &NodeOptions) -> io::Result<Self> {
        for _ in 0..TIMES {
            let before = places();
            let gadget = Self::plug_in(options)?;
            if gadget.is_set_up(&before).await {
                return Ok(gadget);
            }
            gadget.tell_kernel_log(&options.serial);
        }
        Err(io::Error::new(ErrorKind::TimedOut, "the host does not set the device up"))
    }

    /// Waits for a node that was not there `before`, where this kernel is the host; another may take its time.
    async fn is_set_up(&self, before: &HashSet<PathBuf>) -> bool {
        let Some(number) = self.controller.strip_prefix("dummy_udc.") else { return true };
        let host = format!("/dummy_hcd.{number}/");
        let ours = |node: &PathBuf| node.to_string_lossy().contains(&host);
        let mut polls = tokio::time::interval(POLL);
        for _ in 0..POLLS {
            // the kernel makes it a moment after it was asked to, and tells nobody but udev
            polls.tick().await;
            if places().difference(before).any(ours) {
                return true;
            }
        }
        false
    }

    /// Where the story of the host side is.
    fn tell_kernel_log(&self, serial: &str) {
        let controller = &self.controller;
        let told = format!("keyvet: {serial} was not set up on {controller}\n");
        drop(fs::write("/dev/kmsg", told));
    }

    fn plug_in(options: &NodeOptions) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(GADGETS).join(format!("keyvet-{}-{number}", process::id()));
        make(&folder)?;
        let mut gadget = Self { node: None, folder, controller: String::new() };
        gadget.describe(options)?;
        gadget.controller = bind(&gadget.folder.join("UDC"))?;
        // only now: the function has a node once it is bound
        gadget.node = Some(open(&gadget.folder.join(FUNCTION))?);
        Ok(gadget)
    }

    fn describe(&self, options: &NodeOptions) -> io::Result<()> {
        let at = |name: &str| self.folder.join(name);
        put(&at("idVendor"), format!("{:#06x}", options.vendor))?;
        put(&at("idProduct"), format!("{:#06x}", options.product_number))?;
        put(&at("bcdUSB"), "0x0200")?;
        make(&at(STRINGS))?;
        put(&at(STRINGS).join("manufacturer"), &options.manufacturer)?;
        put(&at(STRINGS).join("product"), &options.product)?;
        put(&at(STRINGS).join("serialnumber"), &options.serial)?;
        make(&at(FUNCTION))?;
        put(&at(FUNCTION).join("report_length"), options.reports.wire_len().to_string())?;
        put(&at(FUNCTION).join("report_desc"), options.reports.bytes())?;
        make(&at(CONFIGURATION))?;
        symlink(at(FUNCTION), at(CONFIGURATION).join("hid"))
    }

    /// Carries reports until the key is unplugged.
    async fn carry(&self, link: &mut PortLink, options: &NodeOptions) -> io::Result<()> {
        // the host fetches reports only while somebody has the node open
        let mut waiting = VecDeque::new();
        loop {
            tokio::select! {
                report = self.read(options) => {
                    if report?.is_some_and(|report| link.write(&report).is_err()) {
                        return Ok(());
                    }
                }
                report = link.receive() => match report {
                    Ok(report) => waiting.push_back(options.reports.numbered(&report)),
                    Err(_) => return Ok(()),
                },
                written = self.write(waiting.front()), if !waiting.is_empty() => {
                    written?;
                    waiting.pop_front();
                }
            }
        }
    }

    async fn read(&self, options: &NodeOptions) -> io::Result<Option<Report>> {
        let mut carried = [0; MOST];
        let Some(node) = &self.node else { return Ok(None) };
        let len = node.async_io(Interest::READABLE, |mut node| node.read(&mut carried)).await?;
        Ok(options.reports.plain(carried.get(..len).unwrap_or_default()))
    }

    async fn write(&self, report: Option<&Vec<u8>>) -> io::Result<()> {
        let (Some(node), Some(report)) = (&self.node, report) else { return Ok(()) };
        let written = node.async_io(Interest::WRITABLE, |mut node| node.write(report)).await;
        match written {
            // the host has not set the device up yet, or is taking it down: nobody hears it
            Err(error) if error.raw_os_error() == Some(ESHUTDOWN) => Ok(()),
            written => written.map(|_| ()),
        }
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        self.node = None;
        let at = |name: &str| self.folder.join(name);
        // in this order; what was not made yet cannot be removed, and need not be
        drop(put(&at("UDC"), "\n"));
        drop(fs::remove_file(at(CONFIGURATION).join("hid")));
        for folder in [at(CONFIGURATION), at(FUNCTION), at(STRINGS), self.folder.clone()] {
            drop(fs::remove_dir(folder));
        }
    }
}

/// Plugs the device into a controller that no other gadget has; which one.
fn bind(udc: &Path) -> io::Result<String> {
    let mut refused = io::Error::new(ErrorKind::NotFound, format!("{CONTROLLERS} is empty"));
    for controller in
        fs::read_dir(CONTROLLERS).map_err(|error| at(Path::new(CONTROLLERS), &error))?
    {
        let controller = controller?.file_name().to_string_lossy().into_owned();
        match put(udc, &controller) {
            Ok(()) => return Ok(controller),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Every node of the host's side, by its place among the devices, which no later one has.
fn places() -> HashSet<PathBuf> {
    nodes().filter_map(|node| fs::canonicalize(node).ok()).collect()
}

/// The device's side of the node: `dev` names it as `MAJOR:MINOR`.
fn open(function: &Path) -> io::Result<AsyncFd<File>> {
    let numbers = fs::read_to_string(function.join("dev"))?;
    let device = fs::canonicalize(Path::new("/sys/dev/char").join(numbers.trim()))?;
    asynchronous(open_node(&Path::new("/dev").join(device.file_name().unwrap_or_default()))?)
}

fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder).map_err(|error| at(folder, &error))
}

fn put(file: &Path, value: impl AsRef<[u8]>) -> io::Result<()> {
    // a file of configfs is not made by opening it
    let mut opened = OpenOptions::new().write(true).open(file).map_err(|error| at(file, &error))?;
    opened.write_all(value.as_ref()).map_err(|error| at(file, &error))
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

const GADGETS: &str = "/sys/kernel/config/usb_gadget";
const CONTROLLERS: &str = "/sys/class/udc";
const STRINGS: &str = "strings/0x409";
const FUNCTION: &str = "functions/hid.key";
const CONFIGURATION: &str = "configs/c.1";
/// How often a device is plugged in before that is given up.
const TIMES: usize = 3;
const POLL: Duration = Duration::from_millis(5);
/// Ten seconds: forty times what it takes.
const POLLS: usize = 2000;
/// Longest report with its number.
const MOST: usize = 256;
/// Linux, on every architecture but alpha, mips, parisc and sparc.
const ESHUTDOWN: i32 = 108;
