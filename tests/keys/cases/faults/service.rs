//! Cells of what only a real smart card service has: another program at the same card, a daemon that goes and comes back.
//!
//! Each has a pcscd of its own with the key in one slot and a bystander in the other, and runs the built program on it.
//! Run in the rig: `cargo xtask rig nfc`.

use crate::daemon::{Daemon, reader};
use crate::matrix::{self, Doing, Expect, FINE, Outcome, end};
use crate::moment::{Heard, Watched};
use crate::support::{Running, demo_key, spawn_with, until};
use keyvet_key_tests::Wire;
use keyvet_tests::{Run, keyvet_command, run as run_program};
use keyvet_virtual_key::card::{
    AppletCard, Bend, Card, FaultyCard, FidoCard, PowerFrom, Vpcd, atr,
};
use keyvet_virtual_key::{Firmware, Touch, VirtualKey};
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use std::ffi::CString;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use std::{env, fs};

/// What happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trouble {
    /// Another program has the card for itself all the time.
    Exclusive,
    /// Another program wants a transaction on the card and keeps it: before a question, while the person types the PIN, or
    /// while the key works for us.
    Transaction,
    /// The daemon is dead and has left its socket.
    Gone,
    /// The daemon was dead, and is there again.
    Back,
    /// The daemon dies in the middle.
    Killed,
    /// The daemon dies in the middle, and is there again at once.
    Restarted,
}

/// Whoever has the card may keep it: that is no fault of the key, and is told after a bounded time.
const BUSY: Expect = (Some("transport.busy"), 10);
/// Nobody may ask such a card what it is: it may be no key. Nor one that is kept for the length of a transaction.
const IN_USE: Expect = (Some("cli.card-in-use"), 10);
/// A service that ends is one that is not there: it is looked after on this machine, not on the key.
const MISSING: Expect = (Some("transport.service-missing"), 6);

/// The expectations; the one place where they stand.
///
/// A transaction of ours goes from the command to the end of its answer, so another one waits for it: a person who touches
/// the key has the answer. Nothing is sent again by itself that a daemon took along: it may have been carried out.
const TABLE: &[(Trouble, [Expect; 4])] = &[
    (Trouble::Exclusive, [IN_USE; 4]),
    (Trouble::Transaction, [IN_USE, FINE, BUSY, FINE]),
    (Trouble::Gone, [MISSING; 4]),
    (Trouble::Back, [FINE; 4]),
    (Trouble::Killed, [MISSING; 4]),
    (Trouble::Restarted, [MISSING; 4]),
];

#[test]
fn what_befalls_a_card_service_ends_as_it_should_on_opensk() {
    on(|trouble, doing| run(trouble, doing, Firmware::OpenSk), "OpenSK: ");
}

#[test]
fn what_befalls_a_card_service_ends_as_it_should_on_fido_authenticator() {
    on(|trouble, doing| run(trouble, doing, Firmware::FidoAuthenticator), "fido-authenticator: ");
}

fn on(run: fn(Trouble, Doing) -> Outcome, firmware: &str) {
    if !Wire::current().is_of_cards() {
        eprintln!("not run: there is no pcscd on {}", Wire::current().as_str());
        return;
    }
    matrix::run(
        &format!("{firmware}faults of the card service"),
        AT_ONCE,
        matrix::cells(firmware, TABLE, run),
    );
}

fn run(trouble: Trouble, doing: Doing, firmware: Firmware) -> Outcome {
    let desk = Desk::new(trouble, doing, firmware);
    desk.before();
    let mut running = desk.start();
    desk.happen(&mut running);
    let (code, said) = end(running);
    let mut wrong = Vec::new();
    let mut must = |so: bool, what: &str| wrong.extend((!so).then(|| what.to_owned()));
    must(desk.has_struck(), "it never struck");
    must(desk.heard.pins() <= 1, "a PIN was sent twice");
    must(!said.contains("\"culprit\"") || said.contains("\"culprit\": \"reader\""), "whose fault");
    must(!desk.has_left_a_helper(), "a helper program is left");
    let after = desk.after();
    must(after.code == 0, "the next command does not work");
    let retries = after.json()["pin_retries"].as_u64();
    must(retries == (doing == Doing::Pin).then_some(8), "a PIN retry is lost");
    must(desk.bystander.reports() == (0, 0), "another key was asked for something");
    Outcome::new(code, wrong, &said)
}

/// A key in one slot, another one in the other.
struct Desk {
    trouble: Trouble,
    doing: Doing,
    key: VirtualKey,
    bystander: VirtualKey,
    heard: Heard,
    other: Arc<Mutex<Option<Other>>>,
    // in this order, because a card that loses its daemon looks for it
    _cards: [Vpcd; 2],
    daemon: Arc<Mutex<Daemon>>,
}

impl Desk {
    fn new(trouble: Trouble, doing: Doing, firmware: Firmware) -> Self {
        let mut options = doing.options();
        options.firmware = firmware;
        let key = VirtualKey::start(options).unwrap();
        let bystander = VirtualKey::start(demo_key()).unwrap();
        if doing == Doing::Touch {
            key.set_touch(Touch::Manual);
        }
        let daemon = Arc::new(Mutex::new(Daemon::start()));
        let other = Arc::<Mutex<Option<Other>>>::default();
        let strike = {
            let (daemon, other) = (Arc::clone(&daemon), Arc::clone(&other));
            Box::new(move || strike(trouble, &daemon, &other))
        };
        let card = Watched::new(card(&key, doing), doing, strike);
        let heard = card.heard();
        let beside =
            AppletCard::new(&bystander).powered_from(PowerFrom::Field).with_atr(atr(b"beside"));
        let held = daemon.lock().unwrap();
        let cards =
            [(held.slot(0), Box::new(card) as Box<dyn Card>), (held.slot(1), Box::new(beside))]
                .map(|(slot, card)| Vpcd::connect(slot, card).unwrap());
        held.until_it_sees_both();
        drop(held);
        Self { trouble, doing, key, bystander, heard, other, _cards: cards, daemon }
    }

    /// What is so before the program starts.
    fn before(&self) {
        let mut daemon = self.daemon.lock().unwrap();
        let other = |what| Some(Other::start(&daemon, what).and_holds());
        match self.trouble {
            Trouble::Exclusive => *self.other.lock().unwrap() = other("exclusive"),
            Trouble::Transaction if self.doing == Doing::GetInfo => {
                *self.other.lock().unwrap() = other("transaction");
            }
            Trouble::Gone => daemon.kill(),
            Trouble::Back => {
                daemon.restart();
                daemon.until_it_sees_both();
            }
            Trouble::Transaction | Trouble::Killed | Trouble::Restarted => {}
        }
    }

    fn start(&self) -> Running {
        let device = format!("nfc:{}", reader(0));
        let arguments = [&self.doing.arguments()[..], &["--device", &device]].concat();
        spawn_with(&[], &arguments, |command| self.show(command))
    }

    /// Lets it happen, at the right moment, and the person do what is to be done.
    fn happen(&self, running: &mut Running) {
        let unhindered = !matches!(self.trouble, Trouble::Exclusive | Trouble::Gone);
        if self.doing == Doing::Touch && unhindered {
            until("the key to wait for a touch", || self.key.waits_for_touch());
            strike(self.trouble, &self.daemon, &self.other);
            if matches!(self.trouble, Trouble::Transaction | Trouble::Back) {
                self.key.touch();
            }
        }
        if (self.trouble, self.doing) == (Trouble::Transaction, Doing::Pin) {
            until("the program to know the key", || self.heard.messages() > 0);
            let other = Other::start(&self.daemon.lock().unwrap(), "transaction");
            *self.other.lock().unwrap() = Some(other.and_holds());
        }
        running.give(&self.doing.input());
    }

    fn has_struck(&self) -> bool {
        let from_the_start =
            matches!(self.trouble, Trouble::Exclusive | Trouble::Gone | Trouble::Back);
        from_the_start
            || self.other.lock().unwrap().is_some()
            || self.heard.struck()
            || self.doing == Doing::Touch
    }

    /// Ends what is going on, and asks the key what it is.
    fn after(&self) -> Run {
        drop(self.other.lock().unwrap().take());
        self.key.set_touch(Touch::Immediate);
        self.key.touch();
        let mut daemon = self.daemon.lock().unwrap();
        daemon.revive();
        daemon.until_it_sees_both();
        drop(daemon);
        let home = tempfile::tempdir().unwrap();
        let mut command = keyvet_command(home.path());
        self.show(&mut command);
        let device = format!("nfc:{}", reader(0));
        run_program(command.args(["info", "--json", "--device", &device]), "")
    }

    /// Makes the daemon that of the program.
    fn show(&self, command: &mut Command) {
        command.env("PCSCLITE_CSOCK_NAME", self.daemon.lock().unwrap().socket());
    }

    /// Whether a process still has our socket in its environment, other than the other program.
    fn has_left_a_helper(&self) -> bool {
        let socket = self.daemon.lock().unwrap().socket().display().to_string();
        let is_helper = |process: &Path| {
            let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            name.starts_with("keyvet") && String::from_utf8_lossy(&environment).contains(&socket)
        };
        let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        processes.into_iter().any(|process| is_helper(&process))
    }
}

/// What happens in the middle.
fn strike(trouble: Trouble, daemon: &Mutex<Daemon>, other: &Mutex<Option<Other>>) {
    let mut daemon = daemon.lock().unwrap();
    match trouble {
        Trouble::Killed => daemon.kill(),
        Trouble::Restarted => daemon.restart(),
        Trouble::Transaction => {
            other.lock().unwrap().get_or_insert_with(|| Other::start(&daemon, "transaction"));
        }
        Trouble::Exclusive | Trouble::Gone | Trouble::Back => {}
    }
}

/// The card of the key. The longest answer is fetched in parts; short commands do that.
fn card(key: &VirtualKey, doing: Doing) -> Box<dyn Card> {
    let card: Box<dyn Card> = match key.firmware() {
        Firmware::FidoAuthenticator => {
            Box::new(FidoCard::new(key).unwrap().powered_from(PowerFrom::Field))
        }
        _ => Box::new(AppletCard::new(key).powered_from(PowerFrom::Field)),
    };
    if doing == Doing::Long || Wire::current() == Wire::PcscShort {
        return Box::new(FaultyCard::new(card, [Bend::NoExtended.from_the_start()]));
    }
    card
}

/// Another program: this one, run again for the test below that is none. It ends when dropped.
struct Other {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Other {
    /// Wants `what` of the first reader.
    fn start(daemon: &Daemon, what: &str) -> Self {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--ignored", "--exact", "service::the_other_program", "--nocapture"]);
        program.env("KEYVET_OTHER", what).env("PCSCLITE_CSOCK_NAME", daemon.socket());
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut other = Self { child, said };
        other.until("wants it");
        other
    }

    fn and_holds(mut self) -> Self {
        self.until("holds it");
        self
    }

    fn until(&mut self, word: &str) {
        assert!(
            self.said.by_ref().any(|line| line.is_ok_and(|line| line.ends_with(word))),
            "{word}"
        );
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // it lets go by itself, so that the daemon knows before the next command comes
        drop(self.child.stdin.take());
        let ended = |child: &mut Child| matches!(child.try_wait(), Ok(Some(_)));
        for _ in 0..500 {
            if ended(&mut self.child) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other program does; without its instructions, nothing.
#[test]
#[ignore = "run by the tests above"]
fn the_other_program() {
    let Ok(what) = env::var("KEYVET_OTHER") else { return };
    let context = Context::establish(Scope::User).unwrap();
    let name = CString::new(reader(0)).unwrap();
    let mode = if what == "exclusive" { ShareMode::Exclusive } else { ShareMode::Shared };
    // a connection already waits while somebody has a transaction
    tell("wants it");
    // the daemon may be killed while it waits
    let Ok(mut card) = context.connect(&name, mode, Protocols::ANY) else { return };
    let transaction = (what == "transaction").then(|| card.transaction());
    tell("holds it");
    // until the test closes our input, or ends us
    let _ = std::io::stdin().lines().next();
    drop(transaction);
    let _ = card.disconnect(Disposition::LeaveCard);
}

fn tell(word: &str) {
    println!("{word}");
    std::io::stdout().flush().unwrap();
}

/// Most of their time is spent waiting.
const AT_ONCE: usize = 6;
