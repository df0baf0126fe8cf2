//! Where the program runs: on a machine of its own, or inside something that may hide keys.

use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};

use crate::keys::Key;
use crate::system::System;
use crate::{Checked, Diagnosis};

/// Where the program runs.
pub(crate) struct Place {
    wsl: Option<Wsl>,
    container: Option<String>,
    flatpak: bool,
    snap: Option<String>,
    machine: Option<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Wsl {
    One,
    Two,
}

impl Place {
    pub(crate) fn of(system: &System) -> Self {
        let variable = |name: &str| system.environment.get(name).filter(|value| !value.is_empty());
        Self {
            wsl: wsl(system),
            container: container(system),
            flatpak: system.files.exists("/.flatpak-info") || variable("FLATPAK_ID").is_some(),
            snap: variable("SNAP_NAME").cloned(),
            machine: virtual_machine(system),
        }
    }

    /// What this place does to keys.
    pub(crate) fn findings(&self, keys: &[Key]) -> Vec<Finding> {
        let unusable = !keys.iter().any(Key::is_usable);
        let mut findings = Vec::new();
        match self.wsl {
            Some(Wsl::One) => findings.push(Finding::new(&WSL1, "the kernel is Windows itself")),
            Some(Wsl::Two) if keys.is_empty() => {
                findings.push(Finding::new(&WSL2, "no key was handed to Linux"));
            }
            _ => {}
        }
        if let Some(sign) = self.container.as_ref().filter(|_| keys.is_empty()) {
            findings.push(Finding::new(&CONTAINER, format_args!("{sign} says so")));
        }
        if self.flatpak && unusable {
            findings.push(Finding::new(&FLATPAK, "the program runs as a Flatpak"));
        }
        if let Some(name) = self.snap.as_ref().filter(|_| unusable) {
            findings.push(Finding::new(&SNAP, format_args!("the program runs in snap {name}")));
        }
        findings
    }

    /// What is told when there is no key and nothing else to say.
    pub(crate) fn last_resort(&self) -> Option<Finding> {
        let machine = self.machine.as_ref()?;
        Some(Finding::new(&VIRTUAL_MACHINE, format_args!("made by {machine}")))
    }

    /// Whether USB is not for this kernel to see.
    pub(crate) fn hides_usb(&self) -> bool {
        self.wsl.is_some()
    }

    pub(crate) fn is_container(&self) -> bool {
        self.container.is_some()
    }

    /// Whether devices plugged into the machine come up here, under the rules that are here.
    pub(crate) fn has_own_devices(&self) -> bool {
        !self.hides_usb() && !self.is_container() && !self.flatpak && self.snap.is_none()
    }

    /// What may hide a node.
    pub(crate) fn reason(&self) -> Option<String> {
        let snap = self.snap.as_ref().map(|name| format!("snap {} hides it", Printable(name)));
        let flatpak = self.flatpak.then(|| "Flatpak hides it".into());
        let container = self.container.as_ref();
        snap.or(flatpak).or_else(|| container.map(|sign| format!("a container hides it ({sign})")))
    }

    pub(crate) fn summary(&self) -> String {
        let wsl = self.wsl.map(|wsl| if wsl == Wsl::One { "WSL 1" } else { "WSL 2" }.to_owned());
        let container = self.container.as_ref().map(|_| "a container".to_owned());
        let flatpak = self.flatpak.then(|| "a Flatpak".to_owned());
        let snap = self.snap.as_ref().map(|_| "a snap".to_owned());
        let machine = self.machine.as_ref().map(|_| "a virtual machine".to_owned());
        let said = wsl.or(flatpak).or(snap).or(container).or(machine);
        said.unwrap_or_else(|| "no container, no sandbox".into())
    }
}

fn wsl(system: &System) -> Option<Wsl> {
    let release = system.line("/proc/sys/kernel/osrelease")?;
    if release.contains("WSL2") || release.contains("microsoft-standard") {
        return Some(Wsl::Two);
    }
    release.contains("Microsoft").then_some(Wsl::One)
}

/// The sign by which a container shows.
fn container(system: &System) -> Option<String> {
    let files = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"];
    if let Some(file) = files.into_iter().find(|file| system.files.exists(file)) {
        return Some(file.into());
    }
    let groups = system.text("/proc/1/cgroup")?;
    let makers = ["docker", "kubepods", "containerd", "lxc", "libpod"];
    makers.into_iter().any(|maker| groups.contains(maker)).then(|| "/proc/1/cgroup".into())
}

fn virtual_machine(system: &System) -> Option<String> {
    let read = |name: &str| system.line(&format!("/sys/class/dmi/id/{name}"));
    let said = [read("sys_vendor"), read("product_name")].into_iter().flatten();
    let makers = ["QEMU", "KVM", "VMware", "VirtualBox", "Xen", "Parallels", "Virtual Machine"];
    said.into_iter().find(|text| makers.iter().any(|maker| text.contains(maker)))
}

/// What Windows lets a program do.
pub(crate) fn windows(elevated: bool) -> Diagnosis {
    let detail = "this program runs without an administrator's rights";
    let findings = if elevated { Vec::new() } else { vec![Finding::new(&NOT_ELEVATED, detail)] };
    let found = if elevated { "yes" } else { "no" };
    Diagnosis { findings, checked: vec![Checked::new("administrator's rights", found)] }
}

/// Windows 10 and its Linux without a kernel.
pub(crate) static WSL1: Kind = Kind {
    id: "doctor.wsl1",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "This is Linux on Windows of the first kind (WSL 1), which has no devices.",
    next_step: "Run keyvet for Windows, or move to WSL 2 with `wsl --set-version DISTRIBUTION 2` and hand the key over with usbipd.",
    source: "keyvet",
};

/// Windows keeps keys to itself.
pub(crate) static NOT_ELEVATED: Kind = Kind {
    id: "doctor.not-elevated",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "Windows lets only administrators' programs speak to security keys on USB. Without those rights all that needs no key works: verify, mds, explain, info --from-cbor.",
    next_step: "Open a terminal with \"Run as administrator\" and repeat the command there.",
    source: "keyvet",
};

/// A container.
pub(crate) static CONTAINER: Kind = Kind {
    id: "doctor.container",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "The program runs in a container, and no key is visible there: a container sees only devices that it was given when it was started.",
    next_step: "Start the container with the key's node, for example `docker run --device=/dev/hidraw0 …`, or run keyvet outside of it.",
    source: "keyvet",
};

/// Flatpak.
pub(crate) static FLATPAK: Kind = Kind {
    id: "doctor.flatpak",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "The program runs as a Flatpak, which sees no devices unless it is allowed to.",
    next_step: "Allow it: `flatpak override --user --device=all APPLICATION`, and start it again.",
    source: "keyvet",
};

/// Snap.
pub(crate) static SNAP: Kind = Kind {
    id: "doctor.snap",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "The program runs in a snap, which sees no security keys unless it is connected to them.",
    next_step: "Connect it: `sudo snap connect SNAP:u2f-devices`, and start it again.",
    source: "keyvet",
};

/// The second kind of Linux on Windows.
pub(crate) static WSL2: Kind = Kind {
    id: "doctor.wsl2",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "This is Linux on Windows (WSL 2): a key that is plugged in belongs to Windows until it is handed over.",
    next_step: "In Windows install usbipd-win, then run `usbipd list`, `usbipd bind --busid ID` as administrator and `usbipd attach --wsl --busid ID`.",
    source: "keyvet",
};

/// A virtual machine.
pub(crate) static VIRTUAL_MACHINE: Kind = Kind {
    id: "doctor.virtual-machine",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "This is a virtual machine and no key is visible; a key plugged into its host is seen here only when it is handed through.",
    next_step: "Hand the USB device through to this machine in the settings of the virtual machine's host.",
    source: "keyvet",
};
