//! Packages that are taken apart and not installed.

use super::Work;
use crate::process::{command, run, succeeds, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    unpack_by(&mut apt_get(&[]), package, folder)
}

/// The same from the backports of this Debian, with lists of its own: the computer's sources stay as they are.
///
/// # Errors
/// What apt-get or dpkg-deb said.
pub(crate) fn unpack_backport(package: &str, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let lists = Work::new(folder.with_extension("lists"))?;
    let source = lists.0.join("sources.list");
    fs::create_dir_all(folder).map_err(failed)?;
    // apt-get makes all folders but this one
    fs::create_dir_all(lists.0.join("lists/partial")).map_err(failed)?;
    fs::write(&source, backports()?).map_err(failed)?;
    let at = |option: &str, path: &Path| format!("--option=Dir::{option}={}", path.display());
    let options = [
        at("Etc::SourceList", &source),
        at("Etc::SourceParts", Path::new("-")),
        at("State::Lists", &lists.0.join("lists")),
        at("Cache", &lists.0.join("cache")),
    ];
    let mut update = apt_get(&options);
    if !succeeds(update.arg("update").stderr(Stdio::null())) {
        return Err(format!("{} did not work", text(&update)));
    }
    unpack_by(&mut apt_get(&options), package, folder)
}

/// The line of the backports beside the sources that this computer has.
fn backports() -> Result<String, String> {
    let mut ask = apt_get(&[]);
    let asked = ask.args(["indextargets", "--format", "$(REPO_URI) $(CODENAME)"]).output();
    let output = asked.map_err(|error| format!("apt-get: {error}"))?.stdout;
    let text = String::from_utf8_lossy(&output);
    let release = text.lines().find_map(release).ok_or("apt-get names no Debian release")?;
    Ok(format!("deb {} {}-backports main\n", release.0, release.1))
}

/// A release itself, neither its updates nor its backports.
fn release(line: &str) -> Option<(&str, &str)> {
    line.split_once(' ').filter(|(place, name)| place.contains("/debian/") && !name.contains('-'))
}

fn apt_get(options: &[String]) -> Command {
    let mut apt_get = command("apt-get");
    apt_get.arg("--quiet=2").args(options);
    apt_get
}

fn unpack_by(download: &mut Command, package: &str, folder: &Path) -> Result<(), String> {
    download.args(["download", package]).current_dir(folder).stderr(Stdio::null());
    if !succeeds(download) {
        return Err(format!("{} did not work", text(download)));
    }
    let archive = archive(folder).ok_or_else(|| format!("apt-get brought no {package}"))?;
    run(command("dpkg-deb").arg("--extract").arg(&archive).arg(folder))?;
    fs::remove_file(archive).map_err(|error| format!("{}: {error}", folder.display()))
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

    #[test]
    fn backports_are_those_of_the_release_itself() {
        let debian = "http://deb.debian.org/debian/";
        assert_eq!(release(&format!("{debian} bookworm")), Some((debian, "bookworm")));
        assert_eq!(release(&format!("{debian} bookworm-updates")), None);
        assert_eq!(release("http://deb.debian.org/debian-security/ bookworm-security"), None);
        assert_eq!(release("https://deb.nodesource.com/node_20.x/ nodistro"), None);
    }
}
