//! Files and standard input, read whole or in chunks, and never beyond a limit.

use crate::error::CliError;
use keyvet_finding::{Culprit, Kind, Printable, Severity};
use std::{
    cell::Cell,
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

/// Most bytes of an evidence file, a registration or a policy.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 4 * MIB;
/// Most bytes of a certificate file.
pub(crate) const MAX_PEM_BYTES: u64 = MIB;
/// Most bytes of a revocation list.
pub(crate) const MAX_CRL_BYTES: u64 = 16 * MIB;
/// Most bytes of a signed metadata BLOB; the largest seen has 10.5 MB.
pub(crate) const MAX_BLOB_BYTES: u64 = 64 * MIB;
/// Most bytes of an exported log, which is never in memory as a whole.
pub(crate) const MAX_LOG_BYTES: u64 = 4096 * MIB;
const MIB: u64 = 1024 * 1024;

/// Where bytes come from: files, and standard input at most once.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    stdin_taken: Cell<bool>,
}

impl Inputs {
    /// The whole content of the file `path`, or of standard input when `path` is `-`.
    ///
    /// # Errors
    /// When it cannot be opened or read, is a folder, is empty, or is longer than `limit_bytes`.
    pub(crate) fn read(&self, path: &Path, limit_bytes: u64) -> Result<Vec<u8>, CliError> {
        if path.as_os_str() == "-" {
            return self.read_stdin(limit_bytes);
        }
        let (name, file) = open(path)?;
        if file.metadata().is_ok_and(|metadata| metadata.len() > limit_bytes) {
            return Err(too_large(&name, limit_bytes));
        }
        bounded(file, &name, limit_bytes)
    }

    /// Gives the content of the file `path`, or of standard input when `path` is `-`, to `take` in chunks.
    ///
    /// # Errors
    /// As [`read`](Self::read); what was read until then has been taken.
    pub(crate) fn read_on(
        &self,
        path: &Path,
        limit_bytes: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), CliError> {
        if path.as_os_str() == "-" {
            self.claim_stdin()?;
            return in_chunks(io::stdin().lock(), "standard input", limit_bytes, take);
        }
        let (name, file) = open(path)?;
        in_chunks(file, &name, limit_bytes, take)
    }

    /// Takes standard input for something that reads it by itself, `what`.
    ///
    /// # Errors
    /// When it was read already.
    #[cfg(feature = "hid")]
    pub(crate) fn take_stdin(&self, what: &str) -> Result<(), CliError> {
        if self.stdin_taken.replace(true) {
            let what = format_args!("`-` is given, and {what} reads standard input too");
            return Err(CliError::usage(&STDIN_TWICE, what));
        }
        Ok(())
    }

    fn claim_stdin(&self) -> Result<(), CliError> {
        match self.stdin_taken.replace(true) {
            true => Err(CliError::usage(&STDIN_TWICE, "`-` is given more than once")),
            false => Ok(()),
        }
    }

    fn read_stdin(&self, limit_bytes: u64) -> Result<Vec<u8>, CliError> {
        self.claim_stdin()?;
        bounded(io::stdin().lock(), "standard input", limit_bytes)
    }
}

/// The file and its name as it may be printed.
fn open(path: &Path) -> Result<(String, File), CliError> {
    let name = shown(path);
    let file = File::open(path).map_err(|error| open_error(&name, &error))?;
    let metadata = file.metadata().map_err(|error| open_error(&name, &error))?;
    if metadata.is_dir() {
        return Err(CliError::usage(&NOT_A_FILE, format_args!("{name} is a folder")));
    }
    Ok((name, file))
}

/// A path as it may be printed.
pub(crate) fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}

fn bounded(source: impl Read, name: &str, limit_bytes: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = source.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| open_error(name, &error))?;
    match u64::try_from(bytes.len()) {
        Ok(0) => Err(CliError::usage(&EMPTY, format_args!("{name} has no content"))),
        Ok(len) if len <= limit_bytes => Ok(bytes),
        _ => Err(too_large(name, limit_bytes)),
    }
}

fn in_chunks(
    source: impl Read,
    name: &str,
    limit_bytes: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), CliError> {
    let mut source = source.take(limit_bytes.saturating_add(1));
    let mut chunk = vec![0; 64 * 1024];
    let mut total: u64 = 0;
    loop {
        let read = match source.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read.map_err(|error| open_error(name, &error))?,
        };
        total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        match read {
            0 if total == 0 => {
                return Err(CliError::usage(&EMPTY, format_args!("{name} has no content")));
            }
            0 => return Ok(()),
            _ if total > limit_bytes => return Err(too_large(name, limit_bytes)),
            read => take(chunk.get(..read).unwrap_or_default()),
        }
    }
}

fn too_large(name: &str, limit_bytes: u64) -> CliError {
    CliError::usage(&TOO_LARGE, format_args!("{name} has more than {limit_bytes} bytes"))
}

fn open_error(name: &str, error: &io::Error) -> CliError {
    let (kind, what) = match error.kind() {
        ErrorKind::NotFound => (&MISSING, "does not exist"),
        ErrorKind::PermissionDenied => (&UNREADABLE, "may not be read by this user"),
        ErrorKind::IsADirectory => (&NOT_A_FILE, "is a folder"),
        _ => return CliError::usage(&UNREADABLE, format_args!("{name}: {error}")),
    };
    CliError::usage(kind, format_args!("{name} {what}"))
}

/// The file is not there.
pub(crate) static MISSING: Kind = Kind {
    id: "cli.file-missing",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A file named on the command line does not exist.",
    next_step: "Check the name and the folder you are in.",
    source: "keyvet",
};

/// The file is there and cannot be read.
pub(crate) static UNREADABLE: Kind = Kind {
    id: "cli.file-unreadable",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A file named on the command line exists but cannot be read.",
    next_step: "Check who may read the file, and the disk it is on.",
    source: "keyvet",
};

/// The name is that of a folder.
pub(crate) static NOT_A_FILE: Kind = Kind {
    id: "cli.not-a-file",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The name belongs to a folder, not to a file.",
    next_step: "Name the files in it, for example FOLDER/*.json.",
    source: "keyvet",
};

/// The file has no content.
pub(crate) static EMPTY: Kind = Kind {
    id: "cli.file-empty",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file or standard input has no content.",
    next_step: "Save the registration again and check that the file has a size.",
    source: "keyvet",
};

/// The file is longer than anything of its sort.
pub(crate) static TOO_LARGE: Kind = Kind {
    id: "cli.file-too-large",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file is far longer than any real file of its sort; keyvet did not read it.",
    next_step: "Check that this is the file you meant; give registrations one per file.",
    source: "keyvet",
};

/// Standard input was asked for twice.
pub(crate) static STDIN_TWICE: Kind = Kind {
    id: "cli.stdin-twice",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "Standard input can be read only once in a run.",
    next_step: "Give `-` once and name files for the rest.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(path: &Path, limit: u64) -> &'static str {
        Inputs::default().read(path, limit).unwrap_err().finding().id()
    }

    #[test]
    fn a_missing_file_a_folder_an_empty_file_and_a_long_one_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        assert_eq!(id_of(&file, 9), "cli.file-missing");
        assert_eq!(id_of(folder.path(), 9), "cli.not-a-file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(id_of(&file, 9), "cli.file-empty");
        std::fs::write(&file, "0123456789").unwrap();
        assert_eq!(id_of(&file, 9), "cli.file-too-large");
        assert_eq!(Inputs::default().read(&file, 10).unwrap(), b"0123456789");
    }

    #[test]
    #[cfg(unix)]
    fn an_endless_device_is_cut_at_the_limit() {
        assert_eq!(id_of(Path::new("/dev/zero"), 1000), "cli.file-too-large");
    }
}
