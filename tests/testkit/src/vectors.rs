//! The folder `tests/vectors` and what is read from it most.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder `tests/vectors` of the repository.
#[must_use]
pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// The bytes of one vector, `path` relative to `tests/vectors`.
///
/// # Panics
/// When the file cannot be read.
#[must_use]
pub fn vector(path: &str) -> Vec<u8> {
    let full = vectors().join(path);
    fs::read(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()))
}

/// The attestation records in name order: every JSON file of `attestation/` that is a record.
///
/// # Panics
/// When the folder cannot be read.
#[must_use]
pub fn attestation_records() -> Vec<PathBuf> {
    let folder = vectors().join("attestation");
    let entries =
        fs::read_dir(&folder).expect("tests/vectors/attestation is part of the repository");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("its entries can be listed").path())
        .filter(|path| is_record(path))
        .collect();
    files.sort();
    files
}

fn is_record(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let numbered =
        stem.rsplit_once('-').is_some_and(|(_, n)| n.len() == 3 && n.parse::<u16>().is_ok());
    numbered && path.extension().is_some_and(|extension| extension == "json")
}

/// The payload of metadata BLOB no 291, unsigned: 520 entries. Wrap it with [`crate::wrap_payload`].
///
/// # Panics
/// When the file cannot be read.
#[must_use]
pub fn payload_291() -> Vec<u8> {
    vector("mds/mds3-no291-2026-11-01.payload.json")
}
