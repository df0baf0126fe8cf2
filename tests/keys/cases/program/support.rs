//! Virtual keys plugged in, and the program run on them.

use keyvet_key_tests::wire::{self, Wire};
use keyvet_key_tests::wire_pcsc;
use keyvet_tests::{Run, keyvet_command, root, run};
use keyvet_virtual_key::fixtures::demo_leaf;
use keyvet_virtual_key::{Attestation, Fault, Firmware, KeyOptions, Place, VirtualKey, Way};
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A virtual key that the program reaches over the wire of this run, or over UDP where that is none; gone when this is.
pub struct Plugged {
    /// The key, to be touched, unplugged and asked.
    pub key: VirtualKey,
    /// `127.0.0.1:PORT`, `/dev/hidrawN` or the name of its reader.
    pub address: String,
    wire: Wire,
}

impl Plugged {
    /// `udp:127.0.0.1:PORT`, `hid:/dev/hidrawN` or `nfc:READER`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.transport(), self.address)
    }

    /// What the program calls it in the commands it prints, where a node is known by its last part.
    pub fn short_name(&self) -> String {
        self.address.strip_prefix("/dev/").map_or_else(|| self.name(), str::to_owned)
    }

    /// The same as a word of a shell.
    pub fn quoted(&self) -> String {
        let name = self.short_name();
        if name.contains(' ') { format!("'{name}'") } else { name }
    }

    /// From now on it is there and does not answer getInfo: at a port nobody hears, and a node stays where a request is lost.
    pub fn falls_silent(&self) {
        match self.wire {
            Wire::Uhid | Wire::Gadget | Wire::UsbIp => {
                let place = Place { command: 0x04, at_least: 0, way: Way::ToKey, report: 0 };
                self.key.fail(Fault::Drop, place).unwrap();
            }
            _ => self.key.unplug(),
        }
    }

    /// How the program calls the wire.
    pub fn transport(&self) -> &'static str {
        match self.wire {
            Wire::Udp => "udp",
            wire if wire.is_of_cards() => "nfc",
            _ => "hid",
        }
    }

    /// What the person is told who is to have the key touched: in the field of a reader it counts as touched.
    pub fn asked_for(&self) -> &'static str {
        if self.wire.is_of_cards() { "Keep the key on the reader" } else { "Touch the key" }
    }

    /// Takes the key's power and gives it back, as unplugging does, or lifting it off the reader.
    pub fn power_cycle(&self) {
        self.key.power_cycle();
        if self.wire.is_of_cards() {
            let _same = wire_pcsc::inserted(&self.key, self.wire == Wire::PcscExtended);
        }
    }

    /// What `KEYVET_UDP` holds, so that the program finds it.
    pub fn udp(&self) -> &str {
        if self.wire == Wire::Udp { &self.address } else { "" }
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        if self.wire.is_of_cards() {
            wire_pcsc::taken_out(&self.key);
        }
    }
}

/// Starts a key and puts it on the wire. At nodes of the kernel, and at readers, the program sees the keys of other tests too: there, tests
/// that do not name their key run one after the other.
pub fn plug(options: KeyOptions) -> Plugged {
    let key = VirtualKey::start(options).unwrap();
    let wire = match Wire::current() {
        Wire::Memory => Wire::Udp,
        wire => wire,
    };
    let address = match wire {
        Wire::Udp => wire::wired(&key, wire).place().unwrap(),
        Wire::PcscShort | Wire::PcscExtended => {
            wire_pcsc::inserted(&key, wire == Wire::PcscExtended)
        }
        _ => wire::wired(&key, wire).node().unwrap().display().to_string(),
    };
    Plugged { key, address, wire }
}

/// The demonstration's key: OpenSK with a batch certificate that the demonstration's metadata vouches for.
pub fn demo_key() -> KeyOptions {
    let leaf = demo_leaf();
    let mut options = KeyOptions::new(Firmware::OpenSk);
    options.attestation = Attestation::Batch { certificate: leaf.certificate, key: leaf.key };
    options
}

/// The demonstration's key with a PIN.
pub fn demo_key_with_pin(pin: &str) -> KeyOptions {
    let mut options = demo_key();
    options.pin = Some(pin.to_owned());
    options
}

/// The demonstration's metadata.
pub const MDS: [&str; 4] = ["--mds", "demo/metadata.jwt", "--mds-root", "demo/metadata-root.pem"];
/// A tenant that takes the demonstration's key.
pub const ACCEPTS: &str = "demo/virtual-accepts.json";
/// A tenant that does not.
pub const REFUSES: &str = "demo/virtual-refuses.json";
/// A tenant of which it cannot be told.
pub const UNDECIDED: &str = "demo/virtual-undecided.json";

/// `check --policy POLICY` with the demonstration's metadata.
pub fn check(policy: &str) -> Vec<&str> {
    [&["check", "--policy", policy], &MDS[..]].concat()
}

/// Runs the program with `keys` plugged in.
pub fn keyvet<S: AsRef<OsStr>>(keys: &[&Plugged], arguments: impl IntoIterator<Item = S>) -> Run {
    keyvet_with(keys, "", arguments)
}

/// The same with `input` on standard input.
pub fn keyvet_with<S: AsRef<OsStr>>(
    keys: &[&Plugged],
    input: &str,
    arguments: impl IntoIterator<Item = S>,
) -> Run {
    let home = tempfile::tempdir().unwrap();
    run(command(home.path(), keys).args(arguments), input)
}

fn command(home: &Path, keys: &[&Plugged]) -> Command {
    let addresses: Vec<_> = keys.iter().map(|key| key.udp()).collect();
    let mut command = keyvet_command(home);
    command.env("KEYVET_UDP", addresses.join(","));
    if Wire::current().is_of_cards() {
        // the rig's service, which an empty environment leaves at its place
        command.env_remove("PCSCLITE_CSOCK_NAME");
    }
    command
}

/// The program while it runs.
pub struct Running {
    /// The process.
    pub child: Child,
    _home: TempDir,
}

/// Starts the program with `keys` plugged in and `input` on standard input.
pub fn start(keys: &[&Plugged], input: &str, arguments: &[&str]) -> Running {
    start_as(None, keys, input, arguments)
}

/// The same as another user.
pub fn start_as(user: Option<u32>, keys: &[&Plugged], input: &str, arguments: &[&str]) -> Running {
    use std::os::unix::process::CommandExt;
    start_with(keys, input, arguments, |command| {
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
    })
}

/// The same with something more about the process.
pub fn start_with(
    keys: &[&Plugged],
    input: &str,
    arguments: &[&str],
    more: impl FnOnce(&mut Command),
) -> Running {
    let mut running = spawn_with(keys, arguments, more);
    running.give(input);
    running
}

/// The same with a standard input that waits for [`Running::give`].
pub fn spawn_with(
    keys: &[&Plugged],
    arguments: &[&str],
    more: impl FnOnce(&mut Command),
) -> Running {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path(), keys);
    more(&mut command);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running { child: command.spawn().unwrap(), _home: home }
}

impl Running {
    /// Writes `input` and closes it. A program that has ended takes nothing.
    pub fn give(&mut self, input: &str) {
        use std::io::Write;
        let _ = self.child.stdin.take().unwrap().write_all(input.as_bytes());
    }

    /// Sends a signal, as a terminal does on Ctrl-C.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Presses Ctrl-C and waits for the end; says on standard error how long the end took on `line`.
    pub fn interrupted(self, line: &str) -> Run {
        let start = Instant::now();
        self.signal("-INT");
        let run = self.end();
        eprintln!("from Ctrl-C to the prompt over {line}: {:?}", start.elapsed());
        run
    }

    /// Waits for the end.
    pub fn end(mut self) -> Run {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Run { code, stdout, stderr }
    }
}

/// Waits until `key` asks for a touch.
pub fn until_it_waits(key: &Plugged) {
    until("the key to wait for a touch", || key.key.waits_for_touch());
}

/// The key was told to stop when the program ended. A card that sits on a command hears nothing before it has answered
/// that; then the service resets it, after the program's end.
pub fn assert_stopped(key: &Plugged) {
    if Wire::current().is_of_cards() {
        until("the service to reset the card", || !key.key.waits_for_touch());
    }
    assert!(!key.key.waits_for_touch(), "the key was told to stop");
}

/// Waits until `it` is so.
pub fn until(what: &str, it: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !it() {
        assert!(Instant::now() < patience, "waited too long for {what}");
        // machines have two processors, and other tests run
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The code of the error that the document holds.
pub fn code_of(run: &Run) -> String {
    run.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("{run:?}")).to_owned()
}

/// `check` as JSON: the exit code and the code of its error.
pub fn failed_check(key: &Plugged, input: &str, more: &[&str]) -> (i32, String) {
    let arguments = [&check(ACCEPTS)[..], &["--json"], more].concat();
    let run = keyvet_with(&[key], input, arguments);
    (run.code, code_of(&run))
}

/// A path in the repository's own folders.
pub fn file(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// The text of a file of the repository.
pub fn text_of(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}
