//! What a cell is, and how all of them are run.

use crate::support::{ACCEPTS, Running, check, demo_key, demo_key_with_pin};
use keyvet_virtual_key::KeyOptions;
use std::fmt::Debug;
use std::io::{self, Write};
use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// What the key is asked for when it happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Doing {
    /// getInfo; it strikes in the middle of the answer.
    GetInfo,
    /// makeCredential, which waits for a touch; it strikes at the beginning of the answer.
    Touch,
    /// The encrypted PIN on its way to the key; it strikes in the middle of the request.
    Pin,
    /// makeCredential; it strikes in the middle of the answer, the longest there is.
    Long,
}

/// All of them, in the order of every table of expectations.
pub(crate) const DOING: [Doing; 4] = [Doing::GetInfo, Doing::Touch, Doing::Pin, Doing::Long];

impl Doing {
    /// The key that it is done with.
    pub(crate) fn options(self) -> KeyOptions {
        match self {
            Self::Pin => demo_key_with_pin(PIN),
            Self::GetInfo | Self::Touch | Self::Long => demo_key(),
        }
    }

    /// How the program is asked to.
    pub(crate) fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::GetInfo => vec!["info", "--json"],
            Self::Touch | Self::Long => {
                [&check(ACCEPTS)[..], &["--json", "--timeout", "8s"]].concat()
            }
            Self::Pin => {
                [&check(ACCEPTS)[..], &["--json", "--timeout", "8s", "--pin-stdin"]].concat()
            }
        }
    }

    /// What the person types.
    pub(crate) fn input(self) -> String {
        if self == Self::Pin { format!("{PIN}\n") } else { String::new() }
    }
}

/// One fault in the middle of one thing that is done.
pub(crate) struct Cell {
    /// What befalls the wire, and what the key is asked for.
    pub(crate) name: String,
    pub(crate) expect: Expect,
    pub(crate) run: Box<dyn Fn() -> Outcome + Send + Sync>,
}

/// How the program ends: the id of its error, none when the fault is tolerated, and its exit code.
pub(crate) type Expect = (Option<&'static str>, i32);

/// As if nothing had happened.
pub(crate) const FINE: Expect = (None, 0);

/// What came of a cell.
pub(crate) struct Outcome {
    /// The id of the error, if there was one.
    pub(crate) error: Option<String>,
    /// The exit code; -1 when the program had to be killed.
    pub(crate) code: i32,
    /// What must not be, whatever the expectation says.
    pub(crate) wrong: Vec<String>,
    /// What the program said.
    pub(crate) said: String,
}

impl Outcome {
    /// That of a program that ended with `code` and a document, or with none.
    pub(crate) fn new(code: i32, wrong: Vec<String>, said: &str) -> Self {
        let document = serde_json::from_str::<serde_json::Value>(said).ok();
        let error = document.and_then(|said| Some(said["error"]["code"].as_str()?.to_owned()));
        Self { error, code, wrong, said: said.chars().take(600).collect() }
    }
}

/// The cells of a table: a row for each trouble, a column for each of [`DOING`].
pub(crate) fn cells<T: Copy + Debug + Send + Sync + 'static>(
    of: &str,
    table: &[(T, [Expect; 4])],
    run: fn(T, Doing) -> Outcome,
) -> Vec<Cell> {
    let row = |(trouble, expected): &(T, [Expect; 4])| {
        let trouble = *trouble;
        DOING.into_iter().zip(*expected).map(move |(doing, expect)| {
            let name = format!("{of}{trouble:?} during {doing:?}");
            Cell { name, expect, run: Box::new(move || run(trouble, doing)) }
        })
    };
    table.iter().flat_map(row).collect()
}

/// Runs the cells, so many at a time; prints how many there were, and fails with all that came out otherwise.
pub(crate) fn run(of: &str, at_once: usize, cells: Vec<Cell>) {
    let (count, left) = (cells.len(), Mutex::new(cells));
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().pop();
                    let Some(cell) = next else { return };
                    let complaint = complaint(&cell);
                    wrong.lock().unwrap().extend(complaint);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    let said = format!("{of}: {count} cells, {} as expected\n", count - wrong.len());
    // past the capture of the test harness: it is what the run is for
    io::stdout().write_all(said.as_bytes()).unwrap();
    assert!(wrong.is_empty(), "{said}{}", wrong.join("\n"));
}

/// The exit code and what was said; the program is killed when it does not end.
pub(crate) fn end(running: Running) -> (i32, String) {
    let (tell, told) = mpsc::channel();
    let id = running.child.id().to_string();
    thread::spawn(move || tell.send(running.end()));
    match told.recv_timeout(LONGEST) {
        Ok(run) => (run.code, run.stdout),
        Err(_) => {
            drop(Command::new("kill").args(["-KILL", &id]).status());
            (-1, "it hangs".to_owned())
        }
    }
}

fn complaint(cell: &Cell) -> Option<String> {
    let outcome = (cell.run)();
    let got = (outcome.error.as_deref(), outcome.code);
    if got == cell.expect && outcome.wrong.is_empty() {
        return None;
    }
    let (name, expect, wrong) = (&cell.name, cell.expect, outcome.wrong.join(", "));
    Some(format!("{name}: expected {expect:?}, got {got:?}; {wrong}\n    {}", outcome.said.trim()))
}

/// The PIN of the keys that have one.
pub(crate) const PIN: &str = "1234";
/// Longer than any deadline of the program.
pub(crate) const LONGEST: Duration = Duration::from_secs(90);
