//! Card readers: the service between them and programs, and what takes them away from it.

use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};

use crate::system::{Pcscd, System};
use crate::usb::{DEVICES, is_plain_hid, title};

/// What there is of card readers.
pub(crate) struct Cards {
    /// Readers on USB. A key that is a smart card as well is used over HID, and needs no service.
    readers: Vec<String>,
    /// Readers that a driver of the kernel has: the reader, the driver.
    grabbed: Vec<(String, String)>,
    /// Drivers of the kernel that would take a reader.
    loaded: Vec<String>,
    socket: Option<&'static str>,
    pcscd: Option<Pcscd>,
}

impl Cards {
    pub(crate) fn of(system: &System) -> Self {
        let (mut readers, mut grabbed) = (Vec::new(), Vec::new());
        let names = system.names(DEVICES);
        for name in names.iter().filter(|name| name.contains(':')) {
            let device = name.split(':').next().unwrap_or_default();
            let driver = system.link_name(&format!("{DEVICES}/{name}/driver"));
            let class = system.line(&format!("{DEVICES}/{name}/bInterfaceClass"));
            match driver.filter(|driver| DRIVERS.contains(&driver.as_str())) {
                Some(driver) => grabbed.push((title(system, device), driver)),
                None if class.as_deref() == Some(CCID) && !is_key(system, &names, device) => {
                    readers.push(title(system, device));
                }
                None => {}
            }
        }
        let socket = SOCKETS.into_iter().find(|socket| system.files.exists(socket));
        let pcscd = socket.map(|socket| system.probes.pcscd(socket));
        Self { readers, grabbed, loaded: loaded(system), socket, pcscd }
    }

    /// What stands between a reader and this program. Without reader and without service nothing is missed.
    pub(crate) fn findings(&self, system: &System) -> Vec<Finding> {
        let mut findings: Vec<_> = self
            .grabbed
            .iter()
            .map(|(reader, driver)| {
                Finding::new(&NFC_DRIVER, format_args!("{reader}: driver {}", Printable(driver)))
            })
            .collect();
        if self.grabbed.is_empty() && !self.loaded.is_empty() {
            findings.push(Finding::new(&NFC_MODULE, self.loaded.join(", ")));
        }
        if self.readers.is_empty() && self.socket.is_none() {
            return findings;
        }
        findings.extend(self.service(system));
        findings.extend(program(system));
        findings.extend(self.scdaemon(system));
        findings
    }

    /// What is wrong with the service.
    fn service(&self, system: &System) -> Option<Finding> {
        let (Some(pcscd), Some(socket)) = (self.pcscd, self.socket) else {
            let reader = self.readers.first().map_or("", String::as_str);
            let installed = PROGRAMS.iter().any(|program| system.files.exists(program));
            let kind = if installed { &STOPPED } else { &NO_PCSCD };
            return Some(Finding::new(kind, format_args!("{reader} waits for it")));
        };
        let kind = match pcscd {
            Pcscd::Answers => return None,
            Pcscd::Stopped => &STOPPED,
            Pcscd::Denied => &UNREACHABLE,
            Pcscd::HangsUp => &REFUSED,
            Pcscd::Silent => &SILENT,
        };
        Some(Finding::new(kind, socket))
    }

    /// A program that likes to keep cards to itself.
    fn scdaemon(&self, system: &System) -> Option<Finding> {
        let is_number = |name: &&String| name.bytes().all(|byte| byte.is_ascii_digit());
        let processes = system.names("/proc");
        let id = processes
            .iter()
            .filter(is_number)
            .find(|id| system.line(&format!("/proc/{id}/comm")).as_deref() == Some("scdaemon"))?;
        Some(Finding::new(&SCDAEMON, format_args!("process {id}")))
    }

    pub(crate) fn summary(&self) -> String {
        let readers = match self.readers.len() {
            0 => "none on USB".into(),
            count => format!("{count} on USB"),
        };
        let service = match self.pcscd {
            None => "pcscd is not there",
            Some(Pcscd::Answers) => "pcscd answers",
            Some(_) => "pcscd does not answer",
        };
        format!("{readers}, {service}")
    }
}

/// Whether `device` has an interface like that of a key, too.
fn is_key(system: &System, names: &[String], device: &str) -> bool {
    let interfaces = names.iter().filter(|name| name.split(':').next() == Some(device));
    interfaces.filter(|name| name.contains(':')).any(|name| is_plain_hid(system, name))
}

/// What keyvet needs to speak to the service.
fn program(system: &System) -> Option<Finding> {
    if !system.probes.helper() {
        return Some(Finding::new(
            &NO_HELPER,
            "keyvet-pcsc is not beside keyvet, nor where KEYVET_PCSC says",
        ));
    }
    let folders = LIBRARIES.into_iter().map(str::to_owned);
    let multiarch = system.names("/usr/lib").into_iter().filter(|name| name.contains("-linux-"));
    let mut all = folders.chain(multiarch.map(|name| format!("/usr/lib/{name}")));
    let found = all.any(|folder| system.files.exists(&format!("{folder}/libpcsclite.so.1")));
    (!found).then(|| Finding::new(&NO_LIBRARY, "libpcsclite.so.1 is in no folder of libraries"))
}

fn loaded(system: &System) -> Vec<String> {
    let modules = system.text("/proc/modules").unwrap_or_default();
    let names = modules.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| DRIVERS.contains(name)).map(str::to_owned).collect()
}

/// A driver has the reader.
pub(crate) static NFC_DRIVER: Kind = Kind {
    id: "doctor.nfc-driver",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A driver of the kernel has taken the NFC reader, so pcscd cannot use it.",
    next_step: "Unload the driver that is named and keep it out: `sudo modprobe -r pn533_usb port100` and `echo 'blacklist pn533_usb\nblacklist port100' | sudo tee /etc/modprobe.d/no-kernel-nfc.conf`, then plug the reader in again.",
    source: "keyvet",
};

/// A driver would take a reader.
pub(crate) static NFC_MODULE: Kind = Kind {
    id: "doctor.nfc-module",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "A driver of the kernel for NFC readers is loaded; it takes a reader with a PN533 or RC-S380 before pcscd can.",
    next_step: "If a reader is not seen, unload the driver with `sudo modprobe -r`, its name behind, and plug the reader in again.",
    source: "keyvet",
};

/// The helper is missing.
pub(crate) static NO_HELPER: Kind = Kind {
    id: "doctor.no-pcsc-helper",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "Card readers are reached through the program keyvet-pcsc, and it is missing. Keys on USB work without it.",
    next_step: "Install keyvet-pcsc beside keyvet, or name it in the variable KEYVET_PCSC.",
    source: "keyvet",
};

/// The library is missing.
pub(crate) static NO_LIBRARY: Kind = Kind {
    id: "doctor.no-libpcsclite",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "keyvet-pcsc needs the library libpcsclite.so.1, and it is missing. Keys on USB work without it.",
    next_step: "Install it: `sudo apt install libpcsclite1`, `sudo dnf install pcsc-lite-libs` or `sudo pacman -S pcsclite`.",
    source: "keyvet",
};

/// No service.
pub(crate) static NO_PCSCD: Kind = Kind {
    id: "doctor.no-pcscd",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A card reader is plugged in, and the service that programs reach it through is not installed.",
    next_step: "Install it: `sudo apt install pcscd`, `sudo dnf install pcsc-lite` or `sudo pacman -S pcsclite ccid`, then `sudo systemctl enable --now pcscd.socket`.",
    source: "keyvet",
};

/// The service does not run.
pub(crate) static STOPPED: Kind = Kind {
    id: "doctor.pcscd-not-running",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The service for card readers is installed and not running.",
    next_step: "Start it: `sudo systemctl enable --now pcscd.socket`.",
    source: "keyvet",
};

/// The socket is closed to this user.
pub(crate) static UNREACHABLE: Kind = Kind {
    id: "doctor.pcscd-unreachable",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "This user may not connect to the service for card readers: its socket does not allow it.",
    next_step: "Restart the service, which makes the socket anew: `sudo systemctl restart pcscd.socket`; if it repeats, see `ls -l /run/pcscd`.",
    source: "keyvet",
};

/// It hangs up.
pub(crate) static REFUSED: Kind = Kind {
    id: "doctor.pcscd-refused",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The service for card readers hangs up on this user: polkit forbids it the action org.debian.pcsc-lite.access_pcsc, as it does for sessions over the network and for services.",
    next_step: "Log in at the machine itself, or ask its administrator for a polkit rule that allows the actions org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card.",
    source: "keyvet",
};

/// It is stuck.
pub(crate) static SILENT: Kind = Kind {
    id: "doctor.pcscd-silent",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The service for card readers takes connections and does not answer: it is stuck, or a reader's driver is.",
    next_step: "Restart it: `sudo systemctl restart pcscd`. If it repeats, unplug the readers one after the other.",
    source: "keyvet",
};

/// GnuPG keeps cards.
pub(crate) static SCDAEMON: Kind = Kind {
    id: "doctor.scdaemon",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "GnuPG's scdaemon is running; it may keep a card, or the smart card half of a key, for itself.",
    next_step: "If a card is busy, run `gpgconf --kill scdaemon` and repeat.",
    source: "keyvet",
};

/// Drivers of the kernel for NFC readers.
const DRIVERS: [&str; 7] =
    ["pn533", "pn533_usb", "port100", "nfcsim", "pn532_uart", "nfcmrvl_usb", "st95hf"];

/// Class of a smart card reader's interface.
const CCID: &str = "0b";

/// Where pcscd listens.
const SOCKETS: [&str; 2] = ["/run/pcscd/pcscd.comm", "/var/run/pcscd/pcscd.comm"];

/// Where pcscd stands.
const PROGRAMS: [&str; 3] = ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd"];

/// Where the library stands, beside folders named after an architecture.
const LIBRARIES: [&str; 5] = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"];
