//! Whether this person may open the keys that are plugged in, or those that will be; and if not, why not.

use keyvet_finding::{Culprit, Finding, Kind, Printable, Severity};

use crate::keys::Key;
use crate::place::Place;
use crate::rules::{Rules, group_entry, user_name};
use crate::system::{Opening, System};

/// One finding for each cause, naming the keys it concerns; without a key, what would stop any.
pub(crate) fn findings(system: &System, keys: &[Key], place: &Place) -> Vec<Finding> {
    let rules = Rules::of(system);
    let mut findings: Vec<Finding> = Vec::new();
    for key in keys.iter().filter(|key| !key.is_usable()) {
        let finding = unusable(system, &rules, key, place);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    let in_vain = keys.is_empty() && system.person.uid != 0 && place.has_own_devices();
    findings.extend(in_vain.then(|| general(system, &rules, None)).flatten());
    findings
}

/// Which rules give access, in a few words.
pub(crate) fn summary(system: &System) -> String {
    let rules = Rules::of(system);
    let seat = rules.by_usage.first().map(|file| format!("the person at the seat ({file})"));
    let vendor = rules.by_vendor.first().map(|(_, file)| format!("keys of some vendors ({file})"));
    let group = rules.groups.first().map(|(group, file)| format!("group {group} ({file})"));
    let said = [seat.filter(|_| rules.fido_id), vendor, group];
    let said: Vec<_> = said.into_iter().flatten().collect();
    if said.is_empty() { "no udev rule says".into() } else { said.join(", ") }
}

/// Why `key` cannot be used.
fn unusable(system: &System, rules: &Rules, key: &Key, place: &Place) -> Finding {
    match &key.opening {
        Opening::Missing => {
            let how = place
                .reason()
                .unwrap_or_else(|| "nothing here made it, and no container shows".into());
            Finding::new(&NODE_HIDDEN, format_args!("{} does not exist: {how}", key.title()))
        }
        Opening::Failed(words) => {
            Finding::new(&NODE_FAILS, format_args!("{}: {words}", key.title()))
        }
        _ if system.person.uid == 0 => {
            Finding::new(&DENIED_TO_ROOT, format_args!("{}: root may not open it", key.title()))
        }
        _ => general(system, rules, Some(key)).unwrap_or_else(|| denied(system, rules, key)),
    }
}

/// What stops every key, or those that no rule by usage covers.
fn general(system: &System, rules: &Rules, key: Option<&Key>) -> Option<Finding> {
    let title = key.map_or_else(|| "any key".into(), Key::title);
    if rules.is_empty() {
        return Some(Finding::new(&NO_RULE, format_args!("no udev rule gives access to {title}")));
    }
    if !rules.by_usage.is_empty() && rules.fido_id {
        return None;
    }
    if !rules.by_usage.is_empty() && rules.by_vendor.is_empty() && rules.groups.is_empty() {
        let file = rules.by_usage.first().map_or("", String::as_str);
        let detail = format_args!("{} asks for fido_id, which is not here", Printable(file));
        return Some(Finding::new(&NO_FIDO_ID, detail));
    }
    if rules.by_vendor.is_empty() { not_in_group(system, rules) } else { None }
}

/// A group is given keys, and nobody at the seat.
fn not_in_group(system: &System, rules: &Rules) -> Option<Finding> {
    let entries = rules.groups.iter().map(|(name, file)| (name, file, group_entry(system, name)));
    let entries: Vec<_> = entries.collect();
    let is_mine = |number: &u32| system.person.groups.contains(number);
    if entries.iter().any(|(_, _, entry)| entry.as_ref().is_some_and(|(id, _)| is_mine(id))) {
        return None;
    }
    let user = user_name(system, system.person.uid).unwrap_or_default();
    let is_member = |members: &[String]| !user.is_empty() && members.contains(&user);
    let listed = entries
        .iter()
        .find(|(_, _, entry)| entry.as_ref().is_some_and(|(_, members)| is_member(members)));
    if let Some((group, _, _)) = listed {
        let detail = format_args!("group {} is not yet one of this session's", Printable(group));
        return Some(Finding::new(&GROUP_NOT_YET, detail));
    }
    let (group, file, _) = entries.first()?;
    let (group, file) = (Printable(group), Printable(file));
    Some(Finding::new(&NOT_IN_GROUP, format_args!("{file} gives keys to group {group} only")))
}

/// There are rules that could give `key` to this person, and it was denied.
fn denied(system: &System, rules: &Rules, key: &Key) -> Finding {
    let title = key.title();
    if !system.files.exists(UDEV) {
        return Finding::new(&NO_UDEV, format_args!("{title}: {UDEV} does not exist"));
    }
    let covered = !rules.by_usage.is_empty() && rules.fido_id;
    let named = key.usb.as_ref().is_some_and(|(vendor, product)| rules.names(vendor, product));
    if !covered && !named && !rules.by_vendor.is_empty() {
        let usb = key.usb.as_ref().map(|(vendor, product)| format!(", USB {vendor}:{product}"));
        let detail = format_args!("{title}{}: no rule names it", usb.unwrap_or_default());
        return Finding::new(&NOT_NAMED, detail);
    }
    let tagged = key.udev.as_deref().is_some_and(is_for_the_seat);
    if !tagged && (covered || named) {
        return Finding::new(&NOT_APPLIED, format_args!("{title} was there before the rule"));
    }
    if tagged {
        return Finding::new(&NO_SEAT, format_args!("{title}: {}", seat(system)));
    }
    Finding::new(&NO_PERMISSION, title)
}

/// Whether udev gave the node to the seat when it last looked. Since systemd 247 it keeps old tags (`G:`) beside current
/// ones (`Q:`), and a version of what it keeps.
fn is_for_the_seat(kept: &str) -> bool {
    let has = |wanted: &str| kept.lines().any(|line| line == wanted);
    let is_old = !kept.lines().any(|line| line.starts_with("V:"));
    has("Q:uaccess") || (is_old && has("G:uaccess"))
}

/// Why nobody at the seat is this person.
fn seat(system: &System) -> &'static str {
    if system.has_variable("SSH_CONNECTION") {
        return "this session came over SSH and has no seat";
    }
    if !system.files.exists(SEATS) {
        return "nothing here knows seats: neither systemd-logind nor elogind runs";
    }
    "this session is not the active one of a seat"
}

/// The kernel knows a key whose node is not here.
pub(crate) static NODE_HIDDEN: Kind = Kind {
    id: "doctor.node-hidden",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The kernel knows the key, and there is no node for it in /dev: a container or a sandbox hides it, or nothing makes nodes.",
    next_step: "Give the container the node, for example `docker run --device=/dev/hidraw0 …`, or run keyvet outside of it.",
    source: "keyvet",
};

/// Even root is denied.
pub(crate) static DENIED_TO_ROOT: Kind = Kind {
    id: "doctor.denied-to-root",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "Root is not allowed to open the key: the device rules of a container, or a security module such as SELinux, forbid it.",
    next_step: "Give the container the device, for example `docker run --device=/dev/hidraw0 …`; elsewhere look for the denial with `sudo ausearch -m avc -ts recent` or `sudo dmesg`.",
    source: "keyvet",
};

/// No rule.
pub(crate) static NO_RULE: Kind = Kind {
    id: "doctor.no-udev-rule",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "No udev rule gives anybody but root access to security keys.",
    next_step: "Install the rule of keyvet: `sudo install -m 0644 udev/70-keyvet.rules /etc/udev/rules.d/`, then `sudo udevadm control --reload` and plug the key in again.",
    source: "keyvet",
};

/// No `fido_id`.
pub(crate) static NO_FIDO_ID: Kind = Kind {
    id: "doctor.no-fido-id",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The udev rules know security keys by what the program fido_id says of them, and this system has no such program; it comes with systemd's udev, and eudev has had none.",
    next_step: "Install your distribution's rules for security keys by vendor (package libu2f-udev or libfido2), or a udev that has fido_id, then plug the key in again.",
    source: "keyvet",
};

/// udev does not run.
pub(crate) static NO_UDEV: Kind = Kind {
    id: "doctor.udev-not-running",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "There are rules that give access to security keys, and udev, which would apply them, is not running.",
    next_step: "Start udev: `sudo systemctl start systemd-udevd`, then plug the key in again.",
    source: "keyvet",
};

/// Not in the group.
pub(crate) static NOT_IN_GROUP: Kind = Kind {
    id: "doctor.not-in-group",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The udev rules give security keys to the members of a group, and this user is not one of them.",
    next_step: "Install the rule of keyvet, which needs no group: `sudo install -m 0644 udev/70-keyvet.rules /etc/udev/rules.d/`, then `sudo udevadm control --reload` and plug the key in again. Or join the group with `sudo usermod -aG GROUP USER` and log in again.",
    source: "keyvet",
};

/// In the group since a moment.
pub(crate) static GROUP_NOT_YET: Kind = Kind {
    id: "doctor.group-not-yet",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "This user is a member of the group that may use security keys, but became one after this session began.",
    next_step: "Log out and in again.",
    source: "keyvet",
};

/// Rules by vendor do not name it.
pub(crate) static NOT_NAMED: Kind = Kind {
    id: "doctor.key-not-in-rules",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The udev rules list security keys by vendor and product, and this one is not in the list.",
    next_step: "Install the rule of keyvet, which knows keys by their usage: `sudo install -m 0644 udev/70-keyvet.rules /etc/udev/rules.d/`, then `sudo udevadm control --reload` and plug the key in again.",
    source: "keyvet",
};

/// The rule came after the key.
pub(crate) static NOT_APPLIED: Kind = Kind {
    id: "doctor.rule-not-applied",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "A udev rule gives access to this key, but was not applied to it: the key was plugged in before the rule was there.",
    next_step: "Plug the key in again, or run `sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=hidraw --action=add`.",
    source: "keyvet",
};

/// Nobody at the seat.
pub(crate) static NO_SEAT: Kind = Kind {
    id: "doctor.no-seat",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "The key is given to whoever sits at the machine, and this session does not: it came over the network, or another one is active.",
    next_step: "Log in at the machine itself, or run the command with `sudo`.",
    source: "keyvet",
};

/// Denied, and no reason was found.
pub(crate) static NO_PERMISSION: Kind = Kind {
    id: "doctor.no-permission",
    severity: Severity::Error,
    culprit: Culprit::Reader,
    meaning: "This user may not open the key, although rules are there and this user seems to be covered by them.",
    next_step: "See who may: `ls -l /dev/hidraw*` and `getfacl /dev/hidraw*`. Plug the key in again; if that does not help, install the rule of keyvet (udev/70-keyvet.rules).",
    source: "keyvet",
};

/// The node fails.
pub(crate) static NODE_FAILS: Kind = Kind {
    id: "doctor.node-fails",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key's node cannot be opened, and not for lack of permission.",
    next_step: "Plug the key in again, into another port if it repeats; `sudo dmesg` has what the kernel saw.",
    source: "keyvet",
};

/// Where a running udev takes orders.
const UDEV: &str = "/run/udev/control";
/// Where systemd-logind and elogind keep seats.
const SEATS: &str = "/run/systemd/seats";
