//! A virtual key, plugged in for as long as the value lives.

use crate::paths::target;
use crate::process::command;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// A running `keyvet-virtual-key` of the release build.
pub(crate) struct VirtualKey {
    child: Child,
    address: String,
}

impl VirtualKey {
    /// Starts one with these arguments, on a free port.
    ///
    /// # Errors
    /// When it does not start or does not say where it listens.
    pub(crate) fn plug(arguments: &[&str]) -> Result<Self, String> {
        let mut program = command(target().join("release/keyvet-virtual-key"));
        program.args(["--listen", "127.0.0.1:0"]).args(arguments).stdout(Stdio::piped());
        let child = program.spawn().map_err(|error| format!("keyvet-virtual-key: {error}"))?;
        let mut key = Self { child, address: String::new() };
        let mut line = String::new();
        if let Some(stdout) = key.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().strip_prefix("listening on ");
        key.address = address.ok_or("keyvet-virtual-key does not listen")?.to_owned();
        Ok(key)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for VirtualKey {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
