//! Reading logs of the repository, and logs made here.

use keyvet_readiness::sign_in::{Explanation, File, Log, Names, Reader};
use std::{fs, path::PathBuf};

/// The folder of recorded logs.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/readiness/sign-in")
}

/// A recorded file.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What these bytes hold.
pub(crate) fn read(bytes: &[u8]) -> File {
    let mut reader = Reader::new();
    reader.push(bytes);
    reader.finish()
}

/// What is told of these files, as one log.
pub(crate) fn told(files: Vec<File>, names: Names) -> Explanation {
    let mut log = Log::default();
    files.into_iter().for_each(|file| log.add(file));
    log.explain(names)
}

/// What is told of one text.
pub(crate) fn told_of(text: &str) -> Explanation {
    told(vec![read(text.as_bytes())], Names::Shown)
}
