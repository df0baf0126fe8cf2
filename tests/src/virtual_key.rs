//! Virtual keys as programs of their own, for tests that run the built `keyvet`.

use crate::program::built;
use crate::sources::root;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A running `keyvet-virtual-key`; it ends with this value.
#[derive(Debug)]
pub struct VirtualKeyProgram {
    child: Child,
    address: String,
}

impl VirtualKeyProgram {
    /// Starts a key with these arguments besides `--listen`, in the root of the repository.
    ///
    /// # Panics
    /// When it does not start, or does not say where it listens.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program().display()));
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it writes UTF-8");
        let address = line.trim().strip_prefix("listening on ");
        let address = address.unwrap_or_else(|| panic!("{arguments:?}: {line:?}")).to_owned();
        Self { child, address }
    }

    /// Where it listens: `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for VirtualKeyProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: `KEYVET_VIRTUAL_KEY_BIN` when set, else built now (once).
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        std::env::var_os("KEYVET_VIRTUAL_KEY_BIN")
            .map_or_else(|| built("keyvet-virtual-key", "keyvet-virtual-key"), PathBuf::from)
    })
}
