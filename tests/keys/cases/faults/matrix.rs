//! What a cell is, and how all of them are run.

use std::io::{self, Write};
use std::sync::Mutex;
use std::thread;

/// One fault in the middle of one thing that is done.
pub(crate) struct Cell {
    /// What befalls the wire, and what the key is asked for.
    pub(crate) name: String,
    pub(crate) expect: Expect,
    pub(crate) run: Box<dyn Fn() -> Outcome + Send + Sync>,
}

/// How the program ends: the id of its error, none when the fault is tolerated, and its exit code.
pub(crate) type Expect = (Option<&'static str>, i32);

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

/// Runs the cells, some at a time; prints how many there were, and fails with all that came out otherwise.
pub(crate) fn run(of: &str, cells: Vec<Cell>) {
    let (count, left) = (cells.len(), Mutex::new(cells));
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().pop();
                    let Some(cell) = next else { return };
                    wrong.lock().unwrap().extend(complaint(&cell));
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

fn complaint(cell: &Cell) -> Option<String> {
    let outcome = (cell.run)();
    let got = (outcome.error.as_deref(), outcome.code);
    if got == cell.expect && outcome.wrong.is_empty() {
        return None;
    }
    let (name, expect, wrong) = (&cell.name, cell.expect, outcome.wrong.join(", "));
    Some(format!("{name}: expected {expect:?}, got {got:?}; {wrong}\n    {}", outcome.said.trim()))
}

/// Most of their time is spent waiting.
const AT_ONCE: usize = 8;
