//! Everything in one run, interleaved: `run KEYVET PYTHON WORK ROUNDS`, started by `benches/run`.
//!
//! Prints the tables and puts them into docs/performance.md between its two marks.

mod talk;

use keyvet_benches::report::{Goal, Line, Series, table};
use keyvet_benches::usage::{Usage, run};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [keyvet, python, work, rounds] = arguments.as_slice() else {
        panic!("usage: run KEYVET PYTHON WORK ROUNDS")
    };
    let rounds = rounds.parse().expect("rounds are a number");
    let bench = Bench { keyvet: keyvet.into(), python: python.into(), work: work.into(), rounds };
    bench.prepare();
    let mut text = bench.conditions();
    for section in [bench.start_up(), bench.metadata(), bench.judging(), bench.talking()] {
        text.push_str(&section);
    }
    println!("{text}");
    publish(&text);
}

struct Bench {
    keyvet: PathBuf,
    python: PathBuf,
    work: PathBuf,
    rounds: u32,
}

impl Bench {
    fn prepare(&self) {
        must(self.own("fixtures").arg(&self.work).arg(RECORDED));
        must(self.own("mds-keyvet").args(["make-cache", BLOB]).arg(self.work.join("no121.cache")));
        for home in ["cold", "warm"] {
            std::fs::create_dir_all(self.work.join(home)).expect("the work folder is writable");
        }
        must(self.keyvet("warm").args(["mds", "import", BLOB, "--at", BLOB_AT]));
    }

    fn conditions(&self) -> String {
        let commit = text_of(Command::new("git").args(["rev-parse", "--short", "HEAD"]));
        let date = text_of(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]));
        let rustc = text_of(Command::new("rustc").arg("--version"));
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: Vec<&str> = load.split(' ').take(3).collect();
        format!(
            "Taken {date} at commit {commit}, {} rounds; {}, {} processors, load {}; {rustc}; {}; {}.\n",
            self.rounds,
            cpu_name(),
            std::thread::available_parallelism().map_or(0, usize::from),
            load.join(" "),
            self.versions(),
            "webauthn-rs-core 0.6.2, fido-mds 0.5.1, aws-lc-rs of the lock file",
        )
    }

    fn versions(&self) -> String {
        let libfido2 = text_of(Command::new("sh").args(["-c", "fido2-token -V 2>&1"]));
        let query = "from importlib.metadata import version; print(version('fido2'))";
        let python = text_of(Command::new(&self.python).args(["-c", query]));
        format!("libfido2 {libfido2}, python-fido2 {python}")
    }

    /// One program, one start: what a person waits for at the prompt.
    fn start_up(&self) -> String {
        let file = self.work.join("registration.json");
        let root = self.work.join("root.pem");
        let input = self.work.join("registration.fido2-cred");
        let mut series: BTreeMap<&str, Series> = BTreeMap::new();
        for _ in 0..self.rounds {
            let mut measure = |name, command: &mut Command| {
                let usage = must(command);
                series.entry(name).or_default().push(millis(&usage), usage.peak_kb);
            };
            measure("fido2-token -V", Command::new("fido2-token").arg("-V"));
            measure("keyvet --version", self.keyvet("cold").arg("--version"));
            measure("fido2-token -L", Command::new("fido2-token").arg("-L"));
            measure("keyvet list", self.keyvet("cold").arg("list").env_remove("KEYVET_UDP"));
            measure(
                "fido2-cred -V",
                Command::new("fido2-cred").arg("-V").arg("-i").arg(&input).arg("es256"),
            );
            measure("cold", self.keyvet("cold").arg("verify").arg(&file).args(["--at", NOW]));
            measure(
                "anchor",
                self.keyvet("cold")
                    .arg("verify")
                    .arg(&file)
                    .arg("--anchor")
                    .arg(&root)
                    .args(["--at", NOW]),
            );
            let warm = |file: &Path| {
                let mut command = self.keyvet("warm");
                command.arg("verify").arg(file).args(["--at", BLOB_AT]);
                command
            };
            measure("warm", warm(&file).arg("--anchor").arg(&root));
            measure("real", &mut warm(Path::new(REAL)));
        }
        let line = |name, key, partner: &'static str, goal| Line {
            name,
            series: &series[key],
            partner: series.get(partner).map(|series| (partner, series)),
            goal,
        };
        let lines = [
            line("`fido2-token -V`", "fido2-token -V", "", Goal::None),
            line(
                "`keyvet --version`",
                "keyvet --version",
                "fido2-token -V",
                Goal::RatioAndMegabytes(1.0, 16.0),
            ),
            line("`fido2-token -L`, no key", "fido2-token -L", "", Goal::None),
            line(
                "`keyvet list`, no key",
                "keyvet list",
                "fido2-token -L",
                Goal::RatioAndMegabytes(1.0, 8.0),
            ),
            line("`fido2-cred -V`: statement signature", "fido2-cred -V", "", Goal::None),
            line(
                "`keyvet verify`, no metadata: statement, profile, AAGUID",
                "cold",
                "fido2-cred -V",
                Goal::Ratio(1.0),
            ),
            line("the same with `--anchor`: chain too", "anchor", "fido2-cred -V", Goal::None),
            line(
                "the same with the cache of no 121: model looked for too",
                "warm",
                "fido2-cred -V",
                Goal::Megabytes(16.0),
            ),
            line(
                "`keyvet verify` of a real key, same cache: chain to its model's anchor, status",
                "real",
                "fido2-cred -V",
                Goal::Megabytes(16.0),
            ),
        ];
        section("One start", "ms", &lines)
    }

    fn metadata(&self) -> String {
        let cache = self.work.join("no121.cache");
        let (mut ours, mut peer, mut python, mut warm) =
            (Series::default(), Series::default(), Series::default(), Series::default());
        let mut counts = String::new();
        for round in 0..self.rounds {
            let own = figures(self.own("mds-keyvet").args(["blob", BLOB]), &mut ours);
            let other = figures(
                Command::new("faketime").arg(FAKE_TIME).arg(self.program("mds-fido-mds")).arg(BLOB),
                &mut peer,
            );
            figures(self.own("mds-keyvet").arg("cache").arg(&cache), &mut warm);
            if round < PYTHON_ROUNDS {
                figures(Command::new(&self.python).args([PYTHON_MDS, BLOB, ROOT]), &mut python);
            }
            counts = format!(
                "keyvet accounts for {} entries; fido-mds returns {} FIDO2, {} U2F and {} UAF entries and drops the rest.\n",
                own["entries"], other["fido2"], other["u2f"], other["uaf"]
            );
        }
        let partner = Some(("fido-mds", &peer));
        let lines = [
            Line { name: "fido-mds 0.5.1", series: &peer, partner: None, goal: Goal::None },
            Line {
                name: "keyvet",
                series: &ours,
                partner: partner.clone(),
                goal: Goal::RatioAndMegabytes(1.0, 20.0),
            },
            Line { name: "python-fido2", series: &python, partner, goal: Goal::None },
            Line {
                name: "keyvet, warm cache: read, check, find one model",
                series: &warm,
                partner: None,
                goal: Goal::Millis(1.0),
            },
        ];
        section("Metadata BLOB no 121 (4 150 047 bytes): verify, parse, index", "ms", &lines)
            + "\n"
            + &counts
    }

    fn judging(&self) -> String {
        let mut series: BTreeMap<String, Series> = BTreeMap::new();
        for _ in 0..self.rounds {
            let rust = output(self.own("judge").arg("1"));
            let all = self.work.join("all.json");
            let python = output(Command::new(&self.python).arg(PYTHON_JUDGE).arg(all).arg("1"));
            for line in rust.lines().chain(python.lines()) {
                let figure: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
                let name = figure["name"].as_str().expect("a name").to_owned();
                series
                    .entry(name)
                    .or_default()
                    .push(figure["us"][0].as_f64().expect("one round"), 0);
            }
        }
        let line = |name, key, partner: &'static str, goal| Line {
            name,
            series: &series[key],
            partner: series.get(partner).map(|series| (partner, series)),
            goal,
        };
        let lines = [
            line("one raw verification (aws-lc-rs)", "raw", "", Goal::None),
            line("least parsing and one verification", "floor-one", "raw", Goal::None),
            line("least parsing and two verifications", "floor-two", "raw", Goal::None),
            line("keyvet, chain searched", "keyvet", "floor-two", Goal::Ratio(1.15)),
            line("keyvet, leaf remembered", "keyvet-known-leaf", "raw", Goal::Ratio(1.15)),
            line("webauthn-rs-core, CA list", "webauthn-rs-core", "floor-two", Goal::None),
            line("python-fido2, chain checked", "python-fido2", "floor-two", Goal::None),
        ];
        section(
            "One packed ES256 registration with x5c, of 200 over 4 batch certificates",
            "µs",
            &lines,
        )
    }

    /// keyvet with a cache folder of its own.
    fn keyvet(&self, home: &str) -> Command {
        let mut command = Command::new(&self.keyvet);
        command.env("XDG_CACHE_HOME", self.work.join(home)).env("HOME", self.work.join(home));
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        let own = std::env::current_exe().expect("a program knows where it is");
        own.with_file_name(name)
    }

    fn own(&self, name: &str) -> Command {
        Command::new(self.program(name))
    }
}

/// Runs a worker that prints its processor time as JSON; its peak memory is that of the whole process.
fn figures(command: &mut Command, series: &mut Series) -> serde_json::Value {
    let (usage, output, code) = run(command).expect("the worker starts");
    assert_eq!(code, 0, "{command:?}");
    let figure: serde_json::Value =
        serde_json::from_slice(&output).expect("the worker prints JSON");
    series.push(figure["cpu_us"].as_f64().expect("processor time") / 1000.0, usage.peak_kb);
    figure
}

fn must(command: &mut Command) -> Usage {
    let (usage, _, code) = run(command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_eq!(code, 0, "{command:?}");
    usage
}

fn output(command: &mut Command) -> String {
    let (_, output, code) = run(command).expect("the worker starts");
    assert_eq!(code, 0, "{command:?}");
    String::from_utf8(output).expect("the worker prints text")
}

fn text_of(command: &mut Command) -> String {
    output(command).trim().to_owned()
}

fn millis(usage: &Usage) -> f64 {
    usage.cpu.as_secs_f64() * 1000.0
}

fn cpu_name() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("model name\t: "));
    line.unwrap_or("unknown processor").to_owned()
}

fn section(title: &str, unit: &str, lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    writeln!(out, "\n### {title}\n\n{}", table(unit, lines).trim_end()).expect("a string takes it");
    out
}

fn publish(text: &str) {
    let page = Path::new(PAGE);
    let old = std::fs::read_to_string(page).expect("the page is readable");
    let (head, rest) = old.split_once(BEGIN).expect("the page has its first mark");
    let (_, tail) = rest.split_once(END).expect("the page has its second mark");
    std::fs::write(page, format!("{head}{BEGIN}\n{text}{END}{tail}"))
        .expect("the page is writable");
}

/// Answers of real keys; a canned key gives one of them.
const RECORDED: &str = "tests/vectors/getinfo/getinfo-cbor.json";
const PYTHON_ROUNDS: u32 = 2;
const BLOB: &str = "tests/vectors/mds/mds3-no121-2025-01-01.jwt";
const ROOT: &str = "tests/vectors/mds/globalsign-root-r3.pem";
/// A YubiKey with an RSA-signed batch certificate, in no 121.
const REAL: &str = "tests/vectors/attestation/packed-001.json";
const BLOB_AT: &str = "2024-12-05T12:00:00Z";
const FAKE_TIME: &str = "2024-12-05 12:00:00";
const NOW: &str = "2026-01-01T00:00:00Z";
const PYTHON_MDS: &str = "benches/python/mds.py";
const PYTHON_JUDGE: &str = "benches/python/judge.py";
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- figures: written by benches/run -->";
const END: &str = "<!-- end of figures -->";
