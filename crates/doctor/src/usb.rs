//! USB devices between the socket and the HID node: what is plugged in and does not get that far.

use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};

use crate::keys::{CLASS, Key};
use crate::system::System;

/// What stands between a key's plug and its node.
pub(crate) fn findings(system: &System, keys: &[Key], contained: bool) -> Vec<Finding> {
    let names = system.names(DEVICES);
    let is_device = |name: &&String| !name.starts_with("usb") && !name.contains(':');
    let devices: Vec<_> = names.iter().filter(is_device).collect();
    if names.is_empty() {
        // a container says so itself
        let missing = Finding::new(&NO_USB, format_args!("{DEVICES} has no device"));
        return if contained || !keys.is_empty() { Vec::new() } else { vec![missing] };
    }
    let mut findings: Vec<_> =
        devices.iter().filter_map(|name| unauthorized(system, name)).collect();
    if system.files.list(CLASS).is_none() && !devices.is_empty() {
        findings.push(Finding::new(&NO_HIDRAW, format_args!("{CLASS} does not exist")));
        return findings;
    }
    let interfaces = names.iter().filter(|name| is_plain_hid(system, name));
    findings.extend(interfaces.filter_map(|name| unbound(system, name)));
    findings
}

/// An interface of a HID device that is neither keyboard nor mouse, as those of keys are.
pub(crate) fn is_plain_hid(system: &System, name: &str) -> bool {
    let attribute = |attribute| system.line(&format!("{DEVICES}/{name}/{attribute}"));
    attribute("bInterfaceClass").as_deref() == Some("03")
        && attribute("bInterfaceProtocol").as_deref() == Some("00")
}

fn unbound(system: &System, name: &str) -> Option<Finding> {
    let device = name.split(':').next().unwrap_or_default();
    let title = title(system, device);
    match system.link_name(&format!("{DEVICES}/{name}/driver")).as_deref() {
        Some("usbhid") => None,
        Some(driver) => {
            let detail = format_args!("{title}: driver {} has it", Printable(driver));
            Some(Finding::new(&TAKEN, detail))
        }
        None => Some(Finding::new(&NOT_BOUND, format_args!("{title}: no driver has it"))),
    }
}

fn unauthorized(system: &System, device: &str) -> Option<Finding> {
    let allowed = system.line(&format!("{DEVICES}/{device}/authorized"))?;
    let detail = title(system, device);
    (allowed == "0").then(|| Finding::new(&UNAUTHORIZED, detail))
}

/// `YubiKey OTP+FIDO+CCID (USB 1050:0407, port 1-2)`.
pub(crate) fn title(system: &System, device: &str) -> String {
    let attribute = |name: &str| system.line(&format!("{DEVICES}/{device}/{name}"));
    let product = attribute("product").unwrap_or_else(|| "a USB device".into());
    let number = |name: &str| attribute(name).unwrap_or_else(|| "?".into());
    let numbers = format!("{}:{}", number("idVendor"), number("idProduct"));
    format!("{} (USB {}, port {device})", Printable(&product), Printable(&numbers))
}

/// No USB.
pub(crate) static NO_USB: Kind = Kind {
    id: "doctor.no-usb",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "This machine shows no USB bus at all, so no key can be plugged in.",
    next_step: "On a virtual or remote machine hand the key through from the machine it is plugged into; elsewhere switch USB on in the firmware's settings.",
    source: "keyvet",
};

/// No hidraw.
pub(crate) static NO_HIDRAW: Kind = Kind {
    id: "doctor.no-hidraw",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "There are USB devices, and the kernel offers no HID nodes: its part for them is not loaded, or was left out (CONFIG_HIDRAW).",
    next_step: "Run `sudo modprobe hid && sudo modprobe usbhid` and repeat; if /sys/class/hidraw is still missing, use a kernel built with CONFIG_HIDRAW=y.",
    source: "keyvet",
};

/// Another driver has it.
pub(crate) static TAKEN: Kind = Kind {
    id: "doctor.usb-interface-taken",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A HID interface that may be a security key's is held by another driver: by a virtual machine or a container that it is handed to (vfio-usb, usbip-host), or by a program that took it (usbfs).",
    next_step: "End what uses the device, or take it back from the virtual machine, then plug the key in again.",
    source: "keyvet",
};

/// No driver has it.
pub(crate) static NOT_BOUND: Kind = Kind {
    id: "doctor.usb-interface-unbound",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A HID interface that may be a security key's has no driver, so there is no node for it.",
    next_step: "Run `sudo modprobe usbhid` and plug the key in again; if it repeats, `sudo dmesg` says why the driver refused it.",
    source: "keyvet",
};

/// Not allowed in.
pub(crate) static UNAUTHORIZED: Kind = Kind {
    id: "doctor.usb-not-authorized",
    severity: Severity::Warning,
    culprit: Culprit::Reader,
    meaning: "A USB device is plugged in and kept out by a rule of this machine, as USBGuard or a screen lock does; if it is the key, that is why it is not seen.",
    next_step: "Unlock the screen and plug the key in again; with USBGuard run `usbguard list-devices --blocked` and `sudo usbguard allow-device ID`.",
    source: "keyvet",
};

/// Where Linux lists USB devices and their interfaces.
pub(crate) const DEVICES: &str = "/sys/bus/usb/devices";
