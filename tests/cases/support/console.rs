//! Blocks of ```` ```console ````: lines that start with `$ keyvet` are run in the root of the repository, and what
//! follows is what they print: standard output, standard error, and `exit N` when the exit code is not 0.
//!
//! A line `<!-- keys: ARGUMENTS; ARGUMENTS -->` before a block plugs virtual keys in for that block, one for each part,
//! with these arguments of `keyvet-virtual-key`; standard error then comes first, as it does on a terminal, and the keys
//! are shown at 127.0.0.1:8111 and up. `$ echo TEXT | keyvet …` gives it TEXT; `~/` is the home folder of the page.

use keyvet_tests::{VirtualKeyProgram, keyvet_command, run};
use std::fs;
use std::path::Path;

const FENCE: &str = "```console\n";
const KEYS: &str = "<!-- keys:";

/// What differs in `page`, if anything; with `bless` the page is rewritten.
pub fn check(page: &Path, bless: bool) -> Option<String> {
    let text =
        fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let current = renewed(&text);
    if bless && current != text {
        fs::write(page, &current).unwrap();
        return None;
    }
    let stale = text.lines().zip(current.lines()).find(|(old, new)| old != new);
    let same = text == current;
    (!same).then(|| format!("{}: {stale:?}", page.display()))
}

/// `text` with the output of every block as it is now. One home folder per page: what a command keeps, the next finds.
fn renewed(text: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, block)) = rest.split_once(FENCE) {
        let (block, after) =
            block.split_once("```").unwrap_or_else(|| panic!("a block has no end"));
        out.push_str(before);
        out.push_str(FENCE);
        out.push_str(&renewed_block(block, home.path(), &keys(before)));
        out.push_str("```");
        rest = after;
    }
    out + rest
}

/// The keys of the line just before a block.
fn keys(before: &str) -> Vec<VirtualKeyProgram> {
    let line = before.trim_end().lines().next_back().unwrap_or_default();
    let list = line.strip_prefix(KEYS).and_then(|rest| rest.strip_suffix("-->"));
    let arguments = list.into_iter().flat_map(|list| list.split(';'));
    arguments.map(|one| VirtualKeyProgram::start(&words(one))).collect()
}

fn renewed_block(block: &str, home: &Path, keys: &[VirtualKeyProgram]) -> String {
    let mut out = String::new();
    for part in format!("\n{block}").split("\n$ ").skip(1) {
        let command = command(part);
        let now = output(&command, home, keys);
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

fn output(command: &str, home: &Path, keys: &[VirtualKeyProgram]) -> String {
    let line = command.replace("\\\n", " ");
    let (input, line) = line.split_once(" | ").unwrap_or(("", &line));
    let input = input.strip_prefix("echo ").map(|text| format!("{text}\n")).unwrap_or_default();
    let line = with_addresses(line, keys).replace(" ~/", &format!(" {}/", home.display()));
    let words = words(&line);
    let (program, arguments) = words.split_first().expect("a block runs something");
    assert_eq!(*program, "keyvet", "only keyvet is run: {command}");
    let plugged: Vec<_> = keys.iter().map(VirtualKeyProgram::address).collect();
    let mut keyvet = keyvet_command(home);
    let run = run(keyvet.args(arguments).env("KEYVET_UDP", plugged.join(",")), &input);
    let exit = if run.code == 0 { String::new() } else { format!("exit {}\n", run.code) };
    let said = match keys {
        [] => format!("{}{}{exit}", run.stdout, run.stderr),
        _ => format!("{}{}{exit}", run.stderr, run.stdout),
    };
    shown_addresses(&said, keys).replace(&home.display().to_string(), "~")
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().map(|word| word.trim_matches('\'')).collect()
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
