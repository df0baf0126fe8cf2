//! Every finding, on a machine made up for it, which has no other; and what makes none.
#![expect(clippy::unwrap_used, reason = "helpers of a test: what goes wrong must fail it")]

use keyvet_doctor::{Diagnosis, KINDS, System, diagnose};
use keyvet_finding::{Finding, Severity};

fn look(text: &str) -> Diagnosis {
    diagnose(&System::made_up(text).unwrap())
}

fn ids(text: &str) -> Vec<&'static str> {
    look(text).findings.iter().map(Finding::id).collect()
}

/// A desktop of today with a key in it, where all is well.
const WELL: &str = "
uid 1000
groups 1000 24
file /proc/sys/kernel/osrelease 6.1.0-56-amd64
file /proc/1/cgroup 0::/init.scope
file /etc/passwd root:x:0:0::/root:/bin/sh\\nada:x:1000:1000::/home/ada:/bin/sh
file /etc/group root:x:0:\\nplugdev:x:46:bob\\nada:x:1000:
dir /run/systemd/seats
file /run/udev/control -
file /usr/lib/udev/fido_id -
file /usr/lib/udev/rules.d/60-fido-id.rules SUBSYSTEM==\"hidraw\", IMPORT{program}=\"fido_id\"
file /usr/lib/udev/rules.d/70-uaccess.rules ENV{ID_SECURITY_TOKEN}==\"?*\", TAG+=\"uaccess\"
file /usr/lib/x86_64-linux-gnu/libpcsclite.so.1 -
file /run/pcscd/pcscd.comm -
dir /sys/bus/usb/devices/usb1
file /sys/bus/usb/devices/1-2/idVendor 1050
file /sys/bus/usb/devices/1-2/idProduct 0407
file /sys/bus/usb/devices/1-2/product YubiKey OTP+FIDO+CCID
file /sys/bus/usb/devices/1-2/authorized 1
file /sys/bus/usb/devices/1-2:1.1/bInterfaceClass 03
file /sys/bus/usb/devices/1-2:1.1/bInterfaceProtocol 00
link /sys/bus/usb/devices/1-2:1.1/driver ../../../bus/usb/drivers/usbhid
file /sys/bus/usb/devices/1-2:1.2/bInterfaceClass 0b
file /sys/bus/usb/devices/1-3/idVendor 072f
file /sys/bus/usb/devices/1-3/idProduct 2200
file /sys/bus/usb/devices/1-3/product ACR122U PICC Interface
file /sys/bus/usb/devices/1-3:1.0/bInterfaceClass 0b
bytes /sys/class/hidraw/hidraw3/device/report_descriptor 06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0
file /sys/class/hidraw/hidraw3/device/uevent HID_ID=0003:00001050:00000407\\nHID_NAME=Yubico YubiKey OTP+FIDO+CCID
file /sys/class/hidraw/hidraw3/dev 244:3
file /run/udev/data/c244:3 E:ID_FIDO_TOKEN=1\\nG:uaccess\\nQ:uaccess\\nV:1
";

/// [`WELL`] without the lines that have one of `words`, and with `more`.
fn but(words: &[&str], more: &str) -> String {
    let kept = WELL.lines().filter(|line| !words.iter().any(|word| line.contains(word)));
    kept.collect::<Vec<_>>().join("\n") + "\n" + more
}

const DENIED: &str = "open /dev/hidraw3 denied\n";

/// Words of the lines that make the key, and of what it was plugged into.
const KEY: &[&str] = &["hidraw3", "c244:3", "1-2"];
/// There is a hidraw, and nothing on it.
const NO_NODE: &str = "dir /sys/class/hidraw\n";

const NO_RULES: &[&str] = &["uaccess.rules", "fido-id.rules", "G:uaccess"];
const BY_VENDOR: &str = "file /lib/udev/rules.d/70-u2f.rules KERNEL==\"hidraw*\", ATTRS{idVendor}==\"1050\", ATTRS{idProduct}==\"0407|0120\", TAG+=\"uaccess\"\n";
const BY_GROUP: &str = "file /etc/udev/rules.d/70-fido.rules SUBSYSTEM==\"hidraw\", ENV{ID_FIDO_TOKEN}==\"1\", GROUP=\"plugdev\", MODE=\"0660\"\n";

/// With a key that cannot be opened.
fn denied(words: &[&[&str]], more: &str) -> String {
    but(&words.concat(), &format!("{DENIED}{more}"))
}

/// Without a key.
fn keyless(words: &[&str], more: &str) -> String {
    but(&[KEY, words].concat(), &format!("{NO_NODE}{more}"))
}

/// An id, and a machine that has this finding and no other.
fn machines() -> Vec<(&'static str, String)> {
    let usb = |line: &str| format!("{line}\n");
    let ada = "file /etc/group plugdev:x:46:ada\n";
    vec![
        (
            "doctor.wsl1",
            keyless(&["osrelease"], "file /proc/sys/kernel/osrelease 4.4.0-19041-Microsoft\n"),
        ),
        ("doctor.not-elevated", "windows ordinary".into()),
        ("doctor.no-usb", keyless(&["usb"], "")),
        ("doctor.no-hidraw", but(&["hidraw3", "c244:3"], "")),
        (
            "doctor.usb-interface-taken",
            but(&["driver"], &usb("link /sys/bus/usb/devices/1-2:1.1/driver ../../vfio-usb")),
        ),
        ("doctor.usb-interface-unbound", but(&["driver"], "")),
        ("doctor.node-hidden", but(&[], "open /dev/hidraw3 missing\n")),
        ("doctor.denied-to-root", denied(&[&["uid 1000"]], "uid 0\n")),
        ("doctor.no-udev-rule", denied(&[NO_RULES], "")),
        ("doctor.no-fido-id", denied(&[&["lib/udev/fido_id"]], "")),
        ("doctor.udev-not-running", denied(&[&["control"]], "")),
        ("doctor.not-in-group", denied(&[NO_RULES], BY_GROUP)),
        ("doctor.group-not-yet", denied(&[NO_RULES, &["etc/group"]], &format!("{BY_GROUP}{ada}"))),
        ("doctor.key-not-in-rules", denied(&[NO_RULES], &BY_VENDOR.replace("0407", "0406"))),
        ("doctor.rule-not-applied", denied(&[&["G:uaccess"]], "")),
        ("doctor.no-seat", denied(&[], "env SSH_CONNECTION=192.0.2.1\n")),
        (
            "doctor.no-permission",
            denied(&[NO_RULES, &["groups"]], &format!("{BY_GROUP}groups 1000 46\n")),
        ),
        ("doctor.node-fails", but(&[], "open /dev/hidraw3 failed\n")),
        (
            "doctor.nfc-driver",
            but(&[], &usb("link /sys/bus/usb/devices/1-3:1.0/driver ../../port100")),
        ),
        ("doctor.no-pcsc-helper", but(&[], "no-helper\n")),
        ("doctor.no-libpcsclite", but(&["libpcsclite"], "")),
        ("doctor.no-pcscd", but(&["pcscd"], "")),
        ("doctor.pcscd-not-running", but(&[], "pcscd stopped\n")),
        ("doctor.pcscd-unreachable", but(&[], "pcscd denied\n")),
        ("doctor.pcscd-refused", but(&[], "pcscd hangs-up\n")),
        ("doctor.pcscd-silent", but(&[], "pcscd silent\n")),
        (
            "doctor.usb-not-authorized",
            but(&["authorized"], &usb("file /sys/bus/usb/devices/1-2/authorized 0")),
        ),
        ("doctor.container", keyless(&[], "file /.dockerenv -\n")),
        ("doctor.flatpak", keyless(&[], "file /.flatpak-info -\n")),
        ("doctor.snap", keyless(&[], "env SNAP_NAME=keyvet\n")),
        (
            "doctor.wsl2",
            keyless(
                &["osrelease"],
                "file /proc/sys/kernel/osrelease 5.15.90-microsoft-standard-WSL2\n",
            ),
        ),
        ("doctor.nfc-module", but(&[], "file /proc/modules pn533_usb 20480 0 - Live 0x0\n")),
        ("doctor.scdaemon", but(&[], "file /proc/4711/comm scdaemon\n")),
        ("doctor.virtual-machine", keyless(&[], "file /sys/class/dmi/id/sys_vendor QEMU\n")),
    ]
}

#[test]
fn every_finding_has_a_machine_that_has_no_other() {
    for (id, machine) in &machines() {
        assert_eq!(ids(machine), [*id], "{machine}");
    }
}

#[test]
fn every_kind_is_provoked_here() {
    let provoked: Vec<_> = machines().into_iter().map(|(id, _)| id).collect();
    let all: Vec<_> = KINDS.iter().map(|kind| kind.id).collect();
    assert_eq!(provoked, all, "in the order in which they are told");
}

#[test]
fn errors_are_told_before_warnings_and_warnings_before_notes() {
    let severities: Vec<_> = KINDS.iter().map(|kind| kind.severity).collect();
    assert!(severities.is_sorted_by(|one, other| one >= other));
    let blocked = |id: &str| {
        let (_, machine) = machines().into_iter().find(|(other, _)| *other == id).unwrap();
        look(&machine).is_blocked()
    };
    for kind in KINDS {
        assert_eq!(blocked(kind.id), kind.severity == Severity::Error, "{}", kind.id);
    }
}

#[test]
fn a_machine_where_all_is_well_has_no_findings_and_says_what_was_looked_at() {
    let diagnosis = look(WELL);
    assert!(diagnosis.findings.is_empty() && !diagnosis.is_blocked(), "{diagnosis:?}");
    let checked: Vec<_> =
        diagnosis.checked.iter().map(|checked| (checked.what, checked.found.as_str())).collect();
    let expected = [
        ("keys on USB", "1, can be opened"),
        ("who may use them", "the person at the seat (70-uaccess.rules)"),
        ("card readers", "1 on USB, pcscd answers"),
        ("place", "no container, no sandbox"),
    ];
    assert_eq!(checked, expected);
}

#[test]
fn a_machine_without_key_and_without_readers_is_well_as_it_is() {
    assert!(ids(&keyless(&["pcsc", "1-3"], "")).is_empty());
}

#[test]
fn a_key_that_is_a_smart_card_as_well_needs_no_service_for_cards() {
    let key = but(&["pcsc", "1-3"], "");
    assert!(key.contains("1-2:1.2/bInterfaceClass 0b") && ids(&key).is_empty(), "{:?}", ids(&key));
}

#[test]
fn the_worst_is_told_first() {
    let more = "file /proc/4711/comm scdaemon\npcscd stopped\n";
    let text = denied(&[&["driver"]], more);
    let expected = [
        "doctor.usb-interface-unbound",
        "doctor.no-seat",
        "doctor.pcscd-not-running",
        "doctor.scdaemon",
    ];
    assert_eq!(ids(&text), expected);
}

#[test]
fn a_key_that_can_be_opened_needs_no_rule_and_the_next_key_does() {
    assert!(ids(&but(NO_RULES, "")).is_empty(), "somebody gave access in another way");
    assert_eq!(ids(&keyless(NO_RULES, "")), ["doctor.no-udev-rule"]);
    assert!(ids(&keyless(&[NO_RULES, &["uid 1000"]].concat(), "uid 0\n")).is_empty());
}

#[test]
fn rules_by_vendor_serve_the_keys_that_they_name() {
    let tagged = "file /run/udev/data/c244:3 G:uaccess\n";
    let text = denied(&[NO_RULES, &["c244"]], &format!("{BY_VENDOR}{tagged}"));
    assert_eq!(ids(&text), ["doctor.no-seat"]);
    assert_eq!(ids(&denied(&[NO_RULES], BY_VENDOR)), ["doctor.rule-not-applied"]);
    assert!(ids(&keyless(NO_RULES, BY_VENDOR)).is_empty());
}

#[test]
fn a_tag_of_an_earlier_time_is_none_and_an_older_udev_has_one_kind_of_tags() {
    let kept = |text: &str| denied(&[&["c244"]], &format!("file /run/udev/data/c244:3 {text}\n"));
    assert_eq!(ids(&kept("G:uaccess\\nV:1")), ["doctor.rule-not-applied"]);
    assert_eq!(ids(&kept("G:uaccess")), ["doctor.no-seat"]);
}

#[test]
fn a_rule_in_etc_stands_in_for_the_one_of_its_name() {
    let masked = "file /etc/udev/rules.d/70-uaccess.rules -\n";
    assert_eq!(ids(&denied(&[], masked)), ["doctor.no-udev-rule"]);
}

#[test]
fn the_rule_of_keyvet_and_a_rule_over_two_lines_are_understood() {
    let ours = include_str!("../../../udev/70-keyvet.rules");
    let ours: Vec<_> = ours.lines().filter(|line| !line.starts_with('#')).collect();
    let ours = format!("file /etc/udev/rules.d/70-keyvet.rules {}\n", ours.join("\\n"));
    assert_eq!(ids(&denied(&[&["uaccess.rules"]], &ours)), ["doctor.no-seat"]);
    let split =
        "file /etc/udev/rules.d/9.rules ENV{ID_FIDO_TOKEN}==\"1\", \\\\n TAG+=\"uaccess\"\n";
    assert_eq!(ids(&denied(&[&["uaccess.rules"]], split)), ["doctor.no-seat"]);
}

#[test]
fn a_node_that_a_container_hides_says_so() {
    let text = but(&[], "open /dev/hidraw3 missing\nfile /run/.containerenv -\n");
    let findings = look(&text).findings;
    assert_eq!(findings.iter().map(Finding::id).collect::<Vec<_>>(), ["doctor.node-hidden"]);
    let detail = findings[0].detail();
    assert!(detail.contains("a container hides it (/run/.containerenv)"), "{detail}");
}

#[test]
fn names_that_devices_make_up_are_printed_harmlessly() {
    let uevent = "file /sys/class/hidraw/hidraw3/device/uevent HID_NAME=a\u{1b}[31m\n";
    let findings = look(&denied(&[&["uevent"]], uevent)).findings;
    assert!(findings[0].detail().contains("a\\u{1b}[31m"), "{}", findings[0]);
}

#[test]
fn an_elevated_program_on_windows_is_well() {
    let diagnosis = look("windows elevated");
    assert!(diagnosis.findings.is_empty());
    assert_eq!(diagnosis.checked[0].found, "yes");
}

#[test]
fn two_keys_with_one_cause_are_two_findings_and_each_names_its_key() {
    let lines = WELL.lines().filter(|line| line.contains("hidraw3"));
    let second: Vec<_> = lines.map(|line| line.replace("hidraw3", "hidraw4")).collect();
    let text = denied(&[], &format!("{}\nopen /dev/hidraw4 denied\n", second.join("\n")));
    let findings = look(&text).findings;
    let [one, other] = &findings[..] else { panic!("{findings:?}") };
    assert!(one.detail().starts_with("/dev/hidraw3 "), "{one}");
    assert!(other.detail().starts_with("/dev/hidraw4 "), "{other}");
}
