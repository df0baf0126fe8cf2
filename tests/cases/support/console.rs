//! Blocks of ```` ```console ````: lines that start with `$ keyvet` are run in the root of the repository, and what
//! follows is what they print: standard output, standard error, and `exit N` when the exit code is not 0.

use keyvet_tests::keyvet_in;
use std::fs;
use std::path::Path;

const FENCE: &str = "```console\n";

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
        out.push_str(&renewed_block(block, home.path()));
        out.push_str("```");
        rest = after;
    }
    out + rest
}

fn renewed_block(block: &str, home: &Path) -> String {
    let mut out = String::new();
    for part in format!("\n{block}").split("\n$ ").skip(1) {
        let command = command(part);
        let now = output(&command, home);
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

fn output(command: &str, home: &Path) -> String {
    let line = command.replace("\\\n", " ");
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("keyvet"), "only keyvet is run: {command}");
    let run = keyvet_in(home, words.map(|word| word.trim_matches('\'')));
    let exit = if run.code == 0 { String::new() } else { format!("exit {}\n", run.code) };
    format!("{}{}{exit}", run.stdout, run.stderr).replace(&home.display().to_string(), "~")
}
