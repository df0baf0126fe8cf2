//! A machine, as far as it is looked at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A machine, as far as it is looked at.
pub struct System {
    /// Its files.
    pub files: Box<dyn Files>,
    /// What must be tried out.
    pub probes: Box<dyn Probes>,
    /// Who asks.
    pub person: Person,
    /// The variables of the environment that are looked at ([`System::VARIABLES`]).
    pub environment: BTreeMap<String, String>,
    /// Which operating system it is.
    pub platform: Platform,
}

/// Which operating system it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Platform {
    /// Linux.
    Linux,
    /// Windows.
    Windows {
        /// Whether the program runs with an administrator's rights.
        elevated: bool,
    },
    /// One about which nothing is known here.
    Other,
}

/// Who asks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Person {
    /// User number.
    pub uid: u32,
    /// Group numbers of this session.
    pub groups: Vec<u32>,
}

/// The files of a machine, by absolute path.
pub trait Files: Send + Sync {
    /// The first 64 KiB of a file; none when it cannot be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// The names in a folder, sorted, at most 4096; none when there is no such folder.
    fn list(&self, path: &str) -> Option<Vec<String>>;
    /// What a symbolic link says.
    fn link(&self, path: &str) -> Option<String>;
    /// Whether there is anything of this name.
    fn exists(&self, path: &str) -> bool;
}

/// What must be tried out to be known. Every probe ends within seconds.
pub trait Probes: Send + Sync {
    /// Opens a node for reading and writing, and closes it.
    fn open(&self, path: &str) -> Opening;
    /// Speaks to the PC/SC service at a socket.
    fn pcscd(&self, socket: &str) -> Pcscd;
    /// Whether the program is there that card readers are reached through.
    fn helper(&self) -> bool;
}

/// How the opening of a node ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Opening {
    /// It can be used.
    Open,
    /// No permission.
    Denied,
    /// There is no such node.
    Missing,
    /// Something else, in the operating system's words.
    Failed(String),
}

/// How the PC/SC service was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pcscd {
    /// It answers.
    Answers,
    /// Its socket is there, and nobody listens.
    Stopped,
    /// This user may not connect.
    Denied,
    /// It hangs up on this user.
    HangsUp,
    /// It takes the connection and says nothing.
    Silent,
}

impl System {
    /// The variables of the environment that are looked at.
    pub const VARIABLES: [&'static str; 4] =
        ["SSH_CONNECTION", "XDG_SEAT", "FLATPAK_ID", "SNAP_NAME"];

    /// The first line of a file, lossily, without its end.
    pub(crate) fn line(&self, path: &str) -> Option<String> {
        Some(self.text(path)?.lines().next().unwrap_or_default().to_owned())
    }

    /// A file as text, lossily.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.files.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in a folder; none when there is no such folder.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        self.files.list(path).unwrap_or_default()
    }

    /// The last part of what a link says.
    pub(crate) fn link_name(&self, path: &str) -> Option<String> {
        let target = self.files.link(path)?;
        Some(target.rsplit('/').next().unwrap_or_default().to_owned())
    }

    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.environment.get(name).is_some_and(|value| !value.is_empty())
    }
}

/// The files below a folder that stands for `/`.
pub(crate) struct Rooted(pub(crate) PathBuf);

impl Rooted {
    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }
}

impl Files for Rooted {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = self.path(path);
        // a pipe or a device would be waited for
        if !fs::metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn list(&self, path: &str) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.path(path)).ok()?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.take(MAX_NAMES).collect();
        names.sort();
        Some(names)
    }

    fn link(&self, path: &str) -> Option<String> {
        let target = fs::read_link(self.path(path)).ok()?;
        Some(target.to_string_lossy().into_owned())
    }

    fn exists(&self, path: &str) -> bool {
        let path: &Path = &self.path(path);
        fs::symlink_metadata(path).is_ok()
    }
}

const MAX_BYTES: u64 = 64 * 1024;
const MAX_NAMES: usize = 4096;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_for_below_the_root_only() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("sys/class/hidraw")).unwrap();
        fs::create_dir_all(root.path().join("dev")).unwrap();
        fs::write(root.path().join("dev/hidraw0"), "bytes").unwrap();
        std::os::unix::fs::symlink("../drivers/usbhid", root.path().join("sys/driver")).unwrap();
        let files = Rooted(root.path().to_owned());
        assert_eq!(files.read("/dev/hidraw0").as_deref(), Some(&b"bytes"[..]));
        assert_eq!(files.read("/dev"), None);
        assert_eq!(files.list("/sys").unwrap(), ["class", "driver"]);
        assert_eq!(files.list("/sys/class/usb"), None);
        assert_eq!(files.link("/sys/driver").as_deref(), Some("../drivers/usbhid"));
        assert!(files.exists("/sys/driver") && !files.exists("/proc"));
    }

    #[test]
    fn a_file_is_read_to_a_bound() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("long"), vec![7; 100_000]).unwrap();
        let files = Rooted(root.path().to_owned());
        assert_eq!(files.read("/long").map(|bytes| bytes.len()), Some(65_536));
    }
}
