//! Blocks of ```` ```console ````: lines that start with `$ keyvet` are run in the root of the repository, and what
//! follows is what they print: standard output, standard error, and `exit N` when the exit code is not 0.
//!
//! A line `<!-- keys: ARGUMENTS; ARGUMENTS -->` before a block plugs virtual keys in for that block, one for each part,
//! with these arguments of `keyvet-virtual-key`; standard error then comes first, as it does on a terminal, and the keys
//! are shown at 127.0.0.1:8111 and up. `$ echo TEXT | keyvet …` gives it TEXT; `~/` is the home folder of the page.
//!
//! A line `<!-- cards: READER = CARD; READER = CARD -->` does the same with card readers; whoever has some runs those
//! blocks (`tests/keys/cases/program/nfc_page.rs`), and others leave them as they are.

use crate::{VirtualKeyProgram, keyvet_command, run};
use std::any::Any;
use std::fs;
use std::path::Path;

const FENCE: &str = "```console\n";
const KEYS: &str = "<!-- keys:";
const CARDS: &str = "<!-- cards:";

/// What surrounds the program in one block.
#[derive(Default)]
pub struct Surroundings {
    /// Simulators.
    pub keys: Vec<VirtualKeyProgram>,
    /// More of its environment.
    pub environment: Vec<(&'static str, String)>,
    /// What lives as long as the block runs.
    pub alive: Option<Box<dyn Any>>,
}

impl Surroundings {
    /// Those of the line just before a block; none when the block takes readers, which are not here.
    fn without_readers(line: &str) -> Option<Self> {
        if line.starts_with(CARDS) {
            return None;
        }
        let list = line.strip_prefix(KEYS).and_then(|rest| rest.strip_suffix("-->"));
        let arguments = list.into_iter().flat_map(|list| list.split(';'));
        let keys = arguments.map(|one| VirtualKeyProgram::start(&words(one))).collect();
        Some(Self { keys, ..Self::default() })
    }

    /// Whether a person stands before a key, who sees both streams as they come.
    fn shows_a_key(&self) -> bool {
        !self.keys.is_empty() || self.alive.is_some()
    }
}

/// What differs in `page`, if anything, in the blocks that need no card reader; with `bless` the page is rewritten.
///
/// # Panics
/// When the page cannot be read or a block cannot be run.
#[must_use]
pub fn check(page: &Path, bless: bool) -> Option<String> {
    check_with(page, bless, &Surroundings::without_readers)
}

/// The same in the blocks that need card readers; `plug` makes them from `(READER, CARD)`.
///
/// # Panics
/// As [`check`].
#[must_use]
pub fn check_cards(
    page: &Path,
    bless: bool,
    plug: impl Fn(&[(&str, &str)]) -> Surroundings,
) -> Option<String> {
    check_with(page, bless, &|line| {
        let list = line.strip_prefix(CARDS)?.strip_suffix("-->")?;
        let pairs = list.split(';').filter_map(|one| one.split_once('='));
        let pairs: Vec<_> = pairs.map(|(reader, card)| (reader.trim(), card.trim())).collect();
        Some(plug(&pairs))
    })
}

type Surround<'a> = &'a dyn Fn(&str) -> Option<Surroundings>;

fn check_with(page: &Path, bless: bool, surround: Surround<'_>) -> Option<String> {
    let text =
        fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let current = renewed(&text, surround);
    if bless && current != text {
        fs::write(page, &current).unwrap();
        return None;
    }
    let stale = text.lines().zip(current.lines()).find(|(old, new)| old != new);
    let same = text == current;
    (!same).then(|| format!("{}: {stale:?}", page.display()))
}

/// `text` with the output of every block as it is now. One home folder per page: what a command keeps, the next finds.
fn renewed(text: &str, surround: Surround<'_>) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, block)) = rest.split_once(FENCE) {
        let (block, after) =
            block.split_once("```").unwrap_or_else(|| panic!("a block has no end"));
        out.push_str(before);
        out.push_str(FENCE);
        let line = before.trim_end().lines().next_back().unwrap_or_default();
        match surround(line) {
            Some(around) => out.push_str(&renewed_block(block, home.path(), &around)),
            None => out.push_str(block),
        }
        out.push_str("```");
        rest = after;
    }
    out + rest
}

fn renewed_block(block: &str, home: &Path, around: &Surroundings) -> String {
    let mut out = String::new();
    for part in format!("\n{block}").split("\n$ ").skip(1) {
        let command = command(part);
        let now = output(&command, home, around);
        out.push_str(&format!("$ {command}\n"));
        out.push_str(&now);
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// The command, over as many lines as end in a backslash; what follows was its output.
fn command(part: &str) -> String {
    let mut command = String::new();
    for line in part.lines() {
        command.push_str(line);
        if !line.ends_with('\\') {
            break;
        }
        command.push('\n');
    }
    command
}

fn output(command: &str, home: &Path, around: &Surroundings) -> String {
    let keys = around.keys.as_slice();
    let line = command.replace("\\\n", " ");
    let (input, line) = line.split_once(" | ").unwrap_or(("", &line));
    let input = input.strip_prefix("echo ").map(|text| format!("{text}\n")).unwrap_or_default();
    let line = with_addresses(line, keys).replace(" ~/", &format!(" {}/", home.display()));
    let words = words(&line);
    let (program, arguments) = words.split_first().expect("a block runs something");
    assert_eq!(*program, "keyvet", "only keyvet is run: {command}");
    let plugged: Vec<_> = keys.iter().map(VirtualKeyProgram::address).collect();
    let mut keyvet = keyvet_command(home);
    keyvet.envs(around.environment.iter().map(|(name, value)| (name, value)));
    let run = run(keyvet.args(arguments).env("KEYVET_UDP", plugged.join(",")), &input);
    let exit = if run.code == 0 { String::new() } else { format!("exit {}\n", run.code) };
    let said = match around.shows_a_key() {
        false => format!("{}{}{exit}", run.stdout, run.stderr),
        true => format!("{}{}{exit}", run.stderr, run.stdout),
    };
    shown_addresses(&said, keys).replace(&home.display().to_string(), "~")
}

/// The words of a command; one in single quotes may have spaces.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

/// The addresses as written in the block, replaced by those of the keys.
fn with_addresses(line: &str, keys: &[VirtualKeyProgram]) -> String {
    keys.iter()
        .enumerate()
        .fold(line.to_owned(), |line, (at, key)| line.replace(&shown(at), key.address()))
}

fn shown_addresses(text: &str, keys: &[VirtualKeyProgram]) -> String {
    keys.iter()
        .enumerate()
        .fold(text.to_owned(), |text, (at, key)| text.replace(key.address(), &shown(at)))
}

fn shown(at: usize) -> String {
    format!("127.0.0.1:{}", 8111 + at)
}
