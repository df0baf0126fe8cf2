//! The book and the other pages: links that lead somewhere, output that the program really prints, a current reference.
//!
//! With `KEYVET_BLESS=1` (`cargo xtask book`) the output blocks and the reference are written instead of compared.

mod support {
    pub mod blocks;
    pub mod links;
    pub mod reference;
}

use keyvet_tests::{console, files, root};
use std::fs;
use std::path::PathBuf;
use support::{blocks, links, reference};

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let broken: Vec<_> = pages().iter().flat_map(|page| links::broken(page)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let book = root().join("docs");
    for page in files("docs", "md") {
        let name = page.strip_prefix(&book).unwrap().display().to_string();
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("({name})")),
            "{name} is not in docs/SUMMARY.md"
        );
    }
}

#[test]
fn output_blocks_are_what_the_program_prints() {
    let stale: Vec<_> = pages().iter().filter_map(|page| console::check(page, bless())).collect();
    assert!(stale.is_empty(), "cargo xtask book writes them again:\n{}", stale.join("\n"));
}

#[test]
fn every_block_is_run_or_is_a_file_or_says_why_not() {
    let unheld: Vec<_> = pages().iter().flat_map(|page| blocks::unheld(page)).collect();
    assert!(unheld.is_empty(), "{unheld:#?}");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let json = "```json\n{\"registered\": []}\n```\n";
    let marks =
        ["", "<!-- file: demo/rollout/new-colleague.json -->\n", "<!-- file: gone.json -->\n"];
    for mark in marks.into_iter().chain(["<!-- not run: -->\n"]) {
        fs::write(&page, format!("{mark}{json}")).unwrap();
        assert_eq!(blocks::unheld(&page).len(), 1, "{mark}");
    }
    fs::write(&page, "```console\nkeyvet list\n```\n").unwrap();
    assert_eq!(blocks::unheld(&page).len(), 1);
}

#[test]
fn the_findings_reference_is_what_the_program_explains() {
    let page = root().join("docs/reference/findings.md");
    let current = reference::page();
    if bless() {
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(&page, &current).unwrap();
    }
    let same = fs::read_to_string(&page).is_ok_and(|text| text == current);
    assert!(same, "docs/reference/findings.md is stale: cargo xtask book writes it again");
}

fn pages() -> Vec<PathBuf> {
    let mut pages = files("docs", "md");
    let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    pages.extend(top.iter().map(|name| root().join(name)));
    pages
}

fn bless() -> bool {
    std::env::var_os("KEYVET_BLESS").is_some()
}

#[test]
fn a_stale_output_block_and_a_dead_link_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    fs::write(&page, "```console\n$ keyvet --version\nkeyvet 0.0.0\n```\n[gone](gone.md) [here](page.md#nowhere)\n").unwrap();
    assert!(console::check(&page, false).is_some());
    assert_eq!(links::broken(&page).len(), 2);
    assert!(console::check(&page, true).is_none() && console::check(&page, false).is_none());
}
