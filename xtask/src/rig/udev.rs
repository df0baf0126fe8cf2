//! udev for the guest, where this computer has none or an old one: unpacked, not installed.

use super::apt;
use crate::paths::target;
use crate::process::{command, succeeds};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Brings udev where there is none, and `udevadm` where that of here cannot check rules. The cases that need them say so when
/// they cannot be had.
///
/// # Errors
/// What apt-get said.
pub(super) fn fetch_all() -> Result<(), String> {
    fetch()?;
    let ours = administrator(&unpacked()).unwrap_or_else(|| "udevadm".into());
    let enough = checks_rules(&ours) || administrator(&newer()).is_some();
    if enough { Ok(()) } else { apt::unpack_backport("udev", &newer()) }
}

fn fetch() -> Result<(), String> {
    if is_installed() || administrator(&unpacked()).is_some() {
        return Ok(());
    }
    apt::unpack("udev", &unpacked())
}

/// Where the guest's scripts find it.
pub(super) fn environment() -> Vec<(String, String)> {
    // the cases that need it say so when there is none
    let _ = fetch();
    let udev = (!is_installed() && administrator(&unpacked()).is_some()).then(unpacked);
    let named = [("RIG_UDEV", udev), ("RIG_UDEVADM", administrator(&newer()))];
    let said = |path: PathBuf| path.display().to_string();
    named.into_iter().filter_map(|(name, path)| Some((name.to_owned(), said(path?)))).collect()
}

fn is_installed() -> bool {
    ["/usr/lib/systemd/systemd-udevd", "/lib/systemd/systemd-udevd"]
        .iter()
        .any(|daemon| Path::new(daemon).exists())
}

/// `udevadm` in that folder.
fn administrator(folder: &Path) -> Option<PathBuf> {
    ["bin/udevadm", "usr/bin/udevadm"]
        .iter()
        .map(|name| folder.join(name))
        .find(|file| file.is_file())
}

/// `udevadm verify` came with systemd 254.
fn checks_rules(udevadm: &Path) -> bool {
    let mut verify = command(udevadm);
    succeeds(verify.args(["verify", "--help"]).stdout(Stdio::null()).stderr(Stdio::null()))
}

fn unpacked() -> PathBuf {
    target().join("rigs/udev")
}

fn newer() -> PathBuf {
    target().join("rigs/udev-newer")
}
