//! Talking to a key: processor time of an exchange, last report to return, exchanges a second.

use super::{Bench, output, section};
use keyvet_benches::report::{Goal, Line, Series};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The clients, in the order of the tables.
const CLIENTS: [&str; 3] = ["libfido2", "keyvet", "python-fido2"];
const FIRMWARES: [&str; 2] = ["fido-authenticator", "opensk"];
const OPERATIONS: [(&str, &str); 2] =
    [("get_info", "getInfo"), ("make_credential", "makeCredential")];
/// Delays measured a round; python-fido2 takes fewer.
const DELAYS: &str = "500";
/// From the last report to the return of the call.
const GOAL_MICROS: f64 = 1000.0;

impl Bench {
    /// Three tables.
    pub(super) fn talking(&self) -> String {
        [self.exchanges(), self.delays(), self.rates()].concat()
    }

    /// Processor time of one exchange over canned answers in memory.
    fn exchanges(&self) -> String {
        let mut series: BTreeMap<(&str, &str), Series> = BTreeMap::new();
        for _ in 0..self.rounds {
            for client in CLIENTS {
                let (passes, count) =
                    if client == "python-fido2" { ("2", "100") } else { ("7", "1000") };
                let mut command = self.client(client, "canned");
                let figures = json(command.arg(&self.work).args([passes, count]));
                for (key, _) in OPERATIONS {
                    let least = numbers(&figures[key]).into_iter().fold(f64::INFINITY, f64::min);
                    series.entry((client, key)).or_default().push(least, 0);
                }
            }
        }
        let mut names = Vec::new();
        for (key, name) in OPERATIONS {
            names.extend(CLIENTS.map(|client| (client, key, format!("{name}, {client}"))));
        }
        let lines: Vec<_> = names
            .iter()
            .map(|(client, key, name)| Line {
                name,
                series: &series[&(*client, *key)],
                partner: (*client != "libfido2")
                    .then(|| ("libfido2", &series[&("libfido2", *key)])),
                goal: if *client == "keyvet" { Goal::Ratio(2.0) } else { Goal::None },
            })
            .collect();
        section("One exchange with a key that answers at once", "µs", &lines)
    }

    /// Time from before the last report is sent to after the call has returned.
    fn delays(&self) -> String {
        let mut halves: BTreeMap<&str, Series> = BTreeMap::new();
        let mut tails: BTreeMap<&str, Series> = BTreeMap::new();
        for _ in 0..self.rounds {
            let key = Server::start(self.own("canned-key").arg(&self.work));
            for client in CLIENTS {
                let count = if client == "python-fido2" { "200" } else { DELAYS };
                let mut command = self.client(client, "delay");
                let figures = json(command.arg(&key.address).arg(count));
                let mut all = numbers(&figures["delay"]);
                all.sort_by(f64::total_cmp);
                halves.entry(client).or_default().push(all[all.len() / 2], 0);
                tails.entry(client).or_default().push(all[all.len() * 99 / 100], 0);
            }
        }
        let mut out = "\n### Last report to return of the call, makeCredential over UDP, wall time\n\n\
            | | median, least of rounds (µs) | 99th percentile, least of rounds (µs) | of all rounds | goal | met |\n\
            |---|---|---|---|---|---|\n"
            .to_owned();
        for client in CLIENTS {
            let (half, tail) = (halves[client].min(), &tails[client]);
            let worst = tail.values.iter().copied().fold(0.0, f64::max);
            let least = tail.min();
            let (goal, met) = match client {
                "keyvet" => ("≤ 1 ms", if least <= GOAL_MICROS { "yes" } else { "**no**" }),
                _ => ("–", "–"),
            };
            let range = format!("{least:.0}–{worst:.0}");
            writeln!(out, "| {client} | {half:.0} | {least:.0} | {range} | {goal} | {met} |")
                .expect("a string takes every line");
        }
        out
    }

    /// Exchanges a second with real firmware, each client with a new key of its own.
    fn rates(&self) -> String {
        let mut series: BTreeMap<(&str, &str, &str), Series> = BTreeMap::new();
        for _ in 0..self.rounds.min(RATE_ROUNDS) {
            for firmware in FIRMWARES {
                for client in CLIENTS {
                    let mut key = Command::new(self.keyvet.with_file_name("keyvet-virtual-key"));
                    key.args(["--firmware", firmware, "--listen", "127.0.0.1:0"]);
                    let key = Server::start(&mut key);
                    let mut command = self.client(client, "rate");
                    let figures = json(command.arg(&key.address).args(["3", "100"]));
                    for (operation, _) in OPERATIONS {
                        let all = numbers(&figures[operation]);
                        let least = all.into_iter().fold(f64::INFINITY, f64::min);
                        series.entry((firmware, operation, client)).or_default().push(least, 0);
                    }
                }
            }
        }
        let mut out = "\n### Exchanges a second over UDP, best of rounds, wall time\n\n\
            | firmware | | libfido2 | keyvet | python-fido2 | keyvet to python-fido2 | keyvet to libfido2 |\n\
            |---|---|---|---|---|---|---|\n"
            .to_owned();
        for firmware in FIRMWARES {
            for (operation, name) in OPERATIONS {
                let least = |client| series[&(firmware, operation, client)].min();
                let rate = |client| format!("{:.0}", 1e6 / least(client));
                let ratio = |other| format!("{:.2}", least(other) / least("keyvet"));
                let cells =
                    [CLIENTS.map(rate).join(" | "), ratio("python-fido2"), ratio("libfido2")];
                writeln!(out, "| {firmware} | {name} | {} |", cells.join(" | "))
                    .expect("a string takes every line");
            }
        }
        out
    }

    fn client(&self, name: &str, mode: &str) -> Command {
        let mut command = match name {
            "libfido2" => Command::new(self.work.join("libfido2")),
            "keyvet" => self.own("talk"),
            _ => {
                let mut python = Command::new(&self.python);
                python.arg(PYTHON_TALK);
                python
            }
        };
        command.arg(mode);
        command
    }
}

/// A key in a process of its own, until it is dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the key starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it was asked for");
        BufReader::new(stdout).read_line(&mut line).expect("the key prints its address");
        let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // it has gone already when that fails
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn json(command: &mut Command) -> Value {
    serde_json::from_str(output(command).trim()).expect("a JSON line")
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().expect("a list of figures");
    list.iter().map(|figure| figure.as_f64().expect("a number")).collect()
}

const RATE_ROUNDS: u32 = 5;
const PYTHON_TALK: &str = "benches/python/talk.py";
