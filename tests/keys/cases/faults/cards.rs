//! Cells of what a card does wrong: the built program on OpenSK behind an applet, in readers of the test.
//!
//! The fault strikes at the command that carries getInfo or the PIN, once the key waits for its touch, or when the rest of
//! the longest answer is fetched. The client with a message of 3 kB, which the program never sends, is in `nfc`.

use crate::matrix::{self, Doing, Expect, FINE, Outcome, end};
use crate::moment::{Heard, Watched};
use crate::support::{Running, demo_key, spawn_with, until};
use keyvet_key_tests::{TestReaders, Wire};
use keyvet_tests::{Run, keyvet_command, run as run_program};
use keyvet_virtual_key::card::{
    AppletCard, Bend, CardFault, FaultSwitch, FaultyCard, PowerFrom, atr,
};
use keyvet_virtual_key::{Touch, VirtualKey};
use std::process::Command;

/// The key is not in the field any more, or another one is.
const LEFT: Expect = (Some("cli.key-left-the-reader"), 10);
const LATE: Expect = (Some("transport.timeout"), 10);
const REFUSED: Expect = (Some("nfc.refused"), 10);
const EMPTY: Expect = (Some("nfc.empty-answer"), 10);
const ENDLESS: Expect = (Some("nfc.endless-answer"), 10);
const LENGTHS: Expect = (Some("nfc.length-loop"), 10);
const NO_INFO: Expect = (Some("ctap.get-info-malformed"), 10);
const MALFORMED: Expect = (Some("ctap.response-malformed"), 10);
const INCOMPLETE: Expect = (Some("client.answer-incomplete"), 10);

/// The expectations; the one place where they stand.
///
/// What is about whole commands does not strike at the rest of an answer, and a rest that is never given has no end. A poll
/// that is refused is not tried in another form: what it polls for goes on.
const TABLE: &[(Bend, [Expect; 4])] = &[
    (Bend::Pulled, [LEFT; 4]),
    (Bend::PulledAfter, [LEFT; 4]),
    (Bend::Swapped, [LEFT; 4]),
    (Bend::ZeroBytes, [LEFT; 4]),
    (Bend::OneByte, [LEFT; 4]),
    (Bend::Truncated, [REFUSED; 4]),
    (Bend::BodyCut, [NO_INFO, MALFORMED, MALFORMED, MALFORMED]),
    (Bend::NoBody, [EMPTY, EMPTY, EMPTY, MALFORMED]),
    (Bend::Doubled, [NO_INFO, MALFORMED, MALFORMED, MALFORMED]),
    (Bend::Stale, [EMPTY, FINE, INCOMPLETE, MALFORMED]),
    (Bend::WrongStatus, [REFUSED; 4]),
    (Bend::Endless61, [ENDLESS; 4]),
    (Bend::Empty61, [ENDLESS; 4]),
    (Bend::Endless6c, [LENGTHS, LENGTHS, LENGTHS, ENDLESS]),
    (Bend::Endless91, [LATE, LATE, LATE, FINE]),
    (Bend::Endless91Cancellable, [LATE, LATE, LATE, FINE]),
    (Bend::Slow, [FINE; 4]),
    (Bend::NoExtended, [FINE, REFUSED, FINE, FINE]),
    (Bend::NoChaining, [FINE; 4]),
    (Bend::CancelRefused, [FINE; 4]),
    (Bend::CancelIgnored, [FINE; 4]),
];

#[test]
fn what_a_card_does_wrong_ends_the_program_as_it_should() {
    if Wire::current() != Wire::Memory {
        eprintln!("not run: these readers are the test's own, on {} too", Wire::current().as_str());
        return;
    }
    matrix::run("faults of cards", AT_ONCE, matrix::cells("", TABLE, run));
}

fn run(bend: Bend, doing: Doing) -> Outcome {
    let desk = Desk::new(bend, doing);
    let mut running = desk.start();
    desk.happen(&mut running);
    let (code, said) = end(running);
    let mut wrong = Vec::new();
    let mut must = |so: bool, what: &str| wrong.extend((!so).then(|| what.to_owned()));
    must(desk.switch.is_on(), "it never struck");
    must(desk.heard.pins() <= 1, "a PIN was sent twice");
    let after = desk.after();
    must(after.code == 0, "the next command does not work");
    let retries = after.json()["pin_retries"].as_u64();
    must(retries == (doing == Doing::Pin).then_some(8), "a PIN retry is lost");
    must(desk.other.reports() == (0, 0), "another key was asked for something");
    Outcome::new(code, wrong, &said)
}

/// A key as a card in a reader.
struct Desk {
    doing: Doing,
    key: VirtualKey,
    /// Put in the place of the key by [`Bend::Swapped`].
    other: VirtualKey,
    readers: TestReaders,
    switch: FaultSwitch,
    heard: Heard,
}

impl Desk {
    fn new(bend: Bend, doing: Doing) -> Self {
        let start = |options| VirtualKey::start(options).unwrap();
        let (key, other) = (start(doing.options()), start(demo_key()));
        if doing == Doing::Touch {
            key.set_touch(Touch::Manual);
        }
        let card = FaultyCard::new(in_field(&key), [fault(bend)])
            .swapped_for(in_field(&other).with_atr(atr(b"other")));
        let switch = card.switch();
        switch.set(false);
        let on = switch.clone();
        // the longest answer is fetched in parts; short commands do that
        let short: &[CardFault] =
            if doing == Doing::Long { &[Bend::NoExtended.from_the_start()] } else { &[] };
        let card =
            Watched::new(FaultyCard::new(card, short), doing, Box::new(move || on.set(true)));
        let heard = card.heard();
        let readers = TestReaders::new(&[READER]);
        readers.insert(READER, card);
        Self { doing, key, other, readers, switch, heard }
    }

    fn start(&self) -> Running {
        let device = format!("nfc:{READER}");
        let arguments = [&self.doing.arguments()[..], &["--device", &device]].concat();
        spawn_with(&[], &arguments, |command| self.show(command))
    }

    fn happen(&self, running: &mut Running) {
        running.give(&self.doing.input());
        if self.doing == Doing::Touch {
            until("the key to wait for a touch", || self.key.waits_for_touch());
            self.switch.set(true);
            // at a poll that begins now: the one under way had no fault
            let before = self.heard.commands();
            until("the next poll", || self.heard.commands() > before);
            self.key.touch();
        }
    }

    /// Puts the same key in again, as it was meant to be, and asks what it is.
    fn after(&self) -> Run {
        self.key.set_touch(Touch::Immediate);
        self.readers.remove(READER);
        self.readers.insert(READER, in_field(&self.key));
        let home = tempfile::tempdir().unwrap();
        let mut command = keyvet_command(home.path());
        self.show(&mut command);
        run_program(command.args(["info", "--json"]), "")
    }

    /// Makes the readers those of the program.
    fn show(&self, command: &mut Command) {
        command.env("PCSCLITE_CSOCK_NAME", "Cargo.toml");
        command.env("KEYVET_PCSC", env!("CARGO_BIN_EXE_keyvet-test-readers"));
        command.env("KEYVET_TEST_READERS", self.readers.address().to_string());
    }
}

fn in_field(key: &VirtualKey) -> AppletCard {
    AppletCard::new(key).powered_from(PowerFrom::Field)
}

fn fault(bend: Bend) -> CardFault {
    bend.from(if bend == Bend::Slow { 150 } else { 1 })
}

const READER: &str = "Faults 00 00";
/// Most of their time is spent waiting.
const AT_ONCE: usize = 6;
