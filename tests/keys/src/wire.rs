//! The wire between a test and its key: `KEYVET_TEST_WIRE` names one, and `channel` goes over it.
//!
//! | word | what is between | needs |
//! |---|---|---|
//! | `memory`, the default | nothing | nothing |
//! | `udp` | one report per datagram | loopback |
//! | `uhid` | a HID node that the kernel makes | root and `/dev/uhid` |
//! | `gadget` | a USB device that the kernel plays itself | root, configfs, a free `dummy_udc`; at most four keys at a time |
//! | `usbip` | a USB device over TCP | root and a free port of `vhci_hcd` for every key at a time |
//!
//! On the kernel's wires a key is found among the nodes by its serial number, so that tests may run beside each other. A
//! test that a wire cannot carry stands in `NOT_SPOKEN` with the reason, and returns early where it says
//! [`spoken!`](crate::spoken).

use std::env;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyvet_hid::{HidChannel, HidDiscovery, UdpAddress, UdpDiscovery};
use keyvet_transport::{Channel, ChannelError, Device, DeviceId, Discovery, Exchange, Transport};
use keyvet_virtual_key::{NodeOptions, VirtualKey, Wired};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What lies between a test and its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wire {
    /// Nothing: reports go through the process.
    Memory,
    /// One report per datagram, on loopback.
    Udp,
    /// A HID node of the kernel, through `/dev/uhid`.
    Uhid,
    /// A USB device of the kernel, through its gadget side.
    Gadget,
    /// A USB device of the kernel, through USB/IP.
    UsbIp,
}

impl Wire {
    /// The wire of this run.
    ///
    /// # Panics
    /// When `KEYVET_TEST_WIRE` names none.
    #[must_use]
    pub fn current() -> Self {
        let word =
            env::var("KEYVET_TEST_WIRE").unwrap_or_else(|_| Self::Memory.as_str().to_owned());
        let named = Self::ALL.into_iter().find(|wire| wire.as_str() == word);
        named.unwrap_or_else(|| panic!("KEYVET_TEST_WIRE={word} names no wire of {:?}", Self::ALL))
    }

    /// The word in `KEYVET_TEST_WIRE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Udp => "udp",
            Self::Uhid => "uhid",
            Self::Gadget => "gadget",
            Self::UsbIp => "usbip",
        }
    }

    /// All of them.
    pub const ALL: [Self; 5] = [Self::Memory, Self::Udp, Self::Uhid, Self::Gadget, Self::UsbIp];
}

/// A channel to `key`, over the wire of this run. The key is put on the wire when it is first asked for, and stays on it.
///
/// # Panics
/// When there is no channel within two minutes.
pub async fn channel(key: &VirtualKey) -> Box<dyn Channel> {
    match try_channel(key).await {
        Ok(channel) => channel,
        Err(error) => panic!("no channel over {}: {error}", Wire::current().as_str()),
    }
}

/// The same, for a key that may not answer.
///
/// # Errors
/// What opening the channel says.
pub async fn try_channel(key: &VirtualKey) -> Result<Box<dyn Channel>, ChannelError> {
    let cancel = CancellationToken::new();
    let exchange = Exchange { deadline: Instant::now() + LONG, cancel: &cancel, progress: &() };
    match Wire::current() {
        Wire::Memory => {
            let device = DeviceId::new(Transport::Memory, "virtual");
            Ok(Box::new(HidChannel::open(key.link(), device, exchange).await?))
        }
        Wire::Udp => {
            let address: UdpAddress = place(key).parse().expect("an address");
            UdpDiscovery::of(vec![address]).open(&address.device(), exchange).await
        }
        Wire::Uhid | Wire::Gadget | Wire::UsbIp => {
            HidDiscovery::new().open(&node(key).await.id, exchange).await
        }
    }
}

/// Puts `key` on the wire of this run, if it is not there yet, and says where it is: an address, or the serial number of
/// its node.
///
/// # Panics
/// When the wire does not come up.
#[must_use]
pub fn place(key: &VirtualKey) -> String {
    let wire = Wire::current();
    let place = wired(key, wire).place();
    place.unwrap_or_else(|error| panic!("{}: {error}", wire.as_str()))
}

/// Puts `key` on `wire`, or finds the wire that it is on already.
///
/// # Panics
/// When there is no thread, and in memory, which is no wire.
#[must_use]
pub fn wired(key: &VirtualKey, wire: Wire) -> Arc<Wired> {
    let wired = key.keep(|| match wire {
        Wire::Memory => unreachable!("a key in memory is nowhere"),
        Wire::Udp => Wired::udp(key, ([127, 0, 0, 1], 0).into()),
        Wire::Uhid => Wired::uhid(key, NodeOptions::default()),
        Wire::Gadget => Wired::gadget(key, NodeOptions::default()),
        Wire::UsbIp => Wired::usbip_here(key, NodeOptions::default()),
    });
    wired.expect("a thread")
}

/// The node of `key`, once the kernel has made it.
///
/// # Panics
/// When that takes longer than anything here may.
pub async fn node(key: &VirtualKey) -> Device {
    let (serial, patience) = (place(key), Instant::now() + LONG);
    loop {
        let devices = HidDiscovery::new().scan().expect("nodes can be listed");
        let is_it = |device: &Device| device.serial.as_ref() == Some(&serial);
        if let Some(device) = devices.into_iter().find(is_it) {
            return device;
        }
        assert!(Instant::now() < patience, "no node has the serial number {serial}");
        // the kernel makes it a moment after it was asked to
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A test that a wire cannot carry.
struct NotSpoken {
    /// How its name begins, without the name of the test program.
    test: &'static str,
    wires: &'static [Wire],
    reason: &'static str,
}

/// Every test that some wire cannot carry, and why.
const NOT_SPOKEN: &[NotSpoken] = &[
    NotSpoken {
        test: "hostile::",
        wires: &[Wire::Udp, Wire::Uhid, Wire::Gadget, Wire::UsbIp],
        reason: "on a paused clock, which stands still in this process alone",
    },
    NotSpoken {
        test: "cancelling::pulled_out_while_it_waits_for_a_touch",
        wires: &[Wire::Udp],
        reason: "UDP has no plug: nothing tells that the other side is gone",
    },
];

/// Returns from a test that the wire of this run cannot carry; says so, with the reason and how many there were so far.
///
/// Only for tests that stand in the table of [`Wire`]s, which is in the same file as this macro's function.
#[macro_export]
macro_rules! spoken {
    () => {{
        fn here() {}
        if !$crate::wire::spoken(::std::any::type_name_of_val(&here)) {
            return;
        }
    }};
}

/// Whether the test around `here`, a function in it, can be carried; if not, that is said.
///
/// # Panics
/// When no line of the table is about the test: then it need not ask.
#[must_use]
pub fn spoken(here: &str) -> bool {
    let name = test_name(here);
    let about: Vec<_> = NOT_SPOKEN.iter().filter(|line| name.starts_with(line.test)).collect();
    assert!(!about.is_empty(), "{name} asks whether it is spoken, and no line is about it");
    let wire = Wire::current();
    let Some(line) = about.iter().find(|line| line.wires.contains(&wire)) else { return true };
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    // past the capture of the test harness: it is part of what the run says
    let said = format!("{count} not spoken on {}: {name}: {}\n", wire.as_str(), line.reason);
    io::stderr().write_all(said.as_bytes()).expect("standard error is open");
    false
}

/// `client::cancelling::name::behaviour::{{closure}}::here` is in the test `cancelling::name`.
fn test_name(here: &str) -> String {
    let inner = |part: &&str| !matches!(*part, "here" | "{{closure}}" | "behaviour");
    let parts: Vec<_> = here.split("::").skip(1).filter(inner).collect();
    parts.join("::")
}

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(120);
