//! The evidence of a check: a file that appears whole or not at all, and that only its owner may read.

use crate::{
    args::{CheckArgs, JudgeArgs},
    error::CliError,
    exit::Exit,
    input::shown,
    shell::quoted,
    time_text,
};
use keyvet_client::Registered;
use keyvet_evidence::{DeviceRecord, JudgedBy, Registration};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_transport::Device;
use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;
use time::OffsetDateTime;

/// An evidence file that is not written yet.
pub(super) struct Evidence {
    path: PathBuf,
    file: NamedTempFile,
}

impl Evidence {
    /// Makes sure that `path` can be written, before anybody has to touch a key.
    ///
    /// # Errors
    /// When there is such a file, which may be evidence of something else, or none can be made.
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        if path.symlink_metadata().is_ok() {
            let what = format_args!("{} is there already", shown(path));
            return Err(CliError::usage(&EXISTS, what));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| not_written(path, &error))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// Its name, as given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `registration` and gives the file its name.
    ///
    /// # Errors
    /// When the disk is full, or the name was taken meanwhile.
    pub(super) fn write(mut self, registration: &Registration) -> Result<(), CliError> {
        let path = self.path;
        let text = keyvet_evidence::write(registration);
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| not_written(&path, &error))?;
        let synced = self.file.as_file().sync_all();
        synced.map_err(|error| not_written(&path, &error))?;
        let kept = self.file.persist_noclobber(&path);
        kept.map(drop).map_err(|error| not_written(&path, &error.error))
    }
}

fn not_written(path: &Path, error: &io::Error) -> CliError {
    CliError::new(&NOT_WRITTEN, format_args!("{}: {error}", shown(path)), Exit::Usage)
}

/// The registration with everything that an evidence file keeps.
pub(super) fn complete(
    registered: &Registered,
    device: &Device,
    judged_by: JudgedBy,
    time: OffsetDateTime,
) -> Registration {
    let registration = registered.registration.clone();
    let mut registration = registration.with_client("keyvet", Some(env!("CARGO_PKG_VERSION")));
    registration.time = Some(time_text::show(time));
    registration.request = Some(registered.request.clone());
    registration.answer = Some(registered.answer.clone());
    registration.device = Some(device_record(device));
    registration.judged_by = Some(judged_by);
    registration
}

fn device_record(device: &Device) -> DeviceRecord {
    let mut record = DeviceRecord::default();
    record.name = Some(device.id.to_string());
    record.product.clone_from(&device.product);
    record.manufacturer.clone_from(&device.manufacturer);
    record.serial.clone_from(&device.serial);
    record.usb = device.usb.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}"));
    record
}

/// The command that judges the evidence in `file` again, as of `at`, by the same metadata and policy.
pub(super) fn verify_command(args: &CheckArgs, file: &Path, at: OffsetDateTime) -> String {
    let JudgeArgs { trust, anchor, policy, profile, group, strict_validity, strict } = &args.judge;
    let mut words = Words(vec![String::from("keyvet verify"), quoted(&file.to_string_lossy())]);
    words.paths("--mds", trust.mds.as_slice());
    words.paths("--mds-root", &trust.signer.mds_root);
    words.texts("--mds-host", trust.signer.mds_host.as_slice());
    words.paths("--crl", &trust.signer.crl);
    words.paths("--anchor", anchor);
    words.paths("--policy", policy.as_slice());
    words.texts("--profile", profile.as_slice());
    words.texts("--group", group);
    for (name, given) in [("--strict-validity", strict_validity), ("--strict", strict)] {
        if *given {
            words.0.push(name.to_owned());
        }
    }
    words.texts("--at", &[time_text::show(at)]);
    words.0.join(" ")
}

struct Words(Vec<String>);

impl Words {
    fn paths(&mut self, name: &str, values: &[PathBuf]) {
        self.all(name, values.iter().map(|path| path.to_string_lossy().into_owned()));
    }

    fn texts(&mut self, name: &str, values: &[impl fmt::Display]) {
        self.all(name, values.iter().map(ToString::to_string));
    }

    fn all(&mut self, name: &str, values: impl Iterator<Item = String>) {
        self.0.extend(values.map(|value| format!("{name} {}", quoted(&value))));
    }
}

/// There is such a file already.
pub(crate) static EXISTS: Kind = Kind {
    id: "cli.evidence-exists",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file named with --save is there already. It may be evidence of another registration, and evidence \
              is not overwritten. No key was touched.",
    next_step: "Give another name, or remove the file if you no longer need it.",
    source: "keyvet",
};

/// The evidence cannot be written.
pub(crate) static NOT_WRITTEN: Kind = Kind {
    id: "cli.evidence-not-written",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file named with --save cannot be written.",
    next_step: "Check that the folder exists, that you may write to it and that the disk has room.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    #[test]
    fn evidence_is_not_overwritten_and_its_folder_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let evidence = Evidence::open(&path).unwrap();
        evidence.write(&Registration::new(vec![0xa0])).unwrap();
        let id = |path: &Path| Evidence::open(path).err().unwrap().finding().id();
        assert_eq!(id(&path), "cli.evidence-exists");
        assert_eq!(id(&folder.path().join("none/a.json")), "cli.evidence-not-written");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no other file stays");
    }

    #[test]
    #[cfg(unix)]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        Evidence::open(&path).unwrap().write(&Registration::new(vec![0xa0])).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_command_that_judges_again_names_everything_that_was_judged_by() {
        let given = "keyvet check --save x --mds m.jwt --mds-root r.pem --policy p.json --profile P --strict";
        let cli = Cli::try_parse_from(given.split(' ')).unwrap();
        let crate::args::Command::Check(args) = cli.command else { panic!() };
        let at = OffsetDateTime::UNIX_EPOCH;
        let expected = "keyvet verify x --mds m.jwt --mds-root r.pem --policy p.json --profile P --strict \
                        --at 1970-01-01T00:00:00Z";
        assert_eq!(verify_command(&args, Path::new("x"), at), expected);
    }
}
