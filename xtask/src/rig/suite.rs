//! What `rig hid` tests, in one boot: this program runs it in the guest, part by part, and counts.

use super::nfc;
use super::parts::{self, Count};
use super::uml::RELEASE;
use crate::paths::{root, target};
use crate::process::command;
use std::fs;
use std::process::{Command, ExitCode};

/// Runs every part whose name begins with one of `chosen`, or all but those that are only run when asked for, and prints the
/// closing line. `words` are test programs, each as `NAME=PATH`; `short` when everything is slow here; and `half=1` or
/// `half=2` for the parts of one of two machines that share the suite.
pub(crate) fn run(words: &[&str], chosen: &[&str]) -> ExitCode {
    let short = words.contains(&"short");
    let half = [Half::First, Half::Second].into_iter().find(|half| words.contains(&half.word()));
    let mut all = Count::default();
    for mut part in all_parts(words, short) {
        let wanted = chosen.iter().any(|name| part.name.starts_with(name));
        let mine = half.is_none_or(|half| part.half == half);
        if !(wanted || chosen.is_empty() && mine && !part.asked) {
            continue;
        }
        if short && part.long && !wanted {
            println!("\nskipped: {}: it would take too long by emulation", part.name);
            all.skipped = all.skipped.saturating_add(1);
            continue;
        }
        let count = parts::run(&part.name, &mut part.command);
        tell_kernel_log(count.failed > 0);
        all.add(count);
    }
    println!("\nrig hid: {}", all.text());
    match all.result() {
        Ok(()) => ExitCode::SUCCESS,
        Err(which) => {
            println!("rig hid: {which}");
            ExitCode::FAILURE
        }
    }
}

/// What the guest's kernel said during a part: its complaints, or the end of it `whole`. A key that does not come up, or goes, is
/// its story.
fn tell_kernel_log(whole: bool) {
    let said = command("dmesg").arg("--read-clear").output().map(|output| output.stdout);
    let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
    let complains = |line: &&str| COMPLAINTS.iter().any(|word| line.contains(word));
    let lines: Vec<&str> = said.lines().filter(|line| whole || complains(line)).collect();
    for line in lines.iter().skip(lines.len().saturating_sub(KERNEL_LINES)) {
        println!("kernel: {line}");
    }
}

/// Which of two machines runs a part: about as long, each of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Half {
    First,
    Second,
}

impl Half {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::First => "half=1",
            Self::Second => "half=2",
        }
    }
}

fn all_parts(tests: &[&str], short: bool) -> Vec<Part> {
    let test = |name: &str| {
        let found = tests.iter().find_map(|test| test.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or("no-such-test").to_owned()
    };
    let brief: &[&str] = if short { &["--short"] } else { &[] };
    let one_by_one = ["--ignored", "--test-threads=1"];
    let driver = nfc::installed_driver().map(|driver| driver.display().to_string());
    let driver = driver.unwrap_or_default();
    let tools = script("tools.py");
    let tools = [&[tools.as_str()], brief].concat();
    let mut parts = vec![
        Part::new(SMOKE, &script("smoke"), &[]).only_when_asked(),
        Part::new("hid: the driver on nodes", &test("uhid"), &one_by_one).of("crates/hid"),
        Part::new("udev: who may use a node", &script("udev"), &[]),
        Part::new(
            "hw-tests: the ceremonies for real keys",
            &script("hardware"),
            &[&test("hardware")],
        ),
        Part::new("tools: libfido2's programs on the same nodes", &python(), &tools),
        Part::new("faces: a key that is on a reader too", &script("faces"), &[&driver]),
        Part::new("suspend: the machine sleeps and wakes", &python(), &[&script("suspend.py")])
            .long(),
        Part::new("again: a gadget that is not set up", &python(), &[&script("again.py")]).long(),
        oracle(),
    ];
    let suite = |name: &str, suite: &str, wire: &str, words: &[&str]| {
        let part = Part::new(name, &test(suite), words);
        part.with("KEYVET_TEST_WIRE", wire).of("tests/keys").long()
    };
    parts.push(suite("client over uhid", "client", "uhid", &[FOUR]).second());
    let faults = [&[ONE][..], &BUT_CARDS].concat();
    parts.push(suite("faults over uhid", "faults", "uhid", &faults));
    let program = [&[ONE][..], &BUT_HOSTILE].concat();
    parts.push(suite("program over uhid", "program", "uhid", &program).second());
    let hostile = suite("hostile keys over uhid", "program", "uhid", &[ONE, HOSTILE]);
    parts.push(hostile.only_when_asked());
    let ours = is_ours();
    for wire in USB {
        let all = suite(&format!("client over {wire}"), "client", wire, &[threads(ours)]);
        if ours {
            parts.push(if wire == "usbip" { all.second() } else { all });
        } else {
            let some = [&[ONE][..], &SOME].concat();
            let name = format!("some of client over {wire}");
            parts.push(suite(&name, "client", wire, &some).second());
            parts.push(all.only_when_asked());
        }
    }
    parts
}

/// Whether this is the kernel that `rig build-uml` makes today.
fn is_ours() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease");
    release.is_ok_and(|release| release.trim_end().ends_with(RELEASE))
}

const fn threads(ours: bool) -> &'static str {
    if ours { FOUR } else { ONE }
}

/// Other clients, on nodes.
fn oracle() -> Part {
    let debug = |name: &str| target().join("debug").join(name).display().to_string();
    let work = target().join("oracle").display().to_string();
    let (key, keyvet) = (debug("keyvet-virtual-key"), debug("keyvet-oracle-client"));
    let run = root().join("tests/oracle/run.py").display().to_string();
    let words =
        [&run, "--wire", "uhid", "--virtual-key", &key, "--keyvet", &keyvet, "--work", &work];
    Part::new("others: three more clients on the same nodes", &python(), &words).long()
}

fn python() -> String {
    target().join("tools/python/bin/python").display().to_string()
}

fn script(name: &str) -> String {
    root().join("tests/rigs/hid/cases").join(name).display().to_string()
}

/// One program with its arguments.
struct Part {
    name: String,
    /// It takes minutes where the processor is emulated.
    long: bool,
    /// It is run only when it is named.
    asked: bool,
    half: Half,
    command: Command,
}

impl Part {
    fn new(name: &str, program: &str, arguments: &[&str]) -> Self {
        // what a test says past its harness goes to standard error, and belongs between its lines
        let mut both = command("sh");
        let bounded = "exec timeout --kill-after=10 \"$0\" \"$@\" 2>&1";
        both.args(["-c", bounded, LIMIT, program]).args(arguments);
        both.env("PYTHONDONTWRITEBYTECODE", "1");
        Self { name: name.to_owned(), long: false, asked: false, half: Half::First, command: both }
    }

    /// Where cargo would start it: the folder of its package.
    fn of(mut self, package: &str) -> Self {
        self.command.current_dir(root().join(package));
        self
    }

    const fn only_when_asked(mut self) -> Self {
        self.asked = true;
        self
    }

    const fn second(mut self) -> Self {
        self.half = Half::Second;
        self
    }

    const fn long(mut self) -> Self {
        self.long = true;
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }
}

/// How the kernel's complaints of a USB device sound, and ours of it.
const COMPLAINTS: [&str; 7] =
    [", error -", "unable to", "not accepting", "debounce", "keyvet: ", "BUG:", "WARNING:"];
/// About what four tests at a time make it say in a minute.
const KERNEL_LINES: usize = 400;
/// Seconds that one part may take: more than twice what the longest takes.
const LIMIT: &str = "900";

/// For the machine that does not serve the suite.
pub(crate) const SMOKE: &str = "smoke";
/// What befalls cards is no matter of this machine: `cargo test` has it, and the rig of card readers.
const BUT_CARDS: [&str; 4] = ["--skip", "cards::", "--skip", "nfc::"];
/// Of the program's cases those that start it hundreds of times, which takes minutes here, are run when they are asked for. Not
/// all of the others name the key they mean, so they go one by one.
const HOSTILE: &str = "hostile::";
const BUT_HOSTILE: [&str; 2] = ["--skip", HOSTILE];

/// Wires of real USB devices. A kernel as it is has four HID gadgets at most, and takes long to set a device up; there the
/// whole suite takes seven minutes a wire, and is run when it is asked for: `cargo xtask rig hid "client over gadget"`.
const USB: [&str; 2] = ["gadget", "usbip"];
/// What is run on them on such a kernel.
const SOME: [&str; 4] = ["asserting", "cancelling", "registering", "reports"];
const ONE: &str = "--test-threads=1";
/// No test has more than three keys, and there are sixteen gadgets and fifteen ports.
const FOUR: &str = "--test-threads=4";

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: usize, failed: usize, skipped: usize) -> Count {
        Count { passed, failed, skipped, names: Vec::new() }
    }

    /// No part is run twice, and none not at all.
    #[test]
    fn each_half_has_parts() {
        let parts = all_parts(&[], false);
        let of = |half| parts.iter().filter(|part| part.half == half && !part.asked).count();
        assert!(of(Half::First) > 1 && of(Half::Second) > 1);
    }

    #[test]
    fn a_part_that_ends_badly_or_runs_nothing_has_failed() {
        let run = |program: &str, arguments: &[&str]| {
            let count = parts::run("p", &mut Part::new("p", program, arguments).command);
            Count { names: Vec::new(), ..count }
        };
        assert_eq!(run("no-such-program", &[]), count(0, 1, 0));
        assert_eq!(run("true", &[]), count(0, 1, 0));
        assert_eq!(run("echo", &["ok: one"]), count(1, 0, 0));
        assert_eq!(run("sh", &["-c", "echo ok: one; exit 3"]), count(1, 1, 0));
        assert_eq!(
            run("sh", &["-c", "echo 1 not spoken on x >&2; echo ok: a; echo ok: b"]),
            count(1, 0, 1)
        );
    }
}
