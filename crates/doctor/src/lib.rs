//! What on a machine stops security keys from working, and the command that mends it.
//!
//! [`diagnose`] looks at a [`System`]: files below some root, who is asking, a few probes. It changes nothing, sends
//! nothing to a key or card, and never looks at the machine itself: that is what [`System::this_machine`] stands for, so
//! every finding can be had on any machine from a few lines of text ([`System::made_up`]).
//!
//! Of causes and symptoms only the cause is told: a key that cannot be opened gives one finding, the one whose next step
//! mends it. Findings that block something are errors; what may matter later is a warning.
//!
//! ```
//! use keyvet_doctor::{System, diagnose};
//! let machine = System::made_up("uid 1000\nfile /proc/sys/kernel/osrelease 4.4.0-19041-Microsoft").unwrap();
//! let diagnosis = diagnose(&machine);
//! assert_eq!(diagnosis.findings[0].id(), "doctor.wsl1");
//! assert!(diagnosis.is_blocked());
//! ```

mod access;
mod cards;
mod keys;
mod made_up;
mod place;
mod real;
mod rules;
mod system;
mod usb;

pub use made_up::MadeUpError;
pub use system::{Files, Opening, Pcscd, Person, Platform, Probes, System};

use keyvet_finding::{Finding, Kind, Severity};

/// What was found, worst first, and what was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What stops keys from working, or may.
    pub findings: Vec<Finding>,
    /// What was looked at, and how it was found.
    pub checked: Vec<Checked>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// What.
    pub what: &'static str,
    /// How it was found, in a few words.
    pub found: String,
}

impl Checked {
    fn new(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, found: found.into() }
    }
}

impl Diagnosis {
    /// Whether something does not work on this machine.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }
}

/// Looks at `system`.
#[must_use]
pub fn diagnose(system: &System) -> Diagnosis {
    let mut diagnosis = match system.platform {
        Platform::Linux => linux(system),
        Platform::Windows { elevated } => place::windows(elevated),
        Platform::Other => Diagnosis { findings: Vec::new(), checked: Vec::new() },
    };
    diagnosis.findings.sort_by_key(rank);
    diagnosis
}

fn linux(system: &System) -> Diagnosis {
    let keys = keys::keys(system);
    let place = place::Place::of(system);
    let mut findings = place.findings(&keys);
    if !place.hides_usb() {
        findings.extend(usb::findings(system, &keys, place.is_container()));
    }
    findings.extend(access::findings(system, &keys, &place));
    let cards = cards::Cards::of(system);
    findings.extend(cards.findings(system));
    if findings.is_empty() && keys.is_empty() {
        findings.extend(place.last_resort());
    }
    let checked = vec![
        Checked::new("keys on USB", keys::summary(&keys)),
        Checked::new("who may use them", access::summary(system)),
        Checked::new("card readers", cards.summary()),
        Checked::new("place", place.summary()),
    ];
    Diagnosis { findings, checked }
}

/// Worst first, and of equals the one in whose shadow the others stand.
fn rank(finding: &Finding) -> (std::cmp::Reverse<Severity>, usize) {
    let place = KINDS.iter().position(|kind| *kind == finding.kind());
    (std::cmp::Reverse(finding.severity()), place.unwrap_or(usize::MAX))
}

/// Everything that can be found, in the order in which it is told.
pub static KINDS: &[&Kind] = &[
    &place::WSL1,
    &place::NOT_ELEVATED,
    &usb::NO_USB,
    &usb::NO_HIDRAW,
    &usb::TAKEN,
    &usb::NOT_BOUND,
    &access::NODE_HIDDEN,
    &access::DENIED_TO_ROOT,
    &access::NO_RULE,
    &access::NO_FIDO_ID,
    &access::NO_UDEV,
    &access::NOT_IN_GROUP,
    &access::GROUP_NOT_YET,
    &access::NOT_NAMED,
    &access::NOT_APPLIED,
    &access::NO_SEAT,
    &access::NO_PERMISSION,
    &access::NODE_FAILS,
    &cards::NFC_DRIVER,
    &cards::NO_HELPER,
    &cards::NO_LIBRARY,
    &cards::NO_PCSCD,
    &cards::STOPPED,
    &cards::UNREACHABLE,
    &cards::REFUSED,
    &cards::SILENT,
    &usb::UNAUTHORIZED,
    &place::CONTAINER,
    &place::FLATPAK,
    &place::SNAP,
    &place::WSL2,
    &cards::NFC_MODULE,
    &cards::SCDAEMON,
    &place::VIRTUAL_MACHINE,
];
