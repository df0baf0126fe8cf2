//! The folder in which imported metadata is kept.
//!
//! `KEYVET_CACHE_DIR`, or `keyvet` in the user's cache folder. The file is replaced in one step, so a
//! reader sees the old content or the new, never half of one; only the user may read it.

use crate::{
    error::CliError,
    exit::Exit,
    input::{MAX_BLOB_BYTES, shown},
};
use etcetera::{BaseStrategy, choose_base_strategy};
use keyvet_finding::{Culprit, Kind, Severity};
use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

/// Names the folder instead of the user's cache folder.
pub(crate) const FOLDER_VARIABLE: &str = "KEYVET_CACHE_DIR";
/// The one file in it.
const FILE_NAME: &str = "metadata.cache";

/// The file that holds the imported metadata.
///
/// # Errors
/// When the user has no home folder and `KEYVET_CACHE_DIR` is not set.
pub(crate) fn path() -> Result<PathBuf, CliError> {
    let named = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
    let folder = match named {
        Some(folder) => PathBuf::from(folder),
        None => choose_base_strategy()
            .map_err(|error| CliError::new(&NO_FOLDER, error, Exit::Permission))?
            .cache_dir()
            .join("keyvet"),
    };
    Ok(folder.join(FILE_NAME))
}

/// What is stored at `path`; `None` when nothing is.
///
/// # Errors
/// When it is there and cannot be read.
pub(crate) fn load(path: &Path) -> Result<Option<Vec<u8>>, CliError> {
    let unreadable = |error: &io::Error| {
        CliError::new(&UNREADABLE, format_args!("{}: {error}", shown(path)), Exit::TrustData)
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let len = file.metadata().map_or(0, |metadata| metadata.len()).min(MAX_BLOB_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0).saturating_add(1));
    let read = file.take(MAX_BLOB_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&error))?;
    Ok(Some(bytes))
}

/// Replaces what is stored at `path`, in one step.
///
/// # Errors
/// When the folder cannot be made or written.
pub(crate) fn store(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    replace(path, bytes).map_err(|error| {
        CliError::new(&NOT_WRITTEN, format_args!("{}: {error}", shown(path)), Exit::Permission)
    })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_private(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// There is no place to keep metadata.
pub(crate) static NO_FOLDER: Kind = Kind {
    id: "cli.cache-folder-unknown",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "keyvet cannot tell where this user's cache folder is.",
    next_step: "Set KEYVET_CACHE_DIR to a folder that you may write to, or give --mds FILE.",
    source: "keyvet",
};

/// The stored metadata cannot be read.
pub(crate) static UNREADABLE: Kind = Kind {
    id: "cli.cache-unreadable",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The imported metadata is there but cannot be read.",
    next_step: "Check who may read the file, or give --mds FILE.",
    source: "keyvet",
};

/// The metadata cannot be stored.
pub(crate) static NOT_WRITTEN: Kind = Kind {
    id: "cli.cache-not-written",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The metadata was verified but could not be stored.",
    next_step: "Check that you may write to the folder and that the disk has room, or set \
                KEYVET_CACHE_DIR to another folder.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_loaded_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keyvet").join(FILE_NAME);
        assert_eq!(load(&path).unwrap(), None);
        store(&path, b"one").unwrap();
        store(&path, b"two").unwrap();
        assert_eq!(load(&path).unwrap(), Some(b"two".to_vec()));
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "no temporary file stays behind");
    }

    #[test]
    #[cfg(unix)]
    fn only_the_user_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyvet").join(FILE_NAME);
        store(&path, b"one").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_folder_in_its_place_is_an_error_not_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path()).unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), (UNREADABLE.id, Exit::TrustData));
        let error = store(folder.path(), b"x").unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), (NOT_WRITTEN.id, Exit::Permission));
    }
}
