//! The files of `--tenant`: every `*.json` of a folder in the order of their names, or one file.

use crate::{context::Context, error::CliError, input::shown};
use keyvet_finding::{Culprit, Kind, Severity};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// A file of the export: its name without the folder, and its content.
pub(super) type Named = (String, Vec<u8>);

/// Reads the export.
///
/// # Errors
/// When there is nothing of that name, nothing to read in it, or a file cannot be read.
pub(super) fn read(path: &Path, context: &Context) -> Result<Vec<Named>, CliError> {
    if path.as_os_str() == "-" {
        return Ok(vec![("-".to_owned(), context.inputs.read(path, MAX_EXPORT_BYTES)?)]);
    }
    let metadata = fs::metadata(path).map_err(|error| missing(path, &error))?;
    let files = if metadata.is_dir() { listed(path)? } else { vec![path.to_path_buf()] };
    let mut left = MAX_EXPORT_BYTES;
    let mut named = Vec::new();
    for file in files {
        let bytes = context.inputs.read(&file, left)?;
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        named.push((name(&file), bytes));
    }
    Ok(named)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let entries = fs::read_dir(folder).map_err(|error| missing(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| missing(folder, &error))?.path();
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if json && path.is_file() {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            let what = format_args!("{} holds more than {MAX_FILES} *.json files", shown(folder));
            return Err(CliError::usage(&NO_EXPORT, what));
        }
    }
    if files.is_empty() {
        let what = format_args!("{} holds no *.json file", shown(folder));
        return Err(CliError::usage(&NO_EXPORT, what));
    }
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> String {
    file.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

fn missing(path: &Path, error: &io::Error) -> CliError {
    let name = shown(path);
    match error.kind() {
        io::ErrorKind::NotFound => {
            CliError::usage(&NO_EXPORT, format_args!("{name} does not exist"))
        }
        _ => CliError::usage(&NO_EXPORT, format_args!("{name}: {error}")),
    }
}

/// Most bytes of a whole export. One of 10,000 people with their groups has some 20 MB.
const MAX_EXPORT_BYTES: u64 = 256 * 1024 * 1024;
/// Most files of an export.
const MAX_FILES: usize = 1000;

/// `--tenant` names no export.
pub(crate) static NO_EXPORT: Kind = Kind {
    id: "cli.no-export",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "--tenant is the folder, or the file, with the exported policies of a tenant; this is none.",
    next_step: "Export the tenant first: `keyvet readiness export-help` prints the read-only calls that write such a folder.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ColorWhen;

    fn names(path: &Path) -> Result<Vec<String>, &'static str> {
        let context = Context::new(false, ColorWhen::Never);
        let read = read(path, &context).map_err(|error| error.finding().id())?;
        Ok(read.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn a_folder_is_its_json_files_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(names(folder.path()), Err("cli.no-export"), "an empty folder");
        for name in ["b.json", "A.JSON", "notes.txt"] {
            fs::write(folder.path().join(name), "{}").unwrap();
        }
        fs::create_dir(folder.path().join("old.json")).unwrap();
        assert_eq!(names(folder.path()).unwrap(), ["A.JSON", "b.json"]);
        assert_eq!(names(&folder.path().join("b.json")).unwrap(), ["b.json"]);
        assert_eq!(names(&folder.path().join("gone")), Err("cli.no-export"));
    }

    #[test]
    fn a_file_without_content_is_told_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fido2.json"), "").unwrap();
        assert_eq!(names(folder.path()), Err("cli.file-empty"));
    }
}
