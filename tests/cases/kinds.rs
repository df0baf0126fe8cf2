//! Every finding, reason and error code: declared once, listed, documented, explained by the program, provoked by a test.

use keyvet_tests::{SourceFile, files, keyvet, root, rust_sources};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A `static NAME: Kind` found in the sources.
struct Declared {
    name: String,
    id: String,
    file: String,
    package: String,
}

#[test]
fn ids_are_declared_once() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in declared() {
        places.entry(kind.id).or_default().push(kind.file);
    }
    let twice: Vec<_> = places.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
    assert!(places.len() > 50, "only {} ids were found: does the scan still work?", places.len());
}

#[test]
fn ids_read_area_dot_cause_and_start_with_their_crate() {
    let bad: Vec<_> = declared()
        .into_iter()
        .filter(|kind| !well_named(kind))
        .map(|kind| (kind.id, kind.file))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn a_search_for_an_id_in_the_product_finds_only_the_file_that_declares_it() {
    let sources = rust_sources("crates");
    let sources: Vec<_> = sources.iter().map(|file| (&file.path, code(file))).collect();
    let mut elsewhere = Vec::new();
    for kind in declared() {
        let quoted = format!("\"{}\"", kind.id);
        let others =
            sources.iter().filter(|(path, code)| **path != kind.file && code.contains(&quoted));
        elsewhere.extend(others.map(|(path, _)| (kind.id.clone(), (*path).clone())));
    }
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
fn the_program_explains_exactly_what_the_sources_declare() {
    let declared: BTreeSet<_> = declared().into_iter().map(|kind| kind.id).collect();
    let explained: BTreeSet<_> = explained().iter().map(|kind| text(kind, "id")).collect();
    let missing: Vec<_> = declared.difference(&explained).collect();
    assert!(
        missing.is_empty(),
        "declared but in no KINDS list that keyvet explain reads: {missing:#?}"
    );
    let extra: Vec<_> = explained.difference(&declared).collect();
    assert!(extra.is_empty(), "explained but declared nowhere: {extra:#?}");
}

#[test]
fn every_kind_says_what_it_means_what_to_do_and_by_which_rule() {
    for kind in explained() {
        for member in ["meaning", "next_step"] {
            let said = text(&kind, member);
            assert!(said.len() > 10 && said.ends_with('.'), "{} {member}: {said:?}", kind["id"]);
        }
        assert!(!text(&kind, "source").is_empty(), "{}", kind["id"]);
    }
}

#[test]
fn explaining_one_id_prints_its_meaning_and_next_step() {
    let kinds = explained();
    let kind = kinds.first().expect("there are kinds");
    let run = keyvet(["explain", &text(kind, "id")]);
    assert_eq!(run.code, 0, "{run:?}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for member in ["id", "meaning", "next_step", "source"] {
        assert!(
            words(&run.stdout).contains(&words(&text(kind, member))),
            "{member} is missing: {}",
            run.stdout
        );
    }
}

/// `tests/unprovoked.txt` holds the ids that no test provokes yet, each with a reason; the list may only shrink.
#[test]
fn every_id_is_provoked_by_a_test_or_listed_with_a_reason() {
    let tests = test_text();
    let listed = unprovoked();
    let provoked = |kind: &Declared| tests.contains(&kind.id) || has_word(&tests, &kind.name);
    let (known, unknown): (Vec<_>, Vec<_>) = declared().into_iter().partition(provoked);
    let forgotten: Vec<_> = unknown
        .iter()
        .filter(|kind| !listed.contains_key(&kind.id))
        .map(|kind| (&kind.id, &kind.file))
        .collect();
    assert!(forgotten.is_empty(), "{} ids appear in no test: {forgotten:#?}", forgotten.len());
    let settled: Vec<_> =
        known.iter().filter(|kind| listed.contains_key(&kind.id)).map(|kind| &kind.id).collect();
    assert!(settled.is_empty(), "now provoked, remove from tests/unprovoked.txt: {settled:#?}");
}

fn declared() -> Vec<Declared> {
    rust_sources("crates")
        .iter()
        .filter(|file| file.package() != "finding")
        .flat_map(declared_in)
        .collect()
}

fn declared_in(file: &SourceFile) -> Vec<Declared> {
    let declarations =
        file.product.split("\nstatic ").chain(file.product.split(" static ")).skip(1);
    let mut found = Vec::new();
    for text in declarations {
        // either a literal, or a helper that takes the id first
        let Some((name, rest)) = text.split_once(": Kind = ") else { continue };
        let Some(id) = rest.split('"').nth(1) else { continue };
        if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
            found.push((name.to_owned(), id.to_owned()));
        }
    }
    found.sort();
    found.dedup();
    let make = |(name, id)| Declared {
        name,
        id,
        file: file.path.clone(),
        package: file.package().to_owned(),
    };
    found.into_iter().map(make).collect()
}

fn well_named(kind: &Declared) -> bool {
    let Some((area, cause)) = kind.id.split_once('.') else { return false };
    let area_fits = area == kind.package || (kind.package == "policy" && area == "entra");
    let plain = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    area_fits && cause.split(['-', '.']).all(plain)
}

/// The product's part of a file, without its comments.
fn code(file: &SourceFile) -> String {
    file.product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn explained() -> Vec<Value> {
    let run = keyvet(["explain", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    run.json()["explanations"].as_array().expect("explain --json prints explanations").clone()
}

fn text(kind: &Value, member: &str) -> String {
    kind[member].as_str().unwrap_or_else(|| panic!("{member} in {kind}")).to_owned()
}

/// Everything that is test code or expected output written by hand.
fn test_text() -> String {
    let mut all: Vec<_> = rust_sources("crates").into_iter().map(|file| file.tests).collect();
    for folder in ["tests/cases", "tests/keys", "crates"] {
        let data = ["json", "toml", "trycmd", "rs"]
            .into_iter()
            .flat_map(|extension| files(folder, extension));
        let mine = data
            .filter(|path| folder != "crates" || path.display().to_string().contains("/tests/"));
        all.extend(mine.map(|path| fs::read_to_string(path).unwrap_or_default()));
    }
    all.join("\n")
}

fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

fn unprovoked() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/unprovoked.txt")).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (id, reason) = line.split_once(' ').unwrap_or_else(|| panic!("no reason: {line}"));
            (id.to_owned(), reason.trim().to_owned())
        })
        .collect()
}
