//! Fenced blocks of a page: one of `console` is run, one of another language is held to the file that a line
//! `<!-- file: PATH -->` before it names, or says in a line `<!-- not run: REASON -->` why nothing holds it.

use keyvet_tests::root;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A sentence for every block of `page` that nothing holds to anything, or that is not as its file.
pub fn unheld(page: &Path) -> Vec<String> {
    let text =
        fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let wrong = blocks(&text).into_iter().filter_map(|block| wrong(&block));
    wrong.map(|wrong| format!("{}: {wrong}", page.display())).collect()
}

struct Block<'a> {
    /// The last line before it that is not empty.
    mark: &'a str,
    language: &'a str,
    text: String,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut mark = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| line.trim_start() != "```");
            let text = inside.map(|line| format!("{line}\n")).collect();
            blocks.push(Block { mark, language, text });
            mark = "";
        } else if !line.trim().is_empty() {
            mark = line;
        }
    }
    blocks
}

fn wrong(block: &Block<'_>) -> Option<String> {
    let first = block.text.lines().next().unwrap_or_default();
    let marked = |name: &str| {
        let rest = block.mark.strip_prefix("<!-- ")?.strip_prefix(name)?;
        rest.strip_suffix(" -->").map(str::trim).filter(|rest| !rest.is_empty())
    };
    match (block.language, marked("file:"), marked("not run:")) {
        ("console", ..) if first.starts_with("$ ") => None,
        ("console", ..) => Some(format!("a block without a command: {first}")),
        ("json", Some(file), _) => {
            let of = |text: &str| serde_json::from_str::<Value>(text).ok();
            let there = fs::read_to_string(root().join(file)).ok().and_then(|text| of(&text));
            let same = there.is_some() && of(&block.text) == there;
            (!same).then(|| format!("a block is not as {file}: {first}"))
        }
        (_, _, Some(_)) => None,
        (language, ..) => Some(format!("nothing holds a block of {language}: {first}")),
    }
}
