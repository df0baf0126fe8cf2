//! Every input that ever mattered, replayed on stable Rust: seeds from real data, and each crash that was found.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test: what cannot be read must fail it"
)]

use keyvet_fuzz_replay::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_corpus_replays_without_breaking_an_invariant() {
    for target in TARGETS {
        for path in corpus(target.name) {
            let input = fs::read(&path).unwrap();
            eprintln!("{}", path.display()); // shown on failure: the last one is the culprit
            (target.run)(&input);
        }
    }
}

#[test]
fn every_target_has_seeds_and_a_libfuzzer_entry_point() {
    for target in TARGETS {
        let seeds = corpus(target.name).len();
        assert!(seeds >= 4, "{} has only {seeds} seeds", target.name);
        let entry = fuzz().join("fuzz_targets").join(format!("{}.rs", target.name));
        let source = fs::read_to_string(&entry).unwrap();
        assert!(source.contains(&format!("keyvet_fuzz_replay::{}", target.name)));
    }
}

#[test]
fn every_libfuzzer_entry_point_is_replayed() {
    for path in files(&fuzz().join("fuzz_targets")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(TARGETS.iter().any(|target| target.name == name), "{name} is not in TARGETS");
    }
}

fn corpus(target: &str) -> Vec<PathBuf> {
    files(&fuzz().join("corpus").join(target))
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
