//! A pcscd of a cell's own, with one driver of two virtual slots, in a mount namespace that outlives it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::support::until;
use tempfile::TempDir;

/// A pcscd; killed when dropped.
pub(crate) struct Daemon {
    pcscd: Child,
    /// Keeps the namespace, and with it the socket that a killed daemon leaves.
    keeper: Child,
    folder: TempDir,
    port: u16,
}

impl Daemon {
    pub(crate) fn start() -> Self {
        let port = PORTS.fetch_add(2, Ordering::SeqCst);
        let folder = configured(port);
        let keeper = keeper();
        let pcscd = spawned(&keeper, &folder);
        let daemon = Self { pcscd, keeper, folder, port };
        daemon.until_it_answers();
        daemon
    }

    /// Kills it, as a crash does.
    pub(crate) fn kill(&mut self) {
        self.pcscd.kill().unwrap();
        self.pcscd.wait().unwrap();
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.pcscd = spawned(&self.keeper, &self.folder);
        self.until_it_answers();
    }

    /// Starts it again, unless it runs.
    pub(crate) fn revive(&mut self) {
        if self.pcscd.try_wait().unwrap().is_some() {
            self.restart();
        }
    }

    /// Waits until it has seen the cards in both slots, since it was started last.
    pub(crate) fn until_it_sees_both(&self) {
        let seen = || fs::read_to_string(self.log()).unwrap().matches("Card ATR: ").count() >= 2;
        until("pcscd to see two cards", seen);
    }

    /// A slot, 0 or 1.
    pub(crate) fn slot(&self, at: u16) -> SocketAddr {
        ([127, 0, 0, 1], self.port + at).into()
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        format!("/proc/{}/root/run/pcscd/pcscd.comm", self.keeper.id()).into()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// A stale socket refuses.
    fn until_it_answers(&self) {
        let socket = self.socket();
        until("pcscd to answer", || UnixStream::connect(&socket).is_ok());
        // a try would be a card
        until("its driver to listen", || listens(self.port) && listens(self.port + 1));
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        for child in [&mut self.pcscd, &mut self.keeper] {
            // gone already: then it is only waited for
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The name of the reader with this slot.
pub(crate) fn reader(at: u16) -> String {
    format!("Rig Faults 00 {at:02}")
}

fn listens(port: u16) -> bool {
    let sockets = fs::read_to_string("/proc/self/net/tcp").unwrap();
    // local address, foreign address, state: LISTEN
    let wanted = format!(":{port:04X} 00000000:0000 0A");
    sockets.contains(&wanted)
}

fn configured(port: u16) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let driver = folder.path().join("driver.so");
    let installed = std::env::var_os("KEYVET_VPCD_DRIVER").expect("the rig names the driver");
    fs::copy(installed, &driver).unwrap();
    fs::create_dir(folder.path().join("readers")).unwrap();
    let entry = format!(
        "FRIENDLYNAME \"Rig Faults\"\nDEVICENAME /dev/null:{port}\nLIBPATH {}\nCHANNELID {port}\n",
        driver.display()
    );
    fs::write(folder.path().join("readers/one"), entry).unwrap();
    folder
}

/// A process in a namespace whose /run is its own; it ends with its input.
fn keeper() -> Child {
    let mut unshare = Command::new("unshare");
    let script = "mount -t tmpfs none /run && mkdir /run/pcscd && echo ready && exec cat";
    unshare.args(["--mount", "sh", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = unshare.spawn().unwrap();
    let said = BufReader::new(child.stdout.as_mut().unwrap()).lines().next();
    assert_eq!(said.unwrap().unwrap(), "ready");
    child
}

fn spawned(keeper: &Child, folder: &TempDir) -> Child {
    let log = File::create(folder.path().join("log")).unwrap();
    let mut pcscd = Command::new("nsenter");
    pcscd.arg(format!("--mount=/proc/{}/ns/mnt", keeper.id()));
    pcscd.args(["pcscd", "--foreground", "--info", "--config"]).arg(folder.path().join("readers"));
    pcscd.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    pcscd.spawn().unwrap()
}

/// Below those that the kernel gives to clients.
static PORTS: AtomicU16 = AtomicU16::new(20_000);
