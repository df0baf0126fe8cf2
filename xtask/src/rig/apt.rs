//! Packages that are taken apart and not installed.

use crate::process::{command, run, succeeds, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The package that `name` stands for: `linux-image-amd64` depends on the kernel of the day.
///
/// # Errors
/// When apt-get does not know it.
pub(crate) fn stands_for(name: &str) -> Result<String, String> {
    let prefix = format!("{}-", name.trim_end_matches("-amd64"));
    let found = || {
        let output = command("apt-cache").args(["depends", name]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        depends(&text).find(|package| package.starts_with(&prefix)).map(str::to_owned)
    };
    found().ok_or_else(|| {
        format!("apt-cache knows no package that {name} stands for (apt-get update may help)")
    })
}

fn depends(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "))
}

/// The version that would be downloaded.
///
/// # Errors
/// When apt-cache knows none.
pub(crate) fn version(package: &str) -> Result<String, String> {
    let output = command("apt-cache").args(["show", "--no-all-versions", package]).output();
    let text = output.map_err(|error| format!("apt-cache: {error}"))?.stdout;
    let text = String::from_utf8_lossy(&text);
    let version = text.lines().find_map(|line| line.strip_prefix("Version: "));
    version.map(str::to_owned).ok_or_else(|| format!("apt-cache knows no {package}"))
}

/// Downloads `package` and unpacks it into `folder`, which is made.
///
/// # Errors
/// What apt-get or dpkg-deb said.
pub(crate) fn unpack(package: &str, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let mut download = command("apt-get");
    download.args(["--quiet=2", "download", package]).current_dir(folder).stderr(Stdio::null());
    if !succeeds(&mut download) {
        return Err(format!("{} did not work", text(&download)));
    }
    let archive = archive(folder).ok_or_else(|| format!("apt-get brought no {package}"))?;
    run(command("dpkg-deb").arg("--extract").arg(&archive).arg(folder))?;
    fs::remove_file(archive).map_err(failed)
}

fn archive(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|file| file.path());
    files.into_iter().find(|file| file.extension().is_some_and(|end| end == "deb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_of_the_day_is_what_the_package_depends_on() {
        let text = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n";
        assert_eq!(depends(text).next(), Some("linux-image-6.1.0-56-amd64"));
        assert_eq!(depends("linux-image-amd64\n").next(), None);
    }
}
