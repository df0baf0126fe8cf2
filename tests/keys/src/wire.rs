//! The wire between a test and its key: `KEYVET_TEST_WIRE` names one, and `channel` goes over it.
//!
//! | word | what is between | needs |
//! |---|---|---|
//! | `memory`, the default | nothing | nothing |
//! | `udp` | one report per datagram | loopback |
//! | `uhid` | a HID node that the kernel makes | root and `/dev/uhid` |
//! | `gadget` | a USB device that the kernel plays itself | root, configfs, a free `dummy_udc`; at most four keys at a time |
//! | `usbip` | a USB device over TCP | root and a free port of `vhci_hcd` for every key at a time |
//! | `pcsc-short` | a card in a real pcscd that refuses extended commands | pcscd with free slots of vpcd, see [`wire_pcsc`] |
//! | `pcsc-extended` | a card in a real pcscd | the same |
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
use keyvet_virtual_key::{Firmware, NodeOptions, VirtualKey, Wired};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::wire_pcsc;

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
    /// A card in a reader of pcscd that refuses extended commands.
    PcscShort,
    /// A card in a reader of pcscd.
    PcscExtended,
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
            Self::PcscShort => "pcsc-short",
            Self::PcscExtended => "pcsc-extended",
        }
    }

    /// Whether a key is a card on it, in a reader of a real pcscd.
    #[must_use]
    pub const fn is_of_cards(self) -> bool {
        matches!(self, Self::PcscShort | Self::PcscExtended)
    }

    /// Whether a key is at a node of the kernel on it.
    #[must_use]
    pub const fn is_of_nodes(self) -> bool {
        matches!(self, Self::Uhid | Self::Gadget | Self::UsbIp)
    }

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Memory,
        Self::Udp,
        Self::Uhid,
        Self::Gadget,
        Self::UsbIp,
        Self::PcscShort,
        Self::PcscExtended,
    ];
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
        Wire::PcscShort => wire_pcsc::open(key, false, exchange).await,
        Wire::PcscExtended => wire_pcsc::open(key, true, exchange).await,
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
        Wire::PcscShort | Wire::PcscExtended => unreachable!("a card has no such place"),
    });
    wired.expect("a thread")
}

/// The node of `key`, once the kernel has made it.
///
/// # Panics
/// When that takes longer than anything here may, or the wire breaks meanwhile.
pub async fn node(key: &VirtualKey) -> Device {
    let patience = Instant::now() + LONG;
    loop {
        // asked again each time: a wire that broke since makes no node
        let serial = Some(place(key));
        let devices = HidDiscovery::new().scan().expect("nodes can be listed");
        if let Some(device) = devices.iter().find(|device| device.serial == serial) {
            return device.clone();
        }
        assert!(Instant::now() < patience, "none of the nodes has {serial:?}: {devices:?}");
        // the kernel makes it a moment after it was asked to
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A test that a wire cannot carry.
struct NotSpoken {
    /// How its name begins, without the name of the test program.
    test: &'static str,
    /// The one firmware that this is about.
    firmware: Option<&'static str>,
    wires: &'static [Wire],
    reason: &'static str,
}

/// Every test that some wire cannot carry, and why.
const NOT_SPOKEN: &[NotSpoken] = &[
    of_the_program("hostile::any_key_is_listed", "cards of several tests would be asked at once"),
    of_the_program(
        "hostile::a_key_that_speaks_u2f",
        "what a U2F card says is in the tests of cards",
    ),
    of_the_program("hostile::a_key_that_will_not_say", "a lock is CTAPHID's"),
    of_the_program("list::a_key_that_does_not_answer", NO_POWER),
    of_the_program("stopping::a_key_that_does_not_answer", NO_POWER),
    of_the_program(
        "stopping::after_ctrl_c_the_prompt_is_back_and_a_nitrokey",
        "as a card of its own it sends no keep-alives: while it waits for a touch nothing can end that",
    ),
    of_the_program("choosing::a_simulator_is_reached", "a card has no address"),
    of_the_program("choosing::the_key_that_is_touched", AS_GOOD_AS_TOUCHED),
    of_the_program("choosing::a_check_by_touch", AS_GOOD_AS_TOUCHED),
    of_the_program("identify::", AS_GOOD_AS_TOUCHED),
    of_the_program("trace::an_odd_key_is_as_odd", "these oddities are CTAPHID's"),
    of_the_program(
        "watching::a_key_that_shows_itself_twice",
        "the plugged key would be a card too",
    ),
    NotSpoken {
        test: "hostile::",
        firmware: None,
        wires: &[
            Wire::Udp,
            Wire::Uhid,
            Wire::Gadget,
            Wire::UsbIp,
            Wire::PcscShort,
            Wire::PcscExtended,
        ],
        reason: "on a paused clock, which stands still in this process alone",
    },
    NotSpoken {
        test: "cancelling::pulled_out_while_it_waits_for_a_touch",
        firmware: None,
        wires: &[Wire::Udp],
        reason: "UDP has no plug: nothing tells that the other side is gone",
    },
    NotSpoken {
        test: "selecting::a_key_winks",
        firmware: None,
        wires: CARDS,
        reason: "no wink over cards (CTAP 2.2 §11.3)",
    },
    NotSpoken {
        test: "reports::",
        firmware: None,
        wires: CARDS,
        reason: "a card has no reports; its commands are counted in the tests of cards",
    },
    without_keep_alives("cancelling::the_person_is_told_to_touch_and_a_touch_goes_on"),
    without_keep_alives("cancelling::cancelled_while_the_key_waits_for_a_touch"),
    without_keep_alives("cancelling::touched_and_cancelled_at_once"),
    without_keep_alives("cancelling::cancelled_after_the_touch"),
    without_keep_alives("cancelling::nobody_touches_and_we_give_up_first"),
    without_keep_alives("cancelling::pulled_out_while_it_waits_for_a_touch"),
    without_keep_alives("cancelling::a_discoverable_credential_made_while_cancelling_is_not_left"),
    without_keep_alives("discoverable::a_key_that_is_lost_in_the_middle_may_hold"),
    without_keep_alives("selecting::the_key_that_is_touched_is_selected"),
    without_keep_alives("selecting::the_keys_that_are_not_touched_are_cancelled"),
    without_keep_alives("selecting::an_older_key_is_selected_by_a_registration"),
    without_keep_alives("selecting::a_key_that_refuses_selection_is_selected"),
];

const CARDS: &[Wire] = &[Wire::PcscShort, Wire::PcscExtended];

/// A test of the program that no card can carry.
const fn of_the_program(test: &'static str, reason: &'static str) -> NotSpoken {
    NotSpoken { test, firmware: None, wires: CARDS, reason }
}

const NO_POWER: &str = "a card without power is in no reader";
const AS_GOOD_AS_TOUCHED: &str =
    "a key on a reader neither blinks nor is told by a touch: its reader tells it";

/// A test that waits for the key to ask for a touch.
const fn without_keep_alives(test: &'static str) -> NotSpoken {
    NotSpoken {
        test,
        firmware: Some("fido-authenticator"),
        wires: CARDS,
        reason: "as a card of its own it sends no keep-alives: nothing tells that it waits for a touch",
    }
}

/// Returns from a test that the wire of this run cannot carry; says so, with the reason and how many there were so far.
/// A test on several firmwares names its own.
///
/// Only for tests that stand in the table of [`Wire`]s, which is in the same file as this macro's function.
#[macro_export]
macro_rules! spoken {
    () => {
        $crate::spoken!(@ None)
    };
    ($firmware:expr) => {
        $crate::spoken!(@ Some(&$firmware))
    };
    (@ $firmware:expr) => {{
        fn here() {}
        if !$crate::wire::spoken(::std::any::type_name_of_val(&here), $firmware) {
            return;
        }
    }};
}

/// Whether the test around `here`, a function in it, can be carried; if not, that is said.
///
/// # Panics
/// When no line of the table is about the test: then it need not ask.
#[must_use]
pub fn spoken(here: &str, firmware: Option<&Firmware>) -> bool {
    let name = test_name(here);
    let about: Vec<_> = NOT_SPOKEN.iter().filter(|line| name.starts_with(line.test)).collect();
    assert!(!about.is_empty(), "{name} asks whether it is spoken, and no line is about it");
    let (wire, firmware) = (Wire::current(), firmware.map(ToString::to_string));
    let holds = |line: &&NotSpoken| {
        let firmware = line.firmware.is_none_or(|only| firmware.as_deref() == Some(only));
        firmware && line.wires.contains(&wire)
    };
    let Some(line) = about.into_iter().find(holds) else { return true };
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
